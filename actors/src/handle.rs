//! The one door to the fleet, for the REST API, the command line and in-process dispatchers alike.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix::Addr;
use tokio::sync::{broadcast, oneshot, watch};

use crate::actors::{
    Dispatcher, HeardBy, Ping, Pulse, Quiesce, Redeclare, Refresh, Registry, Rollouts, Settled, StopGranting,
    Tasks, Unreserve, Watchdog, WhyOf,
};
use crate::decide::Request;
use crate::effects::Tools;
use crate::metrics::Metrics;
use crate::model::{
    Agent, AgentType, Catalog, ContainerId, Event, EventKind, FleetId, FleetSnapshot, FleetStats,
    InstanceName, NewEvent, Why,
};
use crate::ports::LogTarget;
pub use crate::ports::{
    LeaseError, LogLine, LogOptions, LogStream, OutputStream, RuntimeError, StoreError, TaskFilter,
};
use crate::stats::Samples;

mod agents;
mod answers;
mod error;
mod leases;
mod parking;
mod past;
mod reconcile;
mod rollouts;
mod scale;
mod spec;
mod tasks;
mod volumes;

pub use crate::dispatch::Occupied;
pub use crate::stats::{StatsReader, StatsSample};
pub use answers::{Command, Health, Reconciled, ScaleReport, TaskView, TypeView, Wiped};
pub use error::FleetError;
pub use leases::HOLD_MOST;
pub use parking::{OWN_HOLD_MOST, OWN_PARK_MOST, PARK_MOST, ParkEnd, ParkRequest};
pub use rollouts::ROLLOUTS_MOST;
pub use tasks::TASKS_MOST;
pub use volumes::{VolumeList, VolumeView};

/// What the handle is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    /// Replaced as a whole when the types are declared anew.
    pub(crate) catalog: RwLock<Arc<Catalog>>,
    pub(crate) tools: Tools,
    pub(crate) registry: Addr<Registry>,
    pub(crate) dispatcher: Addr<Dispatcher>,
    pub(crate) tasks: Addr<Tasks>,
    pub(crate) rollouts: Addr<Rollouts>,
    pub(crate) watchdog: Addr<Watchdog>,
    pub(crate) snapshot: watch::Receiver<Arc<FleetSnapshot>>,
    pub(crate) readers: broadcast::Sender<Arc<Event>>,
    pub(crate) samples: Samples,
    pub(crate) pulse: Pulse,
    pub(crate) interval: Duration,
    pub(crate) stopping: watch::Sender<bool>,
    /// Longest that tasks which run are waited for when the supervisor stops; then the next one follows them.
    pub(crate) drain: Duration,
}

/// Cheap to clone, usable from every thread.
#[derive(Clone, Debug)]
pub struct FleetHandle {
    parts: Arc<Parts>,
    force: bool,
}

/// So many missed rounds and the watchdog counts as stuck. A round may take two deadlines of a hung docker.
const MISSED_ROUNDS: u32 = 3;
/// Longest that the instances are waited for when the supervisor stops.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// Most rows that one type may be scaled to.
pub const MAX_SCALE: usize = 1000;

