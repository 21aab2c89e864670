//! The store in memory: the whole port, and what other processes and failing disks do to it.
//!
//! Clones share everything, so a "restarted" supervisor that is given a clone finds what the first one wrote.

mod events;
mod leases;
mod rollouts;
mod rows;
mod tasks;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use self::events::EventLog;
use self::leases::LeaseTable;
use self::rollouts::RolloutTable;
pub use self::rows::Rows;
use self::tasks::TaskTable;
use super::TestClock;
use crate::model::{
    Agent, AgentChange, Event, EventFilter, EventPage, FleetId, InstanceMemory, InstanceName, NewAgent,
    NewEvent, VolumeRecord,
};
use crate::ports::{
    AgentStore, Clock, EventRetention, Identity, PastEvents, PastQuery, RecreateJournal, StoreError,
};

/// How long a call takes unless the test says otherwise.
const LATENCY: Duration = Duration::from_millis(1);

/// A verb of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::Display, strum::EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum StoreVerb {
    Identity,
    Seed,
    Agents,
    Agent,
    InsertAgents,
    UpdateAgent,
    DeleteAgent,
    Tombstones,
    ClearTombstone,
    SetVolume,
    Memories,
    SaveMemory,
    Journals,
    PutJournal,
    ClearJournal,
    AppendEvents,
    EventsAfter,
    LatestEvents,
    PruneEvents,
    ChangedElsewhere,
    Verify,
    Claim,
    Renew,
    EndLease,
    Leases,
    Standings,
    SetCordoned,
    SetHold,
    SetParked,
    SetNeedsHuman,
    PruneLeases,
    TaskOfKey,
    InsertTask,
    Task,
    Tasks,
    OpenTasks,
    CancelTask,
    ChangeTask,
    TaskInput,
    ForgetInput,
    PruneTasks,
    InsertRollout,
    Rollout,
    Rollouts,
    OpenRollouts,
    ChangeRollout,
    PruneRollouts,
}

#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Mutex<Shared>>,
    clock: Arc<dyn Clock>,
}

struct Shared {
    fleet: FleetId,
    seeded: bool,
    rows: Rows,
    leases: LeaseTable,
    tasks: TaskTable,
    rollouts: RolloutTable,
    events: EventLog,
    changed_elsewhere: bool,
    replaced: bool,
    latency: Duration,
    /// Verbs whose next call fails, with repetitions, and whether it works all the same.
    failing: Vec<(StoreVerb, bool)>,
    failing_always: Vec<StoreVerb>,
}

impl MemoryStore {
    /// An empty store of this fleet; `clock` stamps the rows and ages the events.
    pub fn new(fleet: FleetId, clock: Arc<dyn Clock>) -> Self {
        let shared = Shared {
            fleet,
            seeded: false,
            rows: Rows::default(),
            leases: LeaseTable::default(),
            tasks: TaskTable::default(),
            rollouts: RolloutTable::default(),
            events: EventLog::default(),
            changed_elsewhere: false,
            replaced: false,
            latency: LATENCY,
            failing: Vec::new(),
            failing_always: Vec::new(),
        };
        Self { shared: Arc::new(Mutex::new(shared)), clock }
    }

    /// The same tables as the next process finds them: it does not know which events this one stored lately.
    #[must_use]
    pub fn reopen(&self) -> Self {
        self.with(|shared| shared.events.forget_causes());
        self.clone()
    }

    pub fn fleet(&self) -> FleetId {
        self.with(|shared| shared.fleet)
    }

    /// The next call of `verb` fails and writes nothing.
    pub fn fail_next(&self, verb: StoreVerb) {
        self.with(|shared| shared.failing.push((verb, false)));
    }

    /// The next call of `verb` writes, but its caller is told of a failure.
    pub fn work_but_fail_next(&self, verb: StoreVerb) {
        self.with(|shared| shared.failing.push((verb, true)));
    }

