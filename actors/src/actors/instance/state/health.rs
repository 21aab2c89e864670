//! What is known of its health, what is told of it, and what the decision is to know.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Busy, Now, State};
use crate::decide::Illness;
use crate::health::{Checks, Complaint, FORGOTTEN_AFTER, Standing, pause_after};
use crate::model::{
    ContainerId, ContainerState, Desired, EventKind, HealthAction, HealthPolicy, HealthRestarts,
    HealthSource, Incarnation, InstanceMemory, InstanceName, NewEvent, ObservedContainer, Power, ProbeEnd,
    ToldUnhealthy,
};
use crate::ports::{ProbeRequest, RuntimeError};

/// The health of one instance.
#[derive(Debug, Default)]
pub(in crate::actors::instance) struct Health {
    checks: Option<Checks>,
    /// It was restarted for its health before, and is left alone until then.
    pub(in crate::actors::instance) pause_until: Option<Instant>,
    /// When the fleet's budget has room for a restart.
    pub(in crate::actors::instance) turn: Option<Instant>,
}

/// What one check asks.
#[derive(Clone, Debug)]
pub(in crate::actors::instance) struct Check {
    pub(in crate::actors::instance) container: ContainerId,
    pub(in crate::actors::instance) life: Incarnation,
    /// `None`: docker itself has said that it is not well, and only its output is asked for.
    pub(in crate::actors::instance) probe: Option<ProbeRequest>,
    /// Whether its output is asked for if it is not well.
    pub(in crate::actors::instance) listens: bool,
    /// It was not well before.
    pub(in crate::actors::instance) ails: bool,
}

/// What it found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) probe: Option<Result<ProbeEnd, RuntimeError>>,
    pub(crate) last_line: Option<Result<Option<jiff::Timestamp>, RuntimeError>>,
}

impl Health {
    /// The pause after the last restart goes on where the supervisor before this one left it.
    pub(super) fn remembered(memory: &InstanceMemory, now: Now) -> Self {
        let counted = memory.health_restarts.as_ref().filter(|restarts| restarts.count > 0);
        let pause_until = counted.and_then(|restarts| {
            let since =
                std::time::Duration::try_from(now.wall.duration_since(restarts.last)).unwrap_or_default();
            pause_after(restarts.count).checked_sub(since).map(|left| now.mono + left)
        });
        Self { pause_until, ..Self::default() }
    }
}

/// Where in its interval an instance is checked: spread by their names, and the same after a restart.
fn phase(name: &InstanceName) -> f64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    f64::from(u16::from_le_bytes([low, high])) / 65_536.0
}

fn policy_of(desired: &Desired) -> Option<&HealthPolicy> {
    match desired {
        Desired::Container(desired) => Some(&desired.health),
        Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
    }
}

impl State {
    fn health_policy(&self) -> Option<&HealthPolicy> {
        policy_of(&self.desired)
    }

    /// What is done if it is not well.
    pub(in crate::actors::instance) fn health_action(&self) -> Option<HealthAction> {
        self.health_policy().map(|policy| policy.action)
    }

    fn running(&self) -> Option<&ObservedContainer> {
        let main = self.observed.as_ref()?.main.as_ref()?;
        (main.state == ContainerState::Running).then_some(main)
    }

    /// The checks of what runs now, and how it is to be checked.
    fn checks(&self) -> Option<(&Checks, &HealthPolicy)> {
        let (checks, policy) = (self.health.checks.as_ref()?, self.health_policy()?);
        let same_life = self.running().is_some_and(|main| main.incarnation() == checks.life);
        same_life.then_some((checks, policy))
    }

    pub(in crate::actors::instance) fn standing(&self) -> Standing {
        self.checks().map_or(Standing::Unchecked, |(checks, policy)| checks.standing(policy))
    }

    /// Another policy judges anew; what was told stays told.
    pub(super) fn health_policy_changed(&mut self, before: &Desired, now: Now) {
        if self.health_policy() == policy_of(before) {
            return;
        }
        self.health.checks = None;
        if let (Some(policy), Some(main)) = (self.health_policy(), self.running()) {
            let mut checks = Checks::begin(main.incarnation(), policy, phase(&self.name), now.mono);
            checks.docker_says(main.health);
            self.health.checks = Some(checks);
        }
    }

