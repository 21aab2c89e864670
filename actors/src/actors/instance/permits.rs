//! What bounds the work on docker.

use tokio::sync::Semaphore;

use crate::decide::Action;
use crate::health::HealthRestartBudget;
use crate::model::HealthBudget;

/// How many effects may run at once in the whole fleet.
#[derive(Debug)]
pub(crate) struct Permits {
    work: Semaphore,
    /// Stops mostly wait for the container; they must not keep starts from happening.
    stops: Semaphore,
    /// Checks are many and short, and must neither hold up the work nor wait for it.
    checks: Semaphore,
    restarts: HealthRestartBudget,
}

impl Permits {
    pub(crate) fn new(parallel: usize, restarts: HealthBudget) -> Self {
        Self {
            work: Semaphore::new(parallel),
            stops: Semaphore::new(parallel * 4),
            checks: Semaphore::new(parallel),
            restarts: HealthRestartBudget::new(restarts),
        }
    }

    /// How many health checks may run at once in the whole fleet.
    pub(super) fn checks(&self) -> &Semaphore {
        &self.checks
    }

    /// How many restarts they may lead to.
    pub(super) fn restarts(&self) -> &HealthRestartBudget {
        &self.restarts
    }

    pub(super) fn of(&self, action: &Action) -> &Semaphore {
        match action {
            Action::Stop { .. }
            | Action::Restart { .. }
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
