//! Who takes part in a rollout, in which order. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Look, Seen, look};
use crate::model::{AgentView, FleetSnapshot, MemberState, RolloutMember, Strategy, TypeName};

/// What an image's name means for a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It is here.
    Here(String),
    /// It is fetched first.
    Fetched,
    /// It is not here, and nobody fetches it.
    Missing,
}

/// Why nobody can be given this image.
pub(crate) fn missing(image: &str) -> String {
    format!("there is no image {image} here: build or pull it, or begin the rollout with a pull")
}

/// Those who do not have the image, canaries first; and, as skipped, those about whom nothing can be done.
pub(crate) fn members(
    snapshot: &FleetSnapshot,
    agent_type: Option<&TypeName>,
    offers: &BTreeMap<String, Offer>,
    strategy: &Strategy,
    now: Timestamp,
) -> Vec<RolloutMember> {
    let wanted = |agent: &&AgentView| agent_type.is_none_or(|wanted| agent.agent_type == *wanted);
    let mut all: Vec<(u8, RolloutMember)> = Vec::new();
    for agent in snapshot.agents.values().map(AsRef::as_ref).filter(wanted).filter(|agent| !agent.host_mode) {
        let seen = match look(snapshot, &agent.name) {
            Look::Here(seen) => *seen,
            // It cannot be said what it has; if it has another image, its turn comes once that can be seen.
            Look::Unknown | Look::Gone => Seen::default(),
        };
        let (Some(image), Some(from)) = (agent.desired.image.clone(), agent.observed.image_id.clone()) else {
            continue;
        };
        let (to, missing) = match offers.get(&image) {
            Some(Offer::Here(id)) if *id == from => continue,
            Some(Offer::Here(id)) => (Some(id.clone()), None),
            Some(Offer::Fetched) => (None, None),
            Some(Offer::Missing) => (None, Some(missing(&image))),
            None => continue,
        };
        let rank = if seen.up { 0 } else { 1 + u8::from(!seen.lazy) };
        let reason = missing.or(seen.obstacle);
        let state = if reason.is_some() { MemberState::Skipped } else { MemberState::Pending };
        let member = RolloutMember {
            instance: agent.name.clone(),
            agent_type: agent.agent_type.clone(),
            canary: false,
            state,
            image,
            from_image_id: from,
            to_image_id: to,
            reason,
            since: now,
        };
        all.push((rank, member));
    }
    all.sort_by(|(rank, a), (other, b)| {
        (&a.agent_type, rank, &a.instance).cmp(&(&b.agent_type, other, &b.instance))
    });
    let mut members: Vec<RolloutMember> = all.into_iter().map(|(_, member)| member).collect();
    let mut canaries: BTreeMap<TypeName, u32> = BTreeMap::new();
    for member in members.iter_mut().filter(|member| member.state == MemberState::Pending) {
        let so_far = canaries.entry(member.agent_type.clone()).or_default();
        member.canary = *so_far < strategy.canary;
        *so_far += 1;
    }
    members.sort_by_key(|member| !member.canary);
    members
}
