//! How the health of a type's agents is judged, and what is done about one that is not well.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Incarnation, RunCause};

/// What is done about an agent whose checks fail.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HealthAction {
    /// It is told, and nothing else.
    #[default]
    Monitor,
    /// It is restarted, once a second sign agrees.
    Restart,
}

/// How the containers of a type are checked. No part of their spec: a change of it replaces nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthPolicy {
    /// Run in the container; 0 is healthy. Empty: only docker's own HEALTHCHECK counts, where the image has one.
    pub probe: Vec<String>,
    /// From the beginning of one check to that of the next.
    pub interval: Duration,
    /// A probe that takes longer is ended, and has failed.
    pub timeout: Duration,
    /// So many failures in a row are unhealthy.
    pub threshold: u32,
    /// For so long after a start failures do not count, unless it has passed before.
    pub startup: Duration,
    /// It must have printed nothing for so long before it is restarted.
    pub quiet: Duration,
    pub action: HealthAction,
    /// A lease does not keep it from being restarted; a task that runs always does.
    pub under_lease: bool,
}

impl Default for HealthPolicy {
    /// Of a type that says nothing about health: docker's own HEALTHCHECK is told, and nothing is done about it.
    fn default() -> Self {
        Self {
            probe: Vec::new(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            threshold: 3,
            startup: Duration::from_mins(1),
            quiet: Duration::from_mins(1),
            action: HealthAction::Monitor,
            under_lease: false,
        }
    }
}

/// The same as readers are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthPolicyView {
    pub probe: Vec<String>,
    pub interval_s: u64,
    pub timeout_s: u64,
    pub threshold: u32,
    pub startup_s: u64,
    pub quiet_s: u64,
    pub action: HealthAction,
    pub under_lease: bool,
}

impl From<&HealthPolicy> for HealthPolicyView {
    fn from(policy: &HealthPolicy) -> Self {
        let HealthPolicy { probe, interval, timeout, threshold, startup, quiet, action, under_lease } =
            policy;
        Self {
            probe: probe.clone(),
            interval_s: interval.as_secs(),
            timeout_s: timeout.as_secs(),
            threshold: *threshold,
            startup_s: startup.as_secs(),
            quiet_s: quiet.as_secs(),
            action: *action,
            under_lease: *under_lease,
        }
    }
}

/// How many restarts for the sake of health the whole fleet may have: a probe that is wrong is wrong everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthBudget {
    /// Within any window.
    pub restarts: u32,
    pub window: Duration,
}

impl Default for HealthBudget {
    fn default() -> Self {
        Self { restarts: 3, window: Duration::from_mins(10) }
    }
}

/// How one run of a probe ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeEnd {
    pub cause: RunCause,
    pub exit_code: i64,
    /// The last of what it printed, or why it could not be started.
    pub output: String,
}

impl ProbeEnd {
    pub fn passed(&self) -> bool {
        self.cause == RunCause::Exited && self.exit_code == 0
    }
}

/// Whose word it is that an agent is not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HealthSource {
    /// The type's own probe.
    Probe,
    /// Docker's HEALTHCHECK.
    Healthcheck,
}

/// That an agent was told to be unhealthy and has not been healthy since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldUnhealthy {
    /// The life that it was told of.
    pub of: Incarnation,
    pub source: HealthSource,
}

/// Restarts of one agent for the sake of its health, until it has been healthy for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthRestarts {
    pub count: u32,
    pub last: jiff::Timestamp,
}
