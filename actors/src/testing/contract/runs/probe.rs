//! How containers are checked.

use std::time::Duration;

use super::{RunsWorld, Scene, Script, Stage, bounded};
use crate::model::{ContainerState, Lifecycle, ProbeEnd, RunCause};
use crate::ports::{ProbeRequest, RuntimeError};
use crate::testing::contract::runtime::scene::eventually;

impl Stage<'_> {
    async fn probe(&self, script: Script, timeout: Duration) -> Result<ProbeEnd, RuntimeError> {
        let request = ProbeRequest { argv: self.world.argv(script), timeout };
        bounded(self.world.health().probe(&self.id, &request)).await
    }
}

const LONG: Duration = Duration::from_secs(30);

pub async fn a_probe_passes_or_fails_by_the_code_of_its_command(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "probes").await;
    for code in [0, 3, 137] {
        let end = stage.probe(Script::Exit(code), LONG).await.expect("the container runs");
        assert_eq!((end.cause, end.exit_code, end.passed()), (RunCause::Exited, code.into(), code == 0));
    }
}

pub async fn a_probe_that_takes_too_long_has_failed_and_says_what_it_printed(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "probes-late").await;
    let end = stage.probe(Script::Stubborn, Duration::from_secs(2)).await.expect("the container runs");
    assert_eq!((end.cause, end.output.as_str(), end.passed()), (RunCause::TimedOut, "ready", false));
}

pub async fn a_probe_that_is_not_there_has_failed(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "probes-missing").await;
    let end = stage.probe(Script::Missing, LONG).await.expect("the container runs");
    assert_eq!((end.cause, end.exit_code, end.passed()), (RunCause::NotStarted, 127, false));
}

pub async fn what_does_not_run_cannot_be_probed_which_says_nothing_of_it(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "probes-nowhere").await;
    stage.scene.docker.stop(&stage.id, Duration::ZERO).await.expect("it runs");
    let stopped = stage.probe(Script::Exit(0), LONG).await;
    assert!(matches!(stopped, Err(RuntimeError::Conflict { .. })), "{stopped:?}");
    stage.scene.docker.remove(&stage.id, true).await.expect("it is at rest");
    let gone = stage.probe(Script::Exit(0), LONG).await;
    assert!(matches!(gone, Err(RuntimeError::NotFound { .. })), "{gone:?}");
    let gone = world.health().last_output(&stage.id).await;
    assert!(matches!(gone, Err(RuntimeError::NotFound { .. })), "{gone:?}");
}

pub async fn what_a_container_last_printed_has_a_time_that_moves(world: &dyn RunsWorld) {
    let scene = Scene::new(world, "last-output");
    let id = scene.made(scene.order(Lifecycle::Lazy, world.ending())).await;
    let last = async || world.health().last_output(&id).await.expect("docker answers");
    assert_eq!(last().await, None);
    let mut before = None;
    for _ in 0..2 {
        scene.docker.start(&id).await.expect("it starts before it ends");
        scene.until(ContainerState::Exited).await;
        let later =
            eventually("another line is there", async || last().await.filter(|at| Some(*at) > before)).await;
        assert_eq!(last().await, Some(later), "it moves with a line, not with time");
        before = Some(later);
    }
}
