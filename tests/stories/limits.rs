//! What comes near a limit is told before the wall is hit, and the last words say which wall it was.

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, Event, EventKind, LastStop, Phase, StopCause, Wall};
use serde_json::{Value, json};

use crate::harness::types::TypeDecl;
use crate::harness::{Fleet, SOON, engine, hot};

fn limits(memory: &str, pids: u32) -> Value {
    json!({ "memory": memory, "cpus": 0.5, "pids": pids })
}

/// Measured every second.
fn minded(declared: TypeDecl) -> Option<Fleet> {
    let mut fleet = Fleet::new([declared])?;
    fleet.set("limits", "interval_s", 1);
    Some(fleet)
}

/// Two samples, of which each may take as long as docker has for an answer on a busy machine.
const MEASURED: Duration = Duration::from_mins(1);

fn wait_near(fleet: &Fleet, wall: &str) -> String {
    let near = fleet.eventually("the wall is a condition", MEASURED, || {
        let condition = fleet.condition("dev-default", ConditionType::LimitNear)?;
        condition.reason.contains(wall).then_some(condition.reason)
    });
    let told = |event: &Event| event.kind == EventKind::LimitNear && event.cause.as_deref() == Some(wall);
    fleet.eventually("it is told", SOON, || {
        fleet.stored().into_iter().any(|event| told(&event)).then_some(())
    });
    near
}

fn signal(fleet: &Fleet, signal: &str) {
    engine::docker_ok(&["kill", "--signal", signal, &fleet.container("dev-default")]);
}

fn wait_stop(fleet: &Fleet, cause: StopCause) -> LastStop {
    fleet.eventually("its end is known", SOON, || {
        fleet.agent("dev-default").last_stop.filter(|stop| stop.cause == cause)
    })
}

#[test]
fn memory_that_runs_out_is_told_before_and_after() {
    let holding = (58_u64 << 20).to_string();
    let Some(mut fleet) =
        minded(hot("dev").command(&["hold", &holding]).container("limits", limits("64m", 64)))
    else {
        return;
    };
    fleet.start();
    let near = wait_near(&fleet, "memory");
    assert!(near.contains("of 64.0 MiB (9"), "{near}");
    let why = fleet.cli_ok(&["why", "dev-default"]);
    assert!(why.contains("limit_near") && why.contains("last_sample.used"), "{why}");
    let stats: Value = fleet.get("/api/v1/stats").expect(200).json();
    let item = &stats["items"][0];
    assert_eq!((&item["pids_limit"], &item["cpu_limit_percent"]), (&json!(64), &json!(50.0)), "{stats}");
    assert_eq!(fleet.stored().iter().filter(|event| event.kind == EventKind::ContainerStopped).count(), 0);

    signal(&fleet, "USR1");
    let stop = wait_stop(&fleet, StopCause::Oom);
    assert_eq!(stop.detail.as_deref(), Some("memory: the limit of 64.0 MiB was reached"));
    let capsule = stop.capsule.expect("something was saved");
    assert_eq!(capsule.wall, Some(Wall::Memory));
    let usage = capsule.usage.expect("it had been measured");
    assert!(usage.memory_bytes > 56 << 20 && usage.memory_limit_bytes == 64 << 20, "{usage:?}");
    let told = fleet.eventually("the end is told", SOON, || {
        fleet
            .stored()
            .into_iter()
            .rfind(|event| event.kind == EventKind::ContainerOom && !event.data.is_null())
    });
    assert_eq!(told.data["last_words"]["wall"], "memory", "{told:?}");
    assert_eq!(told.detail, stop.detail);
    let cleared =
        |event: &Event| event.kind == EventKind::LimitCleared && event.cause.as_deref() == Some("memory");
    fleet.eventually("with the life its walls are over", SOON, || {
        fleet.stored().iter().any(cleared).then_some(())
    });
    let shown = fleet.cli_ok(&["agents", "show", "dev-default"]);
    assert!(shown.contains("memory: the limit of 64.0 MiB was reached"), "{shown}");
}

