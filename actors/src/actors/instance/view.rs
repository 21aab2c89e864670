//! How an instance looks to readers: a pure function of its state.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use super::state::{Now, State};
use crate::decide::{Action, Halt, Rule};
use crate::health::Standing;
use crate::model::{
    AgentView, Condition, ConditionType, ContainerState, Desired, DesiredView, HealthSource, LeaseView,
    ObservedContainer, ObservedView, Phase, PinKind, PinView, Power, Why,
};

/// The phase follows from what is in flight, what was seen, and what is waited for.
pub(super) fn phase(state: &State, now: Now) -> Phase {
    if let Some(action) = state.acting() {
        return match action {
            Action::Create { .. } => Phase::Creating,
            Action::Start { .. } | Action::Unpause { .. } | Action::Restart { .. } => Phase::Starting,
            Action::Stop { .. } | Action::Calm { .. } => Phase::Stopping,
            Action::Recreate { .. } | Action::Replay | Action::RenameBack { .. } => Phase::Recreating,
            Action::Remove | Action::Clear { .. } | Action::RemoveExtra => Phase::Removing,
            Action::None
            | Action::LookAgain
            | Action::SetPolicy { .. }
            | Action::RememberVolume
            | Action::AcceptLoss => seen(state, now),
        };
    }
    seen(state, now)
}

fn seen(state: &State, now: Now) -> Phase {
    let Some(observed) = &state.observed else {
        return if state.desired == Desired::Host { Phase::Host } else { Phase::Unknown };
    };
    if state.history.journal.is_some() && matches!(state.desired, Desired::Container(_)) {
        // Whatever runs may be taken away when it is finished or undone: nobody is to begin work in it.
        return Phase::Recreating;
    }
    let backing_off = state.history.retry_at(now.mono).is_some();
    match &observed.main {
        None if state.desired == Desired::Host => Phase::Host,
        _ if backing_off => Phase::Backoff,
        None => Phase::Absent,
        Some(main) => match main.state {
            ContainerState::Running if state.stopping_until(now).is_some() => Phase::Stopping,
            ContainerState::Running => Phase::Running,
            ContainerState::Restarting => Phase::Starting,
            ContainerState::Created | ContainerState::Exited | ContainerState::Paused => Phase::Stopped,
            ContainerState::Dead | ContainerState::Removing => Phase::Removing,
        },
    }
}

/// `None` while there is no row: such an instance is only shown until its container is gone.
pub(super) fn view(state: &mut State, now: Now) -> Option<AgentView> {
    let phase = phase(state, now);
    let conditions = conditions(state, phase, now);
    let since = since(state, phase, now);
    let row = state.row.as_ref()?;
    let desired = match &state.desired {
        Desired::Container(desired) => Some(desired),
        Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
    };
    let desired = DesiredView {
        power: row.power,
        image: desired.map(|desired| desired.spec.image.clone()),
        spec_hash: desired.map(|desired| desired.spec_hash.to_string()),
        state_limit_bytes: desired.and_then(|desired| desired.state_limit),
        generation: row.generation,
    };
    let main = state.observed.as_ref().and_then(|observed| observed.main.as_ref());
    Some(AgentView {
        name: row.name.clone(),
        agent_type: row.agent_type.clone(),
        pool: row.agent_type.clone(),
        lifecycle: state.lifecycle(),
        host_mode: state.desired == Desired::Host,
        desired,
        observed: ObservedView {
            phase,
            since: Some(since),
            image: main.map(|main| main.image.clone()),
            container_id: main.map(|main| main.id.to_string()),
            image_id: main.map(|main| main.image_id.clone()),
            started_at: main.filter(|main| main.ever_started()).map(|main| main.started_at.clone()),
            restart_count: main.map(|main| main.restart_count),
            exit_code: main.filter(|main| !main.is_up() && main.ever_started()).map(|main| main.exit_code),
            incarnation: main.filter(|main| main.is_up()).map(ObservedContainer::incarnation),
            limits: main.map(|main| main.limits.clone()),
            state_volume: main.and_then(|main| main.state_volume.clone()),
            observed_at: state.observed.as_ref().and_then(|observed| observed.at),
        },
        lease: state.in_use.lease.as_ref().map(|lease| LeaseView::new(lease, &state.prefix)),
        task: state.in_use.task,
        parked: state.in_use.parked.clone(),
        needs_human: state.in_use.needs_human.clone(),
        progress: state.in_use.progress.clone(),
        conditions,
        near: state.near_walls(),
        pin: state.pin().map(PinView::from),
        next_action: next_action(state),
        last_stop: state.memory.last_stop.clone(),
    })
}

