//! The words of the domain as types: no IO, no clock, no actor.

mod agent;
mod catalog;
mod event;
mod health;
mod lease;
mod made;
mod mount;
mod name;
mod observed;
mod parked;
mod report;
mod rollout;
#[cfg(feature = "openapi")]
mod schema;
mod size;
mod spec;
mod stats;
mod task;
mod usage;
mod view;

pub use agent::{
    Agent, AgentChange, Capsule, DiskState, FileRoom, InstanceMemory, LastStop, NearWalls, NewAgent,
    Overrides, PendingKind, PendingRequest, Power, StopCause, StopIntent, StopReason, VolumeRecord,
};
pub use catalog::{
    AgentType, Catalog, CatalogError, ContainerTemplate, Desired, DesiredContainer, check_command, check_env,
    check_image, check_limits, check_network,
};
pub use event::{Event, EventFilter, EventKind, EventPage, LocalEventId, NewEvent};
pub use health::{
    HealthAction, HealthBudget, HealthPolicy, HealthPolicyView, HealthRestarts, HealthSource, ProbeEnd,
    ToldUnhealthy,
};
pub use lease::{
    CLAIM_WAIT_MOST, ClaimRequest, ClaimTarget, LEASE_TTL, LEASE_TTL_LEAST, LEASE_TTL_MOST, Lease, LeaseEnd,
    LeaseId, Standing, WAKE_WAIT,
};
pub use made::{ImageDefaults, ObservedSpec};
pub use mount::{
    AGENT_DIR, AGENT_SOCKET, CREDENTIALS_PATH, Mount, MountError, RUNNER_DIR, RUNNER_PATH, STATE_DIR,
};
pub use name::{FleetId, FleetPrefix, InstanceName, NameError, TypeName};
pub use observed::{
    ContainerId, ContainerState, FleetObservation, Health, Incarnation, InstanceObservation,
    ObservedContainer, ObservedVolume, OurLabels, RestartPolicy, assign,
};
pub use parked::{
    HumanNeed, ParkKind, Parked, Progress, SAID_MOST, STAGGER_MOST, SaidBy, one_line_of, reopening,
};
pub use report::{Outcome, Plan, PlanItem, ReconcileReport};
pub use rollout::{
    MemberState, Pin, PinKind, PinView, ROLLOUT_WAIT_MOST_S, ROLLOUT_WIDTH_MOST, Rollout, RolloutId,
    RolloutMember, RolloutState, Strategy,
};
pub use size::{SizeError, parse_cpus, parse_memory};
pub use spec::{ContainerSpec, Lifecycle, Limits, PullPolicy, RUNNER_VERSION, SpecHash, labels};
pub use stats::{ContainerStats, FleetStats, InstanceStats};
pub use task::{
    NewTask, RunCause, RunId, RunRecord, RunState, STDIN_MOST, TASK_TIMEOUT_MOST, Task, TaskId, TaskInput,
    TaskSpec, TaskState,
};
pub use usage::{StateSize, Usage, Wall};
pub use view::{
    AgentView, Condition, ConditionType, DesiredView, FleetSnapshot, LeaseView, ObservedView, Phase, Why,
};
