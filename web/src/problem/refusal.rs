//! The one place where the fleet's errors become HTTP.

use std::time::Duration;

use actix_web::http::header::{self, HeaderValue};
use claude_hooks_actors::handle::{FleetError, LeaseError, RuntimeError, StoreError};
use claude_hooks_actors::model::{CatalogError, InstanceName};
use serde_json::json;

use super::{Problem, ProblemKind};

/// Seconds in `Retry-After` when a mailbox was full: a round of work is about that long.
const RETRY_BUSY_S: u16 = 2;
/// Seconds in `Retry-After` when everybody is occupied and nobody knows how long: a lease that is not renewed lasts about
/// that long.
const RETRY_FREE_S: u16 = 15;
/// Seconds in `Retry-After` when the whole supervisor cannot serve.
const RETRY_LATER_S: u16 = 10;

/// Most seconds in `Retry-After` when everybody is occupied: what is given back early is not to be missed by more.
const RETRY_FREE_MOST_S: u64 = 60;

/// Seconds in `Retry-After` when nobody knows when what is parked is reopened.
const RETRY_REOPENED_S: u16 = 60;

/// The first whole second by which it is reopened, as far as the header counts; `retry_at` says it exactly.
fn until_reopened(left: Duration) -> u16 {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    u16::try_from(seconds.max(1)).unwrap_or(u16::MAX)
}

/// The first whole second by which a lease may have ended.
fn until_free(left: Duration) -> u16 {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    u16::try_from(seconds.clamp(1, RETRY_FREE_MOST_S)).unwrap_or(RETRY_FREE_S)
}

impl From<FleetError> for Problem {
    fn from(error: FleetError) -> Self {
        let text = error.to_string();
        match error {
            FleetError::NotFound(_) => Self::new(ProblemKind::AgentNotFound, text),
            FleetError::AlreadyExists(_) => Self::new(ProblemKind::AgentExists, text).field("name"),
            FleetError::GenerationMismatch { name, expected, current } => {
                generation_mismatch(&name, Some(expected), current)
            }
            FleetError::Invalid(error) => error.into(),
            FleetError::Denied { reason, help } => Self::new(ProblemKind::Denied, reason).help(help),
            FleetError::Busy(_) => Self::new(ProblemKind::Busy, text).retry_after(RETRY_BUSY_S),
            FleetError::NobodyFree { occupied, free_in, .. } => Self::new(ProblemKind::NobodyFree, text)
                .with("occupied", json!(occupied))
                .retry_after(free_in.map_or(RETRY_FREE_S, until_free)),
            FleetError::Parked { occupied, retry_at, retry_in, .. } => Self::new(ProblemKind::Parked, text)
                .with("occupied", json!(occupied))
                .with("retry_at", json!(retry_at))
                .retry_after(retry_in.map_or(RETRY_REOPENED_S, until_reopened)),
            FleetError::NotAwake { instance, phase, .. } => Self::new(ProblemKind::NotAwake, text)
                .with("instance", instance.to_string())
                .with("phase", phase.to_string()),
            FleetError::Lease(error) => error.into(),
            FleetError::KeyReused { task, differs } => Self::new(ProblemKind::KeyReused, text)
                .field("idempotency_key")
                .with("task", task.to_string())
                .with("differs", json!(differs)),
            FleetError::NoTask(_) => Self::new(ProblemKind::TaskNotFound, text),
            FleetError::NoRollout(_) => Self::new(ProblemKind::RolloutNotFound, text),
            FleetError::RolloutUnderWay(id) => {
                Self::new(ProblemKind::RolloutUnderWay, text).with("rollout", id.to_string())
            }
            FleetError::Stopping => Self::new(ProblemKind::Stopping, text).retry_after(RETRY_LATER_S),
            FleetError::Suspended(_) => Self::new(ProblemKind::Suspended, text)
                .help("look at the supervisor's log: nothing is touched until the database is trusted again")
                .retry_after(RETRY_LATER_S),
            FleetError::Store(error) => error.into(),
            FleetError::Runtime(error) => error.into(),
        }
    }
}

