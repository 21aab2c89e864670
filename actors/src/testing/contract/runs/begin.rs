//! How runs begin, and that they do so once.

use std::time::Duration;

use super::{RunsWorld, Scene, Script, Stage, bounded, ended};
use crate::model::{ContainerId, ContainerState, Lifecycle, RunCause, RunId, RunState, TaskId};
use crate::ports::RuntimeError;

pub async fn a_run_ends_with_the_code_of_its_process(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-codes").await;
    for code in [0, 3, 137] {
        let request = stage.request(Script::Exit(code));
        let record = stage.run(&request).await;
        assert_eq!(ended(&record), (RunCause::Exited, code.into()));
        assert_eq!((&record.run, record.output_bytes), (&request.run, 0));
        assert_eq!(stage.record(&request.run).await.as_ref(), Some(&record));
        assert_eq!(stage.follow(&request.run).await, Some(record));
    }
}

pub async fn input_arrives_byte_for_byte_and_output_is_read_from_any_offset(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-input").await;
    let mut request = stage.request(Script::Cat);
    let bytes: Vec<u8> = (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    request.input.stdin = bytes.clone().into();
    let record = stage.run(&request).await;
    assert_eq!(ended(&record), (RunCause::Exited, 0));
    assert_eq!((record.output_bytes, record.kept_bytes), (1 << 20, 1 << 20));
    for offset in [0, 1, 700_001, 1 << 20, 1 << 30] {
        let output = stage.output(&request.run, offset, false).await.expect("it was kept");
        let from = usize::try_from(offset).expect("small").min(bytes.len());
        assert!(output == bytes[from..], "from {offset} on {} other bytes came", output.len());
    }
}

pub async fn a_program_that_is_not_there_is_not_started(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-missing").await;
    let record = stage.run(&stage.request(Script::Missing)).await;
    assert_eq!(ended(&record), (RunCause::NotStarted, 127));
    let said =
        matches!(&record.state, RunState::Ended { detail: Some(text), .. } if text.contains("No such file"));
    assert!(said, "{record:?}");
}

pub async fn the_same_run_is_never_run_twice(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-twice").await;
    let request = stage.request(Script::Sleep(Duration::from_secs(1)));
    let (first, second) = bounded(futures_util::future::join(
        stage.tasks.run(&stage.id, &request),
        stage.tasks.run(&stage.id, &request),
    ))
    .await;
    let first = first.expect("the container runs");
    assert_eq!(ended(&first), (RunCause::Exited, 0));
    assert_eq!(second.expect("the container runs"), first);
    assert_eq!(stage.run(&request).await, first);
    // Whatever it is told to do now.
    let mut other = stage.request(Script::Exit(3));
    other.run = request.run;
    assert_eq!(stage.run(&other).await, first);
}

pub async fn what_never_began_is_told_from_what_has_ended(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-never").await;
    let run = RunId::new(TaskId::random(), 1);
    stage.run(&stage.request(Script::Exit(0))).await;
    assert_eq!(stage.record(&run).await, None);
    assert_eq!(stage.follow(&run).await, None);
    for follow in [false, true] {
        let refused = stage.output(&run, 0, follow).await;
        assert!(matches!(refused, Err(RuntimeError::NotFound { .. })), "{refused:?}");
    }
    stage.scene.docker.stop(&stage.id, Duration::from_secs(5)).await.expect("it can be stopped");
    assert_eq!(stage.record(&run).await, None);
    let refused = stage.output(&run, 0, false).await;
    assert!(matches!(refused, Err(RuntimeError::NotFound { .. })), "{refused:?}");
}

pub async fn nothing_is_run_in_a_container_that_does_not_run(world: &dyn RunsWorld) {
    let scene = Scene::new(world, "runs-stopped");
    let id = scene.created(Lifecycle::Lazy).await;
    let stage = Stage { world, scene, tasks: world.tasks(), id };
    let request = stage.request(Script::Exit(0));
    let (tasks, run) = (&stage.tasks, &request.run);
    let is_conflict = |error: &RuntimeError| matches!(error, RuntimeError::Conflict { .. });
    for paused in [false, true] {
        if paused {
            stage.scene.docker.start(&stage.id).await.expect("it starts");
            world.pause_by_hand(&stage.scene.container()).await;
            stage.scene.until(ContainerState::Paused).await;
        }
        let refused = tasks.run(&stage.id, &request).await.expect_err("it cannot run");
        assert!(is_conflict(&refused), "{refused:?}");
        let refused = tasks.follow_run(&stage.id, run).await.expect_err("it cannot be asked");
        assert!(is_conflict(&refused), "{refused:?}");
        let refused = tasks.cancel_run(&stage.id, run, Duration::ZERO).await.expect_err("nobody is there");
        assert!(is_conflict(&refused), "{refused:?}");
        assert_eq!(stage.record(run).await, None);
    }
    stage.scene.docker.unpause(&stage.id).await.expect("it is paused");
    let gone = ContainerId::parse(&"ab".repeat(32)).expect("64 digits");
    for error in [
        tasks.run(&gone, &request).await.map(drop).expect_err("it is not there"),
        tasks.follow_run(&gone, run).await.map(drop).expect_err("it is not there"),
        tasks.run_record(&gone, run).await.map(drop).expect_err("it is not there"),
        tasks.cancel_run(&gone, run, Duration::ZERO).await.expect_err("it is not there"),
        tasks.run_output(&gone, run, 0, false).await.map(drop).expect_err("it is not there"),
    ] {
        assert!(matches!(error, RuntimeError::NotFound { .. }), "{error:?}");
    }
}
