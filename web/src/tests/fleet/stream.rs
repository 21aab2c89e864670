//! The live stream.

use serde_json::{Value, json};

use super::sse::{Frame, Sse, is_event};
use super::world::{World, container, without_look};

fn create(world: &World, name: &str, agent_type: &str) {
    let answer = world.post("agents", &json!({ "name": name, "type": agent_type }));
    assert_eq!(answer.status, 201, "{answer:?}");
}

fn numbers(frames: &[Frame]) -> Vec<u64> {
    frames.iter().filter_map(|frame| frame.id).collect()
}

/// Numbers of all stored events after `cursor`.
fn stored_after(world: &World, cursor: u64) -> Vec<u64> {
    world.stored("nobody");
    world.store.stored_events().into_iter().map(|event| event.seq).filter(|seq| *seq > cursor).collect()
}

#[test]
fn a_stream_begins_with_a_picture_and_goes_on_with_what_happens() {
    let world = World::with(&[("alice", "dev")]);
    let newest = *stored_after(&world, 0).last().expect("the boot was told");
    let mut stream = Sse::open(&world, "events", "");
    let snapshot = stream.next().expect("a first frame");
    assert_eq!((snapshot.event.as_str(), snapshot.id), ("snapshot", Some(newest)));
    let picture = snapshot.json();
    assert_eq!(without_look(picture["agents"][0].clone()), without_look(world.get("agents/alice").json()));
    assert_eq!((&picture["booted"], &picture["docker_reachable"]), (&json!(true), &json!(true)));

    create(&world, "bob", "dev");
    let events = stream.events(3);
    let kinds: Vec<&str> = events.iter().map(|frame| frame.event.as_str()).collect();
    assert_eq!(kinds, ["agent_created", "container_created", "container_started"]);
    assert_eq!(numbers(&events), [newest + 1, newest + 2, newest + 3]);
    for frame in &events {
        let event = frame.json();
        assert_eq!((event["seq"].as_u64(), event["kind"].as_str()), (frame.id, Some(frame.event.as_str())));
        assert_eq!(event["instance"], "bob");
    }
}

#[test]
fn whoever_applies_the_frames_sees_what_the_api_answers() {
    let world = World::with(&[("alice", "dev"), ("z", "lazy")]);
    let mut stream = Sse::open(&world, "events", "");
    let mut agents = json!({});
    create(&world, "bob", "dev");
    // That a lazy one falls asleep is no event: only the picture tells it.
    world.post_nothing("agents/z/start");
    world.post_nothing("agents/z/stop");
    world.delete("agents/alice");
    let present = world.get("agents").json()["items"].clone();
    let present: Vec<Value> = present.as_array().expect("items").iter().cloned().map(without_look).collect();
    let shown = |agents: &Value| -> Vec<Value> {
        agents.as_object().expect("by name").values().cloned().map(without_look).collect()
    };
    while shown(&agents) != present {
        let frame = stream.wait_for("the picture that the API gives", |frame| !is_event(frame));
        let data = frame.json();
        if frame.event == "snapshot" {
            agents = json!({});
        }
        for agent in data["agents"].as_array().expect("agents") {
            agents[agent["name"].as_str().expect("a name")] = agent.clone();
        }
        for gone in data["gone"].as_array().into_iter().flatten() {
            agents.as_object_mut().expect("by name").remove(gone.as_str().expect("a name"));
        }
    }
    let names: Vec<&String> = agents.as_object().expect("by name").keys().collect();
    assert_eq!(names, ["bob", "z"]);
}

#[test]
fn whoever_comes_back_gets_what_he_missed_and_nothing_twice() {
    let world = World::with(&[("alice", "dev")]);
    let mut first = Sse::open(&world, "events", "");
    let cursor = first.next().and_then(|frame| frame.id).expect("a snapshot has a cursor");
    create(&world, "bob", "dev");
    let seen = numbers(&first.events(2));
    drop(first);
    create(&world, "carol", "dev");

    let resume = format!("Last-Event-ID: {}\r\n", seen[1]);
    // The header wins over the address, which a browser repeats as it was.
    let mut second = Sse::open(&world, &format!("events?after={cursor}"), &resume);
    let missed = stored_after(&world, seen[1]);
    assert_eq!(numbers(&second.events(missed.len())), missed);
    let picture = second.wait_for("the present picture", |frame| frame.event == "snapshot");
    assert_eq!((picture.id, picture.json()["agents"].as_array().map(Vec::len)), (None, Some(3)));
    world.by_hand(|docker| docker.remove_by_hand(&container("carol")));
    let live = second.wait_for("what happens now", |frame| frame.event == "container_missing");
    assert!(live.id > missed.last().copied(), "{live:?}");
}

#[test]
fn a_cursor_that_leads_nowhere_starts_over() {
    let world = World::with(&[("alice", "dev")]);
    for header in ["Last-Event-ID: 999999\r\n", "Last-Event-ID: x\r\n"] {
        let mut stream = Sse::open(&world, "events", header);
        assert_eq!(stream.next().map(|frame| frame.event).as_deref(), Some("resync"), "{header}");
        assert_eq!(stream.next().map(|frame| frame.event).as_deref(), Some("snapshot"), "{header}");
        create(&world, if header.contains('x') { "bob" } else { "carol" }, "dev");
        assert_eq!(stream.events(1)[0].event, "agent_created", "{header}");
    }
}

#[test]
fn a_stream_is_narrowed_by_kind_instance_and_type() {
    let world = World::with(&[("alice", "dev"), ("z", "lazy")]);
    let mut by_kind = Sse::open(&world, "events?kind=agent_created,agent_deleted", "");
    let mut by_type = Sse::open(&world, "events?type=lazy", "");
    let mut of_bob = Sse::open(&world, "events?instance=bob", "");
    create(&world, "bob", "dev");
    create(&world, "y", "lazy");
    world.delete("agents/bob");

    let told: Vec<Value> = by_kind.events(3).iter().map(Frame::json).collect();
    let told: Vec<_> =
        told.iter().map(|event| (event["kind"].as_str(), event["instance"].as_str())).collect();
    let expected = [("agent_created", "bob"), ("agent_created", "y"), ("agent_deleted", "bob")];
    assert_eq!(told, expected.map(|(kind, name)| (Some(kind), Some(name))));

    let snapshot = by_type.next().expect("a first frame").json();
    assert_eq!(snapshot["agents"].as_array().map(Vec::len), Some(1), "{snapshot}");
    assert!(by_type.events(2).iter().all(|frame| frame.json()["type"] == "lazy"));

    assert_eq!(of_bob.next().expect("a first frame").json()["agents"], json!([]));
    of_bob.wait_for("its end", |frame| {
        assert!(!is_event(frame) || frame.json()["instance"] == "bob", "{frame:?}");
        frame.event == "container_removed"
    });
}

#[test]
fn the_stream_of_one_agent_is_its_own() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let mut stream = Sse::open(&world, "agents/alice/events", "");
    assert_eq!(stream.next().expect("a first frame").json()["agents"].as_array().map(Vec::len), Some(1));
    for name in ["bob", "alice"] {
        world.post_nothing(&format!("agents/{name}/stop"));
    }
    let told = stream.wait_for("its stop", is_event);
    assert_eq!(told.json()["instance"], "alice");
}
