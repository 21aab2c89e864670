//! Why the fleet may refuse.

use crate::model::{CatalogError, InstanceName};
use crate::plan::PlanError;
use crate::ports::{RuntimeError, StoreError};

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

impl From<PlanError> for FleetError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Runtime(error) => Self::Runtime(error),
            PlanError::Store(error) => error.into(),
        }
    }
}
