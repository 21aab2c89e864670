//! What happens to docker from outside: operators, other fleets, the kernel, dockerd itself.
//!
//! A name that does not exist is a mistake of the test and panics; a refusal of docker is returned.

use std::time::Duration;

use super::SimDocker;
use super::images::Behaviour;
use super::life::Starter;
use super::state::{Draft, SimVolume, State, Uses};
use crate::model::{ContainerId, ContainerState, DiskState, ObservedContainer, OurLabels, RestartPolicy};
use crate::ports::{CreateRequest, RuntimeError};

/// How dockerd ends before it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DockerdRestart {
    /// Stops all containers; those with a restart policy run again afterwards.
    Graceful,
    /// Killed: every container is down with 137 and stays so.
    Killed,
    /// With live-restore: containers do not notice, streams end.
    LiveRestore,
}

/// A container that somebody else makes.
#[derive(Clone, Debug)]
pub struct Foreign {
    pub name: String,
    pub labels: OurLabels,
    pub image: String,
    pub policy: RestartPolicy,
    /// Made without labels if it does not exist.
    pub volume: Option<String>,
    pub running: bool,
}

impl Foreign {
    /// Unlabelled, of image `foreign:1`, running, without a restart policy or a volume.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            labels: OurLabels::default(),
            image: "foreign:1".into(),
            policy: RestartPolicy::No,
            volume: None,
            running: true,
        }
    }
}

/// Containers.
impl SimDocker {
    /// `docker kill`: down at once, and it stays down.
    pub fn kill(&self, container: &str) {
        self.on(container, State::kill).expect("only what runs can be killed");
    }

    /// `docker stop`, without waiting for the process to heed it.
    pub fn stop_by_hand(&self, container: &str) {
        self.on(container, |state, id| {
            if state.containers.get(id).is_some_and(|c| c.seen.state == ContainerState::Restarting) {
                return state.signal_stop(id, Duration::ZERO);
            }
            state.end(id, 143);
            Ok(())
        })
        .expect("stopping never fails");
    }

    /// `docker start`.
    pub fn start_by_hand(&self, container: &str) -> Result<(), RuntimeError> {
        self.on(container, |state, id| state.start(id, Starter::Outside))
    }

    /// `docker rm -f`.
    pub fn remove_by_hand(&self, container: &str) {
        self.on(container, |state, id| state.remove(id, true)).expect("a forced removal works");
    }

    /// The process ends by itself; the restart policy has its say.
    pub fn crash(&self, container: &str, exit_code: i64) {
        self.exit(container, exit_code, false);
    }

    /// The kernel kills the process for memory.
    pub fn oom(&self, container: &str) {
        self.exit(container, 137, true);
    }

    /// The kernel kills a child for memory: an event, but the container lives.
    pub fn oom_of_child(&self, container: &str) {
        self.on(container, |state, id| {
            state.emit(id, "oom");
            Ok(())
        })
        .expect("the container exists");
    }

    pub fn pause(&self, container: &str) {
        self.on(container, State::pause).expect("only what runs can be paused");
    }

    pub fn rename_by_hand(&self, container: &str, name: &str) -> Result<(), RuntimeError> {
        self.on(container, |state, id| state.rename(id, name))
    }

    pub fn update_by_hand(&self, container: &str, policy: RestartPolicy) -> Result<(), RuntimeError> {
        self.on(container, |state, id| state.set_policy(id, policy))
    }

    /// A running container of somebody else, with these labels.
    pub fn run_foreign(&self, name: &str, labels: OurLabels) -> ContainerId {
        self.run_foreign_with(Foreign { labels, ..Foreign::named(name) })
    }

    pub fn run_foreign_with(&self, foreign: Foreign) -> ContainerId {
        self.with(|state| {
            state.need_free_name(&foreign.name).expect("the test chooses a free name");
            let image_id = state.images.find(&foreign.image).unwrap_or_else(|| {
                let id = state.new_image_id();
                state.images.tag(&foreign.image, id.clone());
                id
            });
            if let Some(volume) = &foreign.volume {
                state.need_volume(volume);
            }
            let id = state.insert(Draft {
                name: foreign.name,
                labels: foreign.labels,
                policy: foreign.policy,
                image: foreign.image,
                image_id,
                volume: foreign.volume,
                request: None,
            });
            if foreign.running {
                state.start(&id, Starter::Outside).expect("the image of a foreign container starts");
            }
            id
        })
    }

    /// The next `times` removals fail and leave the container `dead`.
    pub fn fail_removal(&self, container: &str, times: u32) {
        self.on(container, |state, id| state.find(id).map(|c| c.stuck_removals = times))
            .expect("the container exists");
    }

    /// Somebody else removes it, which takes `takes`; until then it is `removing`.
    pub fn remove_slowly(&self, container: &str, takes: Duration) {
        self.on(container, |state, id| {
            state.vanish_after(id, takes);
            Ok(())
        })
        .expect("the container exists");
    }

    /// What it uses from now on, in every life.
    pub fn use_up(&self, container: &str, uses: Uses) {
        self.on(container, |state, id| state.find(id).map(|c| c.uses = uses)).expect("the container exists");
    }