#[test]
fn processes_that_run_out_are_told_before_and_after() {
    // With the init and the agent itself 60 of 64.
    let crowd = hot("dev").command(&["crowd", "58"]).container("limits", limits("512m", 64));
    let Some(mut fleet) = minded(crowd) else { return };
    fleet.start();
    let near = wait_near(&fleet, "pids");
    assert!(near.contains("pids 60 of 64 (94 %)"), "{near}");
    signal(&fleet, "USR1");
    // Where the kernel's count cannot be read, a full house is all that is known.
    let counted = fleet.eventually("it is at the wall", MEASURED, || {
        let why: Value = fleet.get("/api/v1/agents/dev-default/why").expect(200).json();
        let sample = &why["evidence"]["last_sample"];
        let full = sample["used"].as_str()?.contains("pids 64 of 64");
        full.then(|| sample["pids_refused"].as_u64())
    });
    signal(&fleet, "USR2");
    let stop = wait_stop(&fleet, StopCause::Crashed);
    let detail = stop.detail.expect("it says why");
    let wall = stop.capsule.expect("something was saved").wall;
    if counted.is_some() {
        assert_eq!(wall, Some(Wall::Pids), "{detail}");
        assert!(detail.contains("pids: at its limit of 64 the kernel refused it a process"), "{detail}");
    } else {
        assert_eq!(wall, None, "{detail}");
        assert!(detail.contains("pids 64 of 64"), "{detail}");
    }
}

#[test]
fn a_disk_that_fills_is_told_before_and_after() {
    let Some(mut fleet) = minded(hot("dev").command(&["crowd", "0"])) else { return };
    let volume = fleet.volume("dev-default");
    let small = ["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=8m"];
    engine::docker_ok(&[&["volume", "create"], &small[..], &[&*volume]].concat());
    let mount = format!("type=volume,source={volume},target=/state");
    let container = fleet.container("dev-default");
    let by_hand =
        ["create", "--network", "none", "--name", &container, "--mount", &mount, engine::image(), "run"];
    engine::docker_ok(&by_hand);
    fleet.start();
    fleet.cli_ok(&["adopt", "dev-default"]);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    // A file system in memory is there as long as somebody uses it: here also when the agent has ended.
    let holder = format!("{}-holder", fleet.prefix);
    engine::docker_ok(&[
        "run",
        "-d",
        "--network",
        "none",
        "--name",
        &holder,
        "--mount",
        &mount,
        engine::image(),
        "sleep",
    ]);
    fleet.exec("dev-default", &["fill", "/state/most", "7800000"]);
    let near = wait_near(&fleet, "disk");
    assert!(near.starts_with("disk 0.") && near.ends_with("of 8.0 MiB free"), "{near}");
    fleet.exec("dev-default", &["fill", "/state/rest", "8000000"]);
    signal(&fleet, "USR2");
    let stop = wait_stop(&fleet, StopCause::Crashed);
    assert_eq!(stop.capsule.expect("something was saved").wall, Some(Wall::Disk), "{:?}", stop.detail);
    assert_eq!(stop.detail.as_deref(), Some("disk: nothing is free where its state is"));
}

#[test]
fn a_state_larger_than_its_type_allows_is_told() {
    let Some(mut fleet) = minded(hot("dev").set("state_limit", "1m")) else { return };
    fleet.start();
    let id = fleet.id("dev-default");
    fleet.exec("dev-default", &["fill", "/state/notes", "1500000"]);
    // The first walk of a daemon comes at once, the next ones hours later.
    fleet.restart();
    let near = wait_near(&fleet, "state");
    assert!(near.starts_with("state 1.") && near.contains("of 1.0 MiB"), "{near}");
    fleet.declare(hot("dev").set("state_limit", "1g"));
    fleet.restart();
    fleet.eventually("there is room again", MEASURED, || {
        (!fleet.agent("dev-default").near.contains(&Wall::State)).then_some(())
    });
    assert_eq!(fleet.id("dev-default"), id, "a change of it replaces nothing");
}
