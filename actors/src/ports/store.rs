//! The port to the table of agents and all that must outlive the daemon.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{
    Agent, AgentChange, ContainerId, Event, EventFilter, EventKind, EventPage, FleetId, InstanceMemory,
    InstanceName, NewAgent, NewEvent, RestartPolicy, VolumeRecord,
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is already an agent {0}")]
    AlreadyExists(InstanceName),
    #[error("there is no agent {0}")]
    NotFound(InstanceName),
    /// Somebody else changed the row since it was read.
    #[error("agent {name} is at generation {current}, not {expected}")]
    GenerationMismatch { name: InstanceName, expected: u64, current: u64 },
    /// The database is not the file that was opened any more.
    #[error("the database was replaced under the running daemon: {detail}")]
    Replaced { detail: String },
    #[error("the database refuses: {detail}")]
    Failed {
        detail: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Made with the database.
    pub fleet: FleetId,
    /// The default rows were written, or the operator began with rows of their own: never seed again.
    pub seeded: bool,
}

/// How far a recreate has come. Each step is durable before its effect begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RecreateStep {
    /// The old container may have been renamed, the new one may exist: on replay the old one comes back.
    Begun,
    /// The new container was verified: on replay the old one is removed.
    Verified,
}

/// One recreate under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecreateJournal {
    pub instance: InstanceName,
    pub old: ContainerId,
    /// Whether the old one ran, and so must run again after a rollback.
    pub old_ran: bool,
    /// Docker's own restarting of the old one, which is taken off while it may have to make room.
    pub old_policy: RestartPolicy,
    /// The new one, once it was made: it may be renamed by hand before it has proven itself.
    pub new: Option<ContainerId>,
    pub step: RecreateStep,
}

/// How much of the event log is kept; what is over either bound is deleted, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRetention {
    pub max_age: Duration,
    pub max_count: u64,
}

/// Which events a look at a window of the past needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastQuery {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Whose; it says nothing of the fleet's own events.
    pub filter: EventFilter,
    /// Kinds that tell the state of an instance.
    pub phases: Vec<EventKind>,
    /// Kinds that are about the fleet as a whole.
    pub fleet: Vec<EventKind>,
}

/// Events in their order, without `data` if they are about an instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastEvents {
    /// From before the window: of each instance the newest of the `phases`, and of the `fleet` kinds the newest of each.
    pub before: Vec<Event>,
    /// About instances within the window, its ends included; and all of the `fleet` kinds since its beginning.
    pub within: Vec<Event>,
    /// Sequence number of the oldest event still stored, or of the next one if none is.
    pub oldest: u64,
    pub oldest_at: Option<Timestamp>,
}

/// The store. Every write is durable when the call returns.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::store`.
#[async_trait]
pub trait AgentStore: Debug + Send + Sync {
    async fn identity(&self) -> Result<Identity, StoreError>;

    /// Writes the rows of a first start and the mark that they were written, in one transaction. Does nothing if the
    /// mark is there or a row exists (then only the mark is written). Returns the rows written.
    async fn seed(&self, agents: &[NewAgent]) -> Result<Vec<Agent>, StoreError>;

    /// All rows, by name.
    async fn agents(&self) -> Result<Vec<Agent>, StoreError>;

    async fn agent(&self, name: &InstanceName) -> Result<Option<Agent>, StoreError>;

    /// All of them or none. A name with a tombstone loses the tombstone.
    async fn insert_agents(&self, agents: &[NewAgent]) -> Result<Vec<Agent>, StoreError>;

    /// Raises the generation. `expected` is the generation that the caller saw; `None` does not care.
    async fn update_agent(
        &self,
        name: &InstanceName,
        expected: Option<u64>,
        change: &AgentChange,
    ) -> Result<Agent, StoreError>;

    /// Deletes the row and leaves a tombstone: the container of this name may be removed even if no row is left at all.
    async fn delete_agent(&self, name: &InstanceName, expected: Option<u64>) -> Result<(), StoreError>;

    /// Names that were deleted through [`AgentStore::delete_agent`] and whose container may still exist.
    async fn tombstones(&self) -> Result<Vec<InstanceName>, StoreError>;

    async fn clear_tombstone(&self, name: &InstanceName) -> Result<(), StoreError>;

    /// Not a change of the row as its owner sees it: the generation stays. `NotFound` if the row is gone.
    async fn set_volume(&self, name: &InstanceName, volume: Option<&VolumeRecord>) -> Result<(), StoreError>;

    async fn memories(&self) -> Result<BTreeMap<InstanceName, InstanceMemory>, StoreError>;

    /// `None` forgets. Needs no row: an orphan has a memory too.
    async fn save_memory(
        &self,
        name: &InstanceName,
        memory: Option<&InstanceMemory>,
    ) -> Result<(), StoreError>;

    async fn journals(&self) -> Result<Vec<RecreateJournal>, StoreError>;

    /// Writes or replaces the journal of the instance.
    async fn put_journal(&self, journal: &RecreateJournal) -> Result<(), StoreError>;

    async fn clear_journal(&self, instance: &InstanceName) -> Result<(), StoreError>;

    /// Numbers the events in the order given and stores them, in one transaction. `caused_by` is resolved among the events
    /// of this call and those that this process stored lately; an unknown cause is left out.
    async fn append_events(&self, events: &[NewEvent]) -> Result<Vec<Event>, StoreError>;

    /// Events with `seq > after` that match, oldest first, at most `limit`.
    async fn events_after(
        &self,
        after: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, StoreError>;

    /// The newest `limit` events with `seq < before` that match, oldest first.
    async fn events_before(
        &self,
        before: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, StoreError>;

    /// The newest `limit` events that match, oldest first.
    async fn latest_events(&self, limit: u32, filter: &EventFilter) -> Result<EventPage, StoreError>;

    /// What happened in a window, and how it stood when it began.
    async fn past_events(&self, query: &PastQuery) -> Result<PastEvents, StoreError>;

    /// Deletes what is over the bounds; returns how many. The newest sequence number is never forgotten.
    async fn prune_events(&self, retention: EventRetention) -> Result<u64, StoreError>;

    /// Whether another process has written since this was last asked.
    async fn changed_elsewhere(&self) -> Result<bool, StoreError>;

    /// `Replaced` unless the database is still the file that was opened, with the same fleet in it.
    async fn verify(&self) -> Result<(), StoreError>;
}
