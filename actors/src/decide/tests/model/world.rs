//! One instance's corner of docker, as small as the rules can bear: a few containers, their volumes and a clock.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::row::{Row, Spec, instance};
use crate::model::{
    ContainerId, ContainerState, Desired, FleetId, FleetObservation, FleetPrefix, InstanceObservation,
    Lifecycle, ObservedContainer, OurLabels, RestartPolicy, assign,
};
use crate::ports::RecreateJournal;
use crate::testing::{container, container_id};

const FLEET: &str = "00000000-0000-4000-8000-000000000001";
/// Volumes from here on came with foreign containers.
const THEIRS: u64 = 1_000_000;
/// A program that crashes does it this long after each start.
const SHORT_LIFE: Duration = Duration::from_millis(300);
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_mins(1);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Container {
    pub(super) id: u64,
    pub(super) ours: bool,
    /// It has the name that the instance needs.
    pub(super) named: bool,
    pub(super) spec: Spec,
    hash: String,
    pub(super) state: ContainerState,
    pub(super) policy: RestartPolicy,
    pub(super) volume: u64,
    pub(super) lives: u32,
    /// Crashes that no look has shown yet.
    pub(super) unseen_deaths: u64,
    restarts: u32,
    /// When it crashes, is restarted, or is gone for good.
    pub(super) due: Option<Instant>,
}

impl Container {
    pub(super) fn is_up(&self) -> bool {
        use ContainerState::{Paused, Restarting, Running};
        matches!(self.state, Running | Paused | Restarting)
    }

    pub(super) fn runs(&self) -> bool {
        matches!(self.state, ContainerState::Running | ContainerState::Paused)
    }

    /// Docker is done with it, or about to be.
    pub(super) fn is_going(&self) -> bool {
        matches!(self.state, ContainerState::Dead | ContainerState::Removing)
    }
}

/// Who needs the instance beside its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) leased: bool,
    /// Kept awake until then; stays when that is over.
    pub(super) hold: Option<Instant>,
    /// When a lease or a hold was last ended, or a start asked for.
    pub(super) used: Option<Instant>,
}

impl Needs {
    pub(super) fn stand(&self, now: Instant) -> bool {
        self.leased || self.hold.is_some_and(|end| now < end)
    }
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) began: Instant,
    pub(super) now: Instant,
    pub(super) row: Row,
    pub(super) containers: Vec<Container>,
    pub(super) volumes: Vec<u64>,
    /// The volume that the row remembers, and the recreate that the store remembers.
    pub(super) recorded: Option<u64>,
    pub(super) journal: Option<RecreateJournal>,
    pub(super) answers: bool,
    /// Which of the next calls fail.
    pub(super) trouble: VecDeque<bool>,
    /// The version whose program crashes.
    pub(super) crashing: Option<u8>,
    pub(super) needs: Needs,
    pub(super) made: u64,
    /// Lives begun, of all containers.
    pub(super) begun: u32,
}

impl World {
    pub(super) fn new(now: Instant, row: Row) -> Self {
        Self {
            began: now,
            now,
            row,
            containers: Vec::new(),
            volumes: Vec::new(),
            recorded: None,
            journal: None,
            answers: true,
            trouble: VecDeque::new(),
            crashing: None,
            needs: Needs::default(),
            made: 0,
            begun: 0,
        }
    }

    /// Puts a container there, created, under the instance's name if that is free.
    pub(super) fn put(&mut self, ours: bool, named: bool, spec: Spec, volume: u64) -> &mut Container {
        self.made += 1;
        let hash = match (Row::Wants { spec, on: true }).desired() {
            Desired::Container(desired) => desired.spec_hash.to_string(),
            Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => String::new(),
        };
        let named = named && self.holder().is_none();
        self.containers.push(Container {
            id: self.made,
            ours,
            named,
            spec,
            hash,
            state: ContainerState::Created,
            policy: match spec.lifecycle {
                Lifecycle::Hot => RestartPolicy::UnlessStopped,
                Lifecycle::Lazy => RestartPolicy::No,
            },
            volume,
            lives: 0,
            unseen_deaths: 0,
            restarts: 0,
            due: None,
        });
        self.containers.last_mut().expect("it was just put there")
    }

    /// A foreign container, created, on a volume of its own.
    pub(super) fn put_foreign(&mut self, named: bool, spec: Spec) -> &mut Container {
        let volume = THEIRS + self.made;
        self.volumes.push(volume);
        self.put(false, named, spec, volume)
    }

