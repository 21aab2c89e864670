//! One row of `agents`, and what is remembered of its instance.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ContainerId, HealthRestarts, Incarnation, InstanceName, Lifecycle, Limits, Mount, Pin, TaskId,
    ToldUnhealthy, TypeName, Usage, Wall,
};

/// What a row says differently from its type. Absent fields follow the type, also when the type changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    pub lifecycle: Option<Lifecycle>,
    pub image: Option<String>,
    pub command: Option<Vec<String>>,
    /// Added to the type's environment; the same key wins over the type's.
    pub env: BTreeMap<String, String>,
    /// Added to the type's mounts.
    pub mounts: Vec<Mount>,
    pub network: Option<String>,
    pub limits: Limits,
}

/// Whether a hot instance is to run: a manual `stop` holds it down until `start`.
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
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Power {
    #[default]
    On,
    Off,
}

/// The state volume that a row had once; another one, or none, is `state_lost`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VolumeRecord {
    /// Written before the volume is made: a volume that is missing or has no owner yet is not a loss.
    Pending { uuid: String },
    /// Made by us, handed to the type's user.
    Ours { uuid: String },
    /// Adopted from an operator; it has no label of ours and is known by its name. The creation time is for people:
    /// docker 20.10 moves it with every write at the top of the volume.
    Adopted { name: String, created_at: String },
}

impl VolumeRecord {
    /// What tells this volume from every other one of the instance.
    pub fn identity(&self) -> &str {
        match self {
            Self::Pending { uuid } | Self::Ours { uuid } => uuid,
            Self::Adopted { name, .. } => name,
        }
    }
}

/// One row of `agents`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    pub name: InstanceName,
    pub agent_type: TypeName,
    pub overrides: Overrides,
    pub power: Power,
    /// Raised by every change of the row; the ETag of the REST API.
    pub generation: u64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub volume: Option<VolumeRecord>,
    /// Why the row as it stands cannot be understood, if so: somebody wrote it by hand. The other fields then hold what
    /// could be read, and the row resolves to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// A row to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAgent {
    pub name: InstanceName,
    pub agent_type: TypeName,
    pub overrides: Overrides,
}

/// What a change of a row replaces; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChange {
    pub overrides: Option<Overrides>,
    pub power: Option<Power>,
}

/// Why we stopped a container ourselves.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StopReason {
    /// An operator's `stop` or `restart`.
    Requested,
    /// A lazy one had no work for its idle time.
    Idle,
    /// The row is gone, or its type has no containers.
    Removed,
    /// A recreate replaces the container.
    Recreated,
    /// A crash loop is being calmed.
    CrashLoop,
    /// Its health checks fail.
    Unhealthy,
}

/// Recorded before every stop of ours, so that its exit code is not taken for a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopIntent {
    pub incarnation: Incarnation,
    pub reason: StopReason,
    pub at: Timestamp,
}

/// Who or what ended an incarnation.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StopCause {
    /// By us, with a recorded intent.
    Requested,
    /// The process ended with code 0.
    Exited,
    /// The process ended with another code.
    Crashed,
    /// The kernel killed it for memory.
    Oom,
    /// 137 or 143 without an intent of ours: somebody's `docker stop` or `docker kill`, or dockerd went away.
    Killed,
    /// By us, because its health checks failed.
    Unhealthy,
    /// Docker could not start it.
    StartFailed,
    /// The container itself vanished.
    Vanished,
}

/// The end of the last incarnation that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastStop {
    pub incarnation: Incarnation,
    pub at: Timestamp,
    pub cause: StopCause,
    pub exit_code: Option<i64>,
    pub detail: Option<String>,
    /// What could be saved of it, if nobody asked for it to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capsule: Option<Capsule>,
}

/// Saved when a container ended unasked, before docker could start it anew or remove it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capsule {
    /// The last lines that it printed; empty if it printed nothing or is gone.
    pub log_tail: String,
    /// Docker says that the kernel killed it for memory.
    pub oom_killed: bool,
    /// The task that ran in it.
    pub task: Option<TaskId>,
    /// Of the disk that its state volume is on, where that can be asked.
    pub disk: Option<DiskState>,
    /// The wall that it ran against, where that is known for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<Wall>,
    /// What it used when it was last measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Box<Usage>>,
}

/// Room on a disk, in bytes, and how many more files it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiskState {
    pub free: u64,
    pub total: u64,
    /// `None` where the file system does not count them, and in what older versions stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<FileRoom>,
}

/// How many files a disk takes: its inodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileRoom {
    pub free: u64,
    pub total: u64,
}

/// What an operator asked for while somebody worked with the instance: done once they have gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingRequest {
    pub what: PendingKind,
    /// The life that it was asked of; once there is another one, it is done.
    pub of: Incarnation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingKind {
    Restart,
    Recreate,
}

/// What must outlive the daemon about one instance, beside its row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceMemory {
    /// The container that the instance had when it was last seen; absent now means `container_missing`.
    pub container: Option<ContainerId>,
    /// The life that was last seen up; seen down later it raises `container_stopped` once.
    pub running: Option<Incarnation>,
    /// Docker's count when it was last seen; a higher one means deaths that nobody saw.
    pub restart_count: u64,
    pub intent: Option<StopIntent>,
    pub last_stop: Option<LastStop>,
    /// Set while a crash loop is being calmed.
    pub crash_loop_since: Option<Timestamp>,
    pub pending: Option<PendingRequest>,
    /// Walls that a life is near to and that were told; over with that life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub near: Option<NearWalls>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unhealthy: Option<ToldUnhealthy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_restarts: Option<HealthRestarts>,
    /// What its containers are made of instead of what the image's name means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
    /// The image id of which it was told that the image's name means it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_stale: Option<String>,
}

/// The walls that a life came near to, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearWalls {
    pub of: Incarnation,
    pub walls: BTreeMap<Wall, Timestamp>,
}