    /// Every call of `verb` fails until set back.
    pub fn fail_always(&self, verb: StoreVerb, on: bool) {
        self.with(|shared| {
            shared.failing_always.retain(|failing| *failing != verb);
            shared.failing_always.extend(on.then_some(verb));
        });
    }

    /// Forgets every failure that was ordered.
    pub fn work_again(&self) {
        self.with(|shared| {
            shared.failing.clear();
            shared.failing_always.clear();
        });
    }

    /// The file was replaced: `verify` says so until set back.
    pub fn set_replaced(&self, on: bool) {
        self.with(|shared| shared.replaced = on);
    }

    /// Another process changes the tables directly, past every rule of the port; `changed_elsewhere` tells it once.
    pub fn write_elsewhere<R>(&self, write: impl FnOnce(&mut Rows) -> R) -> R {
        self.with(|shared| {
            shared.changed_elsewhere = true;
            write(&mut shared.rows)
        })
    }

    /// The tables as they are, for assertions; free of faults and latency.
    pub fn rows(&self) -> Rows {
        self.with(|shared| shared.rows.clone())
    }

    /// Every event that is still stored, oldest first.
    pub fn stored_events(&self) -> Vec<Event> {
        self.with(|shared| shared.events.all())
    }

    pub fn set_latency(&self, latency: Duration) {
        self.with(|shared| shared.latency = latency);
    }

    fn with<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        f(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One call: it waits, may fail, and does its work in one step, like a transaction.
    async fn call<R, E: From<StoreError>>(
        &self,
        verb: StoreVerb,
        f: impl FnOnce(&mut Shared) -> Result<R, E> + Send,
    ) -> Result<R, E> {
        tokio::time::sleep(self.with(|shared| shared.latency)).await;
        self.with(|shared| {
            let failing = shared.failing.iter().position(|(failing, _)| *failing == verb);
            let scripted = failing.map(|place| shared.failing.remove(place).1);
            match scripted {
                None if !shared.failing_always.contains(&verb) => f(shared),
                Some(true) => f(shared).and_then(|_| Err(disk_full(verb).into())),
                Some(false) | None => Err(disk_full(verb).into()),
            }
        })
    }
}

fn disk_full(verb: StoreVerb) -> StoreError {
    StoreError::Failed { detail: format!("{verb}: database or disk is full"), source: None }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("fleet", &self.fleet()).finish_non_exhaustive()
    }
}

impl Default for MemoryStore {
    /// Of a random fleet, on a clock of its own.
    fn default() -> Self {
        Self::new(FleetId::random(), Arc::new(TestClock::new()))
    }
}

