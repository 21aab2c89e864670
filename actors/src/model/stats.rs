//! What containers use of the machine.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ContainerId, Incarnation, InstanceName, TypeName};

/// What one running container uses, as docker measured it.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerStats {
    pub container: ContainerId,
    /// 100 is one processor.
    pub cpu_percent: f64,
    /// Without what the kernel only caches; as exact as docker prints it.
    pub memory_bytes: u64,
    /// Its own limit, else the memory of the host.
    pub memory_limit_bytes: u64,
    pub pids: u64,
    /// How often the kernel refused it a process at its limit; `None` where that cannot be read.
    pub pids_refused: Option<u64>,
}

/// What one instance uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InstanceStats {
    pub instance: InstanceName,
    #[serde(rename = "type")]
    pub agent_type: TypeName,
    /// 100 is one processor.
    pub cpu_percent: f64,
    /// `None`: no limit but the host's.
    #[serde(default)]
    pub cpu_limit_percent: Option<f64>,
    pub memory_bytes: u64,
    pub memory_limit_bytes: u64,
    pub pids: u64,
    /// `None`: no limit of its own.
    #[serde(default)]
    pub pids_limit: Option<u64>,
    /// How often the kernel refused it a process at its limit; `None` where that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids_refused: Option<u64>,
    /// The life that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incarnation: Option<Incarnation>,
}

/// One sample of the fleet. Whoever has no running container is not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FleetStats {
    pub at: Timestamp,
    /// By instance.
    pub items: Vec<InstanceStats>,
}
