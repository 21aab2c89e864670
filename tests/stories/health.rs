//! Agents that run and are not well: who is restarted, who is only told, and who is left alone.

use std::collections::BTreeSet;
use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind, Phase, TaskState};
use serde_json::{Value, json};

use crate::harness::{Fleet, SOON, engine, hot, let_pass, stdout};

/// Fails as long as there is this file.
const HUNG: &str = "/state/hung";
/// Several checks and silences of these types, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Checked every second, and restarted after two misses and two seconds of silence.
fn health(probe: &[&str]) -> Value {
    json!({ "probe": probe, "interval_s": 1, "timeout_s": 10, "threshold": 2, "startup_s": 2, "quiet_s": 2 })
}

fn healthy(fleet: &Fleet, name: &str) {
    fleet.eventually("its checks pass", PATIENCE, || fleet.condition(name, ConditionType::Healthy));
}

fn started_at(fleet: &Fleet, name: &str) -> Value {
    fleet.inspect(name).expect("it has a container")["State"]["StartedAt"].clone()
}

/// The command lines of what runs in a container, by docker.
fn processes(fleet: &Fleet, name: &str) -> Vec<String> {
    let top = engine::docker(&["top", &fleet.container(name), "-eo", "pid,args"]);
    stdout(&top).lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_hung_agent_is_restarted_once_in_the_same_container() {
    let agent = hot("dev").command(&["hang-on", HUNG]).set("health", health(&["/agent", "lacks", HUNG]));
    let Some(fleet) = Fleet::started([agent]) else { return };
    let name = "dev-default";
    healthy(&fleet, name);
    let (id, before) = (fleet.id(name), started_at(&fleet, name));
    let stream = fleet.stream("");
    fleet.exec(name, &["write", HUNG, ""]);

    let ill = stream.wait_for(EventKind::ContainerUnhealthy, name, PATIENCE);
    assert_eq!((ill.cause.as_deref(), &ill.data["misses"]), (Some("probe"), &json!(2)), "{ill:?}");
    assert_eq!(ill.data["end"]["output"], format!("there is a {HUNG}"));
    let stopped = stream.wait_after(ill.seq, EventKind::ContainerStopped, name, PATIENCE);
    assert_eq!(stopped.cause.as_deref(), Some("unhealthy"), "it is no crash: {stopped:?}");
    let started = stream.wait_after(stopped.seq, EventKind::ContainerStarted, name, PATIENCE);
    stream.wait_after(started.seq, EventKind::ContainerHealthy, name, PATIENCE);
    fleet.wait_phase(name, Phase::Running, SOON);
    healthy(&fleet, name);
    assert_eq!(fleet.id(name), id, "a restart keeps the container, and so its image");
    assert_ne!(started_at(&fleet, name), before);

    let_pass(Duration::from_secs(5));
    let count = |kind| stream.count(kind, name);
    assert_eq!((count(EventKind::ContainerUnhealthy), count(EventKind::ContainerStopped)), (1, 1));
    assert_eq!(count(EventKind::HealthIncident), 0);
    let why = fleet.cli_ok(&["why", name]);
    assert!(why.contains("health.standing") && why.contains("healthy"), "{why}");
}

#[test]
fn a_probe_that_always_fails_spends_the_budget_and_restarts_no_fleet() {
    let agent = hot("dev").command(&["sleep"]).set("health", health(&["/agent", "exit", "1"]));
    let Some(mut fleet) = Fleet::new([agent]) else { return };
    fleet.set("health", "restarts", 2);
    fleet.start();
    let stream = fleet.stream("?after=0");
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": 4 })).expect(200);

    let incident = stream.wait_for(EventKind::HealthIncident, "", PATIENCE);
    assert_eq!(incident.data["restarts"], 2);
    let shared = &incident.data["shared"];
    assert_eq!((&shared["type"], &shared["probe"][1]), (&json!("dev"), &json!("exit")), "{incident:?}");
    let concerned = incident.data["instances"].as_array().map_or(0, Vec::len);
    assert!((3..=4).contains(&concerned), "those restarted, and who waits: {incident:?}");
    let waiting = fleet.eventually("who waits says until when", PATIENCE, || {
        let conditions = fleet.agents().into_iter().flat_map(|agent| agent.conditions);
        let told = conditions.filter(|c| c.kind == ConditionType::Unhealthy && c.status);
        let told: BTreeSet<String> = told.filter_map(|c| Some(c.next_retry_at?.to_string())).collect();
        (!told.is_empty()).then_some(told)
    });
    let_pass(Duration::from_secs(10));
    let stopped: Vec<_> =
        stream.events().into_iter().filter(|event| event.kind == EventKind::ContainerStopped).collect();
    assert_eq!(stopped.len(), 2, "the budget, and nothing more: {stopped:?} {waiting:?}");
    assert_eq!(stream.count(EventKind::HealthIncident, ""), 1);
    assert_eq!(stream.events().iter().filter(|e| e.kind == EventKind::ContainerCrashLoop).count(), 0);
    assert!(fleet.agents().iter().all(|agent| agent.observed.phase == Phase::Running));
}

#[test]
fn whoever_is_only_watched_is_told_and_not_touched() {
    let mut watched = health(&["/agent", "exit", "1"]);
    watched["action"] = json!("monitor");
    let agent = hot("dev").command(&["sleep"]).set("health", watched);
    let Some(fleet) = Fleet::started([agent]) else { return };
    let name = "dev-default";
    let before = started_at(&fleet, name);
    let stream = fleet.stream("?after=0");
    stream.wait_for(EventKind::ContainerUnhealthy, name, PATIENCE);
    let_pass(Duration::from_secs(8));
    let count = |kind| stream.count(kind, name);
    assert_eq!((count(EventKind::ContainerUnhealthy), count(EventKind::ContainerStopped)), (1, 0));
    assert_eq!(started_at(&fleet, name), before);
    assert!(fleet.condition(name, ConditionType::Unhealthy).is_some());
    assert!(fleet.condition(name, ConditionType::Ready).is_none());
    assert_eq!(fleet.why(name).rule, "unhealthy_told");
}

#[test]
fn a_long_task_under_a_failing_probe_is_not_cut() {
    let agent = hot("dev").command(&["sleep"]).set("health", health(&["/agent", "lacks", HUNG]));
    let Some(fleet) = Fleet::started([agent]) else { return };
    let name = "dev-default";
    healthy(&fleet, name);
    let task = fleet.task_in(name, &["await", "/state/go", "7"]);
    fleet.wait_printed(task.id, "begun");
    let stream = fleet.stream("");
    fleet.exec(name, &["write", HUNG, ""]);
    stream.wait_for(EventKind::ContainerUnhealthy, name, PATIENCE);
    // Far longer than it would take to restart it.
    let_pass(Duration::from_secs(10));
    assert_eq!(fleet.task(task.id).state, TaskState::Running);
    assert_eq!(
        (fleet.why(name).rule.as_str(), stream.count(EventKind::ContainerStopped, name)),
        ("unhealthy_in_use", 0)
    );
    fleet.exec(name, &["write", "/state/go", ""]);
    assert_eq!(fleet.ended(task.id).exit_code, Some(7), "it ends in its own time");
    let stopped = stream.wait_for(EventKind::ContainerStopped, name, PATIENCE);
    assert_eq!(stopped.cause.as_deref(), Some("unhealthy"), "nobody works with it any more");
}

#[test]
fn a_probe_that_takes_too_long_is_ended_in_the_container_with_all_that_it_began() {
    let mut slow = health(&["/agent", "flee"]);
    (slow["timeout_s"], slow["interval_s"], slow["action"]) = (json!(1), json!(4), json!("monitor"));
    let Some(fleet) = Fleet::started([hot("dev").set("health", slow)]) else { return };
    let name = "dev-default";
    let stream = fleet.stream("?after=0");
    let ill = stream.wait_for(EventKind::ContainerUnhealthy, name, PATIENCE);
    assert_eq!(ill.data["end"]["cause"], "timed_out", "{ill:?}");
    // Two seconds of every four it is not probed.
    fleet.eventually("nothing of the probe is left", PATIENCE, || {
        let left = processes(&fleet, name);
        let alone = left.iter().all(|line| !line.contains("flee") && !line.contains("fled"));
        (alone && left.iter().any(|line| line.contains("/agent run"))).then_some(())
    });
}

#[test]
fn what_dockers_own_healthcheck_says_is_told_and_nothing_is_done_unasked() {
    let Some(mut fleet) = Fleet::new([]) else { return };
    // Named like the fleet, so that it is removed with it.
    let image = format!("{}-checked:1", fleet.prefix);
    let made = engine::docker_ok(&["create", engine::image()]);
    let check = format!("HEALTHCHECK --interval=1s --retries=2 CMD [\"/agent\", \"lacks\", \"{HUNG}\"]");
    engine::docker_ok(&["commit", "--change", &check, &made, &image]);
    engine::docker_ok(&["rm", &made]);
    fleet.declare(hot("dev").command(&["sleep"]).container("image", image.as_str()));
    fleet.start();
    let name = "dev-default";
    healthy(&fleet, name);
    let (before, stream) = (started_at(&fleet, name), fleet.stream(""));
    fleet.exec(name, &["write", HUNG, ""]);
    let ill = stream.wait_for(EventKind::ContainerUnhealthy, name, PATIENCE);
    assert_eq!(ill.cause.as_deref(), Some("healthcheck"));
    let_pass(Duration::from_secs(5));
    assert_eq!((started_at(&fleet, name), stream.count(EventKind::ContainerStopped, name)), (before, 0));
}
