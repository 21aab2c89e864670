//! What to do about one instance: a pure function of what is desired, what was seen and what happened before.
//!
//! ```text
//!            ┌────────────── effect failed ──────────────┐
//!            ▼                                           │
//! absent ─ create ─▶ created/stopped ─ start ─▶ running ─┤
//!   ▲                     ▲   │                  │  │    │
//!   │                     └── stop ──────────────┘  │    │
//!   ├── remove (row gone) ◀──────────────────────────┘    │
//!   └── recreate (drift): rename, create, start, verify, remove old
//! ```
//!
//! - absent: `inspect` said that there is no container. Created, hot ones started.
//! - created, exited: started if it is to be up; a hot one that ran gets [`RESTART_GRACE`] for docker's own policy.
//! - running: left alone unless it drifted, is held down, or its row is gone.
//! - paused: unpaused if it is to be up. restarting: docker is at it; deaths are counted.
//! - dead, removing: waited for, then removed by force; never created over.
//! - parked: what runs is left as it is, what is down stays down, what is absent is created and left stopped; docker's own
//!   restarting is taken off meanwhile. What an operator asks for is done all the same.
//!
//! **Invariants** (each swept over all inputs by the tests): a foreign container is only ever adopted on request. A
//! container that was not seen is never acted on. While docker is unknown or the database is suspect, nothing happens;
//! while a halt stands, only what somebody asks for is tried. What is
//! parked is started only by hand. In the first pass a running container is not stopped or
//! replaced because of a single look. While a lease stands on it, what runs is not stopped or replaced.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{
    ContainerState, Desired, DesiredContainer, InstanceObservation, Lifecycle, ObservedContainer, Power,
    RestartPolicy, StopReason,
};

mod action;
mod history;
mod pin;
mod rule;
mod unwell;

pub use action::{Action, RecreateCause};
pub use history::{Backoff, CrashLoop, Halt, History, Request, Usage};
pub(crate) use pin::image_due;
pub use rule::Rule;
pub use unwell::Illness;

/// Docker's restart policy has the first go; a stop from outside is still `exited` after this.
pub const RESTART_GRACE: Duration = Duration::from_secs(5);
/// How long a container may stay `removing` or `dead` before it is removed by force.
pub const REMOVAL_PATIENCE: Duration = Duration::from_secs(10);
/// How soon to look again at a state that docker leaves by itself and without an event.
const TRANSIENT_RECHECK: Duration = Duration::from_secs(2);

/// What to do now, why, and when to decide again at the latest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub action: Action,
    pub rule: Rule,
    /// When time alone may change the decision.
    pub recheck: Option<Instant>,
}

impl Decision {
    fn rest(rule: Rule) -> Self {
        Self { action: Action::None, rule, recheck: None }
    }

    fn until(rule: Rule, recheck: Instant) -> Self {
        Self { action: Action::None, rule, recheck: Some(recheck) }
    }

    fn act(rule: Rule, action: Action) -> Self {
        Self { action, rule, recheck: None }
    }
}

/// Decides what to do about one instance. `observed` is `None` while docker's word is not known.
pub fn decide(
    desired: &Desired,
    observed: Option<&InstanceObservation>,
    history: &History,
    now: Instant,
) -> Decision {
    let Some(observed) = observed else { return Decision::rest(Rule::DockerUnknown) };
    if history.suspended {
        return Decision::rest(Rule::Suspended);
    }
    let decision = match desired {
        Desired::Unresolvable { .. } => Decision::rest(Rule::Unresolvable),
        Desired::Gone => unwanted(observed, history, now, Rule::NoRow),
        Desired::Host => unwanted(observed, history, now, Rule::HostMode),
        Desired::Container(desired) => wanted(desired, observed, history, now),
    };
    held_back(decision, observed, history, now)
}

/// What holds for every effect alike: nothing is cut under somebody's hands or because of one look in the first pass,
/// and failures are spaced.
fn held_back(
    decision: Decision,
    observed: &InstanceObservation,
    history: &History,
    now: Instant,
) -> Decision {
    let runs_for_somebody =
        history.usage.leased && observed.main.as_ref().is_some_and(ObservedContainer::is_up);
    // Whether somebody works with it was asked there, as the type wants it.
    let may_cut = decision.action == Action::RemoveExtra || decision.rule == Rule::Unhealthy;
    let waits = runs_for_somebody && decision.action.cuts() && !may_cut;
    let decision = if waits { draining(observed) } else { decision };
    let runs =
        observed.main.iter().chain(&observed.extra).chain(&observed.foreign).any(ObservedContainer::is_up);
    if decision.action.cuts() && runs && history.first_pass && history.looks < 2 {
        return Decision::act(Rule::FirstLook, Action::LookAgain);
    }
    match history.retry_at(now) {
        Some(at) if decision.action != Action::None && !history.fresh => {
            Decision::until(Rule::BackingOff, at)
        }
        _ => decision,
    }
}

