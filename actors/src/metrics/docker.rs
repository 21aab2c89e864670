//! A runtime that measures every call of the one behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Metrics;
use crate::model::{
    ContainerId, ContainerStats, DiskState, FleetObservation, ObservedContainer, ObservedSpec,
    ObservedVolume, ProbeEnd, PullPolicy, RestartPolicy, RunId, RunRecord,
};
use crate::ports::{
    ContainerRuntime, CreateRequest, EventStream, HealthRuntime, ImageInfo, LastWords, LogOptions, LogStream,
    LogTarget, NewVolume, OutputStream, ProbeRequest, PullProgress, RunRequest, Runtime, RuntimeError,
    Target, TaskRuntime,
};

/// Of streams, the time until they begin is measured. A call that is given up is not counted.
#[derive(Debug)]
pub(crate) struct Measured {
    inner: Arc<dyn Runtime>,
    metrics: Metrics,
}

impl Measured {
    pub(crate) fn new(inner: Arc<dyn Runtime>, metrics: Metrics) -> Self {
        Self { inner, metrics }
    }

    async fn timed<T>(
        &self,
        verb: &'static str,
        call: impl Future<Output = Result<T, RuntimeError>>,
    ) -> Result<T, RuntimeError> {
        let began = Instant::now();
        let result = self.counted(verb, call).await;
        let durations = &self.metrics.inner.instruments.docker_durations;
        durations.get_or_create(&[("verb", verb)]).observe(began.elapsed().as_secs_f64());
        result
    }

    /// For what lasts as long as a task: its length says nothing of docker.
    async fn counted<T>(
        &self,
        verb: &'static str,
        call: impl Future<Output = Result<T, RuntimeError>>,
    ) -> Result<T, RuntimeError> {
        let result = call.await;
        let word = result.as_ref().err().map_or("ok", RuntimeError::word);
        self.metrics.inner.instruments.docker_calls.get_or_create(&[("verb", verb), ("result", word)]).inc();
        result
    }
}

#[async_trait]
impl ContainerRuntime for Measured {
    async fn observe_fleet(&self, expected: &[Target]) -> Result<FleetObservation, RuntimeError> {
        self.timed("observe_fleet", self.inner.observe_fleet(expected)).await
    }

