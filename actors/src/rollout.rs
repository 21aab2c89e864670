//! A new image for many instances, one after the other: what comes next, as a pure function of what was stored and seen.
//!
//! ```text
//! pending ─▶ draining ─▶ recreating ─▶ watching ─▶ done
//!                │            └────────────┴─ trouble ─▶ rolling back ─▶ rolled back (or failed)
//!                └─ too long: pending, and the rollout pauses
//! ```
//! - The canaries of a type are done before another one of it begins; a canary that is skipped is replaced by the next.
//! - A canary that goes back ends the rollout; one that comes later pauses it.
//! - Where docker cannot be asked, or the database is suspect, nothing moves.
//!
//! **Invariants** (each swept by the tests): never more than the width are out. Nobody begins while another goes back, or
//! while it is paused. A member that was never begun is never touched.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{MemberState, PinKind, Rollout, RolloutMember, RolloutState, Strategy};

mod begin;
mod seen;
mod story;

pub(crate) use begin::{Offer, members, missing};
pub(crate) use seen::{Look, Seen, look};
pub(crate) use story::{Cut, Story, Wish, WishReply, repository, tag_of};

/// Longest that a container may take to be replaced, once nobody works with it.
const RECREATE_MOST: Duration = Duration::from_mins(15);
/// How long a rollback may fail before the member is given up.
const ROLLBACK_PATIENCE: Duration = Duration::from_mins(2);

/// What became of the tasks that ran in a member while it was watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum FirstTask {
    /// There was none, or one has started.
    #[default]
    Fine,
    /// All that ended could not even be started.
    NotStarted(String),
}

/// One member as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) look: Look,
    /// Since it came into its state, on the monotonic clock; after a restart of the supervisor from there on.
    pub(crate) elapsed: Duration,
    pub(crate) first_task: FirstTask,
}

/// What must hold for a member in its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upkeep {
    /// It gets no new work.
    pub(crate) reserved: bool,
    pub(crate) pin: PinWish,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PinWish {
    Leave,
    /// No trial of this rollout stands on it any more.
    Free,
    Set(PinKind),
}

/// Takes the steps that are due. Returns the places of the members that changed.
pub(crate) fn advance(rollout: &mut Rollout, sights: &[Sight], now: Timestamp) -> Vec<usize> {
    let before = rollout.members.clone();
    let mut pause = None;
    for (member, sight) in rollout.members.iter_mut().zip(sights) {
        let Some((state, reason)) = step(member, sight, &rollout.strategy) else { continue };
        let drained_in_vain = member.state == MemberState::Draining && state == MemberState::Pending;
        if drained_in_vain || (state == MemberState::RollingBack && !member.canary) {
            pause =
                Some(format!("{}: {}", member.instance, reason.as_deref().unwrap_or("it did not come up")));
        }
        enter(member, state, reason, now);
    }
    if let Some(reason) = pause
        && rollout.state == RolloutState::Running
    {
        rollout.state = RolloutState::Paused;
        rollout.reason = Some(reason);
    }
    if rollout.state == RolloutState::Running {
        begin_more(rollout, sights, now);
    }
    end(rollout, now);
    let changed = before.iter().zip(&rollout.members).enumerate();
    changed.filter(|(_, (before, now))| before != now).map(|(place, _)| place).collect()
}

fn enter(member: &mut RolloutMember, state: MemberState, reason: Option<String>, now: Timestamp) {
    if member.state != state {
        member.since = now;
    }
    member.state = state;
    member.reason = reason;
}

