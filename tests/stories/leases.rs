//! Dispatchers claim agents, and who is not needed sleeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use claude_hooks_actors::model::{EventKind, LeaseView, Phase};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Fleet, Reply, SOON, hot, http, lazy, let_pass, stderr};

/// Fails unless the reply says that the lease has ended.
#[track_caller]
fn assert_stale(reply: &Reply) {
    let problem = reply.problem();
    assert_eq!(reply.status, 412, "{problem}");
    assert_eq!(problem["type"], "urn:claude-hooks:problem:lease-stale");
}

#[test]
fn a_sleeping_agent_is_woken_by_a_claim_and_sleeps_again_when_it_is_not_needed() {
    let Some(fleet) = Fleet::started([lazy("reviewer").set("idle_timeout_s", 2)]) else { return };
    let stream = fleet.stream("");
    assert_eq!(fleet.status("reviewer-default"), "created");
    let lease = fleet.lease(&json!({ "type": "reviewer", "holder": "night shift", "ttl_s": 120 }));
    assert_eq!(
        (lease.instance.as_ref(), &lease.container),
        ("reviewer-default", &fleet.container("reviewer-default"))
    );
    assert_eq!(fleet.status("reviewer-default"), "running", "whoever was answered can work at once");
    fleet.exec("reviewer-default", &["write", "/state/note", "done"]);
    let agent = fleet.agent("reviewer-default");
    assert_eq!(agent.lease.as_ref(), Some(&lease));
    // Longer than its idle time: nobody sleeps while somebody works with it.
    let_pass(Duration::from_secs(4));
    assert_eq!(fleet.status("reviewer-default"), "running");
    fleet.renew(&lease).expect(200);
    fleet.release(&lease).expect(204);

    let idle = stream.wait_for(EventKind::InstanceIdle, "reviewer-default", SOON);
    stream.wait_after(idle.seq, EventKind::InstanceStopping, "reviewer-default", SOON);
    fleet.wait_phase("reviewer-default", Phase::Stopped, SOON);
    assert_eq!(fleet.status("reviewer-default"), "exited");
    let expected = [
        EventKind::LeaseAcquired,
        EventKind::InstanceWaking,
        EventKind::InstanceStarting,
        EventKind::InstanceRunning,
        EventKind::ContainerStarted,
        EventKind::LeaseReleased,
        EventKind::InstanceIdle,
        EventKind::InstanceStopping,
    ];
    // What was still to be told of the start may come on the stream first.
    let events = stream.events();
    let told = events.iter().map(|event| event.kind).skip_while(|kind| *kind != EventKind::LeaseAcquired);
    let told: Vec<EventKind> = told.collect();
    assert_eq!(told, expected, "and no container_stopped");
    // The next one gets what it left.
    let lease = fleet.lease(&json!({ "instance": "reviewer-default", "holder": "day shift" }));
    assert_eq!(fleet.exec("reviewer-default", &["cat", "/state/note"]), "done");
    fleet.release(&lease).expect(204);
}

#[test]
fn two_hundred_claims_of_five_agents_are_all_served_and_never_two_of_one_agent() {
    const CLIENTS: usize = 40;
    const CLAIMS: usize = 5;
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": 5 })).expect(200);
    for agent in fleet.agents() {
        fleet.wait_phase(agent.name.as_ref(), Phase::Running, SOON);
    }
    let holding: Mutex<BTreeMap<String, String>> = Mutex::default();
    let served: Mutex<Vec<LeaseView>> = Mutex::default();
    let held = || holding.lock().expect("no holder panicked");
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (fleet, served, held) = (&fleet, &served, &held);
            scope.spawn(move || {
                for claim in 0..CLAIMS {
                    let holder = format!("client {client}, claim {claim}");
                    let lease =
                        fleet.lease(&json!({ "type": "dev", "holder": holder, "wait_s": 100, "ttl_s": 100 }));
                    let other = held().insert(lease.instance.to_string(), holder);
                    assert_eq!(other, None, "two hold {}", lease.instance);
                    fleet.renew(&lease).expect(200);
                    held().remove(lease.instance.as_ref());
                    fleet.release(&lease).expect(204);
                    served.lock().expect("no holder panicked").push(lease);
                }
            });
        }
    });
    let mut served = served.into_inner().expect("no holder panicked");
    assert_eq!(served.len(), CLIENTS * CLAIMS);
    served.sort_by_key(|lease| lease.fence);
    served.dedup_by_key(|lease| lease.fence);
    assert_eq!(served.len(), CLIENTS * CLAIMS, "no fence is given twice");
    let used: BTreeSet<&str> = served.iter().map(|lease| lease.instance.as_ref()).collect();
    assert_eq!(used.len(), 5, "all of the pool work: {used:?}");
    assert_eq!(fleet.leases(), []);
}

