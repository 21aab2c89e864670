//! Brings a fleet to life: reads what outlived the last daemon, starts the actors, hands out the door to them.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use actix::{Actor, AsyncContext, Context};
use serde_json::json;
use tokio::sync::watch;

use crate::actors::{
    BeginRollout, BeginTask, Boot, Dispatcher, EventLog, Minder, Outlived, Permits, Pulse, Registry,
    Rollouts, Tasks, Watchdog, follow_docker_events, places,
};
use crate::effects::Tools;
use crate::event_sender::EventSender;
use crate::handle::FleetHandle;
use crate::look::Looker;
use crate::metrics::{Measured, Metrics};
use crate::model::{
    Catalog, EventFilter, EventKind, FleetSnapshot, HealthBudget, NewAgent, NewEvent, Overrides, Rollout,
    Task,
};
use crate::ports::{Clock, EventRetention, Runtime, Store, StoreError};
use crate::pulls::Pulls;
use crate::stats::Samples;

/// What a fleet is made of.
#[derive(Clone, Debug)]
pub struct Fleet {
    pub catalog: Arc<Catalog>,
    pub runtime: Arc<dyn Runtime>,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// How many effects may run at once.
    pub parallel: usize,
    /// Between two rounds of the watchdog.
    pub interval: Duration,
    /// Between two samples of what the instances use of their limits; `None`: nobody minds them.
    pub limits: Option<Duration>,
    /// Follow `docker events` for reactions within a second.
    pub follow_events: bool,
    pub retention: EventRetention,
    /// How many restarts for the sake of health it may have.
    pub health: HealthBudget,
    /// How long a stop waits for tasks that run; then the next daemon follows them.
    pub drain: Duration,
}

/// The rows that a first start writes: `<type>-default` for every type. A type whose name is too long for that gets none.
pub fn default_rows(catalog: &Catalog) -> Vec<NewAgent> {
    let row = |agent_type: &crate::model::TypeName| {
        let name = agent_type.default_instance().ok()?;
        Some(NewAgent { name, agent_type: agent_type.clone(), overrides: Overrides::default() })
    };
    catalog.types.keys().filter_map(row).collect()
}

impl Fleet {
    /// Starts all actors on the present arbiter; nothing is looked at or changed before [`FleetHandle::boot`].
    pub async fn start(mut self) -> Result<FleetHandle, StoreError> {
        let identity = self.store.identity().await?;
        // Without a type the first start is still to come: a package starts the daemon before anybody declared one.
        if !identity.seeded && !self.catalog.types.is_empty() {
            let seeded = self.store.seed(&default_rows(&self.catalog)).await?;
            log::info!(rows = seeded.len(); "first start: every type has its default agent");
        }
        let boot = Boot {
            rows: self.store.agents().await?,
            memories: self.store.memories().await?,
            journals: self.store.journals().await?,
            tombstones: self.store.tombstones().await?,
            uses: BTreeMap::new(),
        };
        let open = self.store.open_tasks().await?;
        let rollouts = self.store.open_rollouts().await?;
        let outlived = self.outlived(&open, &rollouts).await?;
        // Of the supervisor before this one: if it was killed, nobody looked since, as far as is known.
        let newest = self.store.latest_events(1, &EventFilter::default()).await?.items.pop();
        let last_sign = newest.map(|event| event.at);
        let (events, items) = EventSender::channel();
        let (publisher, snapshot) = watch::channel(Arc::new(FleetSnapshot::default()));
        let metrics = Metrics::new(snapshot.clone());
        self.runtime = Arc::new(Measured::new(self.runtime, metrics.clone()));
        let log = EventLog::new(self.store.clone(), items, self.retention, metrics.clone());
        let readers = log.readers();
        actix::spawn(log.run());
        let (prefix, fleet) = (self.catalog.prefix.clone(), identity.fleet);
        let looker = Looker::start(self.runtime.clone(), self.clock.clone(), prefix.clone(), fleet);
        let tools = Tools {
            runtime: self.runtime.clone(),
            store: self.store,
            clock: self.clock.clone(),
            events: events.clone(),
            prefix,
            fleet,
            rows_owed: Arc::default(),
            metrics,
            pulls: Pulls::default(),
        };
        let started = NewEvent::new(EventKind::SupervisorStarted, self.clock.wall());
        events.emit(started.data(json!({ "last_sign_of_life": last_sign })));

        let pulse = Pulse::new(self.clock.now());
        let permits = Arc::new(Permits::new(self.parallel.max(1), self.health));
        // They know each other, so all but one get their address before they run.
        let registry_context = Context::<Registry>::new();
        let registry = registry_context.address();
        let dispatcher = Dispatcher::new(tools.clone(), registry.clone(), snapshot.clone(), outlived);
        let boot = Boot { uses: dispatcher.uses(), ..boot };
        let watchdog_context = Context::<Watchdog>::new();
        let watchdog = watchdog_context.address();
        registry_context.run(Registry::new(
            self.catalog.clone(),
            tools.clone(),
            looker,
            permits,
            watchdog.clone(),
            boot,
            publisher,
        ));
        let dispatcher = dispatcher.start();
        watchdog_context.run(Watchdog::new(tools.clone(), registry.clone(), self.interval, pulse.clone()));
        if self.follow_events {
            actix::spawn(follow_docker_events(self.runtime.clone(), registry.clone(), watchdog.clone()));
        }
        let (samples, taking) = Samples::new(self.runtime.clone(), self.clock.clone(), snapshot.clone());
        actix::spawn(taking.run());
        let stopping = watch::Sender::new(false);
        let minder = Minder::new(tools.clone(), samples.clone(), snapshot.clone(), registry.clone());
        actix::spawn(minder.mind_limits(self.limits, stopping.subscribe()));
        let rollouts_context = Context::<Rollouts>::new();
        let tasks_context = Context::<Tasks>::new();
        let tasks = tasks_context.address();
        let handle = FleetHandle::new(crate::handle::Parts {
            catalog: RwLock::new(self.catalog),
            tools: tools.clone(),
            tasks: tasks.clone(),
            rollouts: rollouts_context.address(),
            registry,
            dispatcher,
            watchdog,
            snapshot,
            readers,
            samples,
            pulse,
            interval: self.interval,
            stopping,
            drain: self.drain,
        });
        let rollouts_address = rollouts_context.run(Rollouts::new(handle.clone(), tools.clone()));
        for rollout in rollouts {
            rollouts_address.do_send(BeginRollout { rollout: Box::new(rollout) });
        }
        tasks_context.run(Tasks::new(handle.clone(), tools));
        for task in open {
            tasks.do_send(BeginTask { task: Box::new(task) });
        }
        Ok(handle)
    }
    /// What stood when the supervisor before this one ended.
    async fn outlived(&self, open: &[Task], rollouts: &[Rollout]) -> Result<Outlived, StoreError> {
        let members = rollouts.iter().flat_map(|rollout| &rollout.members);
        Ok(Outlived {
            rolling: members.filter(|m| m.state.is_out()).map(|member| member.instance.clone()).collect(),
            leases: self.store.leases().await?,
            standings: self.store.standings().await?,
            tasks: places(open),
            open: open.iter().map(|task| task.id).collect(),
        })
    }
}
