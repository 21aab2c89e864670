//! What the instances use.

use claude_hooks_actors::testing::Verb;
use serde_json::{Value, json};

use super::sse::Sse;
use super::world::World;

fn samples(world: &World) -> usize {
    world.docker.journal().iter().filter(|call| call.verb == Verb::Stats).count()
}

fn names(stats: &Value) -> Vec<&str> {
    let items = stats["items"].as_array().expect("a list of items");
    items.iter().map(|item| item["instance"].as_str().expect("a name")).collect()
}

#[test]
fn one_sample_tells_what_each_running_instance_uses() {
    let world = World::with(&[("alice", "dev"), ("h", "host"), ("z", "lazy")]);
    let answer = world.get("stats");
    assert_eq!(answer.status, 200, "{answer:?}");
    insta::assert_json_snapshot!(answer.json(), { ".at" => "[time]", ".items[].incarnation" => "[life]" });
    world.by_hand(|docker| docker.unreachable(true));
    world.post_nothing("reconcile");
    let away = world.get("stats");
    assert_eq!((away.status, away.problem_name().as_str()), (502, "docker-unreachable"), "{away:?}");
}

#[test]
fn a_stream_tells_them_beside_the_events_to_whoever_asks() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let mut without = Sse::open(&world, "events", "");
    assert_eq!(without.next().expect("a first frame").event, "snapshot");
    let mut stream = Sse::open(&world, "events?stats=1&instance=bob", "");
    let frame = stream.wait_for("a sample", |frame| frame.event == "stats");
    assert_eq!((frame.id, names(&frame.json())), (None, vec!["bob"]));
    assert_eq!(samples(&world), 1, "nobody else asked");
    let refused = world.server.ask("GET", "/api/v1/events?stats=1", "Accept: application/json\r\n", "");
    assert_eq!((refused.status, &refused.problem()["field"]), (400, &json!("stats")));
}
