//! Tasks go on while there is no daemon, and the next one knows how they ended.

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{EventKind, TaskState};
use serde_json::json;

use crate::harness::tasks::agent;
use crate::harness::{Fleet, SOON, lazy};

/// Instances, and the exit code of the task in each.
const FIVE: [(&str, i64); 5] =
    [("dev-default", 0), ("dev-2", 1), ("dev-3", 2), ("dev-4", 125), ("dev-5", 137)];

fn five_that_run(fleet: &Fleet) -> Vec<TaskView> {
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": 5 })).expect(200);
    let tasks: Vec<TaskView> = FIVE
        .iter()
        .map(|(name, code)| fleet.task_in(name, &["await", "/state/go", &code.to_string()]))
        .collect();
    for task in &tasks {
        fleet.wait_printed(task.id, "begun");
    }
    tasks
}

fn let_end(fleet: &Fleet, names: &[(&str, i64)]) {
    for (name, _) in names {
        fleet.exec(name, &["write", "/state/go", ""]);
    }
}

fn end_as_they_did(fleet: &Fleet, tasks: &[TaskView]) {
    for (task, (name, code)) in tasks.iter().zip(FIVE) {
        let ended = fleet.ended(task.id);
        let state = if code == 0 { TaskState::Succeeded } else { TaskState::Failed };
        let cause = ended.cause.as_deref();
        assert_eq!((ended.state, cause, ended.exit_code), (state, Some("exited"), Some(code)), "{ended:?}");
        assert_eq!(fleet.printed(task.id), "begun\nended\n", "{name}");
        assert_eq!(fleet.exec(name, &["cat", "/state/begun"]), "begun", "{name} ran it once");
        assert_eq!((&ended.incarnation, ended.attempt), (&fleet.agent(name).observed.incarnation, 1));
    }
    let finished = fleet.stored().into_iter().filter(|event| event.kind == EventKind::TaskFinished).count();
    assert_eq!(finished, FIVE.len(), "each end is told once");
}

#[test]
fn five_tasks_outlive_a_killed_daemon() {
    let Some(mut fleet) = Fleet::started([lazy("dev")]) else { return };
    let tasks = five_that_run(&fleet);
    fleet.kill9();
    // Two end while nobody looks.
    let_end(&fleet, &FIVE[..2]);
    fleet.start();
    let_end(&fleet, &FIVE[2..]);
    end_as_they_did(&fleet, &tasks);
}

#[test]
fn a_daemon_that_is_told_to_end_takes_no_task_and_leaves_what_runs() {
    let Some(mut fleet) = Fleet::started([lazy("dev")]) else { return };
    let tasks = five_that_run(&fleet);
    fleet.signal(rustix::process::Signal::TERM);
    // Refused for its type until the signal is heard: what is taken before that would rightly be run.
    let body = json!({ "type": "nobody", "argv": agent(&["exit", "0"]) });
    fleet.eventually("new work is refused", SOON, || {
        let reply = fleet.post("/api/v1/tasks", &body);
        assert!(reply.status >= 400, "{reply:?}");
        (reply.status == 503).then(|| reply.problem())
    });
    assert!(fleet.sigterm().success(), "{}", fleet.log());
    let_end(&fleet, &FIVE[..2]);
    fleet.start();
    let_end(&fleet, &FIVE[2..]);
    end_as_they_did(&fleet, &tasks);
}
