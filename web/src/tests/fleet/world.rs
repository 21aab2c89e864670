//! A server with a fleet behind it, and hands that reach its docker and its store.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{
    Event, EventFilter, FleetId, HealthBudget, InstanceName, NewAgent, ObservedContainer, Overrides,
};
use claude_hooks_actors::ports::{AgentStore as _, EventRetention};
use claude_hooks_actors::testing::{MemoryStore, SimDocker, TestClock, catalog, name, type_name};
use claude_hooks_actors::{Fleet, FleetHandle};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::tests::client::{Answer, TestServer};

/// Upper bound of every wait for something that takes milliseconds on a quiet machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Between two rounds of a watchdog that is to keep out of it.
const A_LONG_TIME: Duration = Duration::from_hours(1);

const JSON: &str = "Content-Type: application/json\r\n";

/// What the later calls on a lease need.
pub(super) struct Lease {
    pub(super) id: String,
    pub(super) fence: String,
}

impl Lease {
    pub(super) fn of(lease: &Value) -> Self {
        let id = lease["id"].as_str().expect("a lease has an id").to_owned();
        Self { id, fence: lease["fence"].to_string() }
    }
}

/// How far a world is brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// The actors live; nothing was looked at yet.
    Started,
    Booted,
}

pub(super) struct World {
    pub(super) server: TestServer,
    pub(super) fleet: FleetHandle,
    pub(super) docker: SimDocker,
    pub(super) store: MemoryStore,
    /// Of the server's thread, where the simulation's timers run.
    runtime: Handle,
}

impl World {
    /// With these rows, `(name, type)`, all reconciled. Types are `dev` (hot), `lazy` (lazy) and `host` (host mode).
    pub(super) fn with(rows: &[(&str, &str)]) -> Self {
        Self::begin(rows, Begin::Booted, A_LONG_TIME)
    }

    /// With a watchdog that goes round all the time.
    pub(super) fn watched(rows: &[(&str, &str)]) -> Self {
        Self::begin(rows, Begin::Booted, Duration::from_millis(100))
    }

    pub(super) fn empty() -> Self {
        Self::with(&[])
    }

    /// Before the boot pass.
    pub(super) fn started() -> Self {
        Self::begin(&[], Begin::Started, A_LONG_TIME)
    }

