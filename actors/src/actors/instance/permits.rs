//! What bounds the work on docker.

use tokio::sync::Semaphore;

use crate::decide::Action;

/// How many effects may run at once in the whole fleet.
#[derive(Debug)]
pub(crate) struct Permits {
    work: Semaphore,
    /// Stops mostly wait for the container; they must not keep starts from happening.
    stops: Semaphore,
}

impl Permits {
    pub(crate) fn new(parallel: usize) -> Self {
        Self { work: Semaphore::new(parallel), stops: Semaphore::new(parallel * 4) }
    }

    pub(super) fn of(&self, action: &Action) -> &Semaphore {
        match action {
            Action::Stop { .. }
            | Action::Restart
            | Action::Remove
            | Action::RemoveExtra
            | Action::Calm { .. } => &self.stops,
            Action::None
            | Action::LookAgain
            | Action::Create { .. }
            | Action::Start { .. }
            | Action::Unpause { .. }
            | Action::Recreate { .. }
            | Action::Clear { .. }
            | Action::RenameBack { .. }
            | Action::SetPolicy { .. }
            | Action::Replay
            | Action::RememberVolume
            | Action::AcceptLoss => &self.work,
        }
    }
}
