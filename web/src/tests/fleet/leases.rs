//! Agents claimed, kept and given back.

use std::collections::BTreeSet;
use std::time::Duration;

use claude_hooks_actors::model::ContainerState;
use claude_hooks_actors::ports::RuntimeError;
use claude_hooks_actors::testing::Verb;
use serde_json::{Value, json};

use super::world::{Lease, World, eventually};

/// An id of the right form that nobody ever had.
const NOBODYS: &str = "01980000-0000-7000-8000-000000000000";

#[test]
fn a_lease_is_granted_shown_renewed_and_given_back() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let answer = world.post("leases", &json!({ "instance": "bob", "holder": "night shift", "ttl_s": 60 }));
    assert_eq!(answer.status, 201, "{answer:?}");
    let granted = answer.json();
    insta::assert_json_snapshot!(granted, { ".id" => "[id]", ".expires_at" => "[time]" });
    let lease = Lease::of(&granted);
    assert_eq!(answer.header("location"), Some(format!("/api/v1/leases/{}", lease.id).as_str()));
    assert_eq!(world.get("agents/bob").json()["lease"], granted);
    assert_eq!(world.get("agents/alice").json()["lease"], Value::Null);
    let listed = world.get("leases").json();
    assert_eq!((&listed["items"], listed["generation"].is_u64()), (&json!([granted]), true));

    let renewed = world.on_lease("PUT", &lease.id, Some(&lease.fence));
    assert_eq!(renewed.status, 200, "{renewed:?}");
    let renewed = renewed.json();
    assert_eq!((&renewed["id"], &renewed["fence"]), (&granted["id"], &granted["fence"]));
    assert!(renewed["expires_at"].as_str() >= granted["expires_at"].as_str(), "{renewed}");
    assert_eq!(world.get("agents/bob").json()["lease"], renewed, "whoever was answered reads what he wrote");

    world.release(&lease);
    assert_eq!(world.get("agents/bob").json()["lease"], Value::Null);
    assert_eq!(world.get("leases").json()["items"], json!([]));
    for method in ["PUT", "DELETE"] {
        let late = world.on_lease(method, &lease.id, Some(&lease.fence));
        assert_eq!((late.status, late.problem_name().as_str()), (412, "lease-stale"), "{method}");
    }
    let kinds: Vec<String> = world.stored("bob").iter().map(|event| event.kind.to_string()).collect();
    assert!(kinds.ends_with(&["lease_acquired".into(), "lease_released".into()]), "{kinds:?}");
}

#[test]
fn a_claim_by_type_gets_any_free_one_and_each_only_once() {
    let world = World::with(&[("a", "dev"), ("b", "dev"), ("c", "dev")]);
    let claim = json!({ "type": "dev", "holder": "x" });
    let granted: Vec<Value> = (0..3).map(|_| world.post("leases", &claim).json()).collect();
    let names: BTreeSet<&str> = granted.iter().filter_map(|lease| lease["instance"].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["a", "b", "c"]));
    let fences: Vec<Option<u64>> = granted.iter().map(|lease| lease["fence"].as_u64()).collect();
    assert!(fences.is_sorted() && fences[0] < fences[1] && fences[1] < fences[2], "{fences:?}");
    assert_eq!(world.post("leases", &claim).status, 503);
}