    fn exit(&self, container: &str, code: i64, oom: bool) {
        self.on(container, |state, id| {
            let runs = state.containers.get(id).is_some_and(|c| c.seen.state == ContainerState::Running);
            assert!(runs, "only what runs can end");
            state.exit(id, code, oom);
            Ok(())
        })
        .expect("an exit never fails");
    }

    fn on<R>(
        &self,
        container: &str,
        f: impl FnOnce(&mut State, &ContainerId) -> Result<R, RuntimeError>,
    ) -> Result<R, RuntimeError> {
        let id = self.look(|state| state.by_name(container).map(|c| c.seen.id.clone()));
        let id = id.unwrap_or_else(|| panic!("the test names {container}, which does not exist"));
        self.with(|state| f(state, &id))
    }
}

/// Volumes and images.
impl SimDocker {
    /// `docker volume create` of somebody without labels of ours.
    pub fn create_volume_by_hand(&self, name: &str, labels: OurLabels) {
        self.with(|state| state.create_volume(name, labels));
    }

    /// `docker volume rm`: refused while a container mounts it.
    pub fn remove_volume_by_hand(&self, name: &str) -> Result<(), RuntimeError> {
        self.with(|state| state.remove_volume(name))
    }

    /// The room on the volume's disk from now on.
    pub fn fill_disk(&self, volume: &str, disk: DiskState) {
        self.with(|state| {
            let volume = state.volumes.get_mut(volume).expect("the test names a volume that exists");
            volume.disk = disk;
        });
    }

    /// What the files in the volume take from now on.
    pub fn grow(&self, volume: &str, bytes: u64) {
        self.with(|state| {
            let volume = state.volumes.get_mut(volume).expect("the test names a volume that exists");
            volume.bytes = bytes;
        });
    }

    /// Something writes at the top of the volume: on docker 20.10 that moves its `CreatedAt`.
    pub fn write_to_volume(&self, name: &str) {
        self.with(|state| state.touch_volume(name));
    }

    /// An image under `reference`; one that is there already stays. Returns its id.
    pub fn add_image(&self, reference: &str) -> String {
        self.look(|state| state.images.find(reference)).unwrap_or_else(|| self.retag(reference))
    }

    /// From now on `reference` means a new image. Returns its id.
    pub fn retag(&self, reference: &str) -> String {
        self.with(|state| {
            let id = state.new_image_id();
            state.images.tag(reference, id.clone());
            id
        })
    }

    /// All tags under a repository.
    pub fn image_names(&self, repository: &str) -> Vec<String> {
        self.look(|state| state.images.tags(repository))
    }

    /// `docker rmi -f`: containers made of it go on.
    pub fn remove_image(&self, reference: &str) {
        self.with(|state| state.images.untag(reference));
    }

    /// The registry offers an image under `reference`, for pulls. Returns its id.
    pub fn publish(&self, reference: &str) -> String {
        self.with(|state| {
            let id = state.new_image_id();
            state.images.publish(reference, id.clone());
            id
        })
    }

    /// How containers of the image that `reference` means now behave from their next start on.
    pub fn behave(&self, reference: &str, behaviour: Behaviour) {
        let id = self.add_image(reference);
        self.with(|state| state.images.behave(id, behaviour));
    }

    /// The process ends 10 ms after every start: a crash loop.
    pub fn exits_at_once(&self, reference: &str, code: i64) {
        let exits = Some((Duration::from_millis(10), code));
        self.behave(reference, Behaviour { exits, ..Behaviour::default() });
    }
}

/// Dockerd.
impl SimDocker {
    /// Dockerd goes and is back at once; calls under way and streams lose their connection. For an outage in between, set
    /// [`SimDocker::unreachable`] before and after.
    pub fn restart_dockerd(&self, how: DockerdRestart) {
        self.with(|state| {
            state.end_streams();
            match how {
                DockerdRestart::Graceful => state.restart_engine(true),
                DockerdRestart::Killed => state.restart_engine(false),
                DockerdRestart::LiveRestore => state.epoch += 1,
            }
        });
    }
}

/// What a test can see of it all, free of faults and not in the journal.
impl SimDocker {
    /// Every container of the engine, by name.
    pub fn containers(&self) -> Vec<ObservedContainer> {
        let mut all: Vec<ObservedContainer> =
            self.look(|state| state.containers.values().map(|c| c.seen.clone()).collect());
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    pub fn container(&self, name: &str) -> Option<ObservedContainer> {
        self.look(|state| state.by_name(name).map(|c| c.seen.clone()))
    }

    /// What the container was made from, if through the port.
    pub fn request(&self, container: &str) -> Option<CreateRequest> {
        self.look(|state| state.by_name(container).and_then(|c| c.request.clone()))
    }

    /// Every volume of the engine, by name.
    pub fn volumes(&self) -> Vec<SimVolume> {
        self.look(|state| state.volumes.values().cloned().collect())
    }

    pub fn volume(&self, name: &str) -> Option<SimVolume> {
        self.look(|state| state.volumes.get(name).cloned())
    }

    /// How long until docker restarts the container, if it is about to.
    pub fn restarts_in(&self, container: &str) -> Option<Duration> {
        self.look(|state| {
            let due = state.by_name(container)?.restart_due?;
            Some(due.saturating_duration_since(state.now))
        })
    }
}
