//! What an instance uses of what it may use.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DiskState, Limits};

/// What an instance can run against.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Wall {
    /// The kernel kills.
    Memory,
    /// It only gets slower.
    Cpu,
    /// No further process or thread begins.
    Pids,
    /// Of the state volume: nothing more can be written.
    Disk,
    /// What its type allows its state to take: nothing happens there.
    State,
}

/// What an instance used when it was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    pub at: Timestamp,
    /// Thousandths of a processor.
    pub milli_cpus: u64,
    /// Without what the kernel only caches.
    pub memory_bytes: u64,
    /// Its own limit, else the memory of the host.
    pub memory_limit_bytes: u64,
    /// Processes and threads.
    pub pids: u64,
    /// How often the kernel refused it a process at its limit, where that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids_refused: Option<u64>,
    pub limits: Limits,
    /// Of the disk that its state volume is on, where that can be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskState>,
    /// Of its state, where its type says how much that should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateSize>,
}

/// What the files of a state volume take, measured seldom, and what they should not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateSize {
    /// `None`: not measured yet, or it cannot be.
    pub bytes: Option<u64>,
    pub limit_bytes: u64,
}
