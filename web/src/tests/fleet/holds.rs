//! What operators say about who may work with an agent: cordons, holds, and force.

use claude_hooks_actors::model::ContainerState;
use serde_json::{Value, json};

use super::world::{Lease, World, condition};

#[test]
fn a_cordoned_agent_gets_no_new_work_until_it_is_uncordoned() {
    let world = World::with(&[("alice", "dev")]);
    let lease = world.lease("alice", "first");
    for attempt in ["first", "again"] {
        let answer = world.post_nothing("agents/alice/cordon");
        assert_eq!((answer.status, answer.header("etag")), (200, Some("\"1\"")), "{attempt}");
        let agent = answer.json();
        assert!(condition(&agent, "cordoned").is_some(), "{attempt}: {agent}");
        assert_eq!(agent["observed"]["phase"], "running", "{attempt}");
    }
    assert_eq!(world.on_lease("PUT", &lease.id, Some(&lease.fence)).status, 200, "who is there may go on");
    world.release(&lease);
    let claim = json!({ "instance": "alice", "holder": "second" });
    let refused = world.post("leases", &claim);
    assert_eq!((refused.status, refused.problem_name().as_str()), (503, "nobody-free"));
    for attempt in ["first", "again"] {
        let agent = world.post_nothing("agents/alice/uncordon").json();
        assert!(condition(&agent, "cordoned").is_none(), "{attempt}: {agent}");
    }
    assert_eq!(world.post("leases", &claim).status, 201);
}

#[test]
fn a_held_agent_wakes_and_is_kept_awake() {
    let world = World::with(&[("z", "lazy")]);
    let held = world.post("agents/z/hold", &json!({ "ttl_s": 3600 }));
    assert_eq!(held.status, 200, "{held:?}");
    assert!(condition(&held.json(), "kept_awake").is_some(), "{held:?}");
    world.until("z", "running");
    let free = world.delete("agents/z/hold");
    assert_eq!(free.status, 200, "{free:?}");
    assert!(condition(&free.json(), "kept_awake").is_none(), "{free:?}");
    assert_eq!(free.json()["observed"]["phase"], "running", "its idle time begins");

    world.post("agents/z/hold", &json!({ "ttl_s": 3600 }));
    let stopped = world.post_nothing("agents/z/stop").json();
    assert_eq!(stopped["observed"]["phase"], "stopped", "a stop by hand is stronger");
    assert!(condition(&stopped, "kept_awake").is_none(), "{stopped}");
}

