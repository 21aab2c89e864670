//! The fleet: a boss, developers, reviewers that sleep, one in host mode, and one agent in each kind of trouble.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use claude_hooks_actors::handle::Command;
use claude_hooks_actors::model::{
    AgentType, Catalog, ClaimRequest, ClaimTarget, FleetId, HealthBudget, InstanceName, LEASE_TTL_MOST,
    Lifecycle, NewAgent, OurLabels, Overrides,
};
use claude_hooks_actors::ports::{AgentStore as _, EventRetention, SystemClock};
use claude_hooks_actors::testing::{Behaviour, MemoryStore, SimDocker, agent_type, catalog, name, type_name};
use claude_hooks_actors::{Fleet, FleetHandle};
use jiff::Timestamp;

use crate::Failure;

/// Agents in trouble, or in a state that is rare, and the image of each.
const TROUBLED: [(&str, &str, &str); 12] = [
    ("dev-crashing", "dev", "agent:crashing"),
    ("dev-without-image", "dev", "agent:missing"),
    ("dev-broken", "dev", "agent:broken"),
    ("dev-name-taken", "dev", IMAGE),
    ("dev-state-lost", "dev", IMAGE),
    ("dev-draining", "dev", IMAGE),
    ("dev-stale", "dev", "agent:moving"),
    ("dev-held-down", "dev", IMAGE),
    ("dev-cordoned", "dev", IMAGE),
    ("dev-oom", "dev", IMAGE),
    ("reviewer-kept-awake", "reviewer", IMAGE),
    // As long as a name may be, so that a layout has to cope.
    ("dev-with-a-name-that-is-as-long-as-a-name-may-be-for-an-agent-1", "dev", IMAGE),
];

pub(crate) const IMAGE: &str = "agent:1";

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) fleet: FleetHandle,
    pub(crate) docker: SimDocker,
    /// Those that `play` may touch.
    pub(crate) hot: Vec<InstanceName>,
}

impl World {
    /// Everything but the boot pass.
    pub(crate) async fn start(instances: u32, trouble: bool) -> Result<Self, Failure> {
        let (id, catalog) = (FleetId::random(), types());
        let docker = SimDocker::new(id, catalog.prefix.clone());
        docker.begin_at(Timestamp::now());
        images(&docker);
        let rows = rows(instances, trouble);
        let store = MemoryStore::new(id, Arc::new(SystemClock));
        store.insert_agents(&rows).await?;
        store.seed(&[]).await?;
        if trouble {
            docker.run_foreign(&container("dev-name-taken"), OurLabels::default());
        }
        let fleet = Fleet {
            catalog: Arc::new(catalog),
            runtime: Arc::new(docker.clone()),
            store: Arc::new(store),
            clock: Arc::new(SystemClock),
            parallel: 8,
            // A tag that means another image is seen by the watchdog's round only.
            interval: Duration::from_secs(5),
            limits: Some(Duration::from_secs(10)),
            follow_events: true,
            // Nothing is drained: the program ends with its simulated engine.
            drain: Duration::ZERO,
            health: HealthBudget::default(),
            retention: EventRetention { max_age: Duration::from_hours(24), max_count: 200_000 },
        };
        let troubled = |row: &NewAgent| TROUBLED.iter().any(|(instance, ..)| row.name.as_ref() == *instance);
        let playing = |row: &&NewAgent| row.agent_type == type_name("dev") && !troubled(row);
        let hot = rows.iter().filter(playing).map(|row| row.name.clone()).collect();
        Ok(Self { fleet: fleet.start().await?, docker, hot })
    }

    /// What only goes wrong once the fleet runs.
    pub(crate) async fn make_trouble(&self) -> Result<(), Failure> {
        // In one go, so that the supervisor cannot make a new container in between.
        self.docker.remove_by_hand(&container("dev-state-lost"));
        self.docker.remove_volume_by_hand(&format!("{}-state", container("dev-state-lost")))?;
        self.docker.oom(&container("dev-oom"));
        self.docker.retag("agent:moving");
        self.fleet.command(&name("dev-held-down"), Command::Stop, false).await?;
        self.fleet.cordon(&name("dev-cordoned"), true).await?;
        self.fleet.hold(&name("reviewer-kept-awake"), Some(Duration::from_hours(2))).await?;
        let draining = name("dev-draining");
        let mut claim = ClaimRequest::new(ClaimTarget::Instance(draining.clone()), "a long review");
        claim.ttl = LEASE_TTL_MOST;
        self.fleet.acquire(claim).await?;
        let row = self.fleet.row(&draining).await?;
        let change = Overrides { image: Some("agent:2".into()), ..row.overrides };
        self.fleet.update(&draining, row.generation, change).await?;
        Ok(())
    }
}

fn types() -> Catalog {
    let boss = agent_type("boss", Lifecycle::Hot);
    let dev = agent_type("dev", Lifecycle::Hot);
    let idle_timeout = Duration::from_secs(20);
    let reviewer = AgentType { idle_timeout, ..agent_type("reviewer", Lifecycle::Lazy) };
    let operator = AgentType { container: None, ..agent_type("operator", Lifecycle::Hot) };
    let types = [boss, dev, reviewer, operator].map(|t| (t.name.clone(), t));
    Catalog { types: BTreeMap::from(types), ..catalog() }
}

fn images(docker: &SimDocker) {
    let says = (1..=40).map(|line| format!("[{line:02}] <b>looking</b> at src/part_{line}.rs")).collect();
    docker.behave(IMAGE, Behaviour { says, ..Behaviour::default() });
    docker.add_image("agent:2");
    docker.add_image("agent:moving");
    let exits = Some((Duration::from_millis(400), 1));
    let says = vec!["error: cannot read the configuration: \u{1b}[31mno such file\u{1b}[0m".into()];
    docker.behave("agent:crashing", Behaviour { exits, says, ..Behaviour::default() });
    let cannot_start = Some("OCI runtime create failed: exec: \"agent\": executable file not found".into());
    docker.behave("agent:broken", Behaviour { cannot_start, ..Behaviour::default() });
}

fn rows(instances: u32, trouble: bool) -> Vec<NewAgent> {
    let row = |instance: &str, of: &str, image: &str| NewAgent {
        name: name(instance),
        agent_type: type_name(of),
        overrides: Overrides { image: (image != IMAGE).then(|| image.to_owned()), ..Overrides::default() },
    };
    let mut rows = vec![row("boss-default", "boss", IMAGE), row("operator-default", "operator", IMAGE)];
    if trouble {
        rows.extend(TROUBLED.map(|(instance, of, image)| row(instance, of, image)));
    }
    let rest = (instances as usize).saturating_sub(rows.len());
    for (of, count) in [("reviewer", rest / 3), ("dev", rest - rest / 3)] {
        rows.extend((1..=count).map(|number| match number {
            1 => row(&format!("{of}-default"), of, IMAGE),
            number => row(&format!("{of}-{number}"), of, IMAGE),
        }));
    }
    rows
}

pub(crate) fn container(instance: &str) -> String {
    format!("claude-hooks-{instance}")
}