    fn begin(rows: &[(&str, &str)], begin: Begin, interval: Duration) -> Self {
        let rows: Vec<NewAgent> = rows.iter().map(|(name, agent_type)| new(name, agent_type)).collect();
        let (tell, told) = mpsc::channel();
        let server = TestServer::over(async move || {
            let (fleet, docker, store) = start(&rows, interval).await;
            if begin == Begin::Booted {
                fleet.boot().await.expect("docker answers");
            }
            tell.send((fleet.clone(), docker, store, Handle::current())).expect("the test waits for it");
            fleet
        });
        let (fleet, docker, store, runtime) = told.recv_timeout(PATIENCE).expect("the fleet starts");
        Self { server, fleet, docker, store, runtime }
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.server.ask("GET", &api(path), "", "")
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "", body)
    }

    /// An action, or whatever else wants no body.
    pub(super) fn post_nothing(&self, path: &str) -> Answer {
        self.server.ask("POST", &api(path), JSON, "")
    }

    pub(super) fn patch(&self, path: &str, etag: Option<&str>, body: &Value) -> Answer {
        let if_match = etag.map(|etag| format!("If-Match: {etag}\r\n")).unwrap_or_default();
        self.send("PATCH", path, &if_match, body)
    }

    pub(super) fn delete(&self, path: &str) -> Answer {
        self.server.ask("DELETE", &api(path), JSON, "")
    }

    /// Renews (`PUT`) or releases (`DELETE`) a lease.
    pub(super) fn on_lease(&self, method: &str, id: &str, fence: Option<&str>) -> Answer {
        let fence = fence.map(|fence| format!("Lease-Fence: {fence}\r\n")).unwrap_or_default();
        self.server.ask(method, &api(&format!("leases/{id}")), &format!("{JSON}{fence}"), "")
    }

    /// Claims an agent by name, which must be free.
    pub(super) fn lease(&self, instance: &str, holder: &str) -> Lease {
        let answer = self.post("leases", &json!({ "instance": instance, "holder": holder }));
        assert_eq!(answer.status, 201, "{answer:?}");
        Lease::of(&answer.json())
    }

    pub(super) fn release(&self, lease: &Lease) {
        let answer = self.on_lease("DELETE", &lease.id, Some(&lease.fence));
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
    }

    pub(super) fn send(&self, method: &str, path: &str, more: &str, body: &Value) -> Answer {
        self.server.ask(method, &api(path), &format!("{JSON}{more}"), &body.to_string())
    }

    /// What an operator or fate does to docker, on the runtime in which the simulation keeps its time.
    pub(super) fn by_hand<R>(&self, act: impl FnOnce(&SimDocker) -> R) -> R {
        let _entered = self.runtime.enter();
        act(&self.docker)
    }

    pub(super) fn container(&self, instance: &str) -> Option<ObservedContainer> {
        self.docker.container(&container(instance))
    }

    /// Waits until the API shows the phase.
    pub(super) fn until(&self, instance: &str, phase: &str) {
        let answer = self.get(&format!("agents/{instance}/wait?state={phase}&timeout_s=30"));
        assert_eq!(answer.status, 200, "{instance} becomes {phase}: {answer:?}");
    }

    /// The boot pass of a world that was only started.
    pub(super) fn boot(&self) {
        self.runtime.block_on(async { self.fleet.boot().await.expect("docker answers") });
    }

    /// The agent, once it is as the test wants it.
    pub(super) fn agent_once(&self, instance: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{instance} looks as expected"), || {
            let answer = self.get(&format!("agents/{instance}"));
            (answer.status == 200).then(|| answer.json()).filter(|agent| wanted(agent))
        })
    }

    /// What is stored about the instance, oldest first.
    pub(super) fn stored(&self, instance: &str) -> Vec<Event> {
        let filter = EventFilter { instances: vec![name(instance)], ..EventFilter::default() };
        self.runtime.block_on(async {
            self.fleet.flush_events().await;
            self.fleet.events_after(0, u32::MAX, &filter).await.expect("the store answers").items
        })
    }
}

async fn start(rows: &[NewAgent], interval: Duration) -> (FleetHandle, SimDocker, MemoryStore) {
    let (fleet, catalog) = (FleetId::random(), catalog());
    let docker = SimDocker::new(fleet, catalog.prefix.clone());
    docker.add_image("agent:1");
    let clock = Arc::new(TestClock::new());
    let store = MemoryStore::new(fleet, clock.clone());
    store.insert_agents(rows).await.expect("names differ");
    // With rows only the mark is written; without any, nothing is seeded.
    store.seed(&[]).await.expect("the store answers");
    let fleet = Fleet {
        catalog: Arc::new(catalog),
        runtime: Arc::new(docker.clone()),
        store: Arc::new(store.clone()),
        clock,
        parallel: 4,
        interval,
        limits: None,
        follow_events: true,
        health: HealthBudget::default(),
        retention: EventRetention { max_age: Duration::from_hours(24), max_count: 1_000_000 },
        drain: Duration::from_secs(10),
    };
    (fleet.start().await.expect("the store answers"), docker, store)
}

fn new(instance: &str, agent_type: &str) -> NewAgent {
    NewAgent { name: name(instance), agent_type: type_name(agent_type), overrides: Overrides::default() }
}

fn api(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") }
}

pub(super) fn container(instance: &str) -> String {
    format!("claude-hooks-{instance}")
}

pub(super) fn volume(instance: &str) -> String {
    format!("claude-hooks-{instance}-state")
}

/// Looks until there is something, for a bounded time.
pub(super) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The row's own name for an instance.
pub(super) fn instance(text: &str) -> InstanceName {
    name(text)
}

/// The condition of this type that holds, if any.
pub(super) fn condition<'a>(agent: &'a Value, kind: &str) -> Option<&'a Value> {
    let holds = |c: &&Value| c["type"] == kind && c["status"] == true;
    agent["conditions"].as_array().expect("a list of conditions").iter().find(holds)
}

/// An agent without the time of the last look, which moves without anything having changed.
pub(super) fn without_look(mut agent: Value) -> Value {
    agent["observed"]["observed_at"] = Value::Null;
    agent
}
