//! The port, method by method: off to a blocking thread, into a transaction, back.

mod leases;
mod rollouts;
mod tasks;

use std::collections::BTreeMap;

use async_trait::async_trait;
use claude_hooks_actors::model::{
    Agent, AgentChange, Event, EventFilter, EventPage, InstanceMemory, InstanceName, NewAgent, NewEvent,
    VolumeRecord,
};
use claude_hooks_actors::ports::{
    AgentStore, EventRetention, Identity, PastEvents, PastQuery, RecreateJournal, StoreError,
};

use super::events::{OddEvent, Page};
use super::{Shared, SqliteStore, agents, data_version, events, identity, locked, past, records, transact};

#[async_trait]
impl AgentStore for SqliteStore {
    async fn identity(&self) -> Result<Identity, StoreError> {
        self.read("read the fleet's identity", |_, connection| records::identity(connection)).await
    }

    async fn seed(&self, agents: &[NewAgent]) -> Result<Vec<Agent>, StoreError> {
        let (agents, now) = (agents.to_vec(), self.clock.wall());
        self.write("write the first rows", move |transaction| {
            if records::identity(transaction)?.seeded {
                return Ok(Vec::new());
            }
            records::mark_seeded(transaction)?;
            if agents::any(transaction)? {
                return Ok(Vec::new());
            }
            agents::insert(transaction, &agents, now)
        })
        .await
    }