/// What would cut it waits for whoever works with it. Paused, they would never be done.
fn draining(observed: &InstanceObservation) -> Decision {
    if !observed.extra.is_empty() {
        return Decision::act(Rule::LeftoverBeside, Action::RemoveExtra);
    }
    match observed.main.as_ref().filter(|main| main.state == ContainerState::Paused) {
        Some(main) => Decision::act(Rule::Paused, Action::Unpause { id: main.id.clone() }),
        None => Decision::rest(Rule::Draining),
    }
}

/// No row, or a row without containers: whatever is ours goes.
fn unwanted(observed: &InstanceObservation, history: &History, now: Instant, nothing: Rule) -> Decision {
    match &observed.main {
        Some(main) if main.state == ContainerState::Removing => being_removed(main, history, now),
        Some(_) => Decision::act(Rule::Orphan, Action::Remove),
        // The journal of a recreate that the row did not live to see the end of.
        None if history.journal.is_some() => Decision::act(Rule::Orphan, Action::Remove),
        None if nothing == Rule::NoRow && observed.foreign.is_some() => Decision::rest(Rule::Stranger),
        None => Decision::rest(nothing),
    }
}

fn wanted(
    desired: &DesiredContainer,
    observed: &InstanceObservation,
    history: &History,
    now: Instant,
) -> Decision {
    if history.journal.is_some() {
        return Decision::act(Rule::InterruptedRecreate, Action::Replay);
    }
    if let Some(foreign) = &observed.foreign {
        return foreign_name(desired, foreign, history, now);
    }
    let Some(main) = &observed.main else {
        if let Some(decision) = halted(history) {
            return decision;
        }
        // In a crash loop the new one waits for the next try like the one that somebody removed.
        let start = starts(desired, history, now, false) && looping(history).is_none();
        return Decision::act(Rule::Absent, Action::Create { start });
    };
    match main.state {
        ContainerState::Removing => return being_removed(main, history, now),
        ContainerState::Dead => {
            return Decision::act(Rule::Dead, Action::Clear { id: main.id.clone() });
        }
        ContainerState::Created
        | ContainerState::Running
        | ContainerState::Paused
        | ContainerState::Restarting
        | ContainerState::Exited => {}
    }
    if history.misnamed {
        return Decision::act(Rule::Renamed, Action::RenameBack { id: main.id.clone() });
    }
    if !observed.extra.is_empty() {
        return Decision::act(Rule::LeftoverBeside, Action::RemoveExtra);
    }
    if let Some(decision) = halted(history) {
        return decision;
    }
    if let Some(decision) = replaced(desired, main, history, now) {
        return decision;
    }
    if history.unrecorded && main.state_volume.is_some() {
        return Decision::act(Rule::VolumeUnrecorded, Action::RememberVolume);
    }
    powered(desired, main, history, now)
}

/// A halt stands until an operator decides. Whoever asks for a pass may have mended the cause: then the effect is tried
/// once; it looks at the volume before it does anything, and halts again if that has not changed.
fn halted(history: &History) -> Option<Decision> {
    history.halt.as_ref()?;
    match history.request {
        Some(Request::Recover) => Some(Decision::act(Rule::Halted, Action::AcceptLoss)),
        Some(Request::Start | Request::Stop | Request::Restart | Request::Recreate | Request::Adopt)
        | None => (!history.fresh).then(|| Decision::rest(Rule::Halted)),
    }
}

fn foreign_name(
    desired: &DesiredContainer,
    foreign: &ObservedContainer,
    history: &History,
    now: Instant,
) -> Decision {
    match history.request {
        Some(Request::Adopt) => {
            let old = foreign.id.clone();
            let start = starts(desired, history, now, foreign.is_up())
                || (desired.lifecycle() == Lifecycle::Lazy && foreign.is_up());
            Decision::act(
                Rule::AdoptRequested,
                Action::Recreate { old, cause: RecreateCause::Adopted, start },
            )
        }
        Some(Request::Start | Request::Stop | Request::Restart | Request::Recreate | Request::Recover)
        | None => Decision::rest(Rule::NameConflict),
    }
}

