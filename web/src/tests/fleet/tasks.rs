//! Tasks over the API: handed in, awaited, cancelled, listed, and what they print.

use claude_hooks_actors::model::{RunId, TaskId};
use serde_json::{Value, json};

use super::world::{World, eventually};
use crate::tests::client::{Answer, BODY_LIMIT};

fn submit(world: &World, body: &Value) -> String {
    let answer = world.post("tasks", body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let task = answer.json();
    let id = task["id"].as_str().expect("a task has an id").to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/tasks/{id}").as_str()));
    id
}

fn ended(world: &World, id: &str) -> Value {
    world.get(&format!("tasks/{id}?wait_s=30")).json()
}

fn running(world: &World, id: &str) {
    eventually("it runs", || (world.get(&format!("tasks/{id}")).json()["state"] == "running").then_some(()));
}

fn refusal(answer: &Answer) -> (u16, String, Value) {
    (answer.status, answer.problem_name(), answer.problem()["field"].clone())
}

#[test]
fn a_task_is_taken_in_awaited_and_shown_without_its_secrets() {
    let world = World::with(&[("alice", "dev")]);
    let body = json!({
        "instance": "alice", "argv": ["exit", "3"], "env": { "TOKEN": "hunter2" }, "stdin": "a prompt",
        "workdir": "/work", "timeout_s": 60, "retry": true, "idempotency_key": "once",
    });
    let id = submit(&world, &body);
    let task = ended(&world, &id);
    assert!(!task.to_string().contains("hunter2") && !task.to_string().contains("a prompt"), "{task}");
    insta::assert_json_snapshot!(task, {
        ".id" => "[id]", ".incarnation" => "[incarnation]", ".queued_at" => "[at]", ".started_at" => "[at]",
        ".ended_at" => "[at]",
    });
    let again = world.post("tasks", &body);
    assert_eq!(
        (again.status, again.json()["id"].as_str()),
        (201, Some(id.as_str())),
        "the same key, the same task"
    );
    assert_eq!(world.docker.begun_runs().len(), 1);
    let other =
        world.post("tasks", &json!({ "instance": "alice", "argv": ["true"], "idempotency_key": "once" }));
    assert_eq!(refusal(&other), (409, "key-reused".into(), json!("idempotency_key")));
    let differs = json!(["argv", "workdir", "timeout_s", "retry", "env or stdin"]);
    assert_eq!((&other.problem()["differs"], &other.problem()["task"]), (&differs, &json!(id)));
}

#[test]
fn every_field_is_checked_and_named() {
    let world = World::with(&[("alice", "dev"), ("desk", "host")]);
    let mut told = Vec::new();
    for change in [
        json!({ "argv": null }),
        json!({ "argv": [] }),
        json!({ "argv": "true" }),
        json!({ "argv": ["a", 1] }),
        json!({ "argv": [""] }),
        json!({ "argv": ["a\u{0}b"] }),
        json!({ "argv": ["a", "b".repeat(102_400)] }),
        json!({ "instance": null }),
        json!({ "instance": "Alice" }),
        json!({ "type": "dev" }),
        json!({ "workdir": "relative" }),
        json!({ "timeout_s": 0 }),
        json!({ "timeout_s": 604_801 }),
        json!({ "timeout_s": "9" }),
        json!({ "retry": "yes" }),
        json!({ "env": ["A=1"] }),
        json!({ "env": { "A B": "1" } }),
        json!({ "env": { "A": 1 } }),
        json!({ "stdin_base64": "*" }),
        json!({ "stdin": "a", "stdin_base64": "YQ==" }),
        json!({ "idempotency_key": "" }),
        json!({ "lease": "mine" }),
        json!({ "lease": "01980000-0000-7000-8000-000000000001" }),
        json!({ "prompt": "hello" }),
        json!({ "instance": "nobody" }),
        json!({ "instance": "desk" }),
    ] {
        let mut body = json!({ "instance": "alice", "argv": ["true"] });
        for (key, value) in change.as_object().expect("members") {
            match value {
                Value::Null => drop(body.as_object_mut().expect("an object").remove(key)),
                value => body[key] = value.clone(),
            }
        }
        let answer = world.post("tasks", &body);
        assert!((400..500).contains(&answer.status), "{change}: {answer:?}");
        let (status, name, field) = refusal(&answer);
        let shown: String = change.to_string().chars().take(60).collect();
        told.push(format!("{shown}: {status} {name} {field} {}", answer.problem()["detail"]));
    }
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(world.get("tasks").json()["items"], json!([]), "nothing of it was taken");
}

#[test]
fn only_the_body_of_a_task_may_be_large() {
    let world = World::with(&[("alice", "dev")]);
    let prompt = "x".repeat(100 * BODY_LIMIT);
    let id = submit(&world, &json!({ "instance": "alice", "argv": ["cat"], "stdin": prompt }));
    assert_eq!(ended(&world, &id)["state"], "succeeded");
    let run = world.docker.begun_runs().pop().expect("it was begun");
    assert_eq!(run.request.input.stdin.len(), prompt.len());
    let other = world.post("agents", &json!({ "name": "b", "type": "dev", "image": prompt }));
    assert_eq!(other.status, 413, "{other:?}");
}

#[test]
fn a_wait_ends_with_its_time_and_tells_what_the_task_is_in() {
    let world = World::with(&[("alice", "dev")]);
    let id = submit(&world, &json!({ "type": "dev", "argv": ["hang"] }));
    running(&world, &id);
    assert_eq!(world.get(&format!("tasks/{id}?wait_s=1")).json()["state"], "running");
    for query in ["wait_s=601", "wait_s=-1", "wait=1"] {
        assert_eq!(world.get(&format!("tasks/{id}?{query}")).status, 400, "{query}");
    }
    let waits = submit(&world, &json!({ "type": "dev", "argv": ["true"] }));
    assert_eq!(world.get(&format!("tasks/{waits}")).json()["state"], "queued");
    let cancelled = world.delete(&format!("tasks/{id}"));
    assert_eq!((cancelled.status, &cancelled.json()["cancelling"]), (202, &json!(true)));
    assert_eq!(ended(&world, &id)["state"], "cancelled");
    assert_eq!(ended(&world, &waits)["state"], "succeeded", "the next one has its turn");
    let again = world.delete(&format!("tasks/{id}"));
    assert_eq!(
        (again.status, &again.json()["state"]),
        (202, &json!("cancelled")),
        "a second time is no error"
    );
}

#[test]
fn a_task_runs_under_a_lease_by_whoever_knows_its_fence() {
    let world = World::with(&[("alice", "dev")]);
    let lease = world.post("leases", &json!({ "instance": "alice", "holder": "me" })).json();
    let (id, fence) = (lease["id"].as_str().expect("an id"), lease["fence"].as_u64().expect("a fence"));
    let body = json!({ "instance": "alice", "argv": ["true"], "lease": id });
    let without = world.post("tasks", &body);
    assert_eq!((without.status, without.problem_name().as_str()), (428, "fence-required"));
    let stale = world.send("POST", "tasks", &format!("Lease-Fence: {}\r\n", fence + 1), &body);
    assert_eq!(stale.status, 412, "{stale:?}");
    let taken = world.send("POST", "tasks", &format!("Lease-Fence: {fence}\r\n"), &body);
    assert_eq!(taken.status, 201, "{taken:?}");
    let task = ended(&world, taken.json()["id"].as_str().expect("an id"));
    assert_eq!((&task["state"], &task["instance"]), (&json!("succeeded"), &json!("alice")));
    let held = world.get("agents/alice").json();
    assert_eq!(held["lease"]["id"], id, "the lease is its holder's still: {held}");
}

#[test]
fn output_begins_at_any_byte() {
    let world = World::with(&[("alice", "dev")]);
    let id = submit(&world, &json!({ "instance": "alice", "argv": ["cat"], "stdin": "one two three" }));
    assert_eq!(ended(&world, &id)["output_bytes"], 13);
    let read = |query: &str| {
        let answer = world.get(&format!("tasks/{id}/output{query}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/octet-stream")));
        answer.unchunked()
    };
    assert_eq!(read(""), "one two three");
    assert_eq!(read("?offset=4"), "two three");
    assert_eq!(read("?offset=8&follow=1"), "three");
    assert_eq!(read("?offset=99"), "");
    for query in ["?offset=-1", "?follow=perhaps", "?from=1"] {
        assert_eq!(world.get(&format!("tasks/{id}/output{query}")).status, 400, "{query}");
    }
}