/// When the phase began: as docker tells of what was found, else when it was first seen.
fn since(state: &mut State, phase: Phase, now: Now) -> Timestamp {
    let main = state.observed.as_ref().and_then(|observed| observed.main.as_ref());
    let life = main.filter(|main| main.is_up()).map(ObservedContainer::incarnation);
    if let Some((known, of, since)) = &state.phase_since
        && *known == phase
        && *of == life
    {
        return *since;
    }
    let before = state.phase_since.as_ref().map(|(before, _, _)| *before);
    let found = matches!(before, None | Some(Phase::Unknown));
    // Another life of what runs, too, began when docker says.
    let by_docker = match main {
        Some(main) if phase == Phase::Running && (found || before == Some(Phase::Running)) => {
            main.started_at.parse().ok()
        }
        Some(main) if phase == Phase::Stopped && found && main.ever_started() => {
            main.finished_at.parse().ok()
        }
        Some(_) | None => None,
    };
    // The engine's clock may be another one.
    let since = by_docker.unwrap_or(now.wall).min(now.wall);
    state.phase_since = Some((phase, life, since));
    since
}

/// The conditions that hold, `ready` always among them, each with the time since when it has. `healthy` is false while the
/// checks have not passed yet.
fn conditions(state: &mut State, phase: Phase, now: Now) -> Vec<Condition> {
    let mut holding: Vec<(ConditionType, bool, String)> = Vec::new();
    let mut hold = |kind, reason: String| holding.push((kind, true, reason));
    if let Some(reason) = &state.docker_down {
        hold(ConditionType::DockerUnreachable, reason.clone());
    }
    if let Desired::Unresolvable { reason } = &state.desired {
        hold(ConditionType::Unresolvable, reason.clone());
    }
    if let Some(failure) = &state.failure {
        hold(ConditionType::EffectFailing, failure.text.clone());
    }
    match &state.history.halt {
        Some(Halt::StateLost { detail }) => hold(ConditionType::StateLost, detail.clone()),
        Some(Halt::VolumeConflict { detail }) => hold(ConditionType::NameConflict, detail.clone()),
        None => {}
    }
    if state.decision.as_ref().is_some_and(|decision| decision.rule == Rule::NameConflict) {
        hold(ConditionType::NameConflict, Rule::NameConflict.explanation().to_owned());
    }
    if state.history.crash_loop.is_some() {
        hold(ConditionType::CrashLoop, Rule::CrashLoop.explanation().to_owned());
    }
    let main = state.observed.as_ref().and_then(|observed| observed.main.as_ref());
    if let (Desired::Container(desired), Some(main)) = (&state.desired, main)
        && main.labels.spec.as_deref() != Some(desired.spec_hash.as_ref())
    {
        hold(ConditionType::Drift, Rule::Drift.explanation().to_owned());
    }
    if let Some(newer) = state.newer_image() {
        hold(ConditionType::Stale, staleness(state, newer));
    }
    if let Desired::Container(desired) = &state.desired
        && desired.power == Power::Off
    {
        hold(ConditionType::HeldDown, Rule::HeldDown.explanation().to_owned());
    }
    if state.in_use.cordoned {
        hold(ConditionType::Cordoned, "an operator cordoned it: it gets no new work".to_owned());
    } else if state.in_use.rolling {
        let reason = "a rollout is replacing its container: it gets no new work meanwhile";
        hold(ConditionType::Cordoned, reason.to_owned());
    }
    if let Some((_, until)) = state.in_use.hold.filter(|(until, _)| now.mono < *until) {
        hold(ConditionType::KeptAwake, format!("it is kept awake until {until}"));
    }
    if let Some(parked) = &state.in_use.parked {
        hold(ConditionType::Parked, parked.to_string());
    }
    if let Some(need) = &state.in_use.needs_human {
        hold(ConditionType::NeedsHuman, need.reason.clone());
    }
    if state.decision.as_ref().is_some_and(|decision| decision.rule == Rule::Draining) {
        hold(ConditionType::Draining, Rule::Draining.explanation().to_owned());
    }
    if let Some(words) = state.near_in_words() {
        hold(ConditionType::LimitNear, words);
    }
    let standing = state.standing();
    match standing {
        Standing::Healthy => hold(ConditionType::Healthy, "its health checks pass".to_owned()),
        Standing::Starting => {
            let reason = "its health checks have not passed yet since it started";
            holding.push((ConditionType::Healthy, false, reason.to_owned()));
        }
        Standing::Unhealthy(source) => hold(ConditionType::Unhealthy, ailment(state, source)),
        Standing::Unchecked => {}
    }
    let unhealthy = matches!(standing, Standing::Unhealthy(_));
    let up = matches!(phase, Phase::Running | Phase::Host)
        || (phase == Phase::Stopped && state.decision.as_ref().is_some_and(|d| d.rule == Rule::LazyAsleep));
    let ready = up && !unhealthy;
    let why = if up && unhealthy { format!("{phase}, unhealthy") } else { phase.to_string() };
    holding.push((ConditionType::Ready, ready, why));

    state.since.retain(|(kind, status), _| holding.iter().any(|(k, s, _)| k == kind && s == status));
    let mut conditions: Vec<Condition> = Vec::with_capacity(holding.len());
    for (kind, status, reason) in holding {
        let since = *state.since.entry((kind, status)).or_insert(now.wall);
        let next_retry_at = match kind {
            ConditionType::EffectFailing => state.failure.as_ref().and_then(|failure| failure.next_retry_at),
            ConditionType::CrashLoop => state.history.crash_loop.map(|looping| now.wall_at(looping.next_try)),
            ConditionType::Unhealthy => next_restart(state).map(|at| now.wall_at(at)),
            ConditionType::Parked => state.in_use.parked.as_ref().and_then(|parked| parked.reopens_at),
            ConditionType::Ready
            | ConditionType::Healthy
            | ConditionType::NameConflict
            | ConditionType::StateLost
            | ConditionType::Drift
            | ConditionType::Stale
            | ConditionType::Unresolvable
            | ConditionType::DockerUnreachable
            | ConditionType::HeldDown
            | ConditionType::Cordoned
            | ConditionType::KeptAwake
            | ConditionType::NeedsHuman
            | ConditionType::Draining
            | ConditionType::LimitNear => None,
        };
        conditions.push(Condition { kind, status, reason, since, next_retry_at });
    }
    conditions
}

