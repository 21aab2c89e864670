//! Who needs the instance, and what is told of a lazy one that wakes and falls asleep.

use super::{Now, State};
use crate::actors::messages::InUse;
use crate::decide::{Action, Decision, Request, Rule};
use crate::model::{Desired, EventKind, Lifecycle, NewEvent, ObservedContainer};
use crate::tasks::task_of;

impl State {
    /// Somebody begins or ceases to need it.
    pub(in crate::actors::instance) fn set_use(&mut self, in_use: InUse, now: Now) -> Option<NewEvent> {
        let before = self.history.usage;
        let was_needed = before.wakes(now.mono) && !self.history.parked;
        let usage = &mut self.history.usage;
        usage.leased = in_use.lease.is_some() || in_use.task.is_some();
        usage.working =
            in_use.task.is_some() || in_use.lease.as_ref().is_some_and(|l| task_of(&l.holder).is_some());
        usage.held_until = in_use.hold.map(|(until, _)| until);
        if before.wakes(now.mono) || usage.wakes(now.mono) {
            usage.last_active = Some(now.mono);
        }
        if usage.held_until != before.held_until && usage.held_until.is_some() {
            // The later wish counts.
            self.history.request.take_if(|request| *request == Request::Stop);
        }
        self.history.parked = in_use.parked.is_some();
        let begins = !was_needed && usage.wakes(now.mono) && in_use.parked.is_none();
        self.in_use = in_use;
        let asleep =
            self.observed.as_ref().is_some_and(|o| !o.main.as_ref().is_some_and(ObservedContainer::is_up));
        let holder = self.in_use.lease.as_ref().map(|lease| lease.holder.clone());
        let event = self.lazy_event(EventKind::InstanceWaking, now).filter(|_| begins && asleep)?;
        let event = event.cause(if holder.is_some() { "lease" } else { "hold" });
        Some(match holder {
            Some(holder) => event.detail(format!("{holder} needs it")),
            None => event,
        })
    }

    /// An event that is only told of lazy instances: a hot one runs anyway.
    pub(super) fn lazy_event(&self, kind: EventKind, now: Now) -> Option<NewEvent> {
        let lazy = matches!(self.desired, Desired::Container(_)) && self.lifecycle() == Lifecycle::Lazy;
        lazy.then(|| self.event(kind, now))
    }

    /// What is told when an effect is let loose.
    pub(in crate::actors::instance) fn begins(&self, decision: &Decision, now: Now) -> Vec<NewEvent> {
        let told: &[EventKind] = match &decision.action {
            Action::Start { .. } | Action::Unpause { .. } | Action::Create { start: true } => {
                &[EventKind::InstanceStarting]
            }
            Action::Stop { .. } if decision.rule == Rule::Idle => {
                &[EventKind::InstanceIdle, EventKind::InstanceStopping]
            }
            Action::Stop { .. } => &[EventKind::InstanceStopping],
            Action::Restart { .. } => &[EventKind::InstanceStopping, EventKind::InstanceStarting],
            Action::None
            | Action::LookAgain
            | Action::Create { start: false }
            | Action::Recreate { .. }
            | Action::Remove
            | Action::Clear { .. }
            | Action::RemoveExtra
            | Action::RenameBack { .. }
            | Action::SetPolicy { .. }
            | Action::Calm { .. }
            | Action::Replay
            | Action::RememberVolume
            | Action::AcceptLoss => &[],
        };
        told.iter().filter_map(|kind| self.lazy_event(*kind, now)).collect()
    }
}
