//! What is done about one that runs as it should and is not well.
//!
//! A failing check alone restarts nothing: nobody may work with it, it must have printed nothing for a while, and the
//! fleet's budget must have room. Only those come here that are to be up and run; whoever is held down, asleep or laid
//! aside does not.

use std::time::Duration;

use tokio::time::Instant;

use super::{Action, Decision, History, Rule};
use crate::model::{DesiredContainer, HealthAction, Lifecycle, StopReason};

/// How old the check may be because of which something is restarted.
const FRESH: Duration = Duration::from_secs(5);

/// That the checks of the present life fail, and what speaks for and against a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illness {
    /// When a check last found it so.
    pub confirmed: Option<Instant>,
    /// Since when it is known to print nothing; `None`: nobody could say.
    pub silent_since: Option<Instant>,
    /// It was restarted for this before, and is left alone until then.
    pub pause_until: Option<Instant>,
    /// When the fleet's budget has room for it.
    pub turn: Option<Instant>,
}

/// What becomes of the decision to leave it alone, where it is not well.
pub(super) fn tended(
    left_alone: Decision,
    desired: &DesiredContainer,
    history: &History,
    now: Instant,
) -> Decision {
    let Some(illness) = &history.illness else { return left_alone };
    if let Some((rule, until)) = waits(desired, illness, history, now) {
        // Its idle clock runs on.
        let recheck = until.into_iter().chain(left_alone.recheck).min();
        return Decision { recheck, ..Decision::rest(rule) };
    }
    let needed = desired.lifecycle() == Lifecycle::Hot || history.usage.wakes(now);
    let reason = StopReason::Unhealthy;
    // For one that nobody needs sleep is as good: its next wake is a start.
    let action = if needed { Action::Restart { reason } } else { Action::Stop { reason } };
    Decision::act(Rule::Unhealthy, action)
}

/// Why it is not restarted now, and when time alone may change that.
fn waits(
    desired: &DesiredContainer,
    illness: &Illness,
    history: &History,
    now: Instant,
) -> Option<(Rule, Option<Instant>)> {
    let (policy, usage) = (&desired.health, &history.usage);
    let later = |at: Option<Instant>| at.filter(|at| now < *at);
    match policy.action {
        HealthAction::Monitor => return Some((Rule::UnhealthyTold, None)),
        HealthAction::Restart => {}
    }
    if usage.working || usage.leased && !policy.under_lease {
        return Some((Rule::UnhealthyInUse, None));
    }
    if let Some(at) = later(illness.pause_until) {
        return Some((Rule::UnhealthyPause, Some(at)));
    }
    if !policy.quiet.is_zero() {
        let Some(since) = illness.silent_since else { return Some((Rule::UnhealthyUnconfirmed, None)) };
        if now < since + policy.quiet {
            return Some((Rule::UnhealthyPrints, None));
        }
    }
    if let Some(at) = later(illness.turn) {
        return Some((Rule::UnhealthyBudget, Some(at)));
    }
    // What was found a while ago may have changed: the next check decides.
    let fresh = illness.confirmed.is_some_and(|at| now.duration_since(at) <= FRESH);
    (!fresh).then_some((Rule::UnhealthyUnconfirmed, None))
}
