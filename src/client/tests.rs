use serde_json::json;

use super::fake::{Answer, FakeDaemon};
use super::{Client, ClientError, Frame, SseParser};

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
        let error = Client::new(&socket).get("agents").await.expect_err("nobody listens");
        assert!(error.is_absent() && error.is_unreachable(), "{error:?}");
        assert!(error.help().is_some_and(|help| help.contains("claude-hooks serve")), "{error:?}");
    }
}

#[actix_rt::test]
async fn a_problem_document_becomes_its_detail_and_help() {
    let answer = Answer::problem(409, "denied", "dev-1 has no volume", Some("create it first"));
    let daemon = FakeDaemon::start(vec![answer]);
    let error = Client::new(&daemon.socket()).post("agents/dev-1/start", &json!({})).await;
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
        async move { Client::new(&daemon.socket()).get("agents/a").await.expect_err("a 404").help() }
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
    let error = Client::new(&daemon.socket()).post("reconcile", &json!({})).await.expect_err("a 502");
    assert!(error.is_unreachable() && !error.is_absent());
}

#[actix_rt::test]
async fn an_answer_that_is_not_ours_is_told_apart() {
    let daemon = FakeDaemon::start(vec![Answer::ok("<html>")]);
    let error = Client::new(&daemon.socket()).get("agents").await.expect_err("not JSON");
    assert!(matches!(error, ClientError::Garbled { .. }), "{error:?}");
}

#[actix_rt::test]
async fn the_entity_tag_is_read_with_the_agent() {
    let daemon = FakeDaemon::start(vec![Answer::tagged(5, "{\"name\":\"a\"}")]);
    let (agent, tag) = Client::new(&daemon.socket()).get_tagged("agents/a").await.expect("a 200");
    assert_eq!((agent["name"].as_str(), tag.as_str()), (Some("a"), "\"5\""));
}
