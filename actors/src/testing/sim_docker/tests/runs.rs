use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{DEV, running, sim};
use crate::model::{ContainerId, Lifecycle, RunCause, RunId, RunState, TaskId, TaskInput, TaskSpec};
use crate::ports::{ContainerRuntime, RunRequest, RuntimeError, TaskRuntime};
use crate::testing::{DockerdRestart, RunScript, SimDocker, Verb};

fn order(argv: &[&str]) -> RunRequest {
    let argv = argv.iter().map(|&word| word.into()).collect();
    RunRequest {
        run: RunId::new(TaskId::random(), 1),
        spec: TaskSpec { argv, workdir: None, timeout: None, retry: false },
        input: TaskInput::default(),
    }
}

/// A container with a run in it, whose caller waits.
async fn begun(
    argv: &[&str],
) -> (SimDocker, ContainerId, RunRequest, tokio::task::JoinHandle<Result<RunState, RuntimeError>>) {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    let request = order(argv);
    let waiting = tokio::spawn({
        let (sim, id, request) = (sim.clone(), id.clone(), request.clone());
        async move { sim.run(&id, &request).await.map(|record| record.state) }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    (sim, id, request, waiting)
}

async fn state(sim: &SimDocker, id: &ContainerId, run: &RunId) -> Option<RunState> {
    sim.run_record(id, run).await.expect("docker answers").map(|record| record.state)
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_as_long_as_its_words_say_and_is_in_the_journal() {
    let (sim, _, request, waiting) = begun(&["sleep", "30"]).await;
    waiting.await.expect("no panic").expect("it ends");
    assert_eq!(sim.elapsed().as_secs(), 30);
    let begun = sim.begun_runs();
    assert_eq!((begun.len(), begun[0].container.as_str(), &begun[0].request), (1, DEV, &request));
    let last = sim.journal().pop().expect("calls");
    assert_eq!((last.verb, last.subject, last.changes), (Verb::Run, format!("{DEV} {}", request.run), true));
}

#[tokio::test(start_paused = true)]
async fn a_test_says_what_a_command_does_and_when_a_run_ends() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    let prints = Bytes::from_static(b"hi");
    let script = RunScript { prints, cause: RunCause::Oom, exit_code: 137, ..RunScript::default() };
    sim.script_run(&["build"], script);
    let record = sim.run(&id, &order(&["build"])).await.expect("it runs");
    let oom = matches!(record.state, RunState::Ended { cause: RunCause::Oom, exit_code: 137, .. });
    assert!(oom && record.kept_bytes == 2, "{record:?}");

    let (sim, _, request, waiting) = begun(&["hang"]).await;
    sim.end_run(&request.run, 9);
    let ended = waiting.await.expect("no panic").expect("it ends");
    assert!(matches!(ended, RunState::Ended { cause: RunCause::Exited, exit_code: 9, .. }), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn an_outage_ends_the_waiting_and_not_the_run() {
    let (sim, id, request, waiting) = begun(&["hang"]).await;
    let mut output = sim.run_output(&id, &request.run, 0, true).await.expect("it has begun");
    sim.restart_dockerd(DockerdRestart::LiveRestore);
    assert_eq!(waiting.await.expect("no panic").expect_err("the line is cut").word(), "unreachable");
    assert_eq!(output.next().await.expect("an error").expect_err("the line is cut").word(), "unreachable");
    assert_eq!(state(&sim, &id, &request.run).await, Some(RunState::Running));
    sim.restart_dockerd(DockerdRestart::Graceful);
    assert_eq!(state(&sim, &id, &request.run).await, Some(RunState::Vanished));
}

#[tokio::test(start_paused = true)]
async fn a_run_can_begin_although_its_caller_hears_of_a_failure() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    let request = order(&["exit", "3"]);
    let error = RuntimeError::Unreachable { detail: "cut".into() };
    sim.work_but_fail_next(Verb::Run, error.clone());
    assert_eq!(sim.run(&id, &request).await, Err(error));
    let record = sim.follow_run(&id, &request.run).await.expect("docker answers").expect("it has begun");
    assert!(matches!(record.state, RunState::Ended { exit_code: 3, .. }), "{record:?}");
    assert_eq!(sim.run(&id, &request).await, Ok(record));
    assert_eq!(sim.begun_runs().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_begins_in_a_stopping_container_is_noticed() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    let stop = sim.stop(&id, Duration::from_secs(5));
    let begin = async {
        // Between the signal of the stop and the end that it causes.
        tokio::time::sleep(Duration::from_millis(15)).await;
        sim.run(&id, &order(&["hang"])).await
    };
    let (stopped, run) = tokio::join!(stop, begin);
    stopped.expect("it stops");
    run.expect_err("the runner went with the container");
    assert!(sim.violations()[0].contains("which was being stopped"), "{:?}", sim.violations());
}

#[tokio::test(start_paused = true)]
async fn a_fault_of_a_wait_without_end_is_told_in_time() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    sim.chaos(1, 1.0);
    for _ in 0..20 {
        let failed = timeout(Duration::from_hours(1), sim.run(&id, &order(&["true"]))).await;
        failed.expect("within an hour").expect_err("chaos");
    }
}
