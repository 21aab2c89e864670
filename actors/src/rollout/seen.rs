//! What the picture shows of a member. Pure.

use jiff::Timestamp;

use crate::model::{
    AgentView, Condition, ConditionType, FleetSnapshot, InstanceName, Lifecycle, Phase, StopCause,
};

/// A member as far as it can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Docker cannot be asked, or nothing is to be judged now.
    Unknown,
    /// There is no row any more.
    Gone,
    Here(Box<Seen>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The image that its row asks for.
    pub(crate) image: Option<String>,
    /// What its container is made of; `None`: it has none.
    pub(crate) image_id: Option<String>,
    pub(crate) lazy: bool,
    /// It runs, and nothing is being done to it.
    pub(crate) up: bool,
    /// It is down, and is to be.
    pub(crate) rests: bool,
    /// Somebody has it, or a task runs in it.
    pub(crate) worked_with: bool,
    /// Why the image that is tried could not be had.
    pub(crate) failed: Option<String>,
    /// It is pinned to the image that it went back to.
    pub(crate) kept: bool,
    /// Why nothing can be done about it at all.
    pub(crate) obstacle: Option<String>,
    /// What speaks against what runs.
    pub(crate) trouble: Option<String>,
    /// The effect that fails.
    pub(crate) failing: Option<String>,
    /// Its health checks have not passed yet in this life.
    pub(crate) starting: bool,
    /// When and how it last ended unasked.
    pub(crate) died: Option<(Timestamp, String)>,
}

/// What a condition means for a rollout.
enum Bearing {
    None,
    Unknown,
    Obstacle,
    Trouble,
    Failing,
    Rests,
}

fn bearing(kind: ConditionType) -> Bearing {
    match kind {
        ConditionType::DockerUnreachable => Bearing::Unknown,
        ConditionType::NameConflict
        | ConditionType::StateLost
        | ConditionType::Unresolvable
        // What runs in it is left alone until it is reopened.
        | ConditionType::Parked => {
            Bearing::Obstacle
        }
        ConditionType::CrashLoop | ConditionType::Unhealthy => Bearing::Trouble,
        ConditionType::EffectFailing => Bearing::Failing,
        ConditionType::HeldDown => Bearing::Rests,
        ConditionType::Ready
        | ConditionType::Drift
        | ConditionType::Stale
        | ConditionType::Cordoned
        | ConditionType::KeptAwake
        | ConditionType::NeedsHuman
        | ConditionType::Healthy
        | ConditionType::LimitNear
        | ConditionType::Draining => Bearing::None,
    }
}

pub(crate) fn look(snapshot: &FleetSnapshot, name: &InstanceName) -> Look {
    if !snapshot.booted || snapshot.suspended.is_some() || snapshot.docker_reachable != Some(true) {
        return Look::Unknown;
    }
    match snapshot.agents.get(name) {
        None => Look::Gone,
        Some(agent) => seen(agent).map_or(Look::Unknown, |seen| Look::Here(Box::new(seen))),
    }
}

/// `None`: nothing is known of it.
fn seen(agent: &AgentView) -> Option<Seen> {
    let mut seen = Seen {
        image: agent.desired.image.clone(),
        image_id: agent.observed.image_id.clone(),
        lazy: agent.lifecycle == Lifecycle::Lazy,
        worked_with: agent.lease.is_some() || agent.task.is_some(),
        kept: agent.pin.as_ref().is_some_and(|pin| pin.reason.is_some()),
        failed: agent.pin.as_ref().and_then(|pin| pin.failed.clone()),
        ..Seen::default()
    };
    let starts = |condition: &Condition| condition.kind == ConditionType::Healthy && !condition.status;
    seen.starting = agent.conditions.iter().any(starts);
    let mut held_down = false;
    for condition in agent.conditions.iter().filter(|condition| condition.status) {
        let reason = || Some(condition.reason.clone());
        match bearing(condition.kind) {
            Bearing::None => {}
            Bearing::Unknown => return None,
            Bearing::Obstacle => seen.obstacle = reason(),
            Bearing::Trouble => seen.trouble = reason(),
            Bearing::Failing => seen.failing = reason(),
            Bearing::Rests => held_down = true,
        }
    }
    if agent.host_mode {
        seen.obstacle = Some("its type has no containers".into());
    }
    match agent.observed.phase {
        Phase::Unknown => return None,
        Phase::Running => seen.up = true,
        Phase::Stopped => seen.rests = held_down || seen.lazy,
        Phase::Absent
        | Phase::Creating
        | Phase::Starting
        | Phase::Stopping
        | Phase::Recreating
        | Phase::Removing
        | Phase::Backoff
        | Phase::Host => {}
    }
    let died = agent.last_stop.as_ref().filter(|stop| stop.cause != StopCause::Requested);
    seen.died = died.map(|stop| {
        let code = stop.exit_code.map(|code| format!(" with exit code {code}")).unwrap_or_default();
        let detail = stop.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        (stop.at, format!("its container ended ({}){code}{detail}", stop.cause))
    });
    Some(seen)
}

#[cfg(test)]
mod tests;
