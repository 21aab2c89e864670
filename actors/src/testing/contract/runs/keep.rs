//! What stays of runs: while the container is down, after it was replaced, and for whoever reads along.

use std::time::Duration;

use super::{RunsWorld, Script, Stage, bounded, ended, eventually};
use crate::model::{ContainerState, Lifecycle, RunCause, RunState};

pub async fn a_run_vanishes_with_the_life_of_its_container(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-vanished").await;
    let request = stage.request(Script::Hang);
    let killed = async {
        eventually("the run has begun", async || stage.record(&request.run).await).await;
        world.kill_by_hand(&stage.scene.container()).await;
    };
    let (ran, ()) = bounded(futures_util::future::join(stage.tasks.run(&stage.id, &request), killed)).await;
    ran.expect_err("the runner went with the container");
    stage.scene.until(ContainerState::Exited).await;
    let vanished = stage.record(&request.run).await.expect("it had begun");
    assert_eq!(vanished.state, RunState::Vanished);
    stage.scene.docker.start(&stage.id).await.expect("it starts again");
    assert_eq!(stage.record(&request.run).await.as_ref(), Some(&vanished));
    assert_eq!(stage.follow(&request.run).await.as_ref(), Some(&vanished));
    assert_eq!(stage.run(&request).await, vanished, "it is not run again");
}

pub async fn a_record_is_read_while_the_container_does_not_run(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-at-rest").await;
    let request = stage.request(Script::Print(1000));
    let record = stage.run(&request).await;
    assert_eq!((ended(&record), record.kept_bytes), ((RunCause::Exited, 0), 1000));
    stage.scene.docker.stop(&stage.id, Duration::from_secs(5)).await.expect("it can be stopped");
    assert_eq!(stage.record(&request.run).await, Some(record));
    for follow in [false, true] {
        let output = stage.output(&request.run, 400, follow).await.expect("it was kept");
        assert_eq!(output.len(), 600);
        assert_eq!(stage.output(&request.run, 5000, follow).await.expect("it was kept").len(), 0);
    }
}

pub async fn a_record_outlives_its_container_on_the_volume(world: &dyn RunsWorld) {
    let mut stage = Stage::new(world, "runs-replaced").await;
    let request = stage.request(Script::Print(10));
    let record = stage.run(&request).await;
    let hanging = stage.request(Script::Hang);
    stage.begin(&hanging).await;
    stage.scene.docker.remove(&stage.id, true).await.expect("force removes it");
    stage.id = stage.scene.running(Lifecycle::Lazy).await;
    assert_eq!(stage.record(&request.run).await.as_ref(), Some(&record));
    assert_eq!(stage.run(&request).await, record, "it is not run again");
    assert_eq!(stage.output(&request.run, 0, true).await.expect("it was kept").len(), 10);
    let vanished = stage.record(&hanging.run).await.expect("it had begun");
    assert_eq!(vanished.state, RunState::Vanished);
}

pub async fn a_run_in_a_paused_container_is_running(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-paused").await;
    let request = stage.request(Script::Hang);
    stage.begin(&request).await;
    world.pause_by_hand(&stage.scene.container()).await;
    stage.scene.until(ContainerState::Paused).await;
    assert_eq!(stage.record(&request.run).await.expect("it has begun").state, RunState::Running);
    stage.scene.docker.unpause(&stage.id).await.expect("it is paused");
    assert_eq!(stage.record(&request.run).await.expect("it has begun").state, RunState::Running);
}

pub async fn a_follower_sees_the_output_to_its_end(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-follow").await;
    let run = stage.begin_stubborn().await;
    let follower = stage.output(&run, 0, true);
    let cancel = stage.cancel(&run, Duration::from_secs(1));
    let (output, ()) = futures_util::future::join(follower, cancel).await;
    let record = stage.record(&run).await.expect("it has begun");
    assert_eq!(ended(&record).0, RunCause::Cancelled, "the follower came back before the end");
    assert_eq!(output.expect("it is there").len() as u64, record.output_bytes);
    let request = stage.request(Script::Print(100_000));
    stage.run(&request).await;
    assert_eq!(stage.output(&request.run, 1, true).await.expect("it was kept").len(), 99_999);
}
