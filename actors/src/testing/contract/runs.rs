//! What every [`TaskRuntime`] must do, on an engine whose containers hold the runner.

mod begin;
mod end;
mod keep;
mod probe;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use tokio::time::timeout;

pub use begin::*;
pub use end::*;
pub use keep::*;
pub use probe::*;

use super::runtime::RuntimeWorld;
use super::runtime::scene::{PATIENCE, Scene, eventually};
use crate::model::{
    ContainerId, Lifecycle, RunCause, RunId, RunRecord, RunState, TaskId, TaskInput, TaskSpec,
};
use crate::ports::{HealthRuntime, RunRequest, RuntimeError, TaskRuntime};

/// What a process of the suite does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Ends at once.
    Exit(u8),
    Sleep(Duration),
    /// Prints so many bytes and ends.
    Print(u32),
    /// Prints its input.
    Cat,
    /// Never ends by itself, but heeds SIGTERM.
    Hang,
    /// Never ends, and once it has printed something, by SIGKILL only.
    Stubborn,
    /// A program that is not there.
    Missing,
}

/// A world of containers in which tasks can be run.
pub trait RunsWorld: RuntimeWorld {
    fn tasks(&self) -> Arc<dyn TaskRuntime>;

    fn health(&self) -> Arc<dyn HealthRuntime>;

    /// The command that does so in a container of [`RuntimeWorld::staying`].
    fn argv(&self, script: Script) -> Vec<String>;
}

/// One claim.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub name: &'static str,
    pub check: for<'a> fn(&'a dyn RunsWorld) -> BoxFuture<'a, ()>,
}

macro_rules! points {
    ($($name:ident,)*) => {
        /// Every claim by name, for those who run them one by one.
        pub const POINTS: &[Point] =
            &[$(Point { name: stringify!($name), check: |world| Box::pin($name(world)) },)*];
    };
}

points![
    a_run_ends_with_the_code_of_its_process,
    input_arrives_byte_for_byte_and_output_is_read_from_any_offset,
    a_program_that_is_not_there_is_not_started,
    the_same_run_is_never_run_twice,
    what_never_began_is_told_from_what_has_ended,
    nothing_is_run_in_a_container_that_does_not_run,
    a_run_goes_on_without_its_caller,
    a_run_that_takes_too_long_is_timed_out,
    a_cancel_ends_a_run_within_its_grace,
    a_cancel_after_the_grace_takes_no_excuse,
    a_cancel_of_what_has_ended_changes_nothing,
    a_cancel_that_comes_first_forestalls_the_run,
    a_run_vanishes_with_the_life_of_its_container,
    a_record_is_read_while_the_container_does_not_run,
    a_record_outlives_its_container_on_the_volume,
    a_run_in_a_paused_container_is_running,
    a_follower_sees_the_output_to_its_end,
    a_probe_passes_or_fails_by_the_code_of_its_command,
    a_probe_that_takes_too_long_has_failed_and_says_what_it_printed,
    a_probe_that_is_not_there_has_failed,
    what_does_not_run_cannot_be_probed_which_says_nothing_of_it,
    what_a_container_last_printed_has_a_time_that_moves,
];

/// How many points run at a time.
const PARALLEL: usize = 4;

/// Checks every point and cleans up.
pub async fn all(world: &dyn RunsWorld) {
    stream::iter(POINTS)
        .for_each_concurrent(PARALLEL, |point| async {
            log::debug!("contract of runs: {}", point.name);
            (point.check)(world).await;
        })
        .await;
    world.clean().await;
}

/// A container, and a run in it.
struct Stage<'a> {
    world: &'a dyn RunsWorld,
    scene: Scene<'a>,
    tasks: Arc<dyn TaskRuntime>,
    id: ContainerId,
}

impl<'a> Stage<'a> {
    /// A running container; `instance` must be used by one point only.
    async fn new(world: &'a dyn RunsWorld, instance: &str) -> Self {
        let scene = Scene::new(world, instance);
        let id = scene.running(Lifecycle::Lazy).await;
        Self { world, scene, tasks: world.tasks(), id }
    }

    fn request(&self, script: Script) -> RunRequest {
        RunRequest {
            run: RunId::new(TaskId::random(), 1),
            spec: TaskSpec { argv: self.world.argv(script), workdir: None, timeout: None, retry: false },
            input: TaskInput::default(),
        }
    }

    async fn run(&self, request: &RunRequest) -> RunRecord {
        bounded(self.tasks.run(&self.id, request)).await.expect("the container runs")
    }

    /// Begins a run and goes away once it has begun.
    async fn begin(&self, request: &RunRequest) {
        let begun = eventually("the run has begun", async || self.record(&request.run).await);
        tokio::select! {
            ended = self.tasks.run(&self.id, request) => {
                ended.expect("the container runs");
            }
            _ = begun => {}
        }
    }

    /// Begins one that nothing but SIGKILL ends.
    async fn begin_stubborn(&self) -> RunId {
        let request = self.request(Script::Stubborn);
        self.begin(&request).await;
        eventually("it ignores SIGTERM", async || {
            self.record(&request.run).await.filter(|record| record.output_bytes > 0)
        })
        .await;
        request.run
    }

    async fn record(&self, run: &RunId) -> Option<RunRecord> {
        self.tasks.run_record(&self.id, run).await.expect("the container is there")
    }

    async fn follow(&self, run: &RunId) -> Option<RunRecord> {
        bounded(self.tasks.follow_run(&self.id, run)).await.expect("the container runs")
    }

    async fn cancel(&self, run: &RunId, grace: Duration) {
        self.tasks.cancel_run(&self.id, run, grace).await.expect("the container runs");
    }

    /// All of it, or the error that stands in its place.
    async fn output(&self, run: &RunId, offset: u64, follow: bool) -> Result<Bytes, RuntimeError> {
        let reading = async {
            let mut pieces = self.tasks.run_output(&self.id, run, offset, follow).await?;
            let mut all = Vec::new();
            while let Some(piece) = pieces.next().await {
                all.extend_from_slice(&piece?);
            }
            Ok(all.into())
        };
        bounded(reading).await
    }
}

async fn bounded<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("it ends")
}

/// Cause and code of a run that has ended.
fn ended(record: &RunRecord) -> (RunCause, i64) {
    match &record.state {
        RunState::Ended { cause, exit_code, .. } => (*cause, *exit_code),
        RunState::Running | RunState::Vanished => panic!("it has not ended: {record:?}"),
    }
}
