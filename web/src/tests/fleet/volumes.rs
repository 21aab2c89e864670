//! The state that is kept.

use claude_hooks_actors::testing::Verb;
use serde_json::{Value, json};

use super::world::World;

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("a list of items");
    items.iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[test]
fn a_volume_without_a_row_is_kept_and_listed_until_it_is_wiped() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    assert_eq!(names(&world.get("volumes").json()), Vec::<&str>::new());
    assert_eq!(world.delete("agents/bob").status, 200);
    let kept = world.get("volumes").json();
    assert_eq!(names(&kept), ["claude-hooks-bob-state"]);
    let bob = &kept["items"][0];
    assert_eq!((&bob["instance"], &bob["has_row"]), (&json!("bob"), &json!(false)), "{bob}");
    assert_eq!((&bob["container"], &bob["size_bytes"]), (&Value::Null, &Value::Null), "{bob}");
    let all = world.get("volumes?all=1").json();
    assert_eq!(names(&all), ["claude-hooks-alice-state", "claude-hooks-bob-state"]);
    assert_eq!(all["items"][0]["container"], "claude-hooks-alice");
    assert_eq!(world.post("agents/bob/wipe", &json!({ "confirm": "bob" })).status, 200);
    assert_eq!(names(&world.get("volumes").json()), Vec::<&str>::new());
}

#[test]
fn sizes_are_measured_only_when_they_are_asked_for() {
    let world = World::with(&[("alice", "dev")]);
    let measured = || world.docker.journal().iter().filter(|call| call.verb == Verb::VolumeSizes).count();
    world.get("volumes?all=1");
    assert_eq!(measured(), 0);
    let list = world.get("volumes?all=1&sizes=1").json();
    assert_eq!((measured(), list["items"][0]["size_bytes"].is_u64()), (1, true), "{list}");
    assert_eq!(world.get("volumes?everything=1").status, 400);
}