/// What the next state of a member that is out is, and why.
fn step(member: &RolloutMember, sight: &Sight, strategy: &Strategy) -> Option<(MemberState, Option<String>)> {
    if !member.state.is_out() {
        return None;
    }
    let seen = match &sight.look {
        Look::Unknown => return None,
        Look::Gone => return Some((MemberState::Skipped, Some("its row is gone".into()))),
        Look::Here(seen) => seen,
    };
    if let Some(reason) = unfit(member, seen) {
        return Some((MemberState::Skipped, Some(reason)));
    }
    let has = |image: Option<&str>| seen.image_id.is_some() && seen.image_id.as_deref() == image;
    let settled = seen.up || seen.rests;
    let back = |reason: String| Some((MemberState::RollingBack, Some(reason)));
    match member.state {
        MemberState::Draining if !seen.worked_with => Some((MemberState::Recreating, None)),
        MemberState::Draining => {
            let patience = strategy.drain_s.map(Duration::from_secs)?;
            let reason = format!("somebody still worked with it after {} s", patience.as_secs());
            (sight.elapsed >= patience).then_some((MemberState::Pending, Some(reason)))
        }
        MemberState::Recreating => {
            if let Some(reason) = seen.failed.clone().or_else(|| trouble(member, seen)) {
                return back(reason);
            }
            if has(member.to_image_id.as_deref()) && settled {
                let unwatched = seen.rests && !(member.canary && seen.lazy);
                let reason = unwatched.then(|| "it does not run, so it was not watched".to_owned());
                let state = if unwatched { MemberState::Done } else { MemberState::Watching };
                return Some((state, reason));
            }
            late(sight).and_then(|()| back("it was not replaced in time".into()))
        }
        MemberState::Watching => {
            if let Some(reason) = trouble(member, seen).or_else(|| seen.failing.clone()) {
                return back(reason);
            }
            if sight.elapsed < Duration::from_secs(strategy.watch_s) {
                return None;
            }
            match &sight.first_task {
                FirstTask::NotStarted(reason) => back(format!("no task could be started in it: {reason}")),
                // Either passes or fails once its time to start is over.
                FirstTask::Fine if seen.starting => {
                    late(sight).and_then(|()| back("its health checks did not pass in time".into()))
                }
                FirstTask::Fine if settled => Some((MemberState::Done, None)),
                FirstTask::Fine => late(sight).and_then(|()| back("it does not run".into())),
            }
        }
        MemberState::RollingBack => {
            if has(Some(&member.from_image_id)) && settled && seen.kept {
                return Some((MemberState::RolledBack, member.reason.clone()));
            }
            let why = member.reason.as_deref().unwrap_or_default();
            let failing = seen.failing.as_ref().filter(|_| sight.elapsed >= ROLLBACK_PATIENCE);
            let failing = failing.cloned().or_else(|| late(sight).map(|()| "it takes too long".to_owned()));
            failing.map(|text| (MemberState::Failed, Some(format!("{why}; and it cannot go back: {text}"))))
        }
        MemberState::Pending
        | MemberState::Done
        | MemberState::RolledBack
        | MemberState::Skipped
        | MemberState::Failed => None,
    }
}

fn late(sight: &Sight) -> Option<()> {
    (sight.elapsed >= RECREATE_MOST).then_some(())
}

/// Why nothing can be done about it, if so.
fn unfit(member: &RolloutMember, seen: &Seen) -> Option<String> {
    if seen.image.as_ref() != Some(&member.image) {
        return Some("its row asks for another image now".into());
    }
    seen.obstacle.clone()
}

/// What speaks against the new container.
fn trouble(member: &RolloutMember, seen: &Seen) -> Option<String> {
    let new = seen.image_id.is_some() && seen.image_id == member.to_image_id;
    let died = seen.died.as_ref().filter(|(at, _)| new && *at >= member.since);
    died.map(|(_, how)| how.clone()).or_else(|| seen.trouble.clone().filter(|_| new))
}

/// Lets more members begin, as far as the width and the canaries allow.
fn begin_more(rollout: &mut Rollout, sights: &[Sight], now: Timestamp) {
    let going_back = |member: &RolloutMember| {
        matches!(member.state, MemberState::RollingBack | MemberState::RolledBack | MemberState::Failed)
    };
    if rollout.members.iter().any(going_back) {
        return;
    }
    let width = usize::try_from(rollout.strategy.width).unwrap_or(usize::MAX);
    for (place, sight) in sights.iter().enumerate().take(rollout.members.len()) {
        if rollout.members.iter().filter(|member| member.state.is_out()).count() >= width {
            return;
        }
        if rollout.members[place].state != MemberState::Pending || !may_begin(rollout, place) {
            continue;
        }
        let member = &mut rollout.members[place];
        let (state, reason) = match &sight.look {
            Look::Unknown => continue,
            Look::Gone => (MemberState::Skipped, Some("its row is gone".to_owned())),
            Look::Here(seen) => match unfit(member, seen) {
                Some(reason) => (MemberState::Skipped, Some(reason)),
                None if seen.image_id.is_none() => {
                    let reason = "it has no container now: what is made will be of the image".to_owned();
                    (MemberState::Skipped, Some(reason))
                }
                None if seen.image_id == member.to_image_id => {
                    (MemberState::Skipped, Some("it has the image already".to_owned()))
                }
                None => (MemberState::Draining, None),
            },
        };
        enter(member, state, reason, now);
    }
}

