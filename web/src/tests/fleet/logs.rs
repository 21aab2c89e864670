//! A container's output through the API.

use claude_hooks_actors::testing::Behaviour;

use super::sse::Sse;
use super::world::{World, container};

fn talkative() -> World {
    let world = World::empty();
    let says = vec!["one".into(), "two".into(), "three".into()];
    world.by_hand(|docker| docker.behave("agent:1", Behaviour { says, ..Behaviour::default() }));
    let created = world.post("agents", &serde_json::json!({ "name": "alice", "type": "dev" }));
    assert_eq!(created.status, 201, "{created:?}");
    world
}

#[test]
fn the_last_lines_are_plain_text() {
    let world = talkative();
    let answer = world.get("agents/alice/logs");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(answer.unchunked(), "one\ntwo\nthree\n");
    assert_eq!(world.get("agents/alice/logs?tail=1").unchunked(), "three\n");
    let stamped = world.get("agents/alice/logs?tail=1&timestamps=1").unchunked();
    let (stamp, line) = stamped.split_once(' ').expect("a time stands before the line");
    assert!(stamp.parse::<jiff::Timestamp>().is_ok() && line == "three\n", "{stamped}");
}

#[test]
fn followed_logs_come_as_they_are_written_and_end_with_the_container() {
    let world = talkative();
    let mut stream = Sse::open(&world, "agents/alice/logs?follow=1&tail=1", "");
    let first = stream.next().expect("what was said before");
    assert_eq!((first.event.as_str(), &first.json()["text"]), ("log", &"three\n".into()));
    world.by_hand(|docker| docker.say(&container("alice"), "four"));
    let live = stream.next().expect("what is said now").json();
    assert_eq!((&live["stream"], &live["text"]), (&"stdout".into(), &"four\n".into()));
    assert_eq!(world.post_nothing("agents/alice/stop").status, 200);
    assert_eq!(stream.next().map(|frame| frame.event).as_deref(), Some("end"));
    assert_eq!(stream.next(), None);
}

#[test]
fn one_without_a_container_has_no_logs() {
    let world = World::empty();
    world.by_hand(|docker| docker.remove_image("agent:1"));
    let created = world.post("agents", &serde_json::json!({ "name": "alice", "type": "dev" }));
    assert_eq!((created.status, &created.json()["outcome"]), (201, &"failed".into()));
    let answer = world.get("agents/alice/logs");
    assert_eq!((answer.status, answer.problem_name().as_str()), (409, "denied"));
    assert_eq!(world.get("agents/nobody/logs").status, 404);
}
