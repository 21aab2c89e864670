//! A secret of a task is where the task is, and nowhere else.

use std::fs;
use std::path::Path;

use claude_hooks_actors::model::TaskState;
use serde_json::json;

use crate::harness::tasks::agent;
use crate::harness::{Fleet, engine, hot, stdout};

#[test]
fn a_secret_of_a_task_is_left_nowhere() {
    const SECRET: &str = "hunter2-7f3a9c";
    const PROMPT: &str = "prompt-51be0d";
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.env("CLAUDE_HOOKS_LOG", "debug");
    fleet.with_faults();
    fleet.start();
    let argv = agent(&["await", "/state/go", "0"]);
    let body =
        json!({ "instance": "dev-default", "argv": argv, "env": { "TOKEN": SECRET }, "stdin": PROMPT });
    let task = fleet.submit(&body);
    fleet.wait_printed(task.id, "begun");
    fleet.exec("dev-default", &["write", "/state/go", ""]);
    assert_eq!(fleet.ended(task.id).state, TaskState::Succeeded);

    let container = fleet.container("dev-default");
    let inside = fleet.path("inside");
    fs::create_dir(&inside).expect("the fleet's directory is writable");
    engine::docker_ok(&["cp", &format!("{container}:/state"), &inside.to_string_lossy()]);
    let places = [
        ("the log", fleet.log()),
        ("the events", format!("{:?}", fleet.stored())),
        ("the task", format!("{:?}", fleet.task(task.id))),
        ("docker inspect", fleet.inspect("dev-default").expect("it is there").to_string()),
        ("docker logs", stdout(&engine::docker(&["logs", &container]))),
        ("docker's command lines", format!("{:?}", fleet.faults().calls())),
        ("the data directory", everything_in(&fleet.data())),
        ("the state volume", everything_in(&inside)),
    ];
    for (place, text) in places {
        for secret in [SECRET, PROMPT] {
            assert!(!text.contains(secret), "{secret} is in {place}");
        }
    }
    let shown = fleet.submit(&json!({ "instance": "dev-default", "argv": agent(&["print-env", "TOKEN"]), "env": { "TOKEN": SECRET } }));
    assert_eq!(fleet.ended(shown.id).exit_code, Some(0));
    assert_eq!(
        fleet.printed(shown.id),
        format!("TOKEN={SECRET}\n"),
        "what is looked for is what the task got"
    );
}

fn everything_in(dir: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(dir).expect("it can be read").flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("it has a type");
        if kind.is_dir() {
            text += &everything_in(&path);
        } else if kind.is_file() {
            text += &String::from_utf8_lossy(&fs::read(&path).unwrap_or_default());
        }
    }
    text
}
