//! A supervisor that can be started, killed and started again over one docker, one store and one clock.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    AgentView, Catalog, Condition, ConditionType, ContainerState, Event, EventFilter, EventKind, FleetId,
    HealthBudget, InstanceName, NewAgent, Overrides, Phase,
};
use crate::ports::{AgentStore as _, EventRetention};
use crate::testing::{MemoryStore, SimDocker, TestClock, catalog, name, type_name};
use crate::{Fleet, FleetHandle};

/// Runs a test on a paused clock, inside an actix system. All tasks of the test die with it.
pub(super) fn virtually<F: Future<Output = ()> + 'static>(test: F) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a current-thread runtime can be built")
    });
    system.block_on(test);
}

pub(super) struct World {
    pub(super) docker: SimDocker,
    pub(super) store: MemoryStore,
    pub(super) clock: TestClock,
    pub(super) catalog: Catalog,
    pub(super) follow_events: bool,
    pub(super) interval: Duration,
    pub(super) limits: Option<Duration>,
    pub(super) health: HealthBudget,
}

impl World {
    /// A docker with the image of all types, and a store that was seeded before and has no rows.
    pub(super) async fn empty() -> Self {
        let fleet = FleetId::random();
        let catalog = catalog();
        let docker = SimDocker::new(fleet, catalog.prefix.clone());
        docker.add_image("agent:1");
        let clock = TestClock::new();
        let store = MemoryStore::new(fleet, Arc::new(clock.clone()));
        let row =
            NewAgent { name: name("seed"), agent_type: type_name("dev"), overrides: Overrides::default() };
        store.seed(&[row]).await.expect("a first seed");
        store.delete_agent(&name("seed"), None).await.expect("it is there");
        store.clear_tombstone(&name("seed")).await.expect("it is there");
        Self {
            docker,
            store,
            clock,
            catalog,
            follow_events: true,
            interval: Duration::from_mins(1),
            limits: None,
            health: HealthBudget::default(),
        }
    }

    /// A store with these rows, `(name, type)`.
    pub(super) async fn with(rows: &[(&str, &str)]) -> Self {
        let world = Self::empty().await;
        let rows: Vec<NewAgent> = rows.iter().map(|(n, t)| new(n, t)).collect();
        world.store.insert_agents(&rows).await.expect("names differ");
        world
    }

    pub(super) async fn start(&self) -> FleetHandle {
        self.try_start().await.expect("the store answers")
    }

    /// `None` if the store fails, which ends a daemon.
    pub(super) async fn try_start(&self) -> Option<FleetHandle> {
        let fleet = Fleet {
            catalog: Arc::new(self.catalog.clone()),
            runtime: Arc::new(self.docker.clone()),
            store: Arc::new(self.store.clone()),
            clock: Arc::new(self.clock.clone()),
            parallel: 4,
            interval: self.interval,
            limits: self.limits,
            follow_events: self.follow_events,
            health: self.health,
            retention: EventRetention { max_age: Duration::from_hours(24), max_count: 1_000_000 },
            drain: Duration::from_secs(10),
        };
        fleet.start().await.ok()
    }

    pub(super) async fn boot(&self) -> FleetHandle {
        let handle = self.start().await;
        handle.boot().await.expect("docker answers");
        handle
    }

    pub(super) fn state(&self, instance: &str) -> Option<ContainerState> {
        self.docker.container(&format!("claude-hooks-{instance}")).map(|container| container.state)
    }

    /// Kinds of the stored events about `instance`, oldest first, without those about the row.
    pub(super) async fn events(&self, handle: &FleetHandle, instance: &str) -> Vec<EventKind> {
        self.full_events(handle, instance).await.into_iter().map(|event| event.kind).collect()
    }

    pub(super) async fn full_events(&self, handle: &FleetHandle, instance: &str) -> Vec<Event> {
        handle.flush_events().await;
        let filter = EventFilter { instances: vec![name(instance)], ..EventFilter::default() };
        let page = self.store.events_after(0, u32::MAX, &filter).await.expect("the store answers");
        let of_row = [EventKind::AgentCreated, EventKind::AgentUpdated, EventKind::AgentDeleted];
        page.items.into_iter().filter(|event| !of_row.contains(&event.kind)).collect()
    }

    pub(super) async fn fleet_events(&self, handle: &FleetHandle, kind: EventKind) -> usize {
        handle.flush_events().await;
        let filter = EventFilter { kinds: vec![kind], ..EventFilter::default() };
        self.store.events_after(0, u32::MAX, &filter).await.expect("the store answers").items.len()
    }
}

pub(super) fn new(instance: &str, agent_type: &str) -> NewAgent {
    NewAgent { name: name(instance), agent_type: type_name(agent_type), overrides: Overrides::default() }
}

pub(super) fn agent(handle: &FleetHandle, instance: &str) -> Arc<AgentView> {
    handle.snapshot().agents.get(&name(instance)).cloned().expect("the agent is in the picture")
}

pub(super) fn condition(handle: &FleetHandle, instance: &str, kind: ConditionType) -> Option<Condition> {
    agent(handle, instance).conditions.iter().find(|c| c.kind == kind && c.status).cloned()
}

/// Waits in virtual time until the picture shows the phase.
pub(super) async fn until(handle: &FleetHandle, instance: &str, phase: Phase) {
    let instance: InstanceName = name(instance);
    let mut pictures = handle.watch();
    let shows = |snapshot: &Arc<crate::model::FleetSnapshot>| {
        snapshot.agents.get(&instance).is_some_and(|agent| agent.observed.phase == phase)
    };
    let waited = tokio::time::timeout(Duration::from_hours(1), pictures.wait_for(shows)).await;
    let last = handle.snapshot().agents.get(&instance).cloned();
    assert!(waited.is_ok(), "{instance} never was {phase}: {last:?}");
}

pub(super) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
