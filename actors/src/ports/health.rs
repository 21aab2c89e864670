//! The port to the health of containers.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::RuntimeError;
use crate::model::{ContainerId, ProbeEnd};

/// A probe, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRequest {
    pub argv: Vec<String>,
    pub timeout: Duration,
}

/// What is asked of a running container to judge it.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::runs`:
/// - A probe that takes too long is ended inside the container, with all that it began, also if nobody waits for it any more.
///   What it left behind is ended too when it passes.
/// - A failure of docker is an error, never the end of a probe.
#[async_trait]
pub trait HealthRuntime: Debug + Send + Sync {
    /// Runs a probe to its end in a running container.
    async fn probe(&self, container: &ContainerId, request: &ProbeRequest) -> Result<ProbeEnd, RuntimeError>;

    /// When the container last printed something, by the engine's clock; `None`: never.
    async fn last_output(&self, container: &ContainerId) -> Result<Option<Timestamp>, RuntimeError>;
}
