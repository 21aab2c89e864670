use claude_hooks_actors::model::{LeaseId, Lifecycle};
use claude_hooks_actors::testing::name;
use serde_json::{Value, json};

use super::fake::{Answer, FakeDaemon};
use super::wire::{AgentPatch, Change, Claim, LimitsPatch, Memory};
use super::{Action, Client, ClientError, EventQuery, Frame, Happening, SseParser, Tagged};

fn frame(id: Option<&str>, event: &str, data: &str) -> Frame {
    Frame { id: id.map(ToOwned::to_owned), event: event.to_owned(), data: data.to_owned() }
}

#[test]
fn frames_come_out_whole_however_the_stream_is_cut() {
    let stream = ": ping\n\nid: 7\nevent: container_stopped\ndata: {\"ä\":1}\n\ndata: a\ndata: b\r\n\r\nevent: none\n\nid\ndata\n\n";
    let expected = [
        frame(Some("7"), "container_stopped", "{\"ä\":1}"),
        frame(Some("7"), "message", "a\nb"),
        frame(Some(""), "message", ""),
    ];
    let whole = SseParser::default().push(stream.as_bytes());
    assert_eq!(whole, expected);
    for size in 1..stream.len() {
        let mut parser = SseParser::default();
        let pieces: Vec<Frame> =
            stream.as_bytes().chunks(size).flat_map(|piece| parser.push(piece)).collect();
        assert_eq!(pieces, expected, "in pieces of {size}");
    }
}

#[test]
fn an_unfinished_frame_is_not_given() {
    assert_eq!(SseParser::default().push(b"data: half\n"), []);
}

#[actix_rt::test]
async fn a_socket_that_nobody_listens_on_is_an_absent_daemon() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let missing = dir.path().join("none");
    let stale = dir.path().join("stale");
    drop(std::os::unix::net::UnixListener::bind(&stale).expect("bindable"));
    for socket in [missing, stale] {
        let error = Client::new(&socket).agents().await.expect_err("nobody listens");
        assert!(error.is_absent() && error.is_unreachable(), "{error:?}");
        assert!(error.help().is_some_and(|help| help.contains("claude-hooks serve")), "{error:?}");
    }
}

#[actix_rt::test]
async fn a_problem_document_becomes_its_detail_and_help() {
    let answer = Answer::problem(409, "denied", "dev-1 has no volume", Some("create it first"));
    let daemon = FakeDaemon::start(vec![answer]);
    let error = Client::new(&daemon.socket()).act(&name("dev-1"), Action::Start, false).await;
    let error = error.expect_err("a 409");
    assert_eq!(error.to_string(), "the daemon refuses: dev-1 has no volume");
    assert_eq!(error.help().as_deref(), Some("create it first"));
    assert!(!error.is_unreachable());
    assert_eq!(daemon.seen()[0].line, "POST /api/v1/agents/dev-1/start");
    assert_eq!(daemon.seen()[0].body, "{}");
}

#[actix_rt::test]
async fn help_is_in_the_words_of_the_command_line_and_nothing_is_said_twice() {
    let told = |kind: &str, detail: &str, help: &str| {
        let daemon = FakeDaemon::start(vec![Answer::problem(404, kind, detail, Some(help))]);
        async move { Client::new(&daemon.socket()).why(&name("a")).await.expect_err("a 404").help() }
    };
    let missing = told("agent-not-found", "there is no agent a", "GET /api/v1/agents lists the agents").await;
    assert_eq!(missing.as_deref(), Some("`claude-hooks agents list` shows the agents"));
    let nearest = "did you mean \"dev\"?";
    assert_eq!(told("unknown-type", &format!("no type def ({nearest})"), nearest).await, None);
    assert_eq!(told("invalid-value", "no", "correct it").await.as_deref(), Some("correct it"));
}

#[actix_rt::test]
async fn docker_being_unreachable_behind_the_daemon_counts_as_unreachable() {
    let daemon = FakeDaemon::start(vec![Answer::problem(502, "docker-unreachable", "no docker", None)]);
    let error = Client::new(&daemon.socket()).reconcile(false).await.expect_err("a 502");
    assert!(error.is_unreachable() && !error.is_absent());
}

#[actix_rt::test]
async fn an_answer_that_is_not_ours_is_told_apart() {
    let daemon = FakeDaemon::start(vec![Answer::ok("<html>")]);
    let error = Client::new(&daemon.socket()).agents().await.expect_err("not JSON");
    assert!(matches!(error, ClientError::Garbled { .. }), "{error:?}");
}

