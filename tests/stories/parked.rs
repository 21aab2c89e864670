//! Agents that get no work for a time: parked by an operator, or by themselves from inside their containers.

use std::process::Output;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{ConditionType, EventKind, Phase, TaskState};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::tasks::agent;
use crate::harness::{Fleet, Reply, SOON, hot, lazy, let_pass, stderr, stdout};

/// When to ask again, from the refusal of a claim.
#[track_caller]
fn retry_at(refused: &Reply) -> Timestamp {
    let problem = refused.problem();
    assert_eq!(
        (refused.status, &problem["type"]),
        (503, &json!("urn:claude-hooks:problem:parked")),
        "{problem}"
    );
    problem["retry_at"].as_str().expect("it says when").parse().expect("a time")
}

/// Says something by the agent's own socket, from inside its container.
fn say(fleet: &Fleet, instance: &str, words: &[&str]) -> Output {
    fleet.exec_in(instance, &[&["/.claude-hooks/runner", "agent"], words].concat())
}

#[track_caller]
fn said(fleet: &Fleet, instance: &str, words: &[&str]) -> String {
    let output = say(fleet, instance, words);
    assert!(output.status.success(), "{words:?}: {}\n{}", stderr(&output), fleet.log());
    stdout(&output)
}

#[test]
fn a_parked_agent_refuses_claims_until_its_end_and_is_served_then() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let began = Instant::now();
    let text =
        fleet.cli_ok(&["agents", "park", "dev-default", "quota", "--for", "3", "--reason", "weekly limit"]);
    assert!(text.contains("dev-default: it is parked (quota) until"), "{text}");
    let claim = json!({ "type": "dev", "holder": "h" });
    let refused = fleet.post("/api/v1/leases", &claim);
    let at = retry_at(&refused);
    assert!(refused.header("Retry-After").is_some());
    let task = fleet.submit(&json!({ "instance": "dev-default", "argv": agent(&["exit", "0"]) }));
    assert!(fleet.cli_ok(&["agents", "list"]).contains("running (parked)"));
    assert!(fleet.cli_ok(&["why", "dev-default"]).contains("parked"));
    let waits = fleet.post("/api/v1/leases", &json!({ "type": "dev", "holder": "h", "wait_s": 1 }));
    assert_eq!(retry_at(&waits), at, "refused at once");
    assert!(began.elapsed() < Duration::from_secs(3), "the machine is too slow for this story");

    assert_eq!(fleet.ended(task.id).state, TaskState::Succeeded, "it waited");
    assert!(Timestamp::now() >= at);
    fleet.post("/api/v1/leases", &claim).expect(201);
    let told: Vec<EventKind> = fleet.stored().into_iter().map(|event| event.kind).collect();
    let parked = told.iter().position(|kind| *kind == EventKind::AgentParked).expect("it is told");
    let open = told.iter().position(|kind| *kind == EventKind::AgentReopened).expect("it is told");
    let works = told.iter().position(|kind| *kind == EventKind::TaskStarted).expect("it is told");
    assert!(parked < open && open < works, "{told:?}");
}

#[test]
fn what_dies_while_it_is_parked_stays_down_also_over_a_restart_until_it_is_reopened() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.cli_ok(&["agents", "park", "dev-default", "auth"]);
    let policy = |fleet: &Fleet| {
        fleet.inspect("dev-default").expect("it is there")["HostConfig"]["RestartPolicy"]["Name"].clone()
    };
    fleet.eventually("docker does not start it either", SOON, || (policy(&fleet) == "no").then_some(()));
    fleet.docker_ok(&["kill", &fleet.container("dev-default")]);
    fleet.wait_phase("dev-default", Phase::Stopped, SOON);
    fleet.restart();
    // Longer than the grace after which a hot one is started.
    let_pass(Duration::from_secs(7));
    assert_eq!(fleet.status("dev-default"), "exited");
    assert!(fleet.condition("dev-default", ConditionType::Parked).is_some());
    let reconciled = fleet.cli_ok(&["agents-sync"]);
    assert!(!reconciled.contains("started: dev-default"), "{reconciled}");
    fleet.cli_ok(&["agents", "reopen", "dev-default"]);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    fleet
        .eventually("docker may start it again", SOON, || (policy(&fleet) == "unless-stopped").then_some(()));
}

