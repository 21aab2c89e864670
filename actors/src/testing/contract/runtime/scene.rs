//! One instance on the stage of one claim.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Program, RuntimeWorld};
use crate::model::{
    ContainerId, ContainerState, InstanceName, Lifecycle, ObservedContainer, ObservedVolume, OurLabels,
};
use crate::ports::{ContainerRuntime, CreateRequest, NewVolume, Target};
use crate::testing::{create_request, name};

/// How long something may take that the engine does by itself, on a machine with too much to do.
pub(in super::super) const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

pub(in super::super) struct Scene<'a> {
    pub(in super::super) world: &'a dyn RuntimeWorld,
    pub(in super::super) docker: Arc<dyn ContainerRuntime>,
    pub(in super::super) instance: InstanceName,
}

impl<'a> Scene<'a> {
    /// `instance` must be used by one point only.
    pub(in super::super) fn new(world: &'a dyn RuntimeWorld, instance: &str) -> Self {
        Self { world, docker: world.runtime(), instance: name(instance) }
    }

    pub(in super::super) fn container(&self) -> String {
        self.world.prefix().container(&self.instance)
    }

    pub(in super::super) fn volume(&self) -> String {
        self.world.prefix().volume(&self.instance)
    }

    pub(in super::super) fn target(&self) -> Target {
        Target { name: self.instance.clone(), known: Vec::new() }
    }

    pub(in super::super) fn known(&self, id: &ContainerId) -> Target {
        Target { name: self.instance.clone(), known: vec![id.clone()] }
    }

    pub(in super::super) fn order(&self, lifecycle: Lifecycle, program: Program) -> CreateRequest {
        let (fleet, prefix) = (self.world.fleet(), self.world.prefix());
        create_request(fleet, &prefix, &self.instance, lifecycle, &program.image, program.command)
    }

    /// A created container that would stay up.
    pub(in super::super) async fn created(&self, lifecycle: Lifecycle) -> ContainerId {
        self.made(self.order(lifecycle, self.world.staying())).await
    }

    pub(in super::super) async fn made(&self, request: CreateRequest) -> ContainerId {
        self.docker.create(&request).await.expect("nothing is in the way of this container")
    }

    /// A running one that stays up.
    pub(in super::super) async fn running(&self, lifecycle: Lifecycle) -> ContainerId {
        let id = self.created(lifecycle).await;
        self.docker.start(&id).await.expect("this program starts");
        id
    }

    /// What inspect says of the instance's container, which must exist.
    pub(in super::super) async fn seen(&self) -> ObservedContainer {
        self.look().await.expect("the container exists")
    }

    pub(in super::super) async fn look(&self) -> Option<ObservedContainer> {
        let mut found = self.look_for(&[self.target()]).await;
        assert!(found.len() <= 1, "one name, one container: {found:?}");
        found.pop()
    }

    pub(in super::super) async fn look_for(&self, targets: &[Target]) -> Vec<ObservedContainer> {
        self.docker.observe(targets).await.expect("docker answers").containers
    }

    /// The whole fleet without being told what to expect.
    pub(in super::super) async fn fleet(&self) -> Vec<ObservedContainer> {
        self.docker.observe_fleet(&[]).await.expect("docker answers").containers
    }

    pub(in super::super) async fn until(&self, state: ContainerState) -> ObservedContainer {
        eventually(&format!("{} becomes {state}", self.container()), async || {
            self.look().await.filter(|seen| seen.state == state)
        })
        .await
    }

    /// Labels of a volume of this instance, with this uuid.
    pub(in super::super) fn volume_labels(&self, uuid: &str) -> OurLabels {
        OurLabels {
            fleet: Some(self.world.fleet().to_string()),
            instance: Some(self.instance.to_string()),
            volume: Some(uuid.into()),
            ..OurLabels::default()
        }
    }

    pub(in super::super) async fn make_volume(&self, uuid: &str) {
        let volume = NewVolume { name: self.volume(), labels: self.volume_labels(uuid) };
        self.docker.create_volume(&volume).await.expect("a volume can be made");
    }

    pub(in super::super) async fn look_at_volume(&self) -> Option<ObservedVolume> {
        let mut found = self.docker.volumes(&[self.volume()]).await.expect("docker answers");
        assert!(found.len() <= 1, "one name, one volume: {found:?}");
        found.pop()
    }
}

/// Looks until there is something, for a bounded time.
pub(in super::super) async fn eventually<T, F>(what: &str, look: impl Fn() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "within {PATIENCE:?}: {what}");
        sleep(BETWEEN_LOOKS).await;
    }
}