#[actix_rt::test]
async fn the_entity_tag_is_read_with_the_agent() {
    let daemon = FakeDaemon::start(vec![Answer::tagged(5, "{\"name\":\"a\"}")]);
    let Tagged { agent, tag } = Client::new(&daemon.socket()).agent(&name("a")).await.expect("a 200");
    assert_eq!((agent.json()["name"].as_str(), tag.as_str()), (Some("a"), "\"5\""));
}

#[actix_rt::test]
async fn what_is_asked_is_sent_as_the_api_has_it() {
    let daemon = FakeDaemon::start(vec![Answer::ok("{}"); 5]);
    let (client, dev) = (Client::new(&daemon.socket()), name("dev-2"));
    let limits = LimitsPatch {
        memory: Change::Set(Memory::Text("4g".into())),
        cpus: Change::Unset,
        pids: Change::Keep,
    };
    let patch = AgentPatch {
        lifecycle: Change::Set(Lifecycle::Lazy),
        image: Change::Unset,
        limits: Change::Set(limits),
        ..AgentPatch::default()
    };
    client.update_agent(&dev, &patch, "\"7\"", true).await.expect("sent");
    client.delete_agent(&dev, None, false).await.expect("sent");
    client.act(&dev, Action::Recover { accept_state_loss: true }, false).await.expect("sent");
    let claim = Claim { instance: Some(dev), holder: "me".into(), wake_s: Change::Unset, ..Claim::default() };
    client.claim(&claim).await.expect("sent");
    let id = LeaseId::random();
    client.release(id, 9).await.expect("sent");
    let seen = daemon.seen();
    let sent: Vec<(&str, Value)> = seen
        .iter()
        .map(|seen| (seen.line.as_str(), serde_json::from_str(&seen.body).expect("the body is JSON")))
        .collect();
    let release = format!("DELETE /api/v1/leases/{id}");
    let patched = json!({ "lifecycle": "lazy", "image": null, "limits": { "memory": "4g", "cpus": null } });
    assert_eq!(
        sent,
        [
            ("PATCH /api/v1/agents/dev-2?force=1", patched),
            ("DELETE /api/v1/agents/dev-2", json!({})),
            ("POST /api/v1/agents/dev-2/recover", json!({ "accept_state_loss": true })),
            ("POST /api/v1/leases", json!({ "instance": "dev-2", "holder": "me", "wake_s": null })),
            (release.as_str(), json!({})),
        ]
    );
    assert_eq!(seen[0].if_match.as_deref(), Some("\"7\""));
    assert_eq!(seen[1].if_match, None);
    assert_eq!(seen[4].lease_fence.as_deref(), Some("9"));
}

#[actix_rt::test]
async fn a_stream_tells_events_and_pictures_and_how_to_go_on_behind_them() {
    let frames = "event: snapshot\ndata: {\"generation\":3,\"docker_reachable\":true,\"docker_error\":null,\"booted\":true,\
                  \"suspended\":null,\"agents\":[],\"cursor\":6}\n\nid: 7\nevent: of_tomorrow\ndata: {\"seq\":7}\n\n\
                  event: resync\ndata: {}\n\nevent: error\ndata: {\"type\":\"urn:claude-hooks:problem:database\",\
                  \"title\":\"t\",\"status\":500}\n\n";
    let daemon = FakeDaemon::start(vec![Answer::stream(frames)]);
    let query = EventQuery { types: vec!["dev".parse().expect("a name")], ..EventQuery::default() };
    let mut stream = Client::new(&daemon.socket()).follow_events(&query, Some("5")).await.expect("a stream");
    let (mut told, mut refused) = (Vec::new(), None);
    while let Some(happened) = stream.next().await {
        match happened {
            Ok(happened) => told.push(happened),
            Err(error) => refused = Some(error),
        }
    }
    let ClientError::Refused(problem) = refused.expect("it says why it ends") else { panic!("no problem") };
    assert_eq!(problem.name(), "database");
    let [Happening::Snapshot(picture), Happening::Event(event), Happening::Resync] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(picture.read().expect("a picture").cursor, Some(6));
    // A kind that this version does not know is still told.
    assert_eq!(event.json()["seq"], 7);
    assert!(event.read().is_err());
    assert_eq!(stream.last(), Some("7"));
    let seen = &daemon.seen()[0];
    assert_eq!(seen.line, "GET /api/v1/events?type=dev");
    assert_eq!(
        (seen.accept.as_deref(), seen.last_event_id.as_deref()),
        (Some("text/event-stream"), Some("5"))
    );
}