#[async_trait]
impl AgentStore for MemoryStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        self.call(StoreVerb::Identity, |s| Ok(Identity { fleet: s.fleet, seeded: s.seeded })).await
    }

    async fn seed(&self, agents: &[NewAgent]) -> Result<Vec<Agent>, StoreError> {
        let now = self.clock.wall();
        self.call(StoreVerb::Seed, |s| {
            let begun = s.seeded || !s.rows.agents.is_empty();
            let written = if begun { Vec::new() } else { s.rows.insert(agents, now)? };
            s.seeded = true;
            Ok(written)
        })
        .await
    }

    async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        self.call(StoreVerb::Agents, |s| Ok(s.rows.agents.values().cloned().collect())).await
    }

    async fn agent(&self, name: &InstanceName) -> Result<Option<Agent>, StoreError> {
        self.call(StoreVerb::Agent, |s| Ok(s.rows.agents.get(name).cloned())).await
    }

    async fn insert_agents(&self, agents: &[NewAgent]) -> Result<Vec<Agent>, StoreError> {
        let now = self.clock.wall();
        self.call(StoreVerb::InsertAgents, |s| s.rows.insert(agents, now)).await
    }

    async fn update_agent(
        &self,
        name: &InstanceName,
        expected: Option<u64>,
        change: &AgentChange,
    ) -> Result<Agent, StoreError> {
        let now = self.clock.wall();
        self.call(StoreVerb::UpdateAgent, |s| s.rows.update(name, expected, change, now)).await
    }

    async fn delete_agent(&self, name: &InstanceName, expected: Option<u64>) -> Result<(), StoreError> {
        self.call(StoreVerb::DeleteAgent, |s| s.rows.delete(name, expected)).await
    }

    async fn tombstones(&self) -> Result<Vec<InstanceName>, StoreError> {
        self.call(StoreVerb::Tombstones, |s| Ok(s.rows.tombstones.iter().cloned().collect())).await
    }

    async fn clear_tombstone(&self, name: &InstanceName) -> Result<(), StoreError> {
        self.call(StoreVerb::ClearTombstone, |s| {
            s.rows.tombstones.remove(name);
            Ok(())
        })
        .await
    }

    async fn set_volume(&self, name: &InstanceName, volume: Option<&VolumeRecord>) -> Result<(), StoreError> {
        self.call(StoreVerb::SetVolume, |s| {
            s.rows.find(name)?.volume = volume.cloned();
            Ok(())
        })
        .await
    }

    async fn memories(&self) -> Result<BTreeMap<InstanceName, InstanceMemory>, StoreError> {
        self.call(StoreVerb::Memories, |s| Ok(s.rows.memories.clone())).await
    }

    async fn save_memory(
        &self,
        name: &InstanceName,
        memory: Option<&InstanceMemory>,
    ) -> Result<(), StoreError> {
        self.call(StoreVerb::SaveMemory, |s| {
            match memory {
                Some(memory) => s.rows.memories.insert(name.clone(), memory.clone()),
                None => s.rows.memories.remove(name),
            };
            Ok(())
        })
        .await
    }

    async fn journals(&self) -> Result<Vec<RecreateJournal>, StoreError> {
        self.call(StoreVerb::Journals, |s| Ok(s.rows.journals.values().cloned().collect())).await
    }

    async fn put_journal(&self, journal: &RecreateJournal) -> Result<(), StoreError> {
        self.call(StoreVerb::PutJournal, |s| {
            s.rows.journals.insert(journal.instance.clone(), journal.clone());
            Ok(())
        })
        .await
    }

    async fn clear_journal(&self, instance: &InstanceName) -> Result<(), StoreError> {
        self.call(StoreVerb::ClearJournal, |s| {
            s.rows.journals.remove(instance);
            Ok(())
        })
        .await
    }

    async fn append_events(&self, events: &[NewEvent]) -> Result<Vec<Event>, StoreError> {
        self.call(StoreVerb::AppendEvents, |s| Ok(s.events.append(events))).await
    }

    async fn events_after(
        &self,
        after: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, StoreError> {
        self.call(StoreVerb::EventsAfter, |s| Ok(s.events.after(after, limit, filter))).await
    }

    async fn events_before(
        &self,
        before: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, StoreError> {
        self.call(StoreVerb::LatestEvents, |s| Ok(s.events.before(before, limit, filter))).await
    }

    async fn past_events(&self, query: &PastQuery) -> Result<PastEvents, StoreError> {
        self.call(StoreVerb::LatestEvents, |s| Ok(s.events.past(query))).await
    }

    async fn latest_events(&self, limit: u32, filter: &EventFilter) -> Result<EventPage, StoreError> {
        self.events_before(u64::MAX, limit, filter).await
    }

    async fn prune_events(&self, retention: EventRetention) -> Result<u64, StoreError> {
        let now = self.clock.wall();
        self.call(StoreVerb::PruneEvents, |s| Ok(s.events.prune(retention, now))).await
    }

    async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        self.call(StoreVerb::ChangedElsewhere, |s| Ok(std::mem::take(&mut s.changed_elsewhere))).await
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.call(StoreVerb::Verify, |s| {
            let detail = || "the test says so".to_owned();
            if s.replaced { Err(StoreError::Replaced { detail: detail() }) } else { Ok(()) }
        })
        .await
    }
}

#[cfg(test)]
mod tests;