/// What the image's name means now, and what adopts it.
fn staleness(state: &State, newer: &str) -> String {
    let pinned = state.pin().and_then(|pin| match &pin.kind {
        PinKind::Trial { .. } => None,
        PinKind::Kept { reason, .. } => Some(format!(
            "; the rollout {} went back because {reason}: the next rollout or a recreate tries again",
            pin.rollout
        )),
    });
    let what = pinned.as_deref().unwrap_or(": a rollout or a recreate adopts it");
    format!("the image's name means {newer} now{what}")
}

/// What fails, and what is done about it.
fn ailment(state: &State, source: HealthSource) -> String {
    let rule = state.decision.as_ref().map(|decision| decision.rule).filter(|rule| rule.is_about_health());
    let whose = match source {
        HealthSource::Probe => "its probe",
        HealthSource::Healthcheck => "docker's HEALTHCHECK",
    };
    format!("{}; it is {whose} that says so", rule.unwrap_or(Rule::UnhealthyUnconfirmed).explanation())
}

/// When it may be restarted for its health, if it waits for a time.
fn next_restart(state: &State) -> Option<Instant> {
    let rule = state.decision.as_ref()?.rule;
    let paused = state.health.pause_until.filter(|_| rule == Rule::UnhealthyPause);
    paused.or_else(|| state.health.turn.filter(|_| rule == Rule::UnhealthyBudget))
}

