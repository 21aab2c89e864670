//! How runs are ended.

use std::time::Duration;

use tokio::time::Instant;

use super::{RunsWorld, Script, Stage, ended};
use crate::model::{RunCause, RunState};

pub async fn a_run_goes_on_without_its_caller(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-caller").await;
    let request = stage.request(Script::Sleep(Duration::from_secs(1)));
    stage.begin(&request).await;
    let record = stage.follow(&request.run).await.expect("it has begun");
    assert_eq!(ended(&record), (RunCause::Exited, 0));
}

pub async fn a_run_that_takes_too_long_is_timed_out(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-timeout").await;
    let mut request = stage.request(Script::Hang);
    request.spec.timeout = Some(Duration::from_millis(500));
    assert_eq!(ended(&stage.run(&request).await), (RunCause::TimedOut, 143));
    let mut request = stage.request(Script::Exit(3));
    request.spec.timeout = Some(Duration::from_mins(1));
    assert_eq!(ended(&stage.run(&request).await), (RunCause::Exited, 3));
}

pub async fn a_cancel_ends_a_run_within_its_grace(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-cancel").await;
    let request = stage.request(Script::Hang);
    stage.begin(&request).await;
    assert_eq!(stage.record(&request.run).await.expect("it has begun").state, RunState::Running);
    let asked = Instant::now();
    stage.cancel(&request.run, Duration::from_mins(10)).await;
    let record = stage.follow(&request.run).await.expect("it has begun");
    assert_eq!(ended(&record), (RunCause::Cancelled, 143));
    assert!(asked.elapsed() < Duration::from_mins(1), "{:?}", asked.elapsed());
}

pub async fn a_cancel_after_the_grace_takes_no_excuse(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-stubborn").await;
    let run = stage.begin_stubborn().await;
    stage.cancel(&run, Duration::from_mins(10)).await;
    // A second one may be in more of a hurry.
    stage.cancel(&run, Duration::from_secs(2)).await;
    let record = stage.follow(&run).await.expect("it has begun");
    assert_eq!(ended(&record), (RunCause::Cancelled, 137));
}

pub async fn a_cancel_of_what_has_ended_changes_nothing(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-too-late").await;
    let request = stage.request(Script::Exit(3));
    let record = stage.run(&request).await;
    stage.cancel(&request.run, Duration::ZERO).await;
    assert_eq!(stage.record(&request.run).await, Some(record));
}

pub async fn a_cancel_that_comes_first_forestalls_the_run(world: &dyn RunsWorld) {
    let stage = Stage::new(world, "runs-forestalled").await;
    let request = stage.request(Script::Print(5));
    stage.cancel(&request.run, Duration::from_secs(1)).await;
    let record = stage.record(&request.run).await.expect("it is as if it had begun");
    assert_eq!((ended(&record), record.output_bytes), ((RunCause::Cancelled, 143), 0));
    assert_eq!(stage.run(&request).await, record);
}
