//! What exists in the engine: containers, volumes, images, and the timers of what is due.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use sha2::{Digest, Sha256};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use super::faults::Faults;
use super::health::Probes;
use super::images::Images;
use super::journal::Call;
use super::life::Timer;
use super::runs::Runs;
use super::streams::Signal;
use crate::model::{
    ContainerId, ContainerState, DiskState, ObservedContainer, ObservedVolume, OurLabels, RestartPolicy,
};
use crate::ports::{CreateRequest, RuntimeError};
use crate::testing::clock;

/// Docker's text for "never".
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";

/// How many signals a slow reader may lag behind; the real engine keeps 256 as well.
const SIGNALS: usize = 256;

#[derive(Debug)]
pub(super) struct Container {
    /// What `inspect` shows.
    pub(super) seen: ObservedContainer,
    /// What it was made from, if through the port.
    pub(super) request: Option<CreateRequest>,
    /// Raised whenever a process begins or ends; a timer of an older life is void.
    pub(super) life: u64,
    pub(super) began: Instant,
    /// By `stop` or `kill`: the restart policy does not bring it back.
    pub(super) stopped_by_hand: bool,
    /// Delay of the latest restart; zero after ten seconds of health.
    pub(super) backoff: Duration,
    /// When the pending restart is due.
    pub(super) restart_due: Option<Instant>,
    /// How many more removals will leave it `dead`.
    pub(super) stuck_removals: u32,
    pub(super) log: Vec<(Timestamp, String)>,
    pub(super) uses: Uses,
}

/// What a container uses while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uses {
    pub cpu_percent: f64,
    pub memory_bytes: u64,
    pub pids: u64,
    pub pids_refused: Option<u64>,
}

impl Default for Uses {
    fn default() -> Self {
        Self { cpu_percent: 12.5, memory_bytes: 1 << 20, pids: 2, pids_refused: Some(0) }
    }
}

impl Container {
    pub(super) fn is_up(&self) -> bool {
        self.seen.is_up()
    }
}

/// One volume of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimVolume {
    pub name: String,
    pub created_at: String,
    pub labels: OurLabels,
    /// Whom it was handed to; `None` is root.
    pub owner: Option<String>,
    /// Never used twice: the same number is the same data.
    pub serial: u64,
    /// What it lies on.
    pub disk: DiskState,
    /// What its files take.
    pub bytes: u64,
}

impl SimVolume {
    pub(super) fn observed(&self) -> ObservedVolume {
        ObservedVolume {
            name: self.name.clone(),
            created_at: self.created_at.clone(),
            labels: self.labels.clone(),
        }
    }
}

pub(super) struct State {
    pub(super) now: Instant,
    start: Instant,
    /// What the engine's wall clock showed at its start.
    pub(super) wall_start: Timestamp,
    last_stamp: Timestamp,
    counter: u64,
    pub(super) containers: BTreeMap<ContainerId, Container>,
    pub(super) volumes: BTreeMap<String, SimVolume>,
    pub(super) images: Images,
    pub(super) runs: Runs,
    pub(super) probes: Probes,
    pub(super) faults: Faults,
    pub(super) journal: Vec<Call>,
    pub(super) violations: Vec<String>,
    /// Foreign containers that the test allows to be taken over.
    pub(super) adoptable: BTreeSet<ContainerId>,
    /// Volumes that the test allows to be removed.
    pub(super) removable: BTreeSet<String>,
    pub(super) volumes_removed: Vec<String>,
    /// Raised by every restart of dockerd; a call that saw another one loses its connection.
    pub(super) epoch: u64,
    timers: BTreeMap<(Instant, u64), Timer>,
    new_dues: Vec<Instant>,
    pub(super) signals: broadcast::Sender<Signal>,
    pub(super) silent: bool,
    pub(super) revision: watch::Sender<u64>,
}

