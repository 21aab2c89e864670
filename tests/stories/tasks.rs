//! Tasks: handed in over the API, run inside of agents, and what is said of how they ended.

mod aimed;
mod endings;
mod exec;
mod output;
mod restarts;
mod secrets;

use claude_hooks_actors::model::{EventKind, Outcome, Phase, TaskState};
use serde_json::json;

use crate::harness::tasks::agent;
use crate::harness::{Fleet, SOON, host, hot, lazy};

#[test]
fn a_sleeping_agent_is_woken_by_a_task_runs_it_and_sleeps_again() {
    let sleeper = lazy("reviewer").set("idle_timeout_s", 1);
    let Some(fleet) = Fleet::started([sleeper]) else { return };
    let name = "reviewer-default";
    assert_eq!(fleet.agent(name).observed.phase, Phase::Stopped);
    let stream = fleet.stream("");
    let task = fleet.submit(
        &json!({ "type": "reviewer", "argv": agent(&["print-env", "HOME"]), "env": { "HOME": "/there" } }),
    );
    let task = fleet.ended(task.id);
    assert_eq!((task.state, task.exit_code), (TaskState::Succeeded, Some(0)), "{task:?}");
    assert_eq!(task.instance.as_ref().map(AsRef::as_ref), Some(name));
    let waking = stream.wait_for(EventKind::InstanceWaking, name, SOON);
    let started = stream.wait_after(waking.seq, EventKind::TaskStarted, name, SOON);
    let finished = stream.wait_after(started.seq, EventKind::TaskFinished, name, SOON);
    let idle = stream.wait_after(finished.seq, EventKind::InstanceIdle, name, SOON);
    fleet.wait_phase(name, Phase::Stopped, SOON);
    assert!(idle.seq > finished.seq);
    assert_eq!(stream.count(EventKind::ContainerStopped, ""), 0, "it sleeps on purpose");
    assert_eq!(fleet.printed(task.id), "HOME=/there\n", "also read while it sleeps");
}

#[test]
fn a_type_without_containers_refuses_tasks() {
    let Some(fleet) = Fleet::started([host("desk")]) else { return };
    for target in [json!({ "instance": "desk-default" }), json!({ "type": "desk" })] {
        let mut body = target;
        body["argv"] = json!(["/agent", "exit", "0"]);
        let refused = fleet.post("/api/v1/tasks", &body);
        assert!((400..500).contains(&refused.status), "{refused:?}");
        assert!(refused.problem().to_string().contains("host"), "{refused:?}");
    }
    assert_eq!(fleet.containers(), Vec::<String>::new());
}

#[test]
fn a_prompt_of_a_megabyte_arrives_byte_for_byte() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let lines: Vec<String> = (0..130_000).map(|n| format!("{n:07}\n")).collect();
    let prompt = lines.concat();
    let task = fleet.submit(&json!({ "instance": "dev-default", "argv": agent(&["copy"]), "stdin": prompt }));
    assert_eq!(fleet.ended(task.id).exit_code, Some(0));
    let output = fleet.output(task.id, "");
    assert!(output == prompt.as_bytes(), "{} bytes of {}", output.len(), prompt.len());
}

#[test]
fn a_changed_agent_is_made_anew_after_its_task_and_at_once_if_forced() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let (name, before) = ("dev-default", fleet.id("dev-default"));
    let task = fleet.task_in(name, &["await", "/state/go", "7"]);
    fleet.wait_printed(task.id, "begun");
    fleet.patch(name, &json!({ "env": { "NEW": "1" } })).expect(200);
    assert_eq!(fleet.id(name), before, "its task is not cut");
    fleet.exec(name, &["write", "/state/go", ""]);
    assert_eq!(fleet.ended(task.id).exit_code, Some(7));
    fleet.eventually("it is made anew", SOON, || {
        (fleet.id(name).is_some_and(|id| Some(id) != before)).then_some(())
    });
    fleet.wait_phase(name, Phase::Running, SOON);
    assert_eq!(fleet.printed(task.id), "begun\nended\n", "what it printed outlives its container");

    let cut = fleet.task_in(name, &["await", "/state/never", "0"]);
    fleet.wait_printed(cut.id, "begun");
    let waits = fleet.act(name, "recreate");
    assert_eq!(waits.outcome, Outcome::Unchanged, "{waits:?}");
    assert!(waits.reason.is_some_and(|reason| reason.contains("waits")));
    assert_eq!(fleet.task(cut.id).state, TaskState::Running);
    fleet.post(&format!("/api/v1/agents/{name}/recreate?force=1"), &json!({})).expect(200);
    let cut = fleet.ended(cut.id);
    assert_eq!((cut.state, cut.exit_code.filter(|code| *code == 0)), (TaskState::Cancelled, None), "{cut:?}");
}
