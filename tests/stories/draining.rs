//! Operators and whoever works with an agent: who waits for whom.

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind, Outcome, Phase};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Done, Fleet, SOON, hot, lazy, let_pass};

#[track_caller]
fn assert_waits(done: &Done) {
    assert_eq!(done.outcome, Outcome::Unchanged, "{done:?}");
    assert!(
        done.reason.as_deref().is_some_and(|reason| reason.contains("somebody works with it")),
        "{done:?}"
    );
}

#[test]
fn a_recreate_of_a_leased_agent_waits_for_its_holder_or_takes_it_by_force() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let claim = json!({ "instance": "dev-default", "holder": "somebody", "ttl_s": 120 });
    let (before, lease) = (fleet.id("dev-default"), fleet.lease(&claim));
    assert_waits(&fleet.act("dev-default", "recreate"));
    assert!(fleet.condition("dev-default", ConditionType::Draining).is_some());
    assert_eq!(
        (fleet.id("dev-default"), fleet.status("dev-default")),
        (before.clone(), "running".to_owned())
    );
    // Nobody else comes between, and its holder may go on.
    fleet.renew(&lease).expect(200);
    fleet.release(&lease).expect(204);
    let after = fleet.eventually("it is replaced once its holder is done", SOON, || {
        fleet.id("dev-default").filter(|id| Some(id) != before.as_ref())
    });
    fleet.wait_phase("dev-default", Phase::Running, SOON);

    let waiting = json!({ "instance": "dev-default", "holder": "another", "ttl_s": 120, "wait_s": 60 });
    let lease = fleet.lease(&waiting);
    assert_eq!(fleet.force("dev-default", "recreate").outcome, Outcome::Recreated);
    assert_ne!(fleet.id("dev-default"), Some(after));
    fleet.renew(&lease).expect(412).problem();
    assert_eq!(fleet.containers(), [fleet.container("dev-default")]);
}

#[test]
fn a_deleted_agent_stays_until_its_holder_is_done_unless_it_is_taken_by_force() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    for name in ["alice", "bob", "carol"] {
        fleet.create(name, "dev");
    }
    let lease = |name: &str| fleet.lease(&json!({ "instance": name, "holder": "somebody", "ttl_s": 120 }));
    let gone = |name: &str| {
        fleet.eventually("its container is gone", SOON, || fleet.inspect(name).is_none().then_some(()));
        assert!(fleet.inspect_volume(name).is_some(), "its state stays");
    };
    let (alice, bob, carol) = (lease("alice"), lease("bob"), lease("carol"));
    for name in ["alice", "bob"] {
        assert_waits(&fleet.delete(name).expect(200).json());
        fleet.get(&format!("/api/v1/agents/{name}")).expect(404);
    }
    let_pass(Duration::from_secs(1));
    assert_eq!(["alice", "bob"].map(|name| fleet.status(name)), ["running", "running"]);
    fleet.renew(&alice).expect(200);
    fleet.release(&alice).expect(204);
    gone("alice");

    let force = |name: &str| {
        let request = fleet.unix(Method::DELETE, &format!("/api/v1/agents/{name}?force=1"));
        fleet.send(request.header("Content-Type", "application/json"))
    };
    for (name, lease) in [("bob", &bob), ("carol", &carol)] {
        let done: Done = force(name).expect(200).json();
        assert_eq!((done.outcome, fleet.inspect(name)), (Outcome::Removed, None), "{name}");
        fleet.renew(lease).expect(412).problem();
    }
    force("bob").expect(404).problem();
}

#[test]
fn a_cordoned_agent_gets_no_new_work_not_even_from_the_next_daemon() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": 2 })).expect(200);
    fleet.cli_ok(&["agents", "cordon", "dev-default"]);
    assert!(fleet.condition("dev-default", ConditionType::Cordoned).is_some());
    fleet.restart();
    let claim = json!({ "type": "dev", "holder": "somebody", "ttl_s": 120 });
    let lease = fleet.lease(&claim);
    assert_eq!(lease.instance.as_ref(), "dev-2");
    let refused = fleet.post("/api/v1/leases", &claim).expect(503).problem();
    assert_eq!(refused["occupied"].as_array().map(Vec::len), Some(2), "{refused}");
    fleet.cli_ok(&["agents", "uncordon", "dev-default"]);
    assert!(fleet.condition("dev-default", ConditionType::Cordoned).is_none());
    assert_eq!(fleet.lease(&claim).instance.as_ref(), "dev-default");
}

#[test]
fn a_held_agent_wakes_and_does_not_sleep_until_the_hold_ends() {
    let Some(mut fleet) = Fleet::started([lazy("reviewer").set("idle_timeout_s", 1)]) else { return };
    fleet.cli_ok(&["agents", "hold", "reviewer-default", "--for", "1h"]);
    fleet.wait_phase("reviewer-default", Phase::Running, SOON);
    fleet.kill9();
    fleet.start();
    // Longer than its idle time.
    let_pass(Duration::from_secs(3));
    assert_eq!(fleet.status("reviewer-default"), "running");
    assert!(fleet.condition("reviewer-default", ConditionType::KeptAwake).is_some());
    let stream = fleet.stream("");
    fleet.cli_ok(&["agents", "unhold", "reviewer-default"]);
    stream.wait_for(EventKind::InstanceIdle, "reviewer-default", SOON);
    fleet.wait_phase("reviewer-default", Phase::Stopped, SOON);

    fleet.cli_ok(&["agents", "hold", "reviewer-default", "--for", "1h"]);
    fleet.wait_phase("reviewer-default", Phase::Running, SOON);
    fleet.act("reviewer-default", "stop");
    assert_eq!(fleet.status("reviewer-default"), "exited", "a stop by hand is stronger");
    assert!(fleet.condition("reviewer-default", ConditionType::KeptAwake).is_none());
}
