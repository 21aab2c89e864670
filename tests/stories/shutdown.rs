//! The daemon may end at any time: the containers do not notice.

use std::process::Stdio;
use std::{fs, thread};

use claude_hooks_actors::model::{EventKind, Phase};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Fault, Fleet, On, SOON, engine, hot, http, lazy};

#[test]
fn sigterm_leaves_every_container_running_and_exits_with_zero() {
    let Some(mut fleet) = Fleet::started([hot("dev"), hot("boss"), lazy("reviewer")]) else { return };
    let lives = |fleet: &Fleet| -> Vec<_> {
        ["dev-default", "boss-default", "reviewer-default"]
            .map(|name| {
                let seen = fleet.inspect(name).expect("it has a container");
                let state = &seen["State"];
                [&seen["Id"], &state["StartedAt"], &state["Pid"], &state["Status"], &seen["RestartCount"]]
                    .map(Value::clone)
            })
            .to_vec()
    };
    let (stream, before) = (fleet.stream(""), lives(&fleet));
    assert_eq!(fleet.sigterm().code(), Some(0), "{}", fleet.log());
    assert!(stream.wait_for_end(std::time::Duration::from_secs(10)), "the stream is closed, not left open");
    assert_eq!(stream.count(EventKind::SupervisorStopping, ""), 1);
    assert_eq!(lives(&fleet), before);
    assert_eq!(["dev-default", "boss-default"].map(|name| fleet.status(name)), ["running", "running"]);

    fleet.start();
    assert_eq!(lives(&fleet), before, "the next start adopts what runs");
    for name in ["dev-default", "boss-default"] {
        assert_eq!(fleet.agent(name).observed.phase, Phase::Running);
    }
}

#[test]
fn sigterm_while_docker_hangs_ends_in_time_with_zero_and_leaves_no_process() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.with_faults();
    fleet.start();
    let before = fleet.id("dev-default");
    fleet.faults().set(&[(On::Verb("create"), Fault::Hang)]);
    fleet.faults().reset();
    let post = fleet.unix(Method::POST, "/api/v1/agents").json(&json!({ "name": "late", "type": "dev" }));
    thread::scope(|scope| {
        // Whatever it is answered: the daemon ends under it.
        scope.spawn(|| drop(http::send(post)));
        fleet.eventually("docker hangs", SOON, || {
            fleet.faults().changes().iter().any(|call| call.verb == "create").then_some(())
        });
        assert_eq!(fleet.sigterm().code(), Some(0), "{}", fleet.log());
    });
    assert_eq!(processes_of(&fleet), Vec::<String>::new(), "a docker call outlived the daemon");
    assert_eq!((fleet.id("dev-default"), fleet.status("dev-default")), (before, "running".to_owned()));

    fleet.faults().clear();
    fleet.start();
    fleet.wait_phase("late", Phase::Running, SOON);
}

#[test]
fn what_follows_docker_dies_with_a_killed_daemon() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    let mut reader =
        fleet.command(&["logs", "-f", "dev-default"]).stdout(Stdio::null()).spawn().expect("it runs");
    let followers = |fleet: &Fleet| -> Vec<String> {
        let docker = engine::binary().to_string_lossy();
        processes_of(fleet).into_iter().filter(|line| line.starts_with(&*docker)).collect()
    };
    fleet.eventually("docker's events and the container's output are followed", SOON, || {
        let lines = followers(&fleet);
        let has = |word: &str| lines.iter().any(|line| line.contains(word));
        (has(" events ") && has(" logs ")).then_some(())
    });
    fleet.kill9();
    fleet.eventually("nothing of docker is left", SOON, || followers(&fleet).is_empty().then_some(()));
    let ended = reader.wait().expect("it is ours");
    assert_eq!(ended.code(), Some(69), "whoever read is told that the daemon is away");
}

/// Command lines of the processes that were given something of the fleet's directory.
fn processes_of(fleet: &Fleet) -> Vec<String> {
    let dir = fleet.home().parent().expect("it lies in the fleet's directory").to_string_lossy().into_owned();
    let read = |entry: &fs::DirEntry, name: &str| fs::read(entry.path().join(name)).unwrap_or_default();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace('\0', " ");
    let processes = fs::read_dir("/proc").expect("there is /proc").flatten();
    let seen = processes.map(|entry| (text(read(&entry, "cmdline")), text(read(&entry, "environ"))));
    seen.filter(|(line, environ)| line.contains(&dir) || environ.contains(&dir))
        .map(|(line, _)| line)
        .collect()
}

#[test]
fn a_killed_daemon_adopts_what_runs_when_it_comes_back() {
    let Some(mut fleet) = Fleet::started([hot("dev"), lazy("reviewer")]) else { return };
    let ids = (fleet.id("dev-default"), fleet.id("reviewer-default"));
    for _ in 0..3 {
        fleet.kill9();
        fleet.start();
        assert_eq!((fleet.id("dev-default"), fleet.id("reviewer-default")), ids);
    }
    let made = fleet.stored().into_iter().filter(|event| event.kind == EventKind::ContainerCreated).count();
    assert_eq!(made, 2, "each container was made once");
}

#[test]
fn events_keep_their_numbers_over_restarts() {
    let Some(mut fleet) = Fleet::started([lazy("reviewer")]) else { return };
    fleet.kill9();
    fleet.start();
    fleet.restart();
    let seqs: Vec<u64> = fleet.stored().iter().map(|event| event.seq).collect();
    let expected: Vec<u64> = (1..=seqs.len() as u64).collect();
    assert_eq!(seqs, expected, "one by one, none twice, none lost");
    let started =
        fleet.stored().into_iter().filter(|event| event.kind == EventKind::SupervisorStarted).count();
    assert_eq!(started, 3);
}

#[test]
fn what_it_keeps_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    for name in ["token", "claude-hooks.sock", "agents.db"] {
        let mode = fs::metadata(fleet.data().join(name)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
    }
}
