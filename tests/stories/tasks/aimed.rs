//! Tasks for one agent that an operator stops or deletes.

use claude_hooks_actors::model::{Event, EventKind, TaskState};
use serde_json::json;

use crate::harness::tasks::agent;
use crate::harness::{Fleet, SOON, hot};

#[test]
fn a_stopped_agent_takes_no_task_what_waits_for_it_says_so_and_ends_with_its_deletion() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let name = "dev-default";
    let stream = fleet.stream("");
    let runs = fleet.task_in(name, &["await", "/state/go", "0"]);
    fleet.wait_printed(runs.id, "begun");
    let body = json!({ "instance": name, "argv": agent(&["exit", "0"]) });
    let waits = fleet.submit(&body);
    fleet.act(name, "stop");
    let refused = fleet.post("/api/v1/tasks", &body);
    assert_eq!(refused.status, 409, "{refused:?}");
    assert!(refused.problem().to_string().contains("agents/dev-default/start"), "{refused:?}");
    fleet.exec(name, &["write", "/state/go", ""]);
    assert_eq!(fleet.ended(runs.id).state, TaskState::Succeeded);
    fleet.eventually("the reason is that it was stopped", SOON, || {
        let reason = fleet.task(waits.id).waiting_for?;
        reason.contains("an operator stopped it").then_some(())
    });
    assert_eq!(fleet.task(waits.id).state, TaskState::Queued);
    fleet.delete(name);
    let ended = fleet.ended(waits.id);
    assert_eq!(
        (ended.state, ended.cause.as_deref()),
        (TaskState::Failed, Some("agent_deleted")),
        "{ended:?}"
    );
    fleet.eventually("its end is told", SOON, || {
        let told = |event: &Event| {
            event.kind == EventKind::TaskFinished && event.cause.as_deref() == Some("agent_deleted")
        };
        stream.events().iter().any(told).then_some(())
    });
}