#[test]
fn an_agent_speaks_of_itself_by_its_own_socket_and_of_nobody_else() {
    let socket = |agent_type: crate::harness::types::TypeDecl| agent_type.container("agent_socket", true);
    // Any user of the container may speak, and an image need hold nothing for it.
    let dev = socket(hot("dev")).container("user", "4321:4321");
    let Some(mut fleet) = Fleet::started([dev, socket(lazy("night")), hot("mute")]) else { return };
    fleet.create("dev-2", "dev");
    assert!(said(&fleet, "dev-default", &["status"]).starts_with("dev-default (dev)"));
    assert!(said(&fleet, "dev-2", &["status"]).starts_with("dev-2 (dev)"), "each has its own");

    said(&fleet, "dev-default", &["park", "quota", "--for", "3s", "--reason", "weekly limit"]);
    let refused = fleet.post("/api/v1/leases", &json!({ "instance": "dev-default", "holder": "h" }));
    let at = retry_at(&refused);
    let parked = fleet.agent("dev-default").parked.expect("it parked itself");
    assert_eq!(parked.by.to_string(), "agent");
    assert_eq!(fleet.agent("dev-2").parked, None, "another one is not touched");
    assert_eq!(fleet.lease(&json!({ "type": "dev", "holder": "h" })).instance.as_ref(), "dev-2");
    let served = fleet.lease(&json!({ "type": "dev", "holder": "h", "wait_s": 60 }));
    assert_eq!(served.instance.as_ref(), "dev-default");
    assert!(Timestamp::now() >= at);

    said(&fleet, "dev-default", &["progress", "half", "done"]);
    said(&fleet, "dev-default", &["need-human", "sign in again"]);
    let shown = fleet.cli_ok(&["agents", "show", "dev-default"]);
    assert!(shown.contains("half done") && shown.contains("sign in again"), "{shown}");
    fleet.cli_ok(&["agents", "park", "dev-default", "other", "--reason", "hands off"]);
    let refused = say(&fleet, "dev-default", &["reopen"]);
    assert!(!refused.status.success() && stderr(&refused).contains("operator"), "{}", stderr(&refused));

    // Over a restart of the daemon the container stays, and its socket is there again.
    let id = fleet.id("dev-default");
    fleet.restart();
    assert!(said(&fleet, "dev-default", &["status"]).contains("parked (other)"));
    assert_eq!(fleet.id("dev-default"), id);

    fleet.act("night-default", "start");
    said(&fleet, "night-default", &["hold", "20m"]);
    assert!(fleet.condition("night-default", ConditionType::KeptAwake).is_some());

    let mute = say(&fleet, "mute-default", &["status"]);
    assert_eq!(mute.status.code(), Some(69));
    assert!(stderr(&mute).contains("\"agent_socket\": true"), "{}", stderr(&mute));
    let socket = fleet.data().join("agents/dev-2/socket");
    assert!(socket.exists());
    fleet.delete("dev-2").expect(200);
    fleet.eventually("its socket goes with it", SOON, || (!socket.exists()).then_some(()));
}

#[test]
fn a_flood_from_inside_is_limited_and_the_api_answers() {
    let Some(fleet) = Fleet::started([hot("dev").container("agent_socket", true)]) else { return };
    let path = fleet.data().join("agents/dev-default/socket");
    let client = crate::harness::http::client(Some(&path));
    let ask = || {
        let request = client.post("http://localhost/progress").json(&json!({ "text": "again" }));
        crate::harness::http::send(request).map(|reply| (reply.status, reply.header("Retry-After").is_some()))
    };
    let answers: Vec<(u16, bool)> = (0..40).filter_map(|_| ask().ok()).collect();
    let served = answers.iter().filter(|(status, _)| *status == 200).count();
    let limited = answers.iter().filter(|(status, retry)| *status == 429 && *retry).count();
    assert!((20..=35).contains(&served) && limited > 0, "{answers:?}");
    assert_eq!(fleet.get("/api/v1/agents").status, 200);
    let told = fleet.stored().into_iter().filter(|event| event.kind == EventKind::AgentProgress).count();
    assert!(told <= 3, "{told} events");
    let limit = said_once_it_may(&fleet);
    assert!(limit["parked"].is_null(), "{limit}");
}

/// The answer to a question that is asked again while there are too many.
fn said_once_it_may(fleet: &Fleet) -> Value {
    fleet.eventually("it is heard again", SOON, || {
        let output = say(fleet, "dev-default", &["status", "--json"]);
        output.status.success().then(|| serde_json::from_str(&stdout(&output)).expect("JSON"))
    })
}
