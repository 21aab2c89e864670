//! What happened, in order.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Incarnation, InstanceName, TypeName};

/// The stable name of a kind of event.
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EventKind {
    ContainerCreated,
    ContainerStarted,
    ContainerStopped,
    ContainerMissing,
    ContainerRecreated,
    ContainerRecreateFailed,
    /// An effect other than a recreate failed: create, start, stop or remove; `cause` names it.
    ContainerFailed,
    ContainerRemoved,
    ContainerOom,
    ContainerCrashLoop,
    /// Its health checks fail; `cause` says whose they are.
    ContainerUnhealthy,
    /// They pass again, after one that was told.
    ContainerHealthy,
    ContainerStale,
    /// It uses nearly all that it may use of something; `cause` names the wall.
    LimitNear,
    /// It uses less again, or the life that was near the wall is over.
    LimitCleared,
    /// The fleet's budget of restarts for the sake of health is spent, and more are wanted.
    HealthIncident,
    /// All agents that it was about are healthy again, or gone.
    HealthIncidentOver,
    ImagePulling,
    ImagePulled,
    ImagePullFailed,
    RolloutStarted,
    /// A member came into another state; `cause` names it.
    RolloutMember,
    RolloutPaused,
    RolloutResumed,
    /// `cause` is how it ended.
    RolloutFinished,
    /// A lazy instance that sleeps is needed.
    InstanceWaking,
    InstanceStarting,
    InstanceRunning,
    /// A lazy instance had no work for its idle time.
    InstanceIdle,
    InstanceStopping,
    LeaseAcquired,
    LeaseReleased,
    LeaseExpired,
    TaskStarted,
    TaskFinished,
    TaskRetried,
    NameConflict,
    StateLost,
    /// An operator destroyed the state volume of a deleted agent.
    StateWiped,
    AgentCreated,
    AgentUpdated,
    AgentDeleted,
    /// It gets no work and is not started until it is reopened; `cause` is why.
    AgentParked,
    /// It may work again; `cause` is who reopened it, or `due`.
    AgentReopened,
    /// It cannot go on without a person.
    AgentNeedsHuman,
    /// What an agent says of its work; not every word of it.
    AgentProgress,
    /// A row cannot be resolved: its type is not declared, or a value is bad.
    AgentUnresolvable,
    DockerUnreachable,
    DockerRecovered,
    ReconcileFinished,
    ActorRestarted,
    /// The wall clock jumped; the round is void.
    ClockJumped,
    /// The database is no longer the file that was opened, or all rows vanished at once; nothing is reconciled.
    DatabaseSuspect,
    SupervisorStarted,
    SupervisorStopping,
}

/// Ties an event to a later one of the same process before either has a sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocalEventId(u64);

/// An event before it has a sequence number.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    pub id: LocalEventId,
    pub at: Timestamp,
    pub kind: EventKind,
    pub instance: Option<InstanceName>,
    pub agent_type: Option<TypeName>,
    pub incarnation: Option<Incarnation>,
    /// A word of the field, for programs: `oom`, `killed`, `drift`, …
    pub cause: Option<String>,
    /// A sentence for people.
    pub detail: Option<String>,
    pub data: serde_json::Value,
    pub caused_by: Option<LocalEventId>,
}

impl NewEvent {
    pub fn new(kind: EventKind, at: Timestamp) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self {
            id: LocalEventId(NEXT.fetch_add(1, Ordering::Relaxed)),
            at,
            kind,
            instance: None,
            agent_type: None,
            incarnation: None,
            cause: None,
            detail: None,
            data: serde_json::Value::Null,
            caused_by: None,
        }
    }

    #[must_use]
    pub fn instance(mut self, instance: &InstanceName) -> Self {
        self.instance = Some(instance.clone());
        self
    }

    #[must_use]
    pub fn agent_type(mut self, agent_type: &TypeName) -> Self {
        self.agent_type = Some(agent_type.clone());
        self
    }

    #[must_use]
    pub fn incarnation(mut self, incarnation: Incarnation) -> Self {
        self.incarnation = Some(incarnation);
        self
    }

    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn data(mut self, data: serde_json::Value) -> Self {
        self.data = data;
        self
    }

    #[must_use]
    pub fn caused_by(mut self, cause: Option<LocalEventId>) -> Self {
        self.caused_by = cause;
        self
    }
}

/// One stored event; `seq` grows by one and survives restarts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub seq: u64,
    pub at: Timestamp,
    pub kind: EventKind,
    pub instance: Option<InstanceName>,
    #[serde(rename = "type")]
    pub agent_type: Option<TypeName>,
    pub incarnation: Option<Incarnation>,
    pub cause: Option<String>,
    pub detail: Option<String>,
    pub data: serde_json::Value,
    /// Sequence number of the event that led to this one.
    pub caused_by: Option<u64>,
}

/// Which events somebody wants; empty lists want all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    pub kinds: Vec<EventKind>,
    pub instances: Vec<InstanceName>,
    pub types: Vec<TypeName>,
    pub causes: Vec<String>,
    /// Text that the kind, instance, type, cause or detail contains, ASCII letters in either case.
    pub text: Option<String>,
}

impl EventFilter {
    pub fn matches(&self, event: &Event) -> bool {
        let any = |empty: bool, found: bool| empty || found;
        any(self.kinds.is_empty(), self.kinds.contains(&event.kind))
            && any(self.causes.is_empty(), event.cause.as_ref().is_some_and(|c| self.causes.contains(c)))
            && self.text.as_ref().is_none_or(|text| Self::contains(event, text))
            && any(
                self.instances.is_empty(),
                event.instance.as_ref().is_some_and(|i| self.instances.contains(i)),
            )
            && any(self.types.is_empty(), event.agent_type.as_ref().is_some_and(|t| self.types.contains(t)))
    }

    /// Whether the instance is one of those whose events are wanted.
    pub fn wants(&self, instance: &InstanceName, agent_type: &TypeName) -> bool {
        (self.instances.is_empty() || self.instances.contains(instance))
            && (self.types.is_empty() || self.types.contains(agent_type))
    }

    fn contains(event: &Event, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let words: [Option<&str>; 5] = [
            Some(event.kind.into()),
            event.instance.as_ref().map(AsRef::as_ref),
            event.agent_type.as_ref().map(AsRef::as_ref),
            event.cause.as_deref(),
            event.detail.as_deref(),
        ];
        words.into_iter().flatten().any(|word| word.to_ascii_lowercase().contains(&text))
    }
}

/// Some stored events, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventPage {
    pub items: Vec<Event>,
    /// Sequence number of the oldest event still stored, or of the next one if none is.
    pub oldest: u64,
    /// Sequence number of the newest event, 0 if there never was one.
    pub newest: u64,
}
