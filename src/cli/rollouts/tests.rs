use serde_json::{Value, json};

use super::run;
use crate::cli::args::Verb;
use crate::cli::failure::Exit;
use crate::cli::parse;
use crate::cli::rollout_args::RolloutsVerb;
use crate::cli::tests::asking;
use crate::client::fake::{Answer, FakeDaemon};

const ID: &str = "01980000-0000-7000-8000-000000000000";

fn member(instance: &str, state: &str, reason: Option<&str>) -> Value {
    json!({
        "instance": instance, "type": "dev", "canary": instance == "a", "state": state, "image": "agent:1",
        "from_image_id": format!("sha256:{}", "a".repeat(64)), "to_image_id": format!("sha256:{}", "b".repeat(64)),
        "reason": reason, "since": "2026-01-01T11:59:00Z",
    })
}

fn rollout(state: &str, reason: Option<&str>, members: &[Value]) -> Answer {
    let ended = (state != "running" && state != "paused").then_some("2026-01-01T12:00:00Z");
    let rollout = json!({
        "id": ID, "type": "dev", "state": state, "reason": reason, "created_at": "2026-01-01T11:58:00Z",
        "ended_at": ended, "members": members,
        "strategy": { "width": 1, "canary": 1, "watch_s": 30, "drain_s": null, "pull": null },
    });
    Answer::ok(rollout.to_string())
}

fn verb(arguments: &[&str]) -> RolloutsVerb {
    match parse(&[&["rollouts"], arguments].concat()).expect("valid").verb {
        Verb::Rollouts { verb } => verb.unwrap_or(RolloutsVerb::List),
        other => panic!("{other:?}"),
    }
}

#[actix_rt::test]
async fn a_start_sends_what_was_said_and_follows_to_the_end_with_a_line_per_change() {
    let daemon = FakeDaemon::start(vec![
        rollout("running", None, &[member("a", "pending", None), member("b", "pending", None)]),
        rollout("running", None, &[member("a", "draining", None), member("b", "pending", None)]),
        rollout("running", None, &[member("a", "done", None), member("b", "watching", None)]),
        rollout("done", None, &[member("a", "done", None), member("b", "done", None)]),
    ]);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    let arguments = ["start", "dev", "--width", "2", "--watch", "1m", "--drain", "5m", "--pull", "--follow"];
    run(&mut asking, verb(&arguments)).await.expect("done");
    insta::assert_snapshot!(out.text());
    let first = &daemon.seen()[0];
    assert_eq!(first.line, "POST /api/v1/rollouts");
    let body: Value = serde_json::from_str(&first.body).expect("JSON");
    assert_eq!(
        body,
        json!({ "type": "dev", "strategy": { "width": 2, "watch_s": 60, "drain_s": 300, "pull": true } })
    );
}

#[actix_rt::test]
async fn one_that_is_rolled_back_ends_with_a_failure_and_a_terminal_has_a_bar() {
    let why = Some("it ended\u{1b}[2J with exit code 3");
    let daemon = FakeDaemon::start(vec![
        rollout("running", None, &[member("a", "done", None), member("b", "watching", None)]),
        rollout("rolled_back", why, &[member("a", "rolled_back", why), member("b", "pending", None)]),
    ]);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    asking.context.terminal = true;
    let failure = run(&mut asking, verb(&["follow", ID])).await.expect_err("rolled back");
    assert_eq!(failure.exit(), Exit::Failed);
    insta::assert_snapshot!(out.text().replace('\u{1b}', "^").replace('\r', "<"));
}

#[actix_rt::test]
async fn rollouts_are_listed_shown_and_steered() {
    let members = [member("a", "rolled_back", Some("it ended")), member("b", "pending", None)];
    let Value::Object(page) = json!({ "items": [], "generation": 1 }) else { panic!("an object") };
    let daemon = FakeDaemon::start(vec![
        Answer::ok(Value::Object(page).to_string()),
        rollout("paused", Some("a: it ended"), &members),
        rollout("running", None, &members),
        rollout("aborted", Some("an operator aborted it"), &members),
    ]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    for arguments in [&[][..], &["show", ID], &["resume", ID], &["abort", ID]] {
        run(&mut asking, verb(arguments)).await.expect("answered");
    }
    assert_eq!(err.text(), "there was no rollout yet\n");
    insta::assert_snapshot!(out.text());
    let lines: Vec<String> = daemon.seen().into_iter().map(|seen| seen.line).collect();
    let path = |rest: &str| format!("/api/v1/rollouts/{ID}{rest}");
    let expected = [
        "GET /api/v1/rollouts".to_owned(),
        format!("GET {}", path("")),
        format!("POST {}", path("/resume")),
        format!("POST {}", path("/abort")),
    ];
    assert_eq!(lines, expected);
}
