//! What a task prints is kept up to a bound, and whoever reads it slowly or goes away holds nothing up.

use std::time::Duration;

use claude_hooks_actors::model::TaskState;
use reqwest::Method;

use crate::harness::http::RUNTIME;
use crate::harness::{Fleet, hot};

const NAME: &str = "dev-default";
/// How much of a task's output is kept.
const KEPT: u64 = 64 * 1024 * 1024;

#[test]
fn a_flood_is_counted_kept_up_to_a_bound_and_never_blocks() {
    const PRINTED: u64 = 2_000_000_000;
    let Some(fleet) =
        Fleet::started([hot("dev").container("limits", serde_json::json!({ "memory": "64m" }))])
    else {
        return;
    };
    let task = fleet.run_in(NAME, &["print", &PRINTED.to_string()]);
    assert_eq!(
        (task.state, task.output_bytes, task.truncated),
        (TaskState::Succeeded, PRINTED, true),
        "{task:?}"
    );
    let end = fleet.output(task.id, &format!("?offset={}", KEPT - 65));
    assert_eq!(String::from_utf8_lossy(&end).len(), 65, "nothing beyond what is kept");
}

#[test]
fn output_is_resumed_at_any_byte_and_followed_to_the_end() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let task = fleet.task_in(NAME, &["await", "/state/go", "0"]);
    fleet.wait_printed(task.id, "begun");
    assert_eq!(fleet.output(task.id, "?offset=2"), b"gun\n");
    assert_eq!(fleet.output(task.id, "?offset=999"), b"");
    std::thread::scope(|scope| {
        let follower = scope.spawn(|| fleet.output(task.id, "?offset=3&follow=1"));
        fleet.exec(NAME, &["write", "/state/go", ""]);
        assert_eq!(follower.join().expect("it read to the end"), b"un\nended\n");
    });
    let task = fleet.ended(task.id);
    assert_eq!((task.output_bytes, task.truncated), (12, false));
    assert_eq!(fleet.output(task.id, "?offset=6&follow=1"), b"ended\n", "also after its end");
}

#[test]
fn a_reader_that_is_slow_or_leaves_holds_no_task_up() {
    const PRINTED: u64 = 20_000_000;
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let task = fleet.task_in(NAME, &["print", &PRINTED.to_string()]);
    fleet.wait_running(task.id);
    let read = || {
        let request = fleet.unix(Method::GET, &format!("/api/v1/tasks/{}/output?follow=1", task.id));
        RUNTIME.block_on(async move {
            let mut answer = request.timeout(Duration::from_mins(5)).send().await.expect("an answer");
            answer.chunk().await.expect("a piece");
            answer
        })
    };
    // One that reads a piece and no more, and one that goes away after it.
    let slow = read();
    drop(read());
    let ended = fleet.ended(task.id);
    assert_eq!((ended.state, ended.output_bytes), (TaskState::Succeeded, PRINTED), "{ended:?}");
    drop(slow);
    assert_eq!(fleet.output(task.id, "").len() as u64, PRINTED);
}