#[test]
fn whoever_finds_nobody_free_is_told_who_holds_what_and_when_to_ask_again() {
    let world = World::with(&[("a", "dev"), ("b", "dev"), ("c", "dev")]);
    world.lease("a", "first");
    world.post_nothing("agents/b/cordon");
    world.post_nothing("agents/c/stop");
    let refused = world.post("leases", &json!({ "type": "dev", "holder": "second" }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (503, "nobody-free"));
    assert_eq!(refused.header("retry-after"), Some("15"));
    let mut occupied = refused.problem()["occupied"].clone();
    assert!(occupied[0]["until"].is_string(), "{occupied}");
    for held in occupied.as_array_mut().expect("a list") {
        let reason = held["reason"].as_str().unwrap_or_default();
        let without_time = reason.split_once(" until ").map_or(reason, |(reason, _)| reason).to_owned();
        held["reason"] = without_time.into();
    }
    insta::assert_json_snapshot!(occupied, { "[].until" => "[time]" });
}

#[test]
fn whoever_waits_in_the_queue_is_served_when_somebody_is_done() {
    let world = World::with(&[("a", "dev")]);
    let first = world.lease("a", "first");
    let claim = json!({ "type": "dev", "holder": "second", "wait_s": 60 });
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.post("leases", &claim));
        // A request that waits cannot be seen from outside; too short a pause only weakens the claim.
        std::thread::sleep(Duration::from_millis(200));
        assert!(!waiting.is_finished());
        world.release(&first);
        let served = waiting.join().expect("an answer comes");
        assert_eq!((served.status, &served.json()["holder"]), (201, &json!("second")));
    });
}

#[test]
fn whoever_hangs_up_in_the_queue_gets_nothing() {
    for over_tcp in [true, false] {
        let world = World::with(&[("a", "dev")]);
        let first = world.lease("a", "first");
        let claim = json!({ "type": "dev", "holder": "gone", "wait_s": 600, "ttl_s": 3600 }).to_string();
        let asked = world.server.begin_to_ask(over_tcp, "POST", "/api/v1/leases", &claim);
        // It cannot be seen from outside that it waits; if it does not yet, less is shown.
        std::thread::sleep(Duration::from_millis(200));
        drop(asked);
        world.release(&first);
        let next = json!({ "type": "dev", "holder": "next" });
        eventually("the next one is served", || (world.post("leases", &next).status == 201).then_some(()));
    }
}

#[test]
fn a_lease_that_is_not_renewed_ends_and_its_late_holder_is_refused() {
    let world = World::with(&[("a", "dev")]);
    let granted = world.post("leases", &json!({ "instance": "a", "holder": "first", "ttl_s": 1 }));
    let lease = Lease::of(&granted.json());
    world.agent_once("a", |agent| agent["lease"].is_null());
    let late = world.on_lease("PUT", &lease.id, Some(&lease.fence));
    assert_eq!((late.status, late.problem_name().as_str()), (412, "lease-stale"));
    assert_eq!(late.problem()["field"], "Lease-Fence");
    let next = world.lease("a", "second");
    let stolen = world.on_lease("DELETE", &next.id, Some(&lease.fence));
    assert_eq!((stolen.status, stolen.problem_name().as_str()), (412, "lease-stale"));
    world.release(&next);
}

#[test]
fn a_call_on_a_lease_must_carry_its_fence() {
    let world = World::with(&[("a", "dev")]);
    let lease = world.lease("a", "first");
    for method in ["PUT", "DELETE"] {
        let missing = world.on_lease(method, &lease.id, None);
        assert_eq!((missing.status, missing.problem_name().as_str()), (428, "fence-required"), "{method}");
        for odd in ["", "x", "-1", "1.5", "\"1\"", "99999999999999999999999"] {
            let refused = world.on_lease(method, &lease.id, Some(odd));
            let name = refused.problem_name();
            assert_eq!((refused.status, name.as_str()), (400, "invalid-header"), "{method} {odd:?}");
            assert_eq!(refused.problem()["field"], "Lease-Fence");
        }
        for unknown in [NOBODYS, "1", &lease.id.to_uppercase()] {
            let refused = world.on_lease(method, unknown, Some(&lease.fence));
            let name = refused.problem_name();
            assert_eq!((refused.status, name.as_str()), (404, "lease-not-found"), "{method} {unknown}");
        }
    }
    assert_eq!(world.on_lease("PUT", &lease.id, Some(&lease.fence)).status, 200, "it still stands");
    let odd = world.get(&format!("leases/{}", lease.id));
    assert_eq!((odd.status, odd.header("allow")), (405, Some("PUT, DELETE")));
}