    /// Our own volume, made if there is none.
    pub(super) fn own_volume(&mut self) -> u64 {
        if let Some(there) = self.volumes.iter().find(|volume| **volume < THEIRS) {
            return *there;
        }
        self.made += 1;
        self.volumes.push(self.made);
        self.made
    }

    /// Whoever has the name.
    pub(super) fn holder(&self) -> Option<&Container> {
        self.containers.iter().find(|container| container.named)
    }

    pub(super) fn foreign(&self) -> Option<&Container> {
        self.holder().filter(|holder| !holder.ours)
    }

    /// Ours under the name; without one, the first of ours.
    pub(super) fn main(&self) -> Option<&Container> {
        let mut ours = self.containers.iter().filter(|container| container.ours);
        self.holder().filter(|holder| holder.ours).or_else(|| ours.next())
    }

    pub(super) fn find(&self, id: &ContainerId) -> Option<&Container> {
        self.containers.iter().find(|container| container_id(container.id) == *id)
    }

    pub(super) fn get(&mut self, id: u64) -> Option<&mut Container> {
        self.containers.iter_mut().find(|container| container.id == id)
    }

    /// A new life begins.
    pub(super) fn begin(&mut self, id: u64) {
        let (now, crashing) = (self.now, self.crashing);
        self.begun += 1;
        let Some(container) = self.get(id) else { return };
        container.state = ContainerState::Running;
        container.lives += 1;
        container.due = (crashing == Some(container.spec.version)).then(|| now + SHORT_LIFE);
    }

    /// It ends by itself, so its policy decides.
    pub(super) fn crash(&mut self, id: u64) {
        let now = self.now;
        let Some(container) = self.get(id).filter(|container| container.runs()) else { return };
        container.unseen_deaths += 1;
        if container.policy == RestartPolicy::No {
            set(container, ContainerState::Exited, None);
        } else {
            let delay = FIRST_DELAY.saturating_mul(1 << container.restarts.min(12)).min(LONGEST_DELAY);
            set(container, ContainerState::Restarting, Some(now + delay));
            container.restarts += 1;
        }
    }

    /// When docker next does something by itself.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.containers.iter().filter_map(|container| container.due).min()
    }

    /// Time goes by, and docker does what is due.
    pub(super) fn pass_until(&mut self, end: Instant) {
        while let Some(due) = self.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let Some(container) = self.containers.iter_mut().find(|c| c.due == Some(due)) else { return };
            container.due = None;
            let id = container.id;
            match container.state {
                ContainerState::Running => self.crash(id),
                ContainerState::Restarting => self.begin(id),
                ContainerState::Removing => self.containers.retain(|container| container.id != id),
                ContainerState::Created
                | ContainerState::Paused
                | ContainerState::Exited
                | ContainerState::Dead => {}
            }
        }
        self.now = self.now.max(end);
    }

    /// From here on nothing breaks any more.
    pub(super) fn cure(&mut self) {
        self.answers = true;
        self.trouble.clear();
        self.crashing = None;
        for container in self.containers.iter_mut().filter(|c| c.state == ContainerState::Running) {
            container.due = None;
        }
    }

    /// What a look shows.
    pub(super) fn observe(&self) -> InstanceObservation {
        let prefix = FleetPrefix::parse("claude-hooks").expect("a valid prefix");
        let fleet = FleetId::parse(FLEET).expect("a valid id");
        let seen = FleetObservation { containers: self.containers.iter().map(show).collect() };
        assign(&prefix, fleet, &seen, jiff::Timestamp::UNIX_EPOCH).remove(&instance()).unwrap_or_default()
    }
}

/// Another state, and what docker does with it later.
pub(super) fn set(container: &mut Container, state: ContainerState, due: Option<Instant>) {
    container.state = state;
    container.due = due;
}

fn show(container: &Container) -> ObservedContainer {
    let of_ours = |text: &str| container.ours.then(|| text.to_owned());
    ObservedContainer {
        name: if container.named { "claude-hooks-a".into() } else { format!("moved_{}", container.id) },
        labels: OurLabels {
            fleet: of_ours(FLEET),
            instance: of_ours("a"),
            spec: of_ours(&container.hash),
            lifecycle: of_ours(container.spec.lifecycle.into()),
            ..OurLabels::default()
        },
        restart_policy: container.policy,
        state_volume: Some(container.volume.to_string()),
        ..self::container(container.id, container.state, container.lives)
    }
}
