//! However a task ends, its state and cause are true, and nothing but exit code 0 is a success.

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{Phase, TaskState};
use serde_json::{Value, json};

use crate::harness::tasks::agent;
use crate::harness::{Fleet, SOON, engine, hot};

const NAME: &str = "dev-default";

fn said(task: &TaskView) -> (TaskState, &str, Option<i64>) {
    (task.state, task.cause.as_deref().unwrap_or_default(), task.exit_code)
}

#[test]
fn every_way_to_end_has_its_state_and_cause() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let run = |argv: Value, timeout: Option<u32>| {
        let mut body = json!({ "instance": NAME, "argv": argv });
        if let Some(seconds) = timeout {
            body["timeout_s"] = seconds.into();
        }
        fleet.ended(fleet.submit(&body).id)
    };
    let failed = TaskState::Failed;
    let expected = [
        (json!(["/agent", "exit", "0"]), (TaskState::Succeeded, "exited", Some(0))),
        (json!(["/agent", "exit", "1"]), (failed, "exited", Some(1))),
        (json!(["/agent", "exit", "125"]), (failed, "exited", Some(125))),
        (json!(["/agent", "exit", "126"]), (failed, "exited", Some(126))),
        (json!(["/agent", "exit", "127"]), (failed, "exited", Some(127))),
        (json!(["/agent", "exit", "137"]), (failed, "exited", Some(137))),
        (json!(["/agent", "exit", "143"]), (failed, "exited", Some(143))),
        (json!(["/agent", "exit", "255"]), (failed, "exited", Some(255))),
        (json!(["/agent", "die-by", "9"]), (failed, "signalled", Some(137))),
        (json!(["/agent", "die-by", "15"]), (failed, "signalled", Some(143))),
        (json!(["/state"]), (failed, "not_started", Some(126))),
        (json!(["/no-such-program"]), (failed, "not_started", Some(127))),
        (json!(["/agent", "eat-memory", "1000000000"]), (failed, "oom", Some(137))),
    ];
    for (argv, expected) in expected {
        let task = run(argv, None);
        assert_eq!(said(&task), expected, "{task:?}\n{}", fleet.log());
    }
    let late = run(json!(["/agent", "sleep"]), Some(1));
    assert_eq!((late.state, late.cause.as_deref()), (TaskState::TimedOut, Some("timed_out")), "{late:?}");
    assert_ne!(late.exit_code, Some(0));
    assert_eq!(fleet.agent(NAME).observed.phase, Phase::Running, "the agent has seen none of it");
}

#[test]
fn a_cancelled_task_is_gone_with_all_that_it_left() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let before = processes(&fleet);
    let task = fleet.task_in(NAME, &["flee"]);
    fleet.wait_printed(task.id, "ignoring SIGTERM");
    assert!(processes(&fleet).iter().any(|line| line.ends_with("/agent fled")), "{:?}", processes(&fleet));
    fleet.cancel(task.id);
    let task = fleet.ended(task.id);
    assert_eq!((task.state, task.cause.as_deref()), (TaskState::Cancelled, Some("cancelled")), "{task:?}");
    assert_ne!(task.exit_code, Some(0));
    assert_eq!(processes(&fleet), before, "nothing of it is left");
    assert_eq!(fleet.run_in(NAME, &["exit", "0"]).state, TaskState::Succeeded, "and the agent works on");
}

/// Command lines of what lives in the container.
fn processes(fleet: &Fleet) -> Vec<String> {
    let listed = engine::docker_ok(&["top", &fleet.container(NAME), "-o", "pid,args"]);
    let mut lines: Vec<String> = listed.lines().skip(1).map(|line| line.trim().to_owned()).collect();
    lines.sort();
    lines
}

#[test]
fn a_task_that_waits_is_cancelled_at_once() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let first = fleet.task_in(NAME, &["await", "/state/go", "0"]);
    fleet.wait_printed(first.id, "begun");
    let second = fleet.task_in(NAME, &["exit", "0"]);
    assert_eq!(fleet.task(second.id).state, TaskState::Queued);
    fleet.cancel(second.id);
    assert_eq!(fleet.ended(second.id).state, TaskState::Cancelled);
    assert_eq!(fleet.task(first.id).state, TaskState::Running);
    fleet.exec(NAME, &["write", "/state/go", ""]);
    assert_eq!(fleet.ended(first.id).state, TaskState::Succeeded);
}

#[test]
fn a_container_that_goes_away_under_a_task_is_no_success() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let container = fleet.container(NAME);
    for taken_away in
        [vec!["kill", &container], vec!["rm", "-f", &container], vec!["stop", "-t", "1", &container]]
    {
        let task = fleet.task_in(NAME, &["await", "/state/never", "0"]);
        fleet.wait_printed(task.id, "begun");
        engine::docker_ok(&taken_away);
        let task = fleet.ended(task.id);
        assert_eq!(said(&task), (TaskState::Failed, "vanished", None), "{taken_away:?}: {task:?}");
        fleet.wait_phase(NAME, Phase::Running, SOON);
    }
    assert_eq!(fleet.run_in(NAME, &["exit", "0"]).state, TaskState::Succeeded);
}

#[test]
fn a_task_that_may_be_retried_is_run_once_more_in_the_next_container() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let body = json!({ "instance": NAME, "argv": agent(&["await", "/state/go", "4"]), "retry": true });
    let task = fleet.submit(&body);
    fleet.wait_printed(task.id, "begun");
    engine::docker_ok(&["rm", "-f", &fleet.container(NAME)]);
    fleet.eventually("it is run once more", SOON, || {
        let again = fleet.task(task.id);
        (again.attempt == 2 && again.state == TaskState::Running).then_some(())
    });
    fleet.exec(NAME, &["write", "/state/go", ""]);
    let task = fleet.ended(task.id);
    assert_eq!((said(&task), task.attempt), ((TaskState::Failed, "exited", Some(4)), 2), "{task:?}");
    assert_eq!(fleet.exec(NAME, &["cat", "/state/begun"]), "begun\nbegun", "twice, and not more often");
}

#[test]
fn a_container_that_dies_of_memory_under_a_task_is_told_so() {
    let eater = hot("dev").command(&["eat-after", "/state/eat", "1000000000"]);
    let Some(fleet) = Fleet::started([eater]) else { return };
    let task = fleet.task_in(NAME, &["await", "/state/never", "0"]);
    fleet.wait_printed(task.id, "begun");
    fleet.exec(NAME, &["write", "/state/eat", ""]);
    let task = fleet.ended(task.id);
    assert_eq!(said(&task), (TaskState::Failed, "container_oom", None), "{task:?}");
}