    /// Takes a look into account: another life is checked anew, and docker may say something of it.
    pub(super) fn follow_health(&mut self, now: Now) -> Vec<NewEvent> {
        let main = self.observed.as_ref().and_then(|observed| observed.main.as_ref());
        if main.is_some_and(|main| main.state == ContainerState::Paused) {
            return Vec::new();
        }
        let (Some(policy), Some(main)) = (self.health_policy().cloned(), self.running().cloned()) else {
            self.health.checks = None;
            return Vec::new();
        };
        let life = main.incarnation();
        let same = self.health.checks.take().filter(|checks| checks.life == life);
        let told = self.memory.unhealthy.as_ref().filter(|told| told.of == life);
        let begin = || {
            let mut checks = Checks::begin(life.clone(), &policy, phase(&self.name), now.mono);
            if told.is_some_and(|told| told.source == HealthSource::Probe) {
                checks.remember_unhealthy(&policy);
            }
            checks
        };
        let mut checks = same.unwrap_or_else(begin);
        checks.docker_says(main.health);
        self.health.checks = Some(checks);
        self.judge_health(now)
    }

    /// Which check is due next, and when.
    pub(in crate::actors::instance) fn next_check(&self, now: Now) -> Option<(Instant, Check)> {
        let (checks, policy) = self.checks()?;
        let main = self.running()?;
        let held_down = matches!(&self.desired, Desired::Container(desired)
            if desired.power == Power::Off && desired.lifecycle() == crate::model::Lifecycle::Hot);
        let meddled_with = matches!(self.busy, Some(Busy::Acting(_)))
            || self.history.suspended
            || self.history.journal.is_some()
            || self.stopping_until(now).is_some();
        let restarts = policy.action == HealthAction::Restart;
        let by_docker = restarts && matches!(checks.standing(policy), Standing::Unhealthy(_));
        if held_down || meddled_with || policy.probe.is_empty() && !by_docker {
            return None;
        }
        let probe = ProbeRequest { argv: policy.probe.clone(), timeout: policy.timeout };
        let check = Check {
            container: main.id.clone(),
            life: checks.life.clone(),
            probe: Some(probe).filter(|probe| !probe.argv.is_empty()),
            listens: restarts && !policy.quiet.is_zero(),
            ails: checks.ails(policy),
        };
        Some((checks.next, check))
    }

    pub(in crate::actors::instance) fn check_begins(&mut self, now: Now) {
        let policy = self.health_policy().cloned();
        if let (Some(checks), Some(policy)) = (&mut self.health.checks, policy) {
            checks.check_begins(&policy, now.mono);
        }
    }

    /// A check has ended. What could not be asked changes nothing.
    pub(in crate::actors::instance) fn checked(
        &mut self,
        life: &Incarnation,
        found: Found,
        now: Now,
    ) -> Vec<NewEvent> {
        let Some(policy) = self.health_policy().cloned() else { return Vec::new() };
        let Some(checks) = self.health.checks.as_mut().filter(|checks| checks.life == *life) else {
            return Vec::new();
        };
        match found.probe {
            Some(Ok(end)) => checks.probed(end, &policy, now.mono),
            Some(Err(error)) => {
                checks.unknown = Some(error.to_string());
                return Vec::new();
            }
            None => {}
        }
        match found.last_line {
            Some(Ok(at)) => checks.heard(at, now.mono),
            Some(Err(error)) => checks.not_heard(error.to_string()),
            None => {}
        }
        if matches!(checks.standing(&policy), Standing::Unhealthy(_)) {
            checks.confirmed = Some(now.mono);
        }
        self.judge_health(now)
    }

    /// Tells what has become of it: once for each life that it is unhealthy, and once that it is healthy after that.
    fn judge_health(&mut self, now: Now) -> Vec<NewEvent> {
        let standing = self.standing();
        let Some(checks) = &mut self.health.checks else { return Vec::new() };
        checks.settle(standing, now.mono);
        let (life, healthy_since) = (checks.life.clone(), checks.healthy_since);
        let told = match standing {
            Standing::Unhealthy(source) => {
                if self.memory.unhealthy.as_ref().is_some_and(|told| told.of == life) {
                    return Vec::new();
                }
                self.memory.unhealthy = Some(ToldUnhealthy { of: life.clone(), source });
                Some(self.unhealthy_event(source, now))
            }
            Standing::Healthy => {
                if healthy_since.is_some_and(|since| now.mono.duration_since(since) >= FORGOTTEN_AFTER) {
                    self.memory.health_restarts = None;
                    self.health.pause_until = None;
                }
                let told = self.memory.unhealthy.take();
                told.map(|told| self.event(EventKind::ContainerHealthy, now).cause(told.source.to_string()))
            }
            Standing::Unchecked => {
                self.memory.unhealthy = None;
                None
            }
            Standing::Starting => None,
        };
        told.map(|event| event.incarnation(life)).into_iter().collect()
    }

