//! The event stream: nothing lost, nothing twice, also over a broken connection.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{Event, EventKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Fleet, SOON, Stream, host, hot, lazy};

#[test]
fn the_first_frame_is_a_picture_of_the_fleet() {
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    let before = fleet.last_seq();
    let stream = fleet.stream("");
    let first = stream.frames().into_iter().next().expect("open() waits for it");
    assert_eq!(first.event, "snapshot");
    assert!(first.data.contains("reviewer-default"), "{}", first.data);
    // What the start tells last may come just then.
    let known = before..=fleet.last_seq();
    assert!(first.id.is_some_and(|id| known.contains(&id)), "whoever reconnects after it misses nothing");
}

#[test]
fn a_reader_that_comes_back_gets_what_it_missed_and_nothing_twice() {
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    let seen = fleet.last_seq();
    fleet.create("missed", "reviewer");
    let expected: Vec<u64> =
        fleet.stored().into_iter().map(|event| event.seq).filter(|seq| *seq > seen).collect();
    assert!(expected.len() >= 2, "a create tells of the row and of the container");

    let request = fleet.unix(Method::GET, "/api/v1/events").header("Last-Event-ID", seen.to_string());
    let stream = Stream::open(request.header("Accept", "text/event-stream"));
    fleet.create("live", "reviewer");
    stream.wait_for(EventKind::ContainerCreated, "live", SOON);
    let seqs: Vec<u64> = stream.events().iter().map(|event| event.seq).collect();
    let wanted: Vec<u64> =
        fleet.stored().into_iter().map(|event| event.seq).filter(|seq| *seq > seen).collect();
    assert_eq!(seqs[..], wanted[..seqs.len()], "in order, each once");
    assert!(seqs.starts_with(&expected), "{seqs:?} begins with what was missed: {expected:?}");
    let of_the_picture = ["snapshot", "picture"];
    for frame in stream.frames().iter().filter(|frame| !of_the_picture.contains(&frame.event.as_str())) {
        let event: Event = serde_json::from_str(&frame.data).expect("a frame carries its event");
        assert_eq!((frame.id, frame.event.as_str()), (Some(event.seq), &*event.kind.to_string()));
    }
}

#[test]
fn a_cursor_that_leads_nowhere_is_answered_with_a_resync() {
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    let request = fleet.unix(Method::GET, "/api/v1/events").header("Last-Event-ID", "999999");
    let stream = Stream::open(request.header("Accept", "text/event-stream"));
    let kinds: Vec<String> = stream.frames().into_iter().map(|frame| frame.event).collect();
    assert!(kinds.iter().any(|kind| kind == "resync"), "{kinds:?}");
}

#[test]
fn filters_hold_for_the_stream_and_for_pages() {
    let Some(fleet) = Fleet::started([lazy("reviewer"), lazy("dev")]) else { return };
    let stream = fleet.stream("?kind=agent_created&type=dev");
    fleet.create("not-this", "reviewer");
    fleet.create("this", "dev");
    fleet.create("that", "dev");
    stream.wait_for(EventKind::AgentCreated, "that", SOON);
    let names: Vec<String> =
        stream.events().iter().filter_map(|event| event.instance.as_ref().map(ToString::to_string)).collect();
    assert_eq!(names, ["this", "that"]);

    let page = |query: &str| -> Vec<Value> {
        let request = fleet.unix(Method::GET, &format!("/api/v1/events?after=0&limit=1000&{query}"));
        let reply = fleet.send(request.header("Accept", "application/json")).expect(200).json::<Value>();
        reply["items"].as_array().expect("a list of items").clone()
    };
    let of_this = page("instance=this");
    assert!(!of_this.is_empty() && of_this.iter().all(|event| event["instance"] == "this"), "{of_this:?}");
    let request = fleet.unix(Method::GET, "/api/v1/agents/this/events");
    let own = fleet.send(request.header("Accept", "application/json")).expect(200).json::<Value>();
    assert_eq!(own["items"].as_array(), Some(&of_this));
}

#[test]
fn a_quiet_stream_is_kept_alive_by_pings() {
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    let stream = fleet.stream("");
    let begin = Instant::now();
    assert!(stream.wait_for_ping(Duration::from_secs(25)), "a ping comes every 15 s");
    assert!(begin.elapsed() > Duration::from_secs(10), "only where nothing else is said");
}

#[test]
fn a_row_and_its_container_are_told_in_order_and_linked() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let stream = fleet.stream("");
    fleet.create("alice", "dev");
    let row = stream.wait_for(EventKind::AgentCreated, "alice", SOON);
    let made = stream.wait_for(EventKind::ContainerCreated, "alice", SOON);
    let started = stream.wait_for(EventKind::ContainerStarted, "alice", SOON);
    assert!(row.seq < made.seq && made.seq < started.seq, "{row:?} {made:?} {started:?}");
    assert_eq!(started.agent_type.as_ref().map(AsRef::as_ref), Some("dev"));
    let id = fleet.id("alice").expect("it has a container");
    assert_eq!(started.incarnation.expect("it names the life").container.as_ref(), id);
}

#[test]
fn the_logs_of_a_container_can_be_read_and_followed() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.eventually("the first lines are there", SOON, || {
        let reply = fleet.get("/api/v1/agents/dev-default/logs");
        (reply.status == 200 && reply.body.contains("started at beat")).then_some(())
    });
    let follow = fleet.unix(Method::GET, "/api/v1/agents/dev-default/logs?follow=1");
    let stream = Stream::open(follow.header("Accept", "text/event-stream"));
    fleet.eventually("further lines come", SOON, || {
        stream.frames().iter().any(|frame| frame.data.contains("beat 3")).then_some(())
    });
}

#[test]
fn a_reader_that_does_not_read_is_dropped_and_nobody_waits_for_it() {
    // A long name makes long events, which fill the socket's buffers sooner.
    let desk = "d".repeat(55);
    let Some(fleet) = Fleet::started([host(&desk)]) else { return };
    let mut stuck = UnixStream::connect(fleet.data().join("claude-hooks.sock")).expect("the socket is there");
    let request = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n";
    stuck.write_all(request.as_bytes()).expect("the daemon listens");
    let (attentive, before) = (fleet.stream(""), fleet.last_seq());
    // Rows without containers are the cheapest events. The socket's buffers and the channel hold some 1,900 of them.
    for count in [500, 1, 500, 1, 500, 1] {
        fleet.post(&format!("/api/v1/types/{desk}/scale"), &json!({ "count": count })).expect(200);
    }
    let last = before + 6 * 499;
    fleet.eventually("everything is stored", SOON, || (fleet.last_seq() >= last).then_some(()));
    attentive.wait_for_seq(last, SOON);
    let got: Vec<u64> = attentive.events().iter().map(|event| event.seq).collect();
    assert_eq!(got, (before + 1..=last).collect::<Vec<_>>(), "whoever reads gets everything");

    // A stream that is not ended goes on with pings for ever.
    stuck.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout can be set");
    let (mut text, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        match stuck.read(&mut piece).expect("the daemon ends the stream") {
            0 => break,
            read => text.extend_from_slice(&piece[..read]),
        }
    }
    let text = String::from_utf8_lossy(&text);
    let resync = text.rfind("event: resync").map(|at| &text[at..]).unwrap_or_default();
    assert!(
        resync.contains("too slow"),
        "it ends with a resync: …{}",
        &text[text.len().saturating_sub(600)..]
    );
}
