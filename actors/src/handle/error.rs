//! Why the fleet may refuse.

use std::time::Duration;

use jiff::Timestamp;

use crate::dispatch::Occupied;
use crate::model::{CatalogError, ClaimTarget, InstanceName, Phase, RolloutId, TaskId};
use crate::plan::PlanError;
use crate::ports::{LeaseError, RuntimeError, StoreError};

/// Why the fleet does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("there is no agent {0}")]
    NotFound(InstanceName),
    #[error("there is already an agent {0}")]
    AlreadyExists(InstanceName),
    #[error("agent {name} is at generation {current}, not {expected}: read it again and repeat the change")]
    GenerationMismatch { name: InstanceName, expected: u64, current: u64 },
    #[error(transparent)]
    Invalid(#[from] CatalogError),
    /// The request makes no sense in the present state; `help` says what to do instead.
    #[error("{reason}")]
    Denied { reason: String, help: String },
    /// A mailbox is full, or the instance is being restarted: try again shortly.
    #[error("{0} is busy")]
    Busy(String),
    /// Everybody who could take it is occupied.
    #[error("{target} is not to be had: {}", occupied.iter().map(|o| format!("{}: {}", o.instance, o.reason)).collect::<Vec<_>>().join("; "))]
    NobodyFree {
        target: ClaimTarget,
        waited: Duration,
        occupied: Vec<Occupied>,
        /// When the first lease ends unless it is renewed, if any is known to end.
        free_in: Option<Duration>,
    },
    /// All that could take it are parked, for longer than the caller waits.
    #[error("{target} is not to be had: {}", occupied.iter().map(|o| format!("{}: {}", o.instance, o.reason)).collect::<Vec<_>>().join("; "))]
    Parked {
        target: ClaimTarget,
        occupied: Vec<Occupied>,
        /// When the first of them is reopened, if any has an end.
        retry_at: Option<Timestamp>,
        /// How long that is from now.
        retry_in: Option<Duration>,
    },
    /// It was claimed but does not run in time; its start goes on.
    #[error("{instance} does not run yet, it is {phase}: {pending}")]
    NotAwake { instance: InstanceName, phase: Phase, pending: String },
    #[error(transparent)]
    Lease(LeaseError),
    /// An idempotency key stands for one task, and this one is another.
    #[error("the idempotency key is the one of the task {task}, which differs in {}", differs.join(", "))]
    KeyReused { task: TaskId, differs: Vec<&'static str> },
    #[error("there is no task {0}")]
    NoTask(TaskId),
    #[error("there is no rollout {0}")]
    NoRollout(RolloutId),
    /// One that may be about the same agents has not ended.
    #[error("the rollout {0} is under way: wait for its end, or abort it")]
    RolloutUnderWay(RolloutId),
    #[error("the supervisor is stopping")]
    Stopping,
    /// Nothing is reconciled at present: the database is suspect.
    #[error("the supervisor is suspended: {0}")]
    Suspended(String),
    #[error(transparent)]
    Store(StoreError),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

impl From<StoreError> for FleetError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::AlreadyExists(name) => Self::AlreadyExists(name),
            StoreError::NotFound(name) => Self::NotFound(name),
            StoreError::GenerationMismatch { name, expected, current } => {
                Self::GenerationMismatch { name, expected, current }
            }
            StoreError::Replaced { detail } => Self::Suspended(detail),
            StoreError::Failed { .. } => Self::Store(error),
        }
    }
}

impl From<LeaseError> for FleetError {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Store(error) => error.into(),
            LeaseError::Unknown(_) | LeaseError::Stale { .. } => Self::Lease(error),
        }
    }
}

impl From<PlanError> for FleetError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Runtime(error) => Self::Runtime(error),
            PlanError::Store(error) => error.into(),
        }
    }
}
