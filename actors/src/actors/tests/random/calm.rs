//! What must hold once nothing disturbs any more, and how long it may take.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Run;
use crate::FleetHandle;
use crate::handle::Command;
use crate::model::{
    Agent, ConditionType, ContainerState, Desired, DesiredContainer, Lifecycle, ObservedContainer, Phase,
    Power, RestartPolicy,
};
use crate::testing::{Call, Verb};

/// A crash loop is tried every five minutes and forgiven after ten of health; everything else is faster.
const PATIENCE: Duration = Duration::from_mins(30);
/// How often the operator looks at the conditions.
const LOOK: Duration = Duration::from_secs(30);
/// Longest that an order may wait for its answer without faults: stops take their grace, and there is a backoff.
pub(super) const ANSWER: Duration = Duration::from_mins(10);
/// What is at rest stays so.
const REST: Duration = Duration::from_mins(3);
/// Most calls in [`REST`]: three rounds, each with a list and an image or so, and looks because of late news.
const REST_CALLS: usize = 30;

impl Run {
    /// Ends all faults and waits until everything is as the rows ask, with an operator who does what conditions ask for.
    pub(super) async fn converge(&mut self, handle: &FleetHandle) {
        self.quiet();
        self.heal();
        for (label, task) in std::mem::take(&mut self.pending) {
            let answered = timeout(ANSWER, task).await;
            assert!(answered.is_ok(), "never answered: {label}");
        }
        let mut waited = Duration::ZERO;
        let mut odd = String::new();
        // An order whose client has gone may still be under way: at rest is what stays so until the next look.
        let mut looks_at_rest = 0;
        while looks_at_rest < 2 {
            self.world.docker.assert_invariants();
            self.ledger.check(&self.world.store.rows().agents).expect("no acknowledged row is lost");
            match self.at_rest(handle) {
                Ok(()) => looks_at_rest += 1,
                Err(now) => {
                    looks_at_rest = 0;
                    assert!(
                        waited < PATIENCE,
                        "after {waited:?} without faults: {now}\n{}",
                        self.picture(handle)
                    );
                    if odd != now {
                        self.trace.note(format!("not yet: {now}"));
                    }
                    odd = now;
                    self.mend(handle).await;
                }
            }
            sleep(LOOK).await;
            waited += LOOK;
        }
        let mark = self.world.docker.mark();
        sleep(REST).await;
        let calls = self.world.docker.calls_since(mark);
        let changing: Vec<String> =
            calls.iter().filter(|call| call.changes).map(ToString::to_string).collect();
        assert!(changing.is_empty(), "at rest, yet something was changed: {changing:?}");
        let looks: Vec<&Call> = calls.iter().filter(|call| call.verb != Verb::Probe).collect();
        assert!(looks.len() <= REST_CALLS, "{} calls at rest: {:?}", looks.len(), looks.last());
        self.at_rest(handle).expect("what is at rest stays so");
        self.ledger.close();
        self.adopting = false;
        self.trace.note("at rest");
        self.spoil_images();
    }

    /// What an operator does about what needs one.
    async fn mend(&mut self, handle: &FleetHandle) {
        self.clear_names();
        let snapshot = handle.snapshot();
        for (name, agent) in &snapshot.agents {
            let holds = |kind| agent.conditions.iter().any(|c| c.kind == kind && c.status);
            if holds(ConditionType::StateLost) || holds(ConditionType::NameConflict) {
                let recover = Command::Recover { accept_state_loss: true };
                let done = handle.command(name, recover, false).await;
                self.trace.note(format!("recover {name}: {:?}", done.map(|done| done.outcome)));
            }
        }
    }

    fn picture(&self, handle: &FleetHandle) -> String {
        let containers = self.world.docker.containers();
        let show = |c: &ObservedContainer| {
            format!("{} of {:?}: {} ({})", c.name, c.labels.instance, c.state, c.restart_policy)
        };
        let containers: Vec<String> = containers.iter().map(show).collect();
        let calls = self.world.docker.calls_since(self.world.docker.mark().saturating_sub(60));
        let calls: Vec<String> = calls.iter().map(ToString::to_string).collect();
        let agents = handle.snapshot().agents.clone();
        let agents: Vec<String> = agents
            .values()
            .map(|a| format!("{} {} {:?} {:?}", a.name, a.observed.phase, a.next_action, a.conditions))
            .collect();
        let rows = self.world.store.rows();
        format!(
            "{}\n{}\n{}\n{:?}\n{:?}",
            containers.join("\n"),
            agents.join("\n"),
            calls.join("\n"),
            rows.journals,
            rows.agents
        )
    }