#[test]
fn a_holder_that_dies_loses_its_lease_and_comes_too_late() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let stream = fleet.stream("");
    let claim = |holder: &str| json!({ "instance": "dev-default", "holder": holder, "ttl_s": 2 });
    let dead = fleet.lease(&claim("dead"));
    let refused = fleet.post("/api/v1/leases", &claim("next")).expect(503).problem();
    assert_eq!(refused["occupied"][0]["holder"], "dead", "{refused}");
    // It never renews: whoever waits in the queue is next.
    let mut waiting = claim("next");
    waiting["wait_s"] = 60.into();
    let next = fleet.lease(&waiting);
    assert!(next.fence > dead.fence);
    let expired = stream.wait_for(EventKind::LeaseExpired, "dev-default", SOON);
    assert_eq!(expired.data["holder"], "dead", "{expired:?}");
    assert_stale(&fleet.renew(&dead));
    assert_stale(&fleet.release(&dead));
    assert_stale(&fleet.renew(&LeaseView { fence: dead.fence, ..next.clone() }));
    assert_eq!(fleet.status("dev-default"), "running", "a lease that ends cuts nothing");
}

#[test]
fn a_lease_outlives_a_killed_daemon_and_keeps_its_agent_awake() {
    let Some(mut fleet) = Fleet::started([lazy("reviewer").set("idle_timeout_s", 1)]) else { return };
    let claim = json!({ "type": "reviewer", "holder": "night shift", "ttl_s": 120 });
    let lease = fleet.lease(&claim);
    let life = fleet.agent("reviewer-default").observed.incarnation.expect("it runs");
    fleet.kill9();
    assert_eq!(fleet.status("reviewer-default"), "running");
    fleet.start();
    let standing = fleet.leases();
    assert_eq!(
        standing.iter().map(|lease| (lease.id, lease.fence)).collect::<Vec<_>>(),
        [(lease.id, lease.fence)]
    );
    let refused = fleet.post("/api/v1/leases", &claim).expect(503).problem();
    assert_eq!(refused["occupied"][0]["holder"], "night shift", "{refused}");
    // Longer than its idle time.
    let_pass(Duration::from_secs(3));
    fleet.renew(&lease).expect(200);
    assert_eq!(fleet.agent("reviewer-default").observed.incarnation, Some(life), "it was not touched");

    fleet.release(&lease).expect(204);
    fleet.wait_phase("reviewer-default", Phase::Stopped, SOON);
    let stopped = fleet.stored().into_iter().filter(|event| event.kind == EventKind::ContainerStopped);
    assert_eq!(stopped.count(), 0);
}

#[test]
fn a_daemon_that_is_asked_to_end_refuses_who_waits_and_keeps_the_leases() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    let lease = fleet.lease(&json!({ "type": "dev", "holder": "somebody", "ttl_s": 120 }));
    let claim = json!({ "type": "dev", "holder": "next", "wait_s": 100 });
    let waiting = fleet.unix(Method::POST, "/api/v1/leases").json(&claim);
    let waiting = thread::spawn(|| http::send(waiting));
    // That it waits cannot be seen from outside; if it does not yet, less is shown.
    let_pass(Duration::from_millis(500));
    assert!(!waiting.is_finished(), "somebody has the only one");
    assert!(fleet.sigterm().success(), "{}", fleet.log());
    let refused = waiting.join().expect("no panic").expect("an answer comes");
    assert_eq!(refused.expect(503).problem()["type"], "urn:claude-hooks:problem:stopping");
    fleet.start();
    fleet.renew(&lease).expect(200);
}

#[test]
fn the_command_line_claims_keeps_and_gives_back() {
    let Some(fleet) = Fleet::started([lazy("dev")]) else { return };
    let json = fleet.cli_ok(&["leases", "claim", "--type", "dev", "--holder", "me", "--ttl", "2m", "--json"]);
    let lease: LeaseView = serde_json::from_str(&json).expect("--json prints JSON");
    assert_eq!(fleet.status("dev-default"), "running");
    let (id, fence) = (lease.id.to_string(), lease.fence.to_string());
    for verb in [&["leases"][..], &["agents", "list"], &["agents", "show", "dev-default"]] {
        let text = fleet.cli_ok(verb);
        assert!(text.contains(" me"), "{verb:?} shows the holder: {text}");
    }
    let refused = fleet.cli(&["leases", "claim", "--instance", "dev-default", "--holder", "you"]);
    let said = stderr(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("me holds it until"), "{said}");
    assert!(fleet.cli_ok(&["leases", "renew", &id, "--fence", &fence]).contains("renewed"));
    fleet.cli_ok(&["leases", "release", &id, "--fence", &fence]);
    let late = fleet.cli(&["leases", "renew", &id, "--fence", &fence]);
    assert_eq!(late.status.code(), Some(1), "{}", stderr(&late));
    assert_eq!(fleet.leases(), []);
}
