//! Whether the supervisor moves, and whether it can do its work.

use serde_json::json;

use super::world::{World, eventually};

#[test]
fn a_fleet_whose_loops_move_is_alive() {
    let world = World::empty();
    let answer = world.get("/healthz");
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    for loops in ["alive", "registry_answers", "event_log_answers", "store_answers", "watchdog_moves"] {
        assert_eq!(body[loops], true, "{body}");
    }
    assert_eq!(body["version"], env!("CARGO_PKG_VERSION"), "who watches sees what runs");
}

#[test]
fn ready_is_who_has_booted_and_has_a_docker() {
    let world = World::started();
    let not_ready = || {
        let answer = world.get("/readyz");
        (answer.status == 503).then(|| (answer.problem_name(), answer.problem()["detail"].to_string()))
    };
    assert_eq!(world.get("/healthz").status, 200, "alive it is, though not ready");
    let (name, detail) = not_ready().expect("it has not booted");
    assert!(name == "not-ready" && detail.contains("boot pass"), "{name} {detail}");
    world.boot();
    let answer = world.get("/readyz");
    assert_eq!((answer.status, answer.json()), (200, json!({ "ready": true })));

    world.by_hand(|docker| docker.unreachable(true));
    let (_, detail) = eventually("the outage is noticed", not_ready);
    assert!(detail.contains("docker cannot be reached"), "{detail}");
    world.by_hand(|docker| docker.unreachable(false));
    eventually("docker is back", || (world.get("/readyz").status == 200).then_some(()));
}

#[test]
fn without_docker_reads_answer_and_say_that_nothing_is_known() {
    let world = World::with(&[("alice", "dev")]);
    world.by_hand(|docker| docker.unreachable(true));
    let agent = world.agent_once("alice", |agent| agent["observed"]["phase"] == "unknown");
    assert_eq!(agent["observed"]["container_id"], json!(null), "never an old state shown as present");
    let created = world.post("agents", &json!({ "name": "bob", "type": "dev" }));
    assert_eq!((created.status, &created.json()["outcome"]), (201, &json!("failed")));
    for (method, path) in [("GET", "/api/v1/plan"), ("POST", "/api/v1/reconcile")] {
        let answer = world.server.ask(method, path, "Content-Type: application/json\r\n", "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (502, "docker-unreachable"), "{path}");
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
    world.by_hand(|docker| docker.unreachable(false));
    world.until("alice", "running");
    world.until("bob", "running");
}

#[test]
fn a_database_that_was_replaced_stops_every_change_and_no_read() {
    let world = World::watched(&[("alice", "dev")]);
    world.store.set_replaced(true);
    eventually("the registry suspends", || world.fleet.snapshot().suspended.is_some().then_some(()));
    let mark = world.docker.mark();
    let change = json!({ "name": "bob", "type": "dev" });
    let refused = [
        world.post("agents", &change),
        world.patch("agents/alice", Some("*"), &json!({ "image": "agent:1" })),
        world.delete("agents/alice"),
        world.post_nothing("agents/alice/stop"),
        world.post("types/dev/scale", &json!({ "count": 3 })),
        world.post("reconcile", &json!({})),
        world.post("agents/alice/wipe", &json!({ "confirm": "alice" })),
    ];
    for answer in refused {
        assert_eq!((answer.status, answer.problem_name().as_str()), (503, "suspended"), "{answer:?}");
    }
    assert_eq!(world.docker.count_changing_calls(mark), 0);
    assert_eq!(world.get("/readyz").status, 503);
    assert_eq!(world.get("agents/alice").status, 200);
    assert_eq!(world.get("agents/alice/why").status, 200);
}