    async fn observe(&self, targets: &[Target]) -> Result<FleetObservation, RuntimeError> {
        self.timed("observe", self.inner.observe(targets)).await
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageInfo>, RuntimeError> {
        self.timed("image", self.inner.image(reference)).await
    }

    async fn pull(
        &self,
        reference: &str,
        policy: PullPolicy,
        progress: mpsc::Sender<PullProgress>,
    ) -> Result<(), RuntimeError> {
        self.timed("pull", self.inner.pull(reference, policy, progress)).await
    }

    async fn tag_image(&self, image: &str, name: &str) -> Result<(), RuntimeError> {
        self.timed("tag_image", self.inner.tag_image(image, name)).await
    }

    async fn untag_image(&self, name: &str) -> Result<(), RuntimeError> {
        self.timed("untag_image", self.inner.untag_image(name)).await
    }

    async fn image_tags(&self, repository: &str) -> Result<Vec<String>, RuntimeError> {
        self.timed("image_tags", self.inner.image_tags(repository)).await
    }

    async fn volumes(&self, names: &[String]) -> Result<Vec<ObservedVolume>, RuntimeError> {
        self.timed("volumes", self.inner.volumes(names)).await
    }

    async fn fleet_volumes(&self) -> Result<Vec<ObservedVolume>, RuntimeError> {
        self.timed("fleet_volumes", self.inner.fleet_volumes()).await
    }

    async fn volume_size(&self, name: &str) -> Result<Option<u64>, RuntimeError> {
        self.timed("volume_size", self.inner.volume_size(name)).await
    }

    async fn volume_disks(&self, names: &[String]) -> Result<BTreeMap<String, DiskState>, RuntimeError> {
        self.timed("volume_disks", self.inner.volume_disks(names)).await
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>, RuntimeError> {
        self.timed("volume_sizes", self.inner.volume_sizes()).await
    }

    async fn create_volume(&self, volume: &NewVolume) -> Result<(), RuntimeError> {
        self.timed("create_volume", self.inner.create_volume(volume)).await
    }

    async fn hand_over_volume(&self, volume: &str, image: &str, user: &str) -> Result<(), RuntimeError> {
        self.timed("hand_over_volume", self.inner.hand_over_volume(volume, image, user)).await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        self.timed("remove_volume", self.inner.remove_volume(name)).await
    }

    async fn volume_users(&self, name: &str) -> Result<Vec<ContainerId>, RuntimeError> {
        self.timed("volume_users", self.inner.volume_users(name)).await
    }

    async fn create(&self, request: &CreateRequest) -> Result<ContainerId, RuntimeError> {
        self.timed("create", self.inner.create(request)).await
    }

    async fn start(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.timed("start", self.inner.start(id)).await
    }

    async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), RuntimeError> {
        self.timed("stop", self.inner.stop(id, grace)).await
    }

    async fn remove(&self, id: &ContainerId, force: bool) -> Result<(), RuntimeError> {
        self.timed("remove", self.inner.remove(id, force)).await
    }

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), RuntimeError> {
        self.timed("rename", self.inner.rename(id, name)).await
    }

    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), RuntimeError> {
        self.timed("set_restart_policy", self.inner.set_restart_policy(id, policy)).await
    }

    async fn unpause(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.timed("unpause", self.inner.unpause(id)).await
    }

    async fn events(&self) -> Result<EventStream, RuntimeError> {
        self.timed("events", self.inner.events()).await
    }

    async fn last_words(&self, container: &ObservedContainer) -> Result<LastWords, RuntimeError> {
        self.timed("last_words", self.inner.last_words(container)).await
    }

    async fn container_spec(
        &self,
        id: &ContainerId,
        shown: &BTreeSet<String>,
        token: Option<&str>,
    ) -> Result<Option<ObservedSpec>, RuntimeError> {
        self.timed("container_spec", self.inner.container_spec(id, shown, token)).await
    }

    async fn stats(&self, ids: &[ContainerId]) -> Result<Vec<ContainerStats>, RuntimeError> {
        self.timed("stats", self.inner.stats(ids)).await
    }

    async fn logs(&self, target: &LogTarget, options: LogOptions) -> Result<LogStream, RuntimeError> {
        self.timed("logs", self.inner.logs(target, options)).await
    }
}

#[async_trait]
impl HealthRuntime for Measured {
    async fn probe(&self, container: &ContainerId, request: &ProbeRequest) -> Result<ProbeEnd, RuntimeError> {
        self.counted("probe", self.inner.probe(container, request)).await
    }

    async fn last_output(&self, container: &ContainerId) -> Result<Option<Timestamp>, RuntimeError> {
        self.timed("last_output", self.inner.last_output(container)).await
    }
}

#[async_trait]
impl TaskRuntime for Measured {
    async fn run(&self, container: &ContainerId, request: &RunRequest) -> Result<RunRecord, RuntimeError> {
        self.counted("run", self.inner.run(container, request)).await
    }

    async fn follow_run(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        self.counted("follow_run", self.inner.follow_run(container, run)).await
    }

    async fn run_record(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        self.timed("run_record", self.inner.run_record(container, run)).await
    }

    async fn cancel_run(
        &self,
        container: &ContainerId,
        run: &RunId,
        grace: Duration,
    ) -> Result<(), RuntimeError> {
        self.timed("cancel_run", self.inner.cancel_run(container, run, grace)).await
    }

    async fn run_output(
        &self,
        container: &ContainerId,
        run: &RunId,
        offset: u64,
        follow: bool,
    ) -> Result<OutputStream, RuntimeError> {
        self.timed("run_output", self.inner.run_output(container, run, offset, follow)).await
    }
}
