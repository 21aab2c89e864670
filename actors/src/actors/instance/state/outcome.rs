//! What an effect's end means: what is remembered, what is told, when it is tried again.

use serde_json::json;

use super::{Busy, Failure, Now, State};
use crate::decide::{Action, Halt, RecreateCause};
use crate::effects::{EffectError, EffectResult, Subject};
use crate::model::{Desired, EventKind, InstanceMemory, NewEvent, Outcome};
use crate::ports::RecreateStep;

impl State {
    /// An effect has ended: takes over what it learned, and says what happened.
    pub(in crate::actors::instance) fn effect_done(
        &mut self,
        subject: Subject,
        result: &EffectResult,
        now: Now,
        jitter: f64,
    ) -> Vec<NewEvent> {
        let Some(Busy::Acting(action)) = self.busy.take() else { return Vec::new() };
        self.effect_ended = Some(now.mono);
        self.acted = result.is_ok().then(|| action.clone());
        let finished_replay =
            self.history.journal.as_ref().is_some_and(|journal| journal.step == RecreateStep::Verified);
        // It may have been set, or lifted, while the effect was under way.
        let pin = self.memory.pin.take();
        self.memory = InstanceMemory { pin, ..subject.memory };
        self.history.journal = subject.journal;
        // What was written into an earlier row of this name does not stand in this one.
        if let Some(row) = self.row.as_mut().filter(|row| Some(row.created_at) == self.acted_for) {
            row.volume = subject.volume;
        }
        if matches!(action, Action::Start { .. }) {
            self.history.tried(now.mono);
        }
        let mut events = Vec::new();
        match result {
            Ok(()) => self.worked(&action, finished_replay, now, &mut events),
            Err(error) => self.failed(&action, error, now, jitter, &mut events),
        }
        events
    }

    /// An effect is let loose.
    pub(in crate::actors::instance) fn acts(&mut self, action: Action) {
        self.acted_on = self.asked;
        self.acted_for = self.row.as_ref().map(|row| row.created_at);
        self.busy = Some(Busy::Acting(action));
    }

    /// Somebody asked for something since the effect in flight was decided.
    fn asked_since(&self) -> bool {
        self.asked != self.acted_on
    }

    fn worked(&mut self, action: &Action, finished_replay: bool, now: Now, events: &mut Vec<NewEvent>) {
        self.history.worked();
        self.failure = None;
        let asked_since = self.asked_since();
        if self.history.request.take_if(|request| !asked_since && action.fulfils(*request)).is_some() {
            self.memory.pending = None;
        }
        let made = |state: &Self, kind: EventKind, cause: &str| {
            let image = match &state.desired {
                Desired::Container(desired) => Some(desired.spec.image.clone()),
                Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
            };
            let data = json!({ "container": state.memory.container, "image": image });
            state.event(kind, now).cause(cause).data(data)
        };
        let mut outcome = action.outcome();
        match action {
            Action::Create { .. } => {
                self.history.halt = None;
                self.meaning = None;
                let missing = self.missing.take();
                let (kind, cause) = match missing {
                    Some(_) => (EventKind::ContainerRecreated, "missing"),
                    None => (EventKind::ContainerCreated, "absent"),
                };
                events.push(made(self, kind, cause).caused_by(missing));
            }
            Action::Recreate { cause, .. } => {
                self.history.halt = None;
                self.meaning = None;
                events.push(made(self, EventKind::ContainerRecreated, &cause.to_string()));
            }
            Action::Replay if finished_replay => {
                events.push(made(self, EventKind::ContainerRecreated, &RecreateCause::Drift.to_string()));
            }
            Action::Replay => outcome = Outcome::Unchanged,
            Action::Remove => {
                self.missing = None;
                events.push(self.event(EventKind::ContainerRemoved, now).cause("no_row"));
            }
            Action::AcceptLoss => {
                self.history.halt = None;
            }
            Action::None
            | Action::LookAgain
            | Action::Start { .. }
            | Action::Unpause { .. }
            | Action::Stop { .. }
            | Action::Restart { .. }
            | Action::Clear { .. }
            | Action::RemoveExtra
            | Action::RenameBack { .. }
            | Action::SetPolicy { .. }
            | Action::RememberVolume
            | Action::Calm { .. } => {}
        }
        // What was created and then started was created.
        if outcome != Outcome::Unchanged && self.episode.outcome.is_none() {
            self.episode.outcome = Some(outcome);
        }
    }

    fn failed(
        &mut self,
        action: &Action,
        error: &EffectError,
        now: Now,
        jitter: f64,
        events: &mut Vec<NewEvent>,
    ) {
        let text = error.to_string();
        log::warn!(instance = self.name.as_ref(), action = action.name(); "{text}");
        self.episode.failure = Some(text.clone());
        self.note_trial(action, error);
        // Whatever failed, an explicit pass does not try it a second time.
        self.history.fresh &= self.asked_since();
        if let EffectError::Halted(halt) = error {
            let known = self.history.halt.replace(halt.clone()).is_some_and(|before| before == *halt);
            let (kind, cause) = match halt {
                Halt::StateLost { .. } => (EventKind::StateLost, "volume"),
                Halt::VolumeConflict { .. } => (EventKind::NameConflict, "foreign_volume"),
            };
            if !known {
                events.push(self.event(kind, now).cause(cause).detail(text));
            }
            return;
        }
        self.history.failed(now.mono, jitter);
        let next_retry_at = self.history.retry_at(now.mono).map(|at| now.wall_at(at));
        let attempt = self.history.backoff.as_ref().map_or(0, |backoff| backoff.attempt);
        let kind = match action {
            Action::Recreate { .. } | Action::Replay => EventKind::ContainerRecreateFailed,
            Action::Create { .. } if self.missing.is_some() => EventKind::ContainerRecreateFailed,
            Action::None
            | Action::LookAgain
            | Action::Create { .. }
            | Action::Start { .. }
            | Action::Unpause { .. }
            | Action::Stop { .. }
            | Action::Restart { .. }
            | Action::Remove
            | Action::Clear { .. }
            | Action::RemoveExtra
            | Action::RenameBack { .. }
            | Action::SetPolicy { .. }
            | Action::Calm { .. }
            | Action::RememberVolume
            | Action::AcceptLoss => EventKind::ContainerFailed,
        };
        let word = match error {
            EffectError::Runtime(error) => error.word(),
            EffectError::Store(_) => "store",
            EffectError::NotVerified(_) => "not_verified",
            EffectError::VolumeInUse { .. } => "volume_in_use",
            EffectError::Refused(_) | EffectError::Halted(_) => "refused",
            EffectError::Deadline(_) => "timeout",
            EffectError::Panicked => "panic",
        };
        events.push(
            self.event(kind, now)
                .cause(word)
                .detail(text.clone())
                .data(json!({ "action": action.name(), "attempt": attempt, "next_retry_at": next_retry_at }))
                .caused_by(self.missing),
        );
        self.failure = Some(Failure { text, next_retry_at });
    }
}
