//! Which instance a claim may have, in which order, and why not the others: pure functions of the picture.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{
    AgentView, ClaimTarget, ConditionType, FleetSnapshot, InstanceName, Lease, Lifecycle, ParkKind, Phase,
    Standing,
};
use crate::tasks::task_of;

/// Most instances of which it is told in one sentence why they cannot be had.
const TOLD_MOST: usize = 5;

/// An instance that a claim cannot have now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Occupied {
    pub instance: InstanceName,
    /// In words: who holds it, or what is the matter with it.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// When its lease ends unless it is renewed, or when it is reopened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<ParkKind>,
}

/// The members of what a claim wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The best one first: running, last used first; then those that will run soon; then sleeping ones; and behind all of
    /// them those that are unhealthy. Not refused: a probe that is wrong would leave nobody to work.
    pub(crate) free: Vec<InstanceName>,
    pub(crate) occupied: Vec<Occupied>,
}

impl Choice {
    /// There is nothing that could ever be given.
    pub(crate) fn is_empty(&self) -> bool {
        self.free.is_empty() && self.occupied.is_empty()
    }

    /// Nobody can be had before one of them is reopened.
    pub(crate) fn all_parked(&self) -> bool {
        self.free.is_empty()
            && !self.occupied.is_empty()
            && self.occupied.iter().all(|one| one.parked.is_some())
    }

    /// When the first of those that are parked is reopened, if any has an end.
    pub(crate) fn reopens_at(&self) -> Option<Timestamp> {
        self.occupied.iter().filter(|one| one.parked.is_some()).filter_map(|one| one.until).min()
    }

    /// Why nobody can be had now, in words; `None`: somebody can.
    pub(crate) fn lacking(&self, target: &ClaimTarget) -> Option<String> {
        if !self.free.is_empty() {
            return None;
        }
        if self.occupied.is_empty() {
            return Some(format!("{target}: there is none at present"));
        }
        let told = self.occupied.iter().take(TOLD_MOST);
        let mut told: Vec<String> = told.map(|o| format!("{}: {}", o.instance, o.reason)).collect();
        let more = self.occupied.len().saturating_sub(TOLD_MOST);
        told.extend((more > 0).then(|| format!("and {more} more")));
        Some(told.join("; "))
    }
}

pub(crate) fn choose(
    target: &ClaimTarget,
    snapshot: &FleetSnapshot,
    leases: &BTreeMap<InstanceName, Lease>,
    standings: &BTreeMap<InstanceName, Standing>,
) -> Choice {
    let wanted = |agent: &&AgentView| match target {
        ClaimTarget::Instance(name) => agent.name == *name,
        ClaimTarget::Type(agent_type) => agent.agent_type == *agent_type,
    };
    let mut free = Vec::new();
    let mut occupied = Vec::new();
    for agent in snapshot.agents.values().map(AsRef::as_ref).filter(wanted) {
        let standing = standings.get(&agent.name);
        if let Some(obstacle) = obstacle(agent, leases.get(&agent.name), standing) {
            occupied.push(obstacle);
        } else {
            let last_used = standing.and_then(|standing| standing.last_used_at);
            free.push((ailing(agent), rank(agent), Reverse(last_used), agent.name.clone()));
        }
    }
    free.sort();
    Choice { free: free.into_iter().map(|(_, _, _, name)| name).collect(), occupied }
}

fn obstacle(agent: &AgentView, lease: Option<&Lease>, standing: Option<&Standing>) -> Option<Occupied> {
    let instance = agent.name.clone();
    if let Some(parked) = standing.and_then(|standing| standing.parked.as_ref()) {
        // Whoever works with it goes on; when they are done it is parked still.
        let holder = lease.map(|lease| lease.holder.clone());
        let (reason, until) = (parked.to_string(), parked.reopens_at);
        return Some(Occupied { instance, reason, holder, until, parked: Some(parked.kind) });
    }
    if let Some(task) = lease.and_then(|lease| task_of(&lease.holder)) {
        // It has its lease until its end, whenever that is.
        let holder = lease.map(|lease| lease.holder.clone());
        let reason = format!("the task {task} has it");
        return Some(Occupied { instance, reason, holder, until: None, parked: None });
    }
    if let Some(Lease { holder, expires_at, .. }) = lease {
        let reason = format!("{holder} holds it until {expires_at}, and may renew that");
        let (holder, until) = (Some(holder.clone()), Some(*expires_at));
        return Some(Occupied { instance, reason, holder, until, parked: None });
    }
    let reason = if let Some(task) = agent.task {
        format!("the task {task} runs in it")
    } else if standing.is_some_and(|standing| standing.cordoned) {
        "it is cordoned".to_owned()
    } else {
        unfit(agent)?
    };
    Some(Occupied { instance, reason, holder: None, until: None, parked: None })
}

/// What is the matter with an instance that nobody works with.
fn unfit(agent: &AgentView) -> Option<String> {
    match agent.observed.phase {
        Phase::Unknown => return Some("docker cannot be asked about it".into()),
        Phase::Removing => return Some("its container is being removed".into()),
        Phase::Host => return Some("its type has no containers".into()),
        Phase::Absent
        | Phase::Creating
        | Phase::Stopped
        | Phase::Starting
        | Phase::Running
        | Phase::Stopping
        | Phase::Recreating
        | Phase::Backoff => {}
    }
    let hinders = |kind: ConditionType| match kind {
        ConditionType::CrashLoop
        | ConditionType::NameConflict
        | ConditionType::StateLost
        | ConditionType::Unresolvable
        | ConditionType::DockerUnreachable
        | ConditionType::HeldDown
        | ConditionType::Draining => true,
        ConditionType::Ready
        | ConditionType::EffectFailing
        | ConditionType::Drift
        | ConditionType::Stale
        | ConditionType::Cordoned
        | ConditionType::KeptAwake
        | ConditionType::LimitNear
        | ConditionType::Healthy
        | ConditionType::Unhealthy
        | ConditionType::Parked
        | ConditionType::NeedsHuman => false,
    };
    let hindrance = agent.conditions.iter().find(|c| c.status && hinders(c.kind))?;
    Some(hindrance.reason.clone())
}

fn ailing(agent: &AgentView) -> bool {
    agent.conditions.iter().any(|c| c.kind == ConditionType::Unhealthy && c.status)
}

fn rank(agent: &AgentView) -> u8 {
    match (agent.observed.phase, agent.lifecycle) {
        (Phase::Running, _) => 0,
        (Phase::Stopped | Phase::Stopping, Lifecycle::Lazy) => 2,
        (
            Phase::Absent
            | Phase::Creating
            | Phase::Stopped
            | Phase::Starting
            | Phase::Stopping
            | Phase::Recreating
            | Phase::Removing
            | Phase::Backoff
            | Phase::Unknown
            | Phase::Host,
            _,
        ) => 1,
    }
}

#[cfg(test)]
mod tests;