#[test]
fn what_a_hold_says_is_checked_and_nobody_is_404() {
    let world = World::with(&[("z", "lazy"), ("h", "host")]);
    for body in [
        json!({}),
        json!({ "ttl_s": 0 }),
        json!({ "ttl_s": 604_801 }),
        json!({ "ttl_s": "1h" }),
        json!({ "ttl": 1 }),
    ] {
        let refused = world.post("agents/z/hold", &body);
        assert_eq!(
            (refused.status, refused.problem()["field"].is_string()),
            (422, true),
            "{body}: {refused:?}"
        );
    }
    assert_eq!(world.container("z").expect("it has one").state, ContainerState::Created);
    let refused = world.post("agents/h/hold", &json!({ "ttl_s": 60 }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"));
    let answers = ["cordon", "uncordon"].map(|verb| world.post_nothing(&format!("agents/nobody/{verb}")));
    let hold = world.post("agents/nobody/hold", &json!({ "ttl_s": 60 }));
    for answer in answers.into_iter().chain([hold, world.delete("agents/nobody/hold")]) {
        assert_eq!((answer.status, answer.problem_name().as_str()), (404, "agent-not-found"), "{answer:?}");
    }
}

/// What is answered while somebody works with the agent.
fn assert_waits(what: &str, answer: &Value) {
    assert_eq!(answer["outcome"], "unchanged", "{what}: {answer}");
    assert!(
        answer["reason"].as_str().is_some_and(|reason| reason.contains("somebody works with it")),
        "{what}"
    );
}

#[test]
fn what_would_cut_a_leased_agent_waits_for_its_holder() {
    let world = World::with(&[("alice", "dev")]);
    world.docker.add_image("agent:2");
    let before = world.container("alice").expect("it is there");
    let lease = world.lease("alice", "first");
    for verb in ["stop", "restart", "recreate"] {
        let body = world.post_nothing(&format!("agents/alice/{verb}")).json();
        assert_waits(verb, &body);
        assert!(condition(&body, "draining").is_some(), "{verb}: {body}");
    }
    // The last word is what waits.
    let etag = world.post_nothing("agents/alice/start").header("etag").expect("an agent has one").to_owned();
    let changed = world.patch("agents/alice", Some(&etag), &json!({ "image": "agent:2" })).json();
    assert_waits("update", &changed);
    assert_eq!(world.container("alice").map(|container| container.id), Some(before.id));
    world.release(&lease);
    let agent = world.agent_once("alice", |agent| condition(agent, "draining").is_none());
    assert_eq!(agent["desired"]["image"], "agent:2");
    world.agent_once("alice", |agent| condition(agent, "drift").is_none());
    assert_eq!(world.container("alice").expect("it was replaced").image, "agent:2");

    let lease = world.lease("alice", "second");
    assert_waits("delete", &world.delete("agents/alice").json());
    assert_eq!(world.get("agents/alice").status, 404, "the row is gone");
    assert_eq!(world.container("alice").expect("it drains").state, ContainerState::Running);
    assert_eq!(world.on_lease("PUT", &lease.id, Some(&lease.fence)).status, 200, "who is there may go on");
    world.release(&lease);
    super::world::eventually("its container is gone", || world.container("alice").is_none().then_some(()));
    world.docker.assert_invariants();
}

#[test]
fn force_takes_an_agent_from_its_holder_whatever_the_verb() {
    let world = World::with(&[("dev-default", "dev")]);
    world.docker.add_image("agent:2");
    let is_lost = |lease: &Lease| {
        let late = world.on_lease("PUT", &lease.id, Some(&lease.fence));
        assert_eq!((late.status, late.problem_name().as_str()), (412, "lease-stale"));
    };
    for (verb, outcome) in [("recreate", "recreated"), ("restart", "started"), ("stop", "unchanged")] {
        let lease = world.lease("dev-default", "holder");
        let body = world.post_nothing(&format!("agents/dev-default/{verb}?force=1")).json();
        assert_eq!((&body["outcome"], &body["lease"]), (&json!(outcome), &Value::Null), "{verb}: {body}");
        is_lost(&lease);
    }
    assert_eq!(world.container("dev-default").expect("it is there").state, ContainerState::Exited);
    world.post_nothing("agents/dev-default/start");

    let lease = world.lease("dev-default", "holder");
    let changed = world.patch("agents/dev-default?force=1", Some("*"), &json!({ "image": "agent:2" })).json();
    assert_eq!(changed["outcome"], "recreated", "{changed}");
    is_lost(&lease);

    let lease = world.lease("dev-default", "holder");
    let waits = world.post("types/dev/scale", &json!({ "count": 0 })).json();
    assert_waits("scale", &waits["removed"][0]);
    let again = world.delete("agents/dev-default?force=1");
    assert_eq!((again.status, &again.json()["outcome"]), (200, &json!("removed")), "its row was gone before");
    is_lost(&lease);

    world.post("types/dev/scale", &json!({ "count": 1 }));
    let lease = world.lease("dev-default", "holder");
    let gone = world.post("types/dev/scale?force=1", &json!({ "count": 0 })).json();
    assert_eq!(gone["removed"][0]["outcome"], "removed", "{gone}");
    is_lost(&lease);
    assert_eq!(world.docker.containers().len(), 0);
    world.docker.assert_invariants();
}