impl FleetHandle {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts), force: false }
    }

    /// The same fleet; with `force` a change takes its instance from whoever works with it instead of waiting for them.
    #[must_use]
    pub fn forcing(&self, force: bool) -> Self {
        Self { parts: self.parts.clone(), force }
    }

    /// A handle with no fleet behind it: an empty picture and a channel without events. For tests of the door, whose
    /// requests never get as far as the fleet.
    #[cfg(any(test, feature = "testing"))]
    pub fn detached() -> Self {
        use actix::AsyncContext as _;

        use crate::testing::{MemoryStore, SimDocker, TestClock, catalog};

        let (fleet, catalog) = (FleetId::random(), catalog());
        let clock = Arc::new(TestClock::new());
        let now = tokio::time::Instant::now();
        let (events, _) = crate::event_sender::EventSender::channel();
        let snapshot = watch::channel(Arc::default()).1;
        let tools = Tools {
            runtime: Arc::new(SimDocker::new(fleet, catalog.prefix.clone())),
            store: Arc::new(MemoryStore::new(fleet, clock.clone())),
            clock,
            events,
            prefix: catalog.prefix.clone(),
            fleet,
            rows_owed: Arc::default(),
            metrics: Metrics::new(snapshot.clone()),
            pulls: crate::pulls::Pulls::default(),
        };
        let (samples, _) = Samples::new(tools.runtime.clone(), tools.clock.clone(), snapshot.clone());
        Self::new(Parts {
            catalog: RwLock::new(Arc::new(catalog)),
            tools,
            registry: actix::Context::<Registry>::new().address(),
            dispatcher: actix::Context::<Dispatcher>::new().address(),
            tasks: actix::Context::<Tasks>::new().address(),
            rollouts: actix::Context::<Rollouts>::new().address(),
            watchdog: actix::Context::<Watchdog>::new().address(),
            snapshot,
            readers: broadcast::channel(16).0,
            samples,
            pulse: Pulse::new(now),
            interval: Duration::from_mins(1),
            stopping: watch::Sender::new(false),
            drain: Duration::ZERO,
        })
    }

    /// The latest picture; never waits.
    pub fn snapshot(&self) -> Arc<FleetSnapshot> {
        self.parts.snapshot.borrow().clone()
    }

    /// Wakes on every new picture.
    pub fn watch(&self) -> watch::Receiver<Arc<FleetSnapshot>> {
        self.parts.snapshot.clone()
    }

    /// What is measured of this fleet.
    pub fn metrics(&self) -> &Metrics {
        &self.parts.tools.metrics
    }

    /// Identity of the fleet, as its containers carry it in a label.
    pub fn fleet_id(&self) -> FleetId {
        self.parts.tools.fleet
    }

    pub fn types(&self) -> Vec<TypeView> {
        let snapshot = self.snapshot();
        let view = |declared: &AgentType| TypeView {
            name: declared.name.clone(),
            lifecycle: declared.lifecycle,
            host_mode: declared.container.is_none(),
            image: declared.container.as_ref().map(|container| container.image.clone()),
            idle_timeout_s: declared.idle_timeout.as_secs(),
            health: (&declared.health).into(),
            count: snapshot.agents.values().filter(|agent| agent.agent_type == declared.name).count(),
        };
        self.catalog().types.values().map(view).collect()
    }

    /// Roots under which the API may mount.
    pub fn mount_roots(&self) -> Vec<PathBuf> {
        self.catalog().mount_roots.clone()
    }

    /// Agents that have a socket of their own, by which they tell of themselves.
    pub fn with_agent_socket(&self) -> Vec<InstanceName> {
        let catalog = self.catalog();
        let has = |agent_type| catalog.types.get(agent_type)?.container.as_ref().map(|c| c.agent_socket);
        let snapshot = self.snapshot();
        let agents = snapshot.agents.values().filter(|agent| has(&agent.agent_type) == Some(true));
        agents.map(|agent| agent.name.clone()).collect()
    }

    /// The types as they are declared now.
    fn catalog(&self) -> Arc<Catalog> {
        // Nothing panics while it holds the lock, and what is in there is whole in any case.
        self.parts.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over types that are declared anew, and the roots of mounts; the prefix stays, since what is in docker bears
    /// it. Every instance is told what its row asks for now; a reconcile then waits for what comes of it. Nothing of a
    /// type that is not declared any more is touched.
    pub async fn redeclare(&self, catalog: Catalog) {
        let catalog = Arc::new(Catalog { prefix: self.parts.tools.prefix.clone(), ..catalog });
        *self.parts.catalog.write().unwrap_or_else(PoisonError::into_inner) = catalog.clone();
        // A registry that is gone is noticed by everything else.
        let _ = self.parts.registry.send(Redeclare { catalog }).await;
    }

    /// Wakes when the supervisor begins to stop.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.parts.stopping.subscribe()
    }

    fn admit(&self) -> Result<(), FleetError> {
        if *self.parts.stopping.borrow() {
            return Err(FleetError::Stopping);
        }
        match &self.snapshot().suspended {
            Some(reason) => Err(FleetError::Suspended(reason.clone())),
            None => Ok(()),
        }
    }

    fn event(&self, kind: EventKind) -> NewEvent {
        NewEvent::new(kind, self.parts.tools.clock.wall())
    }

    /// The row itself, as stored.
    pub async fn row(&self, name: &InstanceName) -> Result<Agent, FleetError> {
        self.parts.tools.store.agent(name).await?.ok_or_else(|| FleetError::NotFound(name.clone()))
    }

    /// Reads the row again and settles its instance.
    async fn refresh(&self, name: &InstanceName, request: Option<Request>) -> Result<Reconciled, FleetError> {
        if self.force {
            self.revoke(name).await?;
        }
        let (reply, settled) = oneshot::channel();
        let refresh = Refresh { name: name.clone(), request, reply: Some(reply) };
        // A registry that is gone drops the reply, which is the answer "busy".
        let _ = self.parts.registry.send(refresh).await;
        let settled = settled.await;
        if self.force {
            self.parts.dispatcher.do_send(Unreserve { name: name.clone() });
        }
        self.published().await;
        Self::settled(name, settled)
    }

    /// Waits until the picture shows whatever instances have answered so far: each reports its view to the registry
    /// before it answers, and the registry's mailbox keeps the order. Whoever was answered then reads what he wrote.
    async fn published(&self) {
        // A registry that is gone publishes nothing any more.
        let _ = self.parts.registry.send(Ping).await;
    }

    /// Waits until the picture shows what the instance was told: unlike a settled one, it does not answer by itself.
    pub(crate) async fn heard(&self, name: &InstanceName) {
        if let Ok(Some(heard)) = self.parts.registry.send(HeardBy { name: name.clone() }).await {
            // An actor that dies meanwhile is told anew.
            let _ = heard.await;
        }
        self.published().await;
    }

    /// Does all of `work`, also if the caller goes away before the end: a row that was committed must be followed.
    async fn see_through<R, F>(&self, work: impl FnOnce(Self) -> F) -> Result<R, FleetError>
    where
        R: Send + 'static,
        F: Future<Output = Result<R, FleetError>> + Send + 'static,
    {
        let done = tokio::spawn(work(self.clone())).await;
        done.unwrap_or_else(|_| Err(FleetError::Busy("the supervisor".into())))
    }

    fn settled(
        name: &InstanceName,
        settled: Result<Settled, oneshot::error::RecvError>,
    ) -> Result<Reconciled, FleetError> {
        let Settled { outcome, reason, view } = settled.map_err(|_| FleetError::Busy(name.to_string()))?;
        Ok(Reconciled { name: name.clone(), outcome, reason, agent: view })
    }

    pub async fn why(&self, name: &InstanceName) -> Result<Why, FleetError> {
        let busy = || FleetError::Busy(name.to_string());
        let answer = self.parts.registry.send(WhyOf { name: name.clone() }).await.map_err(|_| busy())?;
        let Some(answer) = answer else {
            self.row(name).await?;
            return Err(busy());
        };
        answer.await.map_err(|_| busy())
    }

    /// The output of the instance's container; an error if it has none that is known.
    pub async fn logs(&self, name: &InstanceName, options: LogOptions) -> Result<LogStream, FleetError> {
        let snapshot = self.snapshot();
        let Some(agent) = snapshot.agents.get(name) else {
            self.row(name).await?;
            return Err(FleetError::Busy(name.to_string()));
        };
        let id = agent.observed.container_id.as_deref().and_then(ContainerId::parse);
        let Some(id) = id else {
            let phase = agent.observed.phase;
            return Err(FleetError::Denied {
                reason: format!("{name} has no container whose output could be read: it is {phase}"),
                help: "see why it is, or reconcile it".into(),
            });
        };
        Ok(self.parts.tools.runtime.logs(&LogTarget(id), options).await?)
    }

    /// Every event from now on; a receiver that lags is told so by the channel and must start over.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.parts.readers.subscribe()
    }

    /// What the instances use, every few seconds, for as long as the reader is kept.
    pub fn read_stats(&self) -> StatsReader {
        self.parts.samples.read()
    }

    /// What the instances use now: one sample.
    pub async fn stats(&self) -> Result<Arc<FleetStats>, FleetError> {
        Ok(self.read_stats().next().await.ok_or(FleetError::Stopping)??)
    }

    /// Waits until all events so far are stored; false if the event log has stopped.
    pub async fn flush_events(&self) -> bool {
        self.parts.tools.events.flush().await
    }

    /// Asks every loop for a sign of life, at most `patience` long.
    pub async fn health(&self, patience: Duration) -> Health {
        let Parts { registry, watchdog, tools, pulse, interval, .. } = &*self.parts;
        let registry = async { registry.send(Ping).await.is_ok() };
        let watchdog = async { watchdog.send(Ping).await.is_ok() };
        let store = async { tools.store.identity().await.is_ok() };
        let in_time = |answer| tokio::time::timeout(patience, answer);
        let (registry, watchdog, store, log) = tokio::join!(
            tokio::time::timeout(patience, registry),
            tokio::time::timeout(patience, watchdog),
            tokio::time::timeout(patience, store),
            in_time(tools.events.flush()),
        );
        let watchdog_age_s = pulse.age_s(tools.clock.now());
        // A round waits for two docker calls of ten seconds each before it gives up.
        let allowed = *interval * MISSED_ROUNDS + Duration::from_mins(1);
        Health {
            registry_answers: registry.unwrap_or(false),
            event_log_answers: log.unwrap_or(false),
            store_answers: store.unwrap_or(false),
            watchdog_age_s,
            watchdog_moves: watchdog.unwrap_or(false) && watchdog_age_s <= allowed.as_secs(),
        }
    }

    /// Whether the registry still lives; without it the supervisor is of no use and should be started anew.
    pub fn is_connected(&self) -> bool {
        self.parts.registry.connected() && self.parts.watchdog.connected()
    }

    /// Takes no more work, lets what is in flight end (bounded), and stores all events. Containers run on.
    pub async fn stop(&self) {
        self.parts.stopping.send_replace(true);
        self.parts.dispatcher.do_send(StopGranting);
        self.drain_tasks(self.parts.drain).await;
        self.parts.tools.events.emit(self.event(EventKind::SupervisorStopping));
        if let Ok(waiting) = self.parts.registry.send(Quiesce).await {
            let all = async {
                for finished in waiting {
                    // An actor that died has nothing in flight.
                    let _ = finished.await;
                }
            };
            if tokio::time::timeout(STOP_PATIENCE, all).await.is_err() {
                log::warn!(
                    "some docker calls did not end in time; the next start finds out what came of them"
                );
            }
        }
        self.parts.tools.events.flush().await;
    }

    /// Makes the actor of `name` panic; false if there is none.
    #[cfg(any(test, feature = "testing"))]
    pub async fn inject_panic(&self, name: &InstanceName) -> bool {
        self.parts.registry.send(crate::actors::PanicIn { name: name.clone() }).await.unwrap_or(false)
    }
}
