//! Hot ones stay up, lazy ones stay down, and an operator's stop is an order.

use std::time::Duration;

use claude_hooks_actors::model::{
    ConditionType, Event, EventKind, Lifecycle, Outcome, Phase, Power, StopCause,
};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Fleet, SOON, engine, hot, lazy, let_pass};

#[test]
fn a_hot_agent_that_is_stopped_by_hand_says_so_once_and_comes_back() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.set("watchdog", "interval_s", 1);
    fleet.start();
    let (id, stream) = (fleet.id("dev-default"), fleet.stream(""));
    engine::docker_ok(&["stop", "-t", "2", &fleet.container("dev-default")]);

    let stopped = stream.wait_for(EventKind::ContainerStopped, "dev-default", SOON);
    assert!(stopped.incarnation.is_some(), "{stopped:?}");
    stream.wait_after(stopped.seq, EventKind::ContainerStarted, "dev-default", SOON);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.id("dev-default"), id, "it is started, not made anew");
    // Several rounds of the watchdog: none of them tells it again.
    let_pass(Duration::from_secs(3));
    assert_eq!(stream.count(EventKind::ContainerStopped, "dev-default"), 1);
    fleet.restart();
    let stopped = |event: &Event| event.kind == EventKind::ContainerStopped;
    assert_eq!(fleet.stored().into_iter().filter(stopped).count(), 1, "nor does the next daemon");
}

#[test]
fn an_agent_that_dies_by_itself_says_so_once_and_comes_back() {
    let Some(mut fleet) = Fleet::new([hot("dev").command(&["sleep", "4"])]) else { return };
    fleet.start();
    let stream = fleet.stream("?after=0");
    let stopped = stream.wait_for(EventKind::ContainerStopped, "dev-default", SOON);
    stream.wait_after(stopped.seq, EventKind::ContainerStarted, "dev-default", SOON);
    let life = stopped.incarnation.expect("the event names the life that ended");
    let told = |event: &&Event| {
        event.kind == EventKind::ContainerStopped && event.incarnation.as_ref() == Some(&life)
    };
    assert_eq!(stream.events().iter().filter(told).count(), 1);
}

#[test]
fn a_kill_from_outside_is_told_from_a_stop_of_ours() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let stream = fleet.stream("");
    engine::docker_ok(&["kill", &fleet.container("dev-default")]);
    let stopped = stream.wait_for(EventKind::ContainerStopped, "dev-default", SOON);
    assert_eq!(stopped.cause.as_deref(), Some("killed"), "{stopped:?}");
    stream.wait_after(stopped.seq, EventKind::ContainerStarted, "dev-default", SOON);
    let last = fleet.agent("dev-default").last_stop.expect("the end of the last life is remembered");
    assert_eq!(last.cause, StopCause::Killed);
}

#[test]
fn a_lazy_agent_is_made_stopped_and_never_reported_as_stopped() {
    let Some(mut fleet) = Fleet::new([lazy("reviewer")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    let seen = fleet.inspect("reviewer-default").expect("it has a container");
    assert_eq!(seen["State"]["Status"], "created");
    assert_eq!(seen["HostConfig"]["RestartPolicy"]["Name"], "no");
    assert_eq!(fleet.agent("reviewer-default").observed.phase, Phase::Stopped);
    fleet.restart();
    let_pass(Duration::from_secs(3));
    assert_eq!(fleet.agent("reviewer-default").observed.phase, Phase::Stopped);
    assert_eq!(fleet.status("reviewer-default"), "created", "nobody needed it");
    // It was awake, and goes to sleep on purpose.
    assert_eq!(fleet.act("reviewer-default", "start").outcome, Outcome::Started);
    assert_eq!(fleet.status("reviewer-default"), "running");
    fleet.act("reviewer-default", "stop");
    assert_eq!(fleet.status("reviewer-default"), "exited");
    fleet.restart();
    let_pass(Duration::from_secs(3));
    assert_eq!(fleet.status("reviewer-default"), "exited");
    let stopped = fleet.stored().into_iter().filter(|event| event.kind == EventKind::ContainerStopped);
    assert_eq!(stopped.count(), 0);
}

#[test]
fn hot_to_lazy_and_back_recreates_with_the_other_policy_and_keeps_the_state() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.exec("dev-default", &["write", "/state/note", "kept"]);
    let policy = || {
        let seen = fleet.inspect("dev-default").expect("it has a container");
        seen["HostConfig"]["RestartPolicy"]["Name"].as_str().unwrap_or_default().to_owned()
    };
    let first = fleet.id("dev-default");
    let reply = fleet.patch("dev-default", &json!({ "lifecycle": "lazy" })).expect(200);
    assert_eq!(reply.json::<serde_json::Value>()["outcome"], "recreated", "{}", reply.body);
    assert_eq!(policy(), "no");
    assert_eq!(fleet.agent("dev-default").lifecycle, Lifecycle::Lazy);
    let second = fleet.id("dev-default");
    assert_ne!(first, second);

    let reply = fleet.patch("dev-default", &json!({ "lifecycle": "hot" })).expect(200);
    assert_eq!(reply.json::<serde_json::Value>()["outcome"], "recreated", "{}", reply.body);
    assert_eq!(policy(), "unless-stopped");
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "kept");
    assert_eq!(fleet.containers(), [fleet.container("dev-default")], "the replaced ones are gone");
}