impl From<LeaseError> for Problem {
    fn from(error: LeaseError) -> Self {
        let text = error.to_string();
        match error {
            LeaseError::Unknown(_) => Self::new(ProblemKind::LeaseNotFound, text),
            LeaseError::Stale { .. } => Self::new(ProblemKind::LeaseStale, text).field("Lease-Fence"),
            LeaseError::Store(error) => error.into(),
        }
    }
}

/// A change of a generation that is no longer there. `expected` is absent where several would have done.
pub(crate) fn generation_mismatch(name: &InstanceName, expected: Option<u64>, current: u64) -> Problem {
    let expected = expected.map(|e| format!(", not {e}")).unwrap_or_default();
    Problem::new(
        ProblemKind::GenerationMismatch,
        format!("agent {name} is at generation {current}{expected}"),
    )
    .field("If-Match")
    .with("current_generation", current)
}

impl From<CatalogError> for Problem {
    fn from(error: CatalogError) -> Self {
        let text = error.to_string();
        match error {
            CatalogError::UnknownType { known, nearest, .. } => {
                let help = nearest.as_ref().map_or_else(
                    || "declare the type in agents.json, or use one of those in `known`".to_owned(),
                    |nearest| format!("did you mean {nearest:?}?"),
                );
                let problem = Self::new(ProblemKind::UnknownType, text).field("type").help(help);
                let problem = problem.with("known", known);
                match nearest {
                    Some(nearest) => problem.with("nearest", nearest),
                    None => problem,
                }
            }
            CatalogError::BadValue { field, .. } => Self::new(ProblemKind::InvalidValue, text).field(field),
            CatalogError::Mount(error) => Self::new(ProblemKind::MountRefused, error.to_string())
                .field("mounts")
                .help("mounts come from agents.json; through the API only from under the roots in [fleet] mount_roots"),
            CatalogError::HostMode(..) => Self::new(ProblemKind::HostMode, text),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::AlreadyExists(name) => FleetError::AlreadyExists(name).into(),
            StoreError::NotFound(name) => FleetError::NotFound(name).into(),
            StoreError::GenerationMismatch { name, expected, current } => {
                generation_mismatch(&name, Some(expected), current)
            }
            StoreError::Replaced { .. } => {
                Self::new(ProblemKind::DatabaseReplaced, text).retry_after(RETRY_LATER_S)
            }
            StoreError::Failed { .. } => Self::new(ProblemKind::Database, text),
        }
    }
}

impl From<RuntimeError> for Problem {
    fn from(error: RuntimeError) -> Self {
        let text = error.to_string();
        let kind = match &error {
            RuntimeError::Unreachable { .. } => ProblemKind::DockerUnreachable,
            RuntimeError::Permission { .. } => ProblemKind::DockerPermission,
            RuntimeError::NotFound { .. } => ProblemKind::ContainerNotFound,
            RuntimeError::Conflict { .. } => ProblemKind::DockerConflict,
            RuntimeError::NoSuchImage { .. } => ProblemKind::NoSuchImage,
            RuntimeError::NoSpace { .. } => ProblemKind::NoSpace,
            RuntimeError::Timeout { .. } => ProblemKind::DockerTimeout,
            RuntimeError::Refused { .. } => ProblemKind::Refused,
            RuntimeError::Garbled { .. } | RuntimeError::Other { .. } => ProblemKind::DockerFailed,
        };
        let problem = Self::new(kind, text).with("cause", error.word());
        if error.is_outage() { problem.retry_after(RETRY_LATER_S) } else { problem }
    }
}

impl Problem {
    /// When it is worth asking again.
    #[must_use]
    pub(crate) fn retry_after(self, seconds: u16) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }
}