impl State {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            now,
            start: now,
            wall_start: clock::at(Duration::ZERO),
            last_stamp: Timestamp::MIN,
            counter: 0,
            containers: BTreeMap::new(),
            volumes: BTreeMap::new(),
            images: Images::default(),
            runs: Runs::default(),
            probes: Probes::default(),
            faults: Faults::default(),
            journal: Vec::new(),
            violations: Vec::new(),
            adoptable: BTreeSet::new(),
            removable: BTreeSet::new(),
            volumes_removed: Vec::new(),
            epoch: 0,
            timers: BTreeMap::new(),
            new_dues: Vec::new(),
            signals: broadcast::channel(SIGNALS).0,
            silent: false,
            revision: watch::channel(0).0,
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.now.saturating_duration_since(self.start)
    }

    /// The engine's wall clock; no two stamps are equal, as with docker's nanoseconds.
    pub(super) fn stamp(&mut self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.elapsed()).unwrap_or(SignedDuration::MAX);
        let wall = self.wall_start.saturating_add(elapsed).unwrap_or(Timestamp::MAX);
        let next = self.last_stamp.checked_add(SignedDuration::from_nanos(1)).unwrap_or(wall);
        self.last_stamp = wall.max(next);
        self.last_stamp
    }

    /// A volume's time: docker takes it from the file system and shows whole seconds.
    pub(super) fn stamp_seconds(&mut self) -> String {
        let stamp = self.stamp();
        stamp.round(Unit::Second).unwrap_or(stamp).to_string()
    }

    pub(super) fn serial(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(super) fn new_id(&mut self) -> ContainerId {
        let digest = hex::encode(Sha256::digest(self.serial().to_be_bytes()));
        ContainerId::parse(&digest).expect("a SHA-256 in hexadecimal has 64 digits")
    }

    /// Makes everything that was due by `now` happen, in order and each at its own time. Tells whether anything was.
    pub(super) fn settle(&mut self, now: Instant) -> bool {
        let mut any = false;
        while let Some((&key, _)) = self.timers.first_key_value()
            && key.0 <= now
        {
            let timer = self.timers.remove(&key).expect("the first key was just read");
            self.now = self.now.max(key.0);
            self.fire(&timer);
            any = true;
        }
        self.now = self.now.max(now);
        any
    }

    pub(super) fn schedule(&mut self, due: Instant, timer: Timer) {
        let serial = self.serial();
        self.timers.insert((due, serial), timer);
        self.new_dues.push(due);
    }

    pub(super) fn take_new_dues(&mut self) -> Vec<Instant> {
        std::mem::take(&mut self.new_dues)
    }

    /// Wakes everybody who waits for something to change.
    pub(super) fn announce(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(super) fn find(&mut self, id: &ContainerId) -> Result<&mut Container, RuntimeError> {
        let missing = || RuntimeError::NotFound { what: format!("container {}", id.short()) };
        self.containers.get_mut(id).ok_or_else(missing)
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&Container> {
        self.containers.values().find(|c| c.seen.name == name)
    }

    /// The container's name if it exists, for journals and messages.
    pub(super) fn name_of(&self, id: &ContainerId) -> String {
        self.containers.get(id).map_or_else(|| id.short().to_owned(), |c| c.seen.name.clone())
    }

    pub(super) fn insert(&mut self, draft: Draft) -> ContainerId {
        let id = self.new_id();
        let seen = ObservedContainer {
            id: id.clone(),
            name: draft.name,
            labels: draft.labels,
            state: ContainerState::Created,
            started_at: NEVER.into(),
            finished_at: NEVER.into(),
            exit_code: 0,
            oom_killed: false,
            error: String::new(),
            restart_count: 0,
            restart_policy: draft.policy,
            image_id: draft.image_id,
            image: draft.image,
            health: None,
            state_volume: draft.volume,
            limits: draft.request.as_ref().map(|request| request.spec.limits.clone()).unwrap_or_default(),
        };
        let container = Container {
            seen,
            request: draft.request,
            life: 0,
            began: self.now,
            stopped_by_hand: false,
            backoff: Duration::ZERO,
            restart_due: None,
            stuck_removals: 0,
            log: Vec::new(),
            uses: Uses::default(),
        };
        self.containers.insert(id.clone(), container);
        self.emit(&id, "create");
        id
    }
}

/// A container about to be made.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) labels: OurLabels,
    pub(super) policy: RestartPolicy,
    pub(super) image: String,
    pub(super) image_id: String,
    pub(super) volume: Option<String>,
    pub(super) request: Option<CreateRequest>,
}