fn being_removed(main: &ObservedContainer, history: &History, now: Instant) -> Decision {
    match history.down_since.map(|since| since + REMOVAL_PATIENCE) {
        Some(patience) if now >= patience => {
            Decision::act(Rule::BeingRemoved, Action::Clear { id: main.id.clone() })
        }
        _ => Decision::until(Rule::BeingRemoved, now + TRANSIENT_RECHECK),
    }
}

/// A container of another spec is replaced whatever it does; a lazy one that is awake is awake afterwards.
fn replaced(
    desired: &DesiredContainer,
    main: &ObservedContainer,
    history: &History,
    now: Instant,
) -> Option<Decision> {
    let awake = desired.lifecycle() == Lifecycle::Lazy
        && main.is_up()
        && main.labels.lifecycle.as_deref() == Some(Lifecycle::Lazy.into());
    let start = starts(desired, history, now, main.is_up()) || awake;
    let recreate = |rule, cause| Decision::act(rule, Action::Recreate { old: main.id.clone(), cause, start });
    let drifted = main.labels.spec.as_deref() != Some(desired.spec_hash.as_ref());
    let by_hand = matches!(history.request, Some(Request::Recreate | Request::Restart));
    if drifted && !(history.parked && main.is_up() && !by_hand) {
        return Some(recreate(Rule::Drift, RecreateCause::Drift));
    }
    if let Some(cause) = history.image_due {
        return Some(recreate(Rule::OtherImage, cause));
    }
    match history.request {
        Some(Request::Recreate) => Some(recreate(Rule::RecreateRequested, RecreateCause::Requested)),
        Some(Request::Restart) if start => {
            let reason = StopReason::Requested;
            Some(Decision::act(Rule::RestartRequested, Action::Restart { reason }))
        }
        Some(Request::Start | Request::Stop | Request::Restart | Request::Adopt | Request::Recover)
        | None => None,
    }
}

/// Whether the row, an operator's request, or whoever works with it wants it up now.
fn wants_up(desired: &DesiredContainer, history: &History, now: Instant) -> bool {
    match (desired.lifecycle(), desired.power) {
        (Lifecycle::Hot, Power::On) => true,
        (Lifecycle::Hot, Power::Off) => false,
        (Lifecycle::Lazy, Power::On | Power::Off) => match history.request {
            Some(Request::Start | Request::Restart) => true,
            // A stop waits for whoever works with it, so until then it is kept awake for them.
            Some(Request::Stop) => history.usage.leased,
            Some(Request::Recreate | Request::Adopt | Request::Recover) | None => history.usage.wakes(now),
        },
    }
}

/// Whether what takes the place of a container is to be up. What is parked is as it was.
fn starts(desired: &DesiredContainer, history: &History, now: Instant, was_up: bool) -> bool {
    wants_up(desired, history, now) && (was_up || !history.kept_down())
}

/// The spec matches, or what runs is parked: what remains is up or down.
fn powered(
    desired: &DesiredContainer,
    main: &ObservedContainer,
    history: &History,
    now: Instant,
) -> Decision {
    if desired.lifecycle() == Lifecycle::Lazy && main.restart_policy != RestartPolicy::No {
        return set_policy(main, RestartPolicy::No);
    }
    if desired.lifecycle() == Lifecycle::Lazy && main.is_up() && history.request == Some(Request::Stop) {
        return Decision::act(Rule::StopRequested, Action::Stop { reason: StopReason::Requested });
    }
    if !wants_up(desired, history, now) {
        return match (desired.lifecycle(), main.is_up()) {
            (Lifecycle::Hot, true) => {
                Decision::act(Rule::HeldDown, Action::Stop { reason: StopReason::Requested })
            }
            (Lifecycle::Hot, false) => Decision::rest(Rule::HeldDown),
            (Lifecycle::Lazy, true) => idle(desired, main, history, now),
            (Lifecycle::Lazy, false) => Decision::rest(Rule::LazyAsleep),
        };
    }
    let id = main.id.clone();
    if history.kept_down() {
        return parked(desired, main, history, now);
    }
    match main.state {
        ContainerState::Paused => Decision::act(Rule::Paused, Action::Unpause { id }),
        ContainerState::Restarting if history.crash_loop.is_some() => {
            Decision::act(Rule::CrashLoop, Action::Calm { id })
        }
        ContainerState::Restarting => Decision::until(Rule::Restarting, now + TRANSIENT_RECHECK),
        ContainerState::Running => up(desired, main, history, now),
        ContainerState::Created
        | ContainerState::Exited
        | ContainerState::Dead
        | ContainerState::Removing => down(desired, main, history, now),
    }
}

/// A crash loop, unless somebody starts it by hand.
fn looping(history: &History) -> Option<CrashLoop> {
    history.crash_loop.filter(|_| history.request != Some(Request::Start))
}

