//! What an operator asked for and somebody's work holds up: it is stored before it is answered, and outlives the daemon.

use super::State;
use crate::decide::{Request, Rule};
use crate::model::{InstanceMemory, ObservedContainer, PendingKind, PendingRequest};

/// What was asked for before the daemon started.
pub(super) fn request(memory: &InstanceMemory) -> Option<Request> {
    memory.pending.as_ref().map(PendingRequest::request)
}

impl PendingRequest {
    fn request(&self) -> Request {
        match self.what {
            PendingKind::Restart => Request::Restart,
            PendingKind::Recreate => Request::Recreate,
        }
    }
}

impl State {
    /// Notes what waits until nobody works with the instance any more, and strikes out what does not wait any longer.
    pub(in crate::actors::instance) fn note_pending(&mut self) {
        let what = match self.history.request {
            Some(Request::Restart) => PendingKind::Restart,
            Some(Request::Recreate) => PendingKind::Recreate,
            Some(Request::Start | Request::Stop | Request::Adopt | Request::Recover) | None => {
                self.memory.pending = None;
                return;
            }
        };
        if self.rests_by(Rule::Draining) {
            let main = self.observed.as_ref().and_then(|observed| observed.main.as_ref());
            let of = main.map(ObservedContainer::incarnation);
            self.memory.pending = of.map(|of| PendingRequest { what, of });
        }
    }

    /// Whether what an operator asked for is kept although nothing is done about it now.
    pub(super) fn keeps_request(&self) -> bool {
        // While nothing can be known or done, what was promised stands.
        let promised = self.memory.pending.is_some()
            && (self.rests_by(Rule::DockerUnknown) || self.rests_by(Rule::Suspended));
        promised || self.rests_by(Rule::Draining)
    }

    fn rests_by(&self, rule: Rule) -> bool {
        self.decision.as_ref().is_some_and(|decision| decision.rule == rule)
    }

    /// The life that it was asked of is over: another one is what was asked for.
    pub(super) fn outlives_pending(&mut self) {
        let main = self.observed.as_ref().and_then(|observed| observed.main.as_ref());
        let (Some(pending), Some(main)) = (&self.memory.pending, main) else { return };
        let is_done = match pending.what {
            PendingKind::Restart => pending.of != main.incarnation(),
            PendingKind::Recreate => pending.of.container != main.id,
        };
        if is_done {
            let done = pending.request();
            self.history.request.take_if(|request| *request == done);
            self.memory.pending = None;
        }
    }

    /// What was asked for waits, but could not be stored.
    pub(in crate::actors::instance) fn cannot_keep(&mut self) {
        let text = "it waits until nobody works with the agent, but cannot be stored: a restart of the supervisor forgets it";
        self.episode.failure.get_or_insert_with(|| text.to_owned());
    }
}
