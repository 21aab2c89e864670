//! What an agent should be made of, and what it is made of.

use serde_json::json;

use super::world::World;

#[test]
fn a_container_made_as_asked_has_no_drift_and_a_host_mode_agent_says_why_it_has_none() {
    let world = World::with(&[("alice", "dev"), ("h", "host")]);
    let spec = world.get("agents/alice/spec").json();
    let clean = (&spec["drift"], &spec["explanation"], &spec["stale"]);
    assert_eq!(clean, (&json!([]), &json!(null), &json!(false)), "{spec}");
    assert_eq!(spec["desired"], spec["observed"]);
    assert_eq!(spec["observed"]["env"], json!({ "A": "type" }));
    let host = world.get("agents/h/spec").json();
    assert_eq!((&host["desired"], &host["observed"]), (&json!(null), &json!(null)));
    assert!(host["explanation"].as_str().is_some_and(|text| text.contains("host-mode")), "{host}");
    assert_eq!(world.get("agents/nobody/spec").status, 404);
    world.by_hand(|docker| docker.unreachable(true));
    assert_eq!(world.get("agents/alice/spec").problem_name(), "docker-unreachable");
}