/// In a crash loop the policy is `no`, so that docker leaves the tries to us.
fn policy(desired: &DesiredContainer, history: &History) -> RestartPolicy {
    match desired.lifecycle() {
        Lifecycle::Hot if history.crash_loop.is_none() => RestartPolicy::UnlessStopped,
        Lifecycle::Hot | Lifecycle::Lazy => RestartPolicy::No,
    }
}

fn up(desired: &DesiredContainer, main: &ObservedContainer, history: &History, now: Instant) -> Decision {
    let policy = policy(desired, history);
    if main.restart_policy != policy {
        return set_policy(main, policy);
    }
    unwell::tended(stays_up(Rule::AsDesired, desired, history, now), desired, history, now)
}

/// To be up, but parked: nothing starts it, docker's restart policy neither, and nothing stops what runs.
fn parked(desired: &DesiredContainer, main: &ObservedContainer, history: &History, now: Instant) -> Decision {
    match main.state {
        ContainerState::Paused => Decision::act(Rule::Paused, Action::Unpause { id: main.id.clone() }),
        ContainerState::Restarting => Decision::act(Rule::Parked, Action::Calm { id: main.id.clone() }),
        ContainerState::Running
        | ContainerState::Created
        | ContainerState::Exited
        | ContainerState::Dead
        | ContainerState::Removing => match main.restart_policy {
            RestartPolicy::No => stays_up(Rule::Parked, desired, history, now),
            RestartPolicy::UnlessStopped | RestartPolicy::Always | RestartPolicy::OnFailure => {
                set_policy(main, RestartPolicy::No)
            }
        },
    }
}

fn stays_up(rule: Rule, desired: &DesiredContainer, history: &History, now: Instant) -> Decision {
    let lazy_alone = desired.lifecycle() == Lifecycle::Lazy && !history.usage.leased;
    let held = history.usage.held_until.filter(|until| now < *until);
    // A lazy one that is up because somebody asked is left to its idle clock as soon as they have their answer.
    let recheck = held.or_else(|| asleep_at(desired, history).filter(|at| now < *at));
    Decision { recheck: recheck.filter(|_| lazy_alone), ..Decision::rest(rule) }
}

/// The idle clock runs from the last use, or from when it came up. `None`: it is not seen running.
fn asleep_at(desired: &DesiredContainer, history: &History) -> Option<Instant> {
    let up_since = history.up_since?;
    let used = history.usage.last_active.max(history.usage.held_until);
    Some(used.map_or(up_since, |at| at.max(up_since)) + desired.idle_timeout)
}

/// Awake without anybody who needs it.
fn idle(desired: &DesiredContainer, main: &ObservedContainer, history: &History, now: Instant) -> Decision {
    let tended = |left_alone| match main.state {
        // What is parked is left to its idle clock.
        _ if history.parked => left_alone,
        ContainerState::Running => unwell::tended(left_alone, desired, history, now),
        ContainerState::Created
        | ContainerState::Paused
        | ContainerState::Restarting
        | ContainerState::Exited
        | ContainerState::Dead
        | ContainerState::Removing => left_alone,
    };
    match asleep_at(desired, history) {
        None => tended(Decision::rest(Rule::LazyAwake)),
        Some(at) if now < at => tended(Decision::until(Rule::LazyAwake, at)),
        Some(_) => Decision::act(Rule::Idle, Action::Stop { reason: StopReason::Idle }),
    }
}

fn set_policy(main: &ObservedContainer, policy: RestartPolicy) -> Decision {
    Decision::act(Rule::PolicyDiffers, Action::SetPolicy { id: main.id.clone(), policy })
}

fn down(desired: &DesiredContainer, main: &ObservedContainer, history: &History, now: Instant) -> Decision {
    if let Some(crash_loop) = looping(history) {
        if now < crash_loop.next_try {
            return Decision::until(Rule::CrashLoop, crash_loop.next_try);
        }
        return Decision::act(Rule::CrashLoop, Action::Start { id: main.id.clone() });
    }
    let may_restart_itself = desired.lifecycle() == Lifecycle::Hot
        && main.state == ContainerState::Exited
        && main.restart_policy != RestartPolicy::No;
    let grace_ends = history.down_since.map_or(now, |since| since + RESTART_GRACE);
    if may_restart_itself && !history.fresh && now < grace_ends {
        return Decision::until(Rule::RestartGrace, grace_ends);
    }
    Decision::act(Rule::Down, Action::Start { id: main.id.clone() })
}

#[cfg(test)]
mod tests;
