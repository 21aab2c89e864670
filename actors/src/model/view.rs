//! What readers are shown: one immutable picture of the fleet.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    FleetPrefix, HumanNeed, Incarnation, InstanceName, LastStop, Lease, LeaseId, Lifecycle, Limits, Parked,
    PinView, Power, Progress, TaskId, TypeName, Wall,
};

/// Where the container of an instance is in its life.
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
pub enum Phase {
    Absent,
    Creating,
    Stopped,
    Starting,
    Running,
    Stopping,
    Recreating,
    Removing,
    /// An effect failed and is tried again at the time that the condition names.
    Backoff,
    /// Docker cannot be asked, or an effect ran past its deadline. Never an old state shown as present.
    Unknown,
    /// A row of a host-mode type.
    Host,
}

/// A standing fact about an instance, beside its phase.
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
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ConditionType {
    Ready,
    EffectFailing,
    CrashLoop,
    NameConflict,
    StateLost,
    Drift,
    Stale,
    Unresolvable,
    DockerUnreachable,
    HeldDown,
    /// No new lease is granted on it.
    Cordoned,
    /// A lazy one is kept awake by hand.
    KeptAwake,
    /// It gets no work and is not started until it is reopened.
    Parked,
    /// It cannot go on without a person.
    NeedsHuman,
    /// Something waits until nobody works with it any more.
    Draining,
    /// It uses nearly all that it may use of something.
    LimitNear,
    /// Its health checks pass.
    Healthy,
    /// Its health checks fail.
    Unhealthy,
}

/// A lease as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaseView {
    pub id: LeaseId,
    pub instance: InstanceName,
    /// Name of the container.
    pub container: String,
    pub fence: u64,
    pub holder: String,
    pub expires_at: Timestamp,
}

impl LeaseView {
    pub fn new(lease: &Lease, prefix: &FleetPrefix) -> Self {
        Self {
            id: lease.id,
            instance: lease.instance.clone(),
            container: prefix.container(&lease.instance),
            fence: lease.fence,
            holder: lease.holder.clone(),
            expires_at: lease.expires_at,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Condition {
    #[serde(rename = "type")]
    pub kind: ConditionType,
    pub status: bool,
    pub reason: String,
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DesiredView {
    pub power: Power,
    pub image: Option<String>,
    pub spec_hash: Option<String>,
    /// Bytes that its state should not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_limit_bytes: Option<u64>,
    pub generation: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObservedView {
    pub phase: Phase,
    /// Since when it has been in this phase: as docker says, or when it was seen to begin.
    #[serde(default)]
    pub since: Option<Timestamp>,
    pub container_id: Option<String>,
    /// As it was named when the container was made.
    #[serde(default)]
    pub image: Option<String>,
    pub image_id: Option<String>,
    pub started_at: Option<String>,
    pub restart_count: Option<u64>,
    pub exit_code: Option<i64>,
    pub incarnation: Option<Incarnation>,
    /// What docker holds the container to.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// The volume that is mounted as its state.
    #[serde(default)]
    pub state_volume: Option<String>,
    pub observed_at: Option<Timestamp>,
}

/// One agent as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentView {
    pub name: InstanceName,
    #[serde(rename = "type")]
    pub agent_type: TypeName,
    /// All instances of a type are its pool, so this is the type's name.
    pub pool: TypeName,
    pub lifecycle: Lifecycle,
    pub host_mode: bool,
    pub desired: DesiredView,
    pub observed: ObservedView,
    /// Who works with it.
    pub lease: Option<LeaseView>,
    /// What runs in it.
    pub task: Option<TaskId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_human: Option<HumanNeed>,
    /// What it last said of its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    pub conditions: Vec<Condition>,
    /// The walls that it is near to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<Wall>,
    /// The image that it has whatever the image's name means.
    #[serde(default)]
    pub pin: Option<PinView>,
    /// What is done next and when, in words; null when nothing is due.
    pub next_action: Option<String>,
    pub last_stop: Option<LastStop>,
}

/// The decision chain of one instance as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Why {
    pub instance: InstanceName,
    pub phase: Phase,
    /// Since when the same rule has decided.
    pub since: Timestamp,
    /// Name of the row of the decision table that holds.
    pub rule: String,
    /// The rule in words.
    pub explanation: String,
    /// What was looked at to get there, most important first.
    pub evidence: BTreeMap<String, serde_json::Value>,
    pub next_action: Option<String>,
    pub next_at: Option<Timestamp>,
    pub conditions: Vec<Condition>,
    pub last_stop: Option<LastStop>,
}

/// The whole fleet at one moment; replaced, never changed.
#[derive(Clone, Debug, Default)]
pub struct FleetSnapshot {
    /// Raised with every replacement.
    pub generation: u64,
    pub agents: BTreeMap<InstanceName, Arc<AgentView>>,
    /// `None` until docker was first asked.
    pub docker_reachable: Option<bool>,
    /// What docker said when it could last not be reached.
    pub docker_error: Option<String>,
    /// The boot pass is done.
    pub booted: bool,
    /// Why nothing is reconciled although docker answers, if so.
    pub suspended: Option<String>,
}