    async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        self.read("read the agents", |shared, connection| {
            let mut found = Vec::new();
            for row in agents::all(connection)? {
                match row {
                    Ok(agent) => {
                        shared.tell_if_broken(&agent);
                        found.push(agent);
                    }
                    Err(problem) => {
                        shared.odd.tell("a row of agents without a valid name", &problem);
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    async fn agent(&self, name: &InstanceName) -> Result<Option<Agent>, StoreError> {
        let name = name.clone();
        self.read("read an agent", move |shared, connection| {
            let agent = agents::one(connection, &name)?;
            if let Some(agent) = &agent {
                shared.tell_if_broken(agent);
            }
            Ok(agent)
        })
        .await
    }

    async fn insert_agents(&self, agents: &[NewAgent]) -> Result<Vec<Agent>, StoreError> {
        let (agents, now) = (agents.to_vec(), self.clock.wall());
        self.write("insert agents", move |transaction| agents::insert(transaction, &agents, now)).await
    }

    async fn update_agent(
        &self,
        name: &InstanceName,
        expected: Option<u64>,
        change: &AgentChange,
    ) -> Result<Agent, StoreError> {
        let (name, change, now) = (name.clone(), change.clone(), self.clock.wall());
        self.write("change an agent", move |transaction| {
            agents::update(transaction, &name, expected, &change, now)
        })
        .await
    }

    async fn delete_agent(&self, name: &InstanceName, expected: Option<u64>) -> Result<(), StoreError> {
        let (name, now) = (name.clone(), self.clock.wall());
        self.write("delete an agent", move |transaction| agents::delete(transaction, &name, expected, now))
            .await
    }

    async fn tombstones(&self) -> Result<Vec<InstanceName>, StoreError> {
        self.read("read the tombstones", |_, connection| records::tombstones(connection)).await
    }

    async fn clear_tombstone(&self, name: &InstanceName) -> Result<(), StoreError> {
        let name = name.clone();
        self.write("clear a tombstone", move |transaction| records::clear_tombstone(transaction, &name)).await
    }

    async fn set_volume(&self, name: &InstanceName, volume: Option<&VolumeRecord>) -> Result<(), StoreError> {
        let (name, volume) = (name.clone(), volume.cloned());
        self.write("record a volume", move |transaction| {
            agents::set_volume(transaction, &name, volume.as_ref())
        })
        .await
    }

    async fn memories(&self) -> Result<BTreeMap<InstanceName, InstanceMemory>, StoreError> {
        self.read("read what is remembered of the instances", |shared, connection| {
            let mut memories = BTreeMap::new();
            for (name, memory) in records::memories(connection)? {
                let place = format!("the memory of {name:?}");
                match memory {
                    Ok((name, memory)) => {
                        shared.odd.forget(&place);
                        memories.insert(name, memory);
                    }
                    Err(problem) => {
                        shared.odd.tell(&place, &problem);
                    }
                }
            }
            Ok(memories)
        })
        .await
    }

    async fn save_memory(
        &self,
        name: &InstanceName,
        memory: Option<&InstanceMemory>,
    ) -> Result<(), StoreError> {
        let (name, memory) = (name.clone(), memory.cloned());
        self.write("remember an instance", move |transaction| {
            records::save_memory(transaction, &name, memory.as_ref())
        })
        .await
    }

    async fn journals(&self) -> Result<Vec<RecreateJournal>, StoreError> {
        self.read("read the recreates under way", |_, connection| records::journals(connection)).await
    }

    async fn put_journal(&self, journal: &RecreateJournal) -> Result<(), StoreError> {
        let journal = journal.clone();
        self.write("journal a recreate", move |transaction| records::put_journal(transaction, &journal)).await
    }

    async fn clear_journal(&self, instance: &InstanceName) -> Result<(), StoreError> {
        let instance = instance.clone();
        self.write("end a recreate's journal", move |transaction| {
            records::clear_journal(transaction, &instance)
        })
        .await
    }

    /// Goes on when the file was replaced, unlike every other write: the subscribers are to hear of that, and an event
    /// promises nothing to anybody.
    async fn append_events(&self, events: &[NewEvent]) -> Result<Vec<Event>, StoreError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let events = events.to_vec();
        self.blocking("store events", move |shared| {
            let mut connection = shared.pools.writer()?;
            let mut recent = locked(&shared.recent);
            let stored =
                transact(&mut connection, |transaction| events::append(transaction, &events, &recent))?;
            for (event, stored) in events.iter().zip(&stored) {
                recent.remember(event.id, stored.seq);
            }
            Ok(stored)
        })
        .await
    }

    async fn events_after(
        &self,
        after: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, StoreError> {
        self.events(Page::After(after), limit, filter).await
    }

    async fn events_before(
        &self,
        before: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, StoreError> {
        self.events(Page::Before(before), limit, filter).await
    }

    async fn latest_events(&self, limit: u32, filter: &EventFilter) -> Result<EventPage, StoreError> {
        self.events(Page::Before(u64::MAX), limit, filter).await
    }

    async fn past_events(&self, query: &PastQuery) -> Result<PastEvents, StoreError> {
        let query = query.clone();
        self.read("read the past", move |shared, connection| {
            let (past, odd) = past::events(connection, &query)?;
            shared.tell_of_odd_events(&odd);
            Ok(past)
        })
        .await
    }

    async fn prune_events(&self, retention: EventRetention) -> Result<u64, StoreError> {
        let now = self.clock.wall();
        self.write("prune the events", move |transaction| events::prune(transaction, retention, now)).await
    }

    async fn changed_elsewhere(&self) -> Result<bool, StoreError> {
        self.blocking("ask whether another process has written", |shared| {
            let writer = shared.pools.writer()?;
            let now = data_version(&writer)?;
            let before = std::mem::replace(&mut *locked(&shared.data_version), now);
            Ok(before != now)
        })
        .await
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.blocking("verify the database", |shared| {
            let _no_checkpoint_of_ours = shared.pools.writer()?;
            identity::same_file(&shared.path, shared.file)?;
            Ok(identity::same_fleet(&shared.path, shared.fleet)?)
        })
        .await
    }
}

impl SqliteStore {
    async fn events(&self, page: Page, limit: u32, filter: &EventFilter) -> Result<EventPage, StoreError> {
        let filter = filter.clone();
        self.read("read events", move |shared, connection| {
            let (page, odd) = events::page(connection, page, limit, &filter)?;
            shared.tell_of_odd_events(&odd);
            Ok(page)
        })
        .await
    }
}

impl Shared {
    fn tell_of_odd_events(&self, odd: &[OddEvent]) {
        for (seq, problem) in odd {
            self.odd.tell(&format!("event {seq}"), problem);
        }
    }

    fn tell_if_broken(&self, agent: &Agent) {
        self.odd.settle(&format!("the row of agent {}", agent.name), agent.broken.as_deref());
    }
}