#[test]
fn a_change_wants_the_generation_that_it_was_made_for() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let id = fleet.id("dev-default");
    let change =
        || fleet.unix(Method::PATCH, "/api/v1/agents/dev-default").json(&json!({ "lifecycle": "lazy" }));
    fleet.send(change()).expect(428).problem();
    let generation = fleet.agent("dev-default").desired.generation;
    fleet.send(change().header("If-Match", format!("\"{}\"", generation + 7))).expect(412).problem();
    assert_eq!(fleet.id("dev-default"), id, "a refused change touches nothing");
    fleet.send(change().header("If-Match", format!("\"{generation}\""))).expect(200);
}

#[test]
fn a_manual_stop_holds_a_hot_agent_down_until_it_is_started() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    let id = fleet.id("dev-default");
    fleet.act("dev-default", "stop");
    assert_eq!(fleet.status("dev-default"), "exited");
    let_pass(Duration::from_secs(7));
    let held = fleet.agent("dev-default");
    assert_eq!((held.observed.phase, held.desired.power), (Phase::Stopped, Power::Off));
    assert!(fleet.condition("dev-default", ConditionType::HeldDown).is_some(), "{held:?}");
    // Not even a restart of the daemon lifts it.
    fleet.restart();
    assert_eq!(fleet.status("dev-default"), "exited");
    fleet.act("dev-default", "stop");

    let started = fleet.act("dev-default", "start");
    assert_eq!(started.outcome, Outcome::Started, "{started:?}");
    assert_eq!(fleet.status("dev-default"), "running");
    assert_eq!(fleet.id("dev-default"), id);
    assert_eq!(fleet.act("dev-default", "start").outcome, Outcome::Unchanged, "a repeat is no error");
}

#[test]
fn restart_keeps_the_container_and_recreate_replaces_it() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let life = || fleet.agent("dev-default").observed.incarnation.expect("it runs");
    let first = life();
    fleet.act("dev-default", "restart");
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    let second = life();
    assert_eq!(first.container, second.container);
    assert_ne!(first.started_at, second.started_at);
    assert_eq!(fleet.act("dev-default", "recreate").outcome, Outcome::Recreated);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_ne!(life().container, second.container);
    assert_eq!(fleet.containers(), [fleet.container("dev-default")]);
}

#[test]
fn recreate_adopts_what_the_tag_means_now_and_nothing_else_does() {
    let Some(mut fleet) = Fleet::new([]) else { return };
    let image = format!("{}-moving:1", fleet.prefix);
    engine::docker_ok(&["tag", engine::image(), &image]);
    fleet.declare(hot("dev").container("image", image.as_str()));
    fleet.set("watchdog", "interval_s", 1);
    fleet.start();
    let (id, stream) = (fleet.id("dev-default"), fleet.stream(""));
    // Another image of the same content: only its configuration, and so its id, differs.
    let source = format!("{}-source", fleet.prefix);
    engine::docker_ok(&["create", "--name", &source, engine::image()]);
    engine::docker_ok(&["commit", "--change", "LABEL moved=yes", &source, &image]);
    engine::docker_ok(&["rm", &source]);

    stream.wait_for(EventKind::ContainerStale, "dev-default", SOON);
    let_pass(Duration::from_secs(3));
    assert_eq!(stream.count(EventKind::ContainerStale, "dev-default"), 1);
    assert!(fleet.condition("dev-default", ConditionType::Stale).is_some());
    fleet.act("dev-default", "restart");
    assert_eq!(fleet.id("dev-default"), id, "stale is reported, not acted on");
    assert_eq!(fleet.act("dev-default", "recreate").outcome, Outcome::Recreated);
    let seen = fleet.inspect("dev-default").expect("it has a container");
    assert_eq!(seen["Config"]["Labels"]["moved"], "yes");
    assert!(fleet.condition("dev-default", ConditionType::Stale).is_none());
}

#[test]
fn a_wait_ends_when_the_state_comes_and_says_what_is_there_when_it_does_not() {
    let Some(fleet) = Fleet::started([lazy("reviewer"), hot("dev")]) else { return };
    fleet.get("/api/v1/agents/dev-default/wait?state=running&timeout_s=30").expect(200);
    let late = fleet.get("/api/v1/agents/reviewer-default/wait?state=running&timeout_s=1").expect(408);
    assert!(late.body.contains("stopped"), "the present state is told: {}", late.body);

    let woken = std::thread::scope(|scope| {
        let wait = "/api/v1/agents/reviewer-default/wait?state=running&timeout_s=60";
        let waiting = scope.spawn(|| fleet.get(wait).status);
        fleet.act("reviewer-default", "start");
        waiting.join().expect("the request does not panic")
    });
    assert_eq!(woken, 200);
}

#[test]
fn the_members_of_a_pool_come_and_go_by_number() {
    let Some(fleet) = Fleet::started([lazy("dev")]) else { return };
    let scale = |count: usize| fleet.post("/api/v1/types/dev/scale", &json!({ "count": count })).expect(200);
    let names = || fleet.agents().iter().map(|agent| agent.name.to_string()).collect::<Vec<_>>();
    scale(3);
    assert_eq!(names(), ["dev-2", "dev-3", "dev-default"]);
    assert_eq!(fleet.containers().len(), 3);
    scale(1);
    assert_eq!(names(), ["dev-default"]);
    assert_eq!(fleet.containers(), [fleet.container("dev-default")]);
    assert!(fleet.inspect_volume("dev-3").is_some(), "scaling down keeps the state");
    let types = fleet.get("/api/v1/types").expect(200).json::<serde_json::Value>();
    assert_eq!(types["items"][0]["count"], 1, "{types}");
}