    fn at_rest(&self, handle: &FleetHandle) -> Result<(), String> {
        let rows = self.world.store.rows();
        let ours = self.ours();
        for row in rows.agents.values() {
            let of_row: Vec<&ObservedContainer> =
                ours.iter().filter(|c| c.labels.instance.as_deref() == Some(row.name.as_ref())).collect();
            match self.world.catalog.resolve(row) {
                Desired::Container(desired) => self.follows(row, &desired, &of_row)?,
                Desired::Host if of_row.is_empty() => {}
                Desired::Host => return Err(format!("{} of host mode has {of_row:?}", row.name)),
                Desired::Gone | Desired::Unresolvable { .. } => {
                    return Err(format!("{} cannot be resolved", row.name));
                }
            }
            self.shown(handle, row)?;
        }
        let wanted = |c: &&ObservedContainer| {
            c.labels
                .instance
                .as_deref()
                .is_some_and(|label| rows.agents.keys().any(|name| name.as_ref() == label))
        };
        if let Some(orphan) = ours.iter().find(|c| !wanted(c)) {
            return Err(format!("{} is an orphan", orphan.name));
        }
        if let Some(gone) = self.bystanders.iter().find(|name| self.world.docker.container(name).is_none()) {
            return Err(format!("the bystander {gone} is gone"));
        }
        if !rows.journals.is_empty() {
            return Err(format!("journals are left: {:?}", rows.journals));
        }
        let stranger = rows.memories.keys().find(|name| !rows.agents.contains_key(*name));
        if let Some(stranger) = stranger {
            return Err(format!("{stranger} is remembered, yet it has neither row nor container"));
        }
        Ok(())
    }

    /// Exactly one container, of the right name, spec, volume, power and policy.
    fn follows(
        &self,
        row: &Agent,
        desired: &DesiredContainer,
        containers: &[&ObservedContainer],
    ) -> Result<(), String> {
        let name = &row.name;
        let [container] = containers else {
            return Err(format!("{name} has {} containers", containers.len()));
        };
        if container.name != self.world.catalog.prefix.container(name) {
            return Err(format!("{name} has a container named {}", container.name));
        }
        if container.labels.spec.as_deref() != Some(desired.spec_hash.as_ref()) {
            return Err(format!("{name} has drifted"));
        }
        let volume = crate::effects::volume::name_of(&self.world.catalog.prefix, name, row.volume.as_ref());
        if row.volume.is_none() || container.state_volume.as_deref() != Some(volume.as_str()) {
            return Err(format!("{name} is on {:?}, its row says {:?}", container.state_volume, row.volume));
        }
        let state = container.state;
        let right = match (desired.lifecycle(), desired.power) {
            (Lifecycle::Hot, Power::On) => {
                state == ContainerState::Running && container.restart_policy == RestartPolicy::UnlessStopped
            }
            (Lifecycle::Hot, Power::Off) => {
                matches!(state, ContainerState::Created | ContainerState::Exited)
            }
            (Lifecycle::Lazy, Power::On | Power::Off) => {
                let calm = !matches!(
                    state,
                    ContainerState::Dead | ContainerState::Removing | ContainerState::Restarting
                );
                calm && container.restart_policy == RestartPolicy::No
            }
        };
        if right {
            return Ok(());
        }
        let policy = container.restart_policy;
        Err(format!("{name} is {:?} and {:?}, but {state} ({policy})", desired.lifecycle(), desired.power))
    }

    /// Readers see it as it is.
    fn shown(&self, handle: &FleetHandle, row: &Agent) -> Result<(), String> {
        let snapshot = handle.snapshot();
        let Some(agent) = snapshot.agents.get(&row.name) else {
            return Err(format!("{} is not shown", row.name));
        };
        let container = self.world.docker.container(&self.world.catalog.prefix.container(&row.name));
        let phase = match container.map(|container| container.state) {
            None => Phase::Host,
            Some(ContainerState::Running) => Phase::Running,
            Some(_) => Phase::Stopped,
        };
        if agent.observed.phase != phase || agent.desired.generation != row.generation {
            return Err(format!("{} is shown as {}, not {phase}: {agent:?}", row.name, agent.observed.phase));
        }
        let strangers = snapshot.agents.len() != self.world.store.rows().agents.len();
        if strangers { Err("more agents are shown than there are rows".into()) } else { Ok(()) }
    }
}
