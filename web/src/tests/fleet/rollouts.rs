//! Rollouts over the API: begun, looked at, paused, resumed, aborted.

use serde_json::{Value, json};

use super::world::{World, eventually};

fn begin(world: &World, body: &Value) -> Value {
    let answer = world.post("rollouts", body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let rollout = answer.json();
    let id = rollout["id"].as_str().expect("a rollout has an id");
    assert_eq!(answer.header("location"), Some(format!("/api/v1/rollouts/{id}").as_str()));
    rollout
}

fn path(rollout: &Value, rest: &str) -> String {
    format!("rollouts/{}{rest}", rollout["id"].as_str().expect("a text"))
}

fn ended(world: &World, rollout: &Value) -> Value {
    eventually("it has ended", || {
        let now = world.get(&path(rollout, "")).json();
        (!now["ended_at"].is_null()).then_some(now)
    })
}

#[test]
fn a_rollout_is_begun_shown_listed_and_done() {
    let world = World::with(&[("a", "dev"), ("b", "dev"), ("z", "lazy")]);
    world.docker.retag("agent:1");
    let body = json!({ "type": "dev", "strategy": { "watch_s": 0 } });
    let planned = world.post("rollouts?dry_run=1", &body);
    assert_eq!((planned.status, planned.json()["members"].as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(world.get("rollouts").json()["items"], json!([]));
    let rollout = begin(&world, &body);
    insta::assert_json_snapshot!(rollout, {
        ".id" => "[id]", ".created_at" => "[at]", ".members[].since" => "[at]",
        ".members[].from_image_id" => "[image]", ".members[].to_image_id" => "[image]",
    });
    let done = ended(&world, &rollout);
    assert_eq!((&done["state"], &done["reason"]), (&json!("done"), &Value::Null));
    assert_eq!(world.get("rollouts?limit=1").json()["items"], json!([done]));
    let again = begin(&world, &body);
    assert_eq!((&again["state"], &again["members"]), (&json!("done"), &json!([])));
    assert!(again["reason"].as_str().is_some_and(|reason| reason.contains("nothing is to be done")));
}

#[test]
fn one_under_way_is_in_the_way_of_another_and_can_be_paused_resumed_and_aborted() {
    let world = World::with(&[("a", "dev"), ("b", "dev")]);
    world.docker.retag("agent:1");
    let rollout = begin(&world, &json!({ "strategy": { "watch_s": 3600 } }));
    let refused = world.post("rollouts", &json!({ "type": "dev" }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "rollout-under-way"));
    assert_eq!(refused.problem()["rollout"], rollout["id"]);
    for (verb, state) in
        [("/pause", "paused"), ("/pause", "paused"), ("/resume", "running"), ("/abort", "aborted")]
    {
        let answer = world.post_nothing(&path(&rollout, verb));
        assert_eq!((answer.status, &answer.json()["state"]), (200, &json!(state)), "{verb}");
    }
    let refused = world.post_nothing(&path(&rollout, "/resume"));
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"));
}

#[test]
fn every_field_is_checked_and_named() {
    let world = World::with(&[("a", "dev"), ("desk", "host")]);
    let table = [
        (json!({ "type": "dve" }), "type"),
        (json!({ "type": 7 }), "type"),
        (json!({ "strategy": { "width": 0 } }), "strategy.width"),
        (json!({ "strategy": { "width": "2" } }), "strategy.width"),
        (json!({ "strategy": { "canary": 5000 } }), "strategy.canary"),
        (json!({ "strategy": { "watch_s": 100_000 } }), "strategy.watch_s"),
        (json!({ "strategy": { "drain_s": -1 } }), "strategy.drain_s"),
        (json!({ "strategy": { "pull": "yes" } }), "strategy.pull"),
        (json!({ "strategy": { "watch": 1 } }), "strategy.watch"),
        (json!({ "typ": "dev" }), "typ"),
    ];
    for (body, field) in table {
        let refused = world.post("rollouts", &body);
        assert_eq!((refused.status, &refused.problem()["field"]), (422, &json!(field)), "{body}");
    }
    assert_eq!(world.post("rollouts", &json!({ "type": "host" })).status, 409);
    for unknown in ["rollouts/x", "rollouts/01980000-0000-7000-8000-000000000000"] {
        let missing = world.get(unknown);
        assert_eq!((missing.status, missing.problem_name().as_str()), (404, "rollout-not-found"));
    }
}