/// Whether the canaries of its type are done, or it is one; one that was skipped is replaced by it.
fn may_begin(rollout: &mut Rollout, place: usize) -> bool {
    if rollout.members[place].canary {
        return true;
    }
    let agent_type = rollout.members[place].agent_type.clone();
    let canaries =
        || rollout.members.iter().filter(|member| member.canary && member.agent_type == agent_type);
    let live = canaries().filter(|member| member.state != MemberState::Skipped).count();
    let done = canaries().filter(|member| member.state == MemberState::Done).count();
    let wanted = usize::try_from(rollout.strategy.canary).unwrap_or(usize::MAX);
    if live < wanted {
        rollout.members[place].canary = true;
        return true;
    }
    done == live
}

/// Ends it once nothing more is to be done.
fn end(rollout: &mut Rollout, now: Timestamp) {
    let any = |is: fn(&RolloutMember) -> bool| rollout.members.iter().find(|member| is(member));
    if rollout.state.has_ended() || any(|member| member.state.is_out()).is_some() {
        return;
    }
    let said = |member: &RolloutMember| {
        Some(format!("{}: {}", member.instance, member.reason.as_deref().unwrap_or("it did not come up")))
    };
    let (state, reason) = if let Some(member) = any(|member| member.state == MemberState::Failed) {
        (RolloutState::Failed, said(member))
    } else if let Some(member) = any(|member| member.canary && member.state == MemberState::RolledBack) {
        (RolloutState::RolledBack, said(member))
    } else if any(|m| matches!(m.state, MemberState::Pending | MemberState::RolledBack)).is_some() {
        return;
    } else {
        (RolloutState::Done, None)
    };
    rollout.state = state;
    rollout.reason = reason;
    rollout.ended_at = Some(now);
}

/// An operator goes on; whoever went back is tried once more.
pub(crate) fn resume(rollout: &mut Rollout, now: Timestamp) -> Vec<usize> {
    rollout.state = RolloutState::Running;
    rollout.reason = None;
    let mut changed = Vec::new();
    for (place, member) in rollout.members.iter_mut().enumerate() {
        if member.state == MemberState::RolledBack {
            enter(member, MemberState::Pending, None, now);
            changed.push(place);
        }
    }
    changed
}

/// An operator ends it: everything stays as it is, and what is under way ends by itself.
pub(crate) fn abort(rollout: &mut Rollout, now: Timestamp) -> Vec<usize> {
    rollout.state = RolloutState::Aborted;
    rollout.reason = Some("an operator aborted it".into());
    rollout.ended_at = Some(now);
    let mut changed = Vec::new();
    for (place, member) in rollout.members.iter_mut().enumerate() {
        let (state, reason) = match member.state {
            MemberState::Draining => (MemberState::Pending, None),
            MemberState::Recreating => {
                (MemberState::Skipped, Some("aborted while its container was being replaced".to_owned()))
            }
            MemberState::Watching => (MemberState::Done, Some("it was not watched to the end".to_owned())),
            MemberState::RollingBack => (MemberState::RolledBack, member.reason.clone()),
            MemberState::Pending
            | MemberState::Done
            | MemberState::RolledBack
            | MemberState::Skipped
            | MemberState::Failed => continue,
        };
        enter(member, state, reason, now);
        changed.push(place);
    }
    changed
}

/// What must hold for a member now. In the second half of its watch it gets work again.
pub(crate) fn upkeep(member: &RolloutMember, strategy: &Strategy, elapsed: Duration) -> Upkeep {
    let trial = || match &member.to_image_id {
        Some(to) => {
            PinWish::Set(PinKind::Trial { from: member.from_image_id.clone(), to: to.clone(), failed: None })
        }
        None => PinWish::Leave,
    };
    let (reserved, pin) = match member.state {
        MemberState::Pending | MemberState::RolledBack | MemberState::Failed => (false, PinWish::Leave),
        MemberState::Draining => (true, PinWish::Leave),
        MemberState::Recreating => (true, trial()),
        MemberState::Watching => (elapsed < Duration::from_secs(strategy.watch_s) / 2, trial()),
        MemberState::RollingBack => {
            let reason = member.reason.clone().unwrap_or_default();
            (true, PinWish::Set(PinKind::Kept { to: member.from_image_id.clone(), reason }))
        }
        MemberState::Done | MemberState::Skipped => (false, PinWish::Free),
    };
    Upkeep { reserved, pin }
}

#[cfg(test)]
mod tests;