    fn unhealthy_event(&self, source: HealthSource, now: Now) -> NewEvent {
        let (checks, policy) = (self.health.checks.as_ref(), self.health_policy());
        let misses = checks.map_or(0, |checks| checks.misses);
        let end = checks.and_then(|checks| checks.last.as_ref()).filter(|_| source == HealthSource::Probe);
        let detail = match (source, end) {
            (HealthSource::Healthcheck, _) => "docker's HEALTHCHECK says so".to_owned(),
            (HealthSource::Probe, None) => format!("its probe failed {misses} times in a row"),
            (HealthSource::Probe, Some(end)) => {
                let said = Some(end.output.as_str()).filter(|said| !said.is_empty());
                let said = said.map(|said| format!(": {said}")).unwrap_or_default();
                format!(
                    "its probe failed {misses} times in a row, at last {} with code {}{said}",
                    end.cause, end.exit_code
                )
            }
        };
        let data = json!({
            "misses": misses,
            "threshold": policy.map(|policy| policy.threshold),
            "probe": policy.map(|policy| &policy.probe),
            "end": end,
            "action": policy.map(|policy| policy.action),
        });
        self.event(EventKind::ContainerUnhealthy, now).cause(source.to_string()).detail(detail).data(data)
    }

    /// What the decision is to know of it.
    pub(super) fn illness(&self) -> Option<Illness> {
        let (checks, policy) = self.checks()?;
        let ill = matches!(checks.standing(policy), Standing::Unhealthy(_));
        ill.then(|| Illness {
            confirmed: checks.confirmed,
            silent_since: checks.silent_since(),
            pause_until: self.health.pause_until,
            turn: self.health.turn,
        })
    }

    /// What it would say of itself to whoever looks for a common cause.
    pub(in crate::actors::instance) fn complaint(&self) -> Option<Complaint> {
        let (checks, policy) = self.checks()?;
        let Standing::Unhealthy(source) = checks.standing(policy) else { return None };
        Some(Complaint {
            agent_type: self.agent_type().cloned(),
            image: self.running()?.image.clone(),
            source,
            probe: policy.probe.clone(),
        })
    }

    /// It is about to be restarted for its health.
    pub(in crate::actors::instance) fn begins_cure(&mut self, now: Now) {
        let count =
            self.memory.health_restarts.as_ref().map_or(0, |restarts| restarts.count).saturating_add(1);
        self.memory.health_restarts = Some(HealthRestarts { count, last: now.wall });
        self.health.pause_until = Some(now.mono + pause_after(count));
    }

    /// Begins the pauses anew; the fleet's budget remembers that it was restarted.
    pub(in crate::actors::instance) fn forgive_health(&mut self) {
        self.health.pause_until = None;
        self.memory.health_restarts.iter_mut().for_each(|restarts| restarts.count = 0);
    }

    /// Whether nothing more is wanted for its health. `None`: that cannot be said now.
    pub(in crate::actors::instance) fn is_cured(&self) -> Option<bool> {
        let observed = self.observed.as_ref()?;
        if matches!(self.busy, Some(Busy::Acting(_))) {
            return None;
        }
        let restarts = self.health_policy().is_some_and(|policy| policy.action == HealthAction::Restart);
        let up = observed.main.as_ref().is_some_and(ObservedContainer::is_up);
        Some(!(self.memory.unhealthy.is_some() && restarts && up))
    }

    /// Its health as evidence; `None`: nobody checks it.
    pub(in crate::actors::instance) fn health_evidence(&self, now: Now) -> Option<Value> {
        let (checks, policy) = self.checks()?;
        let standing = checks.standing(policy);
        if standing == Standing::Unchecked {
            return None;
        }
        let source = match standing {
            Standing::Unhealthy(source) => Some(source),
            Standing::Unchecked | Standing::Starting | Standing::Healthy => None,
        };
        let silent_s = checks.silent_since().map(|since| now.mono.duration_since(since).as_secs());
        Some(json!({
            "standing": standing.to_string(),
            "source": source,
            "misses": checks.misses,
            "threshold": policy.threshold,
            "last_probe": checks.last,
            "not_known": checks.unknown,
            "silent_s": silent_s,
            "quiet_s": policy.quiet.as_secs(),
            "action": policy.action,
            "restarts": self.memory.health_restarts,
            "pause_until": self.health.pause_until.filter(|at| now.mono < *at).map(|at| now.wall_at(at)),
            "turn_at": self.health.turn.filter(|at| now.mono < *at).map(|at| now.wall_at(at)),
            "next_check_at": now.wall_at(checks.next),
        }))
    }
}