#[test]
fn what_a_claim_says_is_checked_field_by_field() {
    let world = World::with(&[("a", "dev")]);
    let mut refused = Vec::new();
    for body in [
        json!({ "holder": "x" }),
        json!({ "instance": "a", "type": "dev", "holder": "x" }),
        json!({ "instance": "../a", "holder": "x" }),
        json!({ "type": 1, "holder": "x" }),
        json!({ "type": "dve", "holder": "x" }),
        json!({ "instance": "a" }),
        json!({ "instance": "a", "holder": "" }),
        json!({ "instance": "a", "holder": "x\ny" }),
        json!({ "instance": "a", "holder": "x".repeat(129) }),
        json!({ "instance": "a", "holder": "x", "ttl_s": 0 }),
        json!({ "instance": "a", "holder": "x", "ttl_s": 3601 }),
        json!({ "instance": "a", "holder": "x", "ttl_s": 1.5 }),
        json!({ "instance": "a", "holder": "x", "ttl_s": null }),
        json!({ "instance": "a", "holder": "x", "wait_s": 601 }),
        json!({ "instance": "a", "holder": "x", "wake_s": 601 }),
        json!({ "instance": "a", "holder": "x", "tll_s": 15 }),
    ] {
        let answer = world.post("leases", &body);
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        let problem = answer.problem();
        refused.push(format!("{}: {} ({})", problem["field"], problem["detail"], answer.problem_name()));
    }
    insta::assert_snapshot!(refused.join("\n"));
    assert_eq!(world.get("leases").json()["items"], json!([]));
}

#[test]
fn who_can_never_be_had_is_refused_at_once() {
    let world = World::with(&[("h", "host")]);
    for (target, status, kind, word) in [
        (json!({ "instance": "h" }), 409, "denied", "host mode"),
        (json!({ "type": "host" }), 409, "denied", "host mode"),
        (json!({ "type": "lazy" }), 409, "denied", "no agent of type lazy"),
        (json!({ "instance": "nobody" }), 404, "agent-not-found", "nobody"),
    ] {
        let mut claim = target;
        claim["holder"] = "x".into();
        let refused = world.post("leases", &claim);
        assert_eq!((refused.status, refused.problem_name().as_str()), (status, kind), "{claim}");
        assert!(refused.problem()["detail"].as_str().is_some_and(|detail| detail.contains(word)), "{claim}");
    }
}

#[test]
fn a_sleeping_agent_runs_when_its_claim_is_answered() {
    let world = World::with(&[("z", "lazy")]);
    assert_eq!(world.container("z").expect("it has one").state, ContainerState::Created);
    let lease = world.lease("z", "somebody");
    assert_eq!(world.container("z").expect("it has one").state, ContainerState::Running);
    let agent = world.get("agents/z").json();
    assert_eq!((&agent["observed"]["phase"], &agent["lease"]["id"]), (&json!("running"), &json!(lease.id)));
    world.release(&lease);
    assert_eq!(world.get("agents/z").json()["next_action"], "sleep");
}

#[test]
fn whoever_does_not_wait_for_the_start_has_the_lease_at_once_and_it_wakes() {
    let world = World::with(&[("z", "lazy")]);
    let granted = world.post("leases", &json!({ "instance": "z", "holder": "x", "wake_s": null }));
    assert_eq!(granted.status, 201, "{granted:?}");
    assert_eq!(world.get("agents/z").json()["lease"], granted.json());
    world.until("z", "running");
}

#[test]
fn an_agent_that_does_not_wake_in_time_is_told_with_what_it_waits_for() {
    let world = World::with(&[("z", "lazy")]);
    let full = RuntimeError::NoSpace { detail: "no space left on device".into() };
    world.by_hand(|docker| docker.fail_always(Verb::Start, full));
    let late = world.post("leases", &json!({ "instance": "z", "holder": "x", "wake_s": 1 }));
    assert_eq!((late.status, late.problem_name().as_str()), (504, "not-awake"));
    let problem = late.problem();
    assert_eq!((&problem["instance"], &problem["phase"]), (&json!("z"), &json!("backoff")), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("no space left")), "{problem}");
    assert_eq!(world.agent_once("z", |agent| agent["lease"].is_null())["lease"], Value::Null);
    world.by_hand(|docker| docker.clear(Verb::Start));
    world.until("z", "running");
}