fn next_action(state: &State) -> Option<String> {
    if let Some(action) = state.acting() {
        return Some(action.name().to_owned());
    }
    let decision = state.decision.as_ref()?;
    match (decision.rule, &decision.action) {
        (Rule::RestartGrace | Rule::CrashLoop, Action::None) => Some("start".into()),
        (Rule::BackingOff, Action::None) => Some("retry".into()),
        (Rule::LazyAwake, Action::None) if decision.recheck.is_some() => Some("sleep".into()),
        (Rule::UnhealthyPause | Rule::UnhealthyBudget, Action::None) => Some("restart".into()),
        (_, Action::None) => None,
        (_, action) => Some(action.name().to_owned()),
    }
}

/// The decision chain as data.
pub(super) fn why(state: &mut State, now: Now) -> Why {
    let phase = phase(state, now);
    let mut evidence = BTreeMap::new();
    let mut note = |key: &str, value: serde_json::Value| evidence.insert(key.to_owned(), value);
    if let Some(row) = &state.row {
        note("row", json!({ "type": row.agent_type, "power": row.power, "generation": row.generation }));
    }
    if let Desired::Container(desired) = &state.desired {
        note("desired_spec", json!(desired.spec_hash));
    }
    if let Some(observed) = &state.observed {
        let container = |c: &ObservedContainer| {
            json!({ "id": c.id, "name": c.name, "state": c.state, "spec": c.labels.spec, "exit_code": c.exit_code,
                    "restart_count": c.restart_count, "restart_policy": c.restart_policy, "image": c.image })
        };
        note("container", observed.main.as_ref().map_or(serde_json::Value::Null, container));
        if let Some(foreign) = &observed.foreign {
            note("foreign_container", container(foreign));
        }
        note("looked_at", json!(observed.at));
    }
    if let Some(pin) = state.pin() {
        note("pin", json!(PinView::from(pin)));
    }
    if let Some(lease) = &state.in_use.lease {
        note(
            "lease",
            json!({ "holder": lease.holder, "fence": lease.fence, "expires_at": lease.expires_at }),
        );
    }
    if let Some(task) = state.in_use.task {
        note("task", json!(task));
    }
    if let Some(parked) = &state.in_use.parked {
        note("parked", json!(parked));
    }
    if let Some(reason) = &state.docker_down {
        note("docker", json!(reason));
    }
    if let Some(failure) = &state.failure {
        note("last_failure", json!(failure.text));
    }
    if let Some(backoff) = &state.history.backoff {
        note("failures_in_a_row", json!(backoff.attempt));
    }
    if state.history.recent_deaths() > 0 {
        note("deaths_in_ten_minutes", json!(state.history.recent_deaths()));
    }
    if let Some(sample) = state.last_sample(now) {
        note("last_sample", sample);
    }
    if let Some(health) = state.health_evidence(now) {
        note("health", health);
    }
    let rule = state.decision.as_ref().map_or(Rule::DockerUnknown, |decision| decision.rule);
    Why {
        instance: state.name.clone(),
        phase,
        since: state.decided_since,
        rule: rule.to_string(),
        explanation: rule.explanation().to_owned(),
        evidence,
        next_action: next_action(state),
        next_at: state.decision.as_ref().and_then(|decision| decision.recheck).map(|at| now.wall_at(at)),
        conditions: conditions(state, phase, now),
        last_stop: state.memory.last_stop.clone(),
    }
}
