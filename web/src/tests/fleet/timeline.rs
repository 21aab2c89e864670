//! What the agents went through.

use serde_json::{Value, json};

use super::world::World;

fn phases(lane: &Value) -> Vec<&str> {
    let spans = lane["spans"].as_array().expect("spans");
    spans.iter().map(|span| span["phase"].as_str().expect("a phase")).collect()
}

#[test]
fn the_last_hour_is_told_lane_by_lane() {
    let world = World::with(&[("alice", "dev"), ("z", "lazy"), ("h", "host")]);
    world.post("agents", &json!({ "name": "bob", "type": "dev" }));
    world.delete("agents/bob");
    world.stored("bob");
    let told = world.get("timeline").json();
    let lanes: Vec<(&Value, &Value, Option<&str>)> = told["items"]
        .as_array()
        .expect("lanes")
        .iter()
        .map(|lane| (&lane["instance"], &lane["deleted"], phases(lane).last().copied()))
        .collect();
    assert_eq!(
        lanes,
        [
            (&json!("alice"), &json!(false), Some("running")),
            (&json!("bob"), &json!(true), Some("absent")),
            (&json!("h"), &json!(false), Some("host")),
            (&json!("z"), &json!(false), Some("stopped")),
        ]
    );
    assert_eq!(told["gaps"], json!([]));
    assert_eq!(told["expired_before"], json!(null), "nothing is forgotten yet");
    let marks = told["items"][1]["marks"].as_array().expect("marks");
    assert_eq!(marks[0]["kind"], "agent_created");

    let narrowed = world.get("timeline?type=lazy&from=2025-01-01T00:00:00Z").json();
    assert_eq!(narrowed["items"].as_array().expect("lanes").len(), 1);
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2020-01-01", "to"),
        ("from=2020-01-01T00:00:00Z", "from"),
        ("q=x", "q"),
    ] {
        let refused = world.get(&format!("timeline?{query}"));
        assert_eq!((refused.status, &refused.problem()["field"]), (400, &json!(field)), "{query}");
    }
}