#[test]
fn tasks_are_listed_by_agent_and_state_the_newest_first() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let first = submit(&world, &json!({ "instance": "alice", "argv": ["true"] }));
    ended(&world, &first);
    let second = submit(&world, &json!({ "instance": "bob", "argv": ["exit", "1"] }));
    ended(&world, &second);
    let third = submit(&world, &json!({ "instance": "bob", "argv": ["hang"] }));
    running(&world, &third);
    let listed = |query: &str| -> Vec<String> {
        let items = world.get(&format!("tasks{query}")).json()["items"].clone();
        let items = items.as_array().expect("a list").iter();
        items.map(|task| task["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(listed(""), [third.clone(), second.clone(), first.clone()]);
    assert_eq!(listed("?instance=bob"), [third.clone(), second.clone()]);
    assert_eq!(listed("?state=succeeded&state=running"), [third.clone(), first.clone()]);
    assert_eq!(listed("?limit=1").first(), Some(&third));
    assert_eq!(listed(&format!("?before={third}&limit=1")), [second]);
    for query in ["?state=busy", "?limit=0", "?limit=1001", "?before=x", "?typ=dev"] {
        assert_eq!(world.get(&format!("tasks{query}")).status, 400, "{query}");
    }
    assert_eq!(world.get("tasks?instance=Bob").status, 422);
    let run = RunId::new(TaskId::parse(&third).expect("a task has an id"), 1);
    world.by_hand(|docker| docker.end_run(&run, 0));
    assert_eq!(ended(&world, &third)["state"], "succeeded");
}

#[test]
fn a_task_that_is_not_there_is_said_so() {
    let world = World::empty();
    for id in ["x", "01980000-0000-7000-8000-000000000001"] {
        for answer in [
            world.get(&format!("tasks/{id}")),
            world.get(&format!("tasks/{id}/output")),
            world.delete(&format!("tasks/{id}")),
        ] {
            assert_eq!((answer.status, answer.problem_name().as_str()), (404, "task-not-found"), "{id}");
        }
    }
}
