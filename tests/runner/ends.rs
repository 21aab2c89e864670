//! How runs end.

use std::time::{Duration, Instant};

use crate::harness::{Order, World, shell, until};

/// Starts a grandchild that has left group and session, ignores SIGTERM and has no parent any more.
const DAEMON: &str =
    "setsid sh -c 'trap \"\" TERM; (trap \"\" TERM; while :; do sleep 1; done) & exit 0' & wait";

#[test]
fn exit_codes_are_the_processs_own() {
    let world = World::new();
    for code in [0, 1, 2, 125, 126, 127, 137, 255] {
        assert_eq!(world.run(&shell(&format!("exit {code}"))).ended(), ("exited", code));
    }
}

#[test]
fn a_signal_is_128_and_its_number() {
    let world = World::new();
    for (signal, code) in [("KILL", 137), ("TERM", 143), ("SEGV", 139), ("PIPE", 141)] {
        assert_eq!(world.run(&shell(&format!("kill -{signal} $$"))).ended(), ("signalled", code));
    }
}

#[test]
fn a_timeout_ends_all_of_it() {
    let world = World::new();
    let began = Instant::now();
    let line = "echo begun; (sleep 600; echo never) & sleep 600";
    let order = Order { timeout: Some(Duration::from_millis(300)), ..shell(line) };
    let record = world.run(&order);
    assert_eq!(record.ended(), ("timed_out", 143));
    assert_eq!(world.text(&order), "begun\n");
    assert_eq!(World::processes(&order), [0; 0]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn what_ends_in_time_is_not_timed_out() {
    let world = World::new();
    let order = Order { timeout: Some(Duration::from_mins(1)), ..shell("exit 3") };
    assert_eq!(world.run(&order).ended(), ("exited", 3));
}

#[test]
fn a_cancel_gives_the_process_its_grace() {
    let world = World::new();
    let order = shell(
        "trap 'echo cleaning; exit 5' TERM; echo ready; while :; do sleep 0.1 2>/dev/null; done 2>/dev/null",
    );
    let running = world.begun(&order);
    until("the trap is set", || world.text(&order) == "ready\n");
    world.cancel(&order, Duration::from_mins(1));
    assert_eq!(running.end().ended(), ("cancelled", 5));
    assert_eq!(world.text(&order), "ready\ncleaning\n");
}

#[test]
fn a_cancel_also_ends_daemons_that_ignore_sigterm() {
    let world = World::new();
    let order = shell(&format!("{DAEMON}; echo ready; trap '' TERM; while :; do sleep 1; done"));
    let running = world.begun(&order);
    until("the daemon is on its own", || world.text(&order) == "ready\n");
    until("it runs", || World::processes(&order).len() >= 3);
    world.cancel(&order, Duration::from_millis(200));
    assert_eq!(running.end().ended(), ("cancelled", 137));
    assert_eq!(World::processes(&order), [0; 0]);
}

#[test]
fn a_daemon_without_the_runs_name_is_found_by_its_descent() {
    let world = World::new();
    let order =
        shell("env -i setsid sh -c 'trap \"\" TERM; (sleep 601) & exit 0' & wait; echo ready; sleep 602");
    let running = world.begun(&order);
    until("the daemon is on its own", || world.text(&order) == "ready\n");
    let orphans = || {
        let entries = std::fs::read_dir("/proc").expect("a /proc").flatten();
        let stats = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
        let parent = format!(") S {} ", running.pid());
        stats.filter(|stat| stat.contains(&parent)).count()
    };
    until("the runner has adopted it", || orphans() == 2);
    world.cancel(&order, Duration::from_millis(100));
    let pid = running.pid();
    assert_eq!(running.end().ended().0, "cancelled");
    let left = std::fs::read_dir("/proc").expect("a /proc").flatten().filter(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        line == b"sleep\x00601\x00"
    });
    assert_eq!(left.count(), 0, "of runner {pid}");
}

#[test]
fn a_second_cancel_can_shorten_the_grace() {
    let world = World::new();
    let order = shell("trap '' TERM; echo ready; while :; do sleep 1; done");
    let running = world.begun(&order);
    until("the trap is set", || world.text(&order) == "ready\n");
    world.cancel(&order, Duration::from_mins(10));
    world.cancel(&order, Duration::ZERO);
    assert_eq!(running.end().ended(), ("cancelled", 137));
}

#[test]
fn a_cancel_of_what_has_ended_changes_nothing() {
    let world = World::new();
    let order = shell("exit 3");
    let before = world.run(&order);
    world.cancel(&order, Duration::ZERO);
    assert_eq!(world.record(&order), before);
}

#[test]
fn a_cancel_that_comes_before_its_run_forestalls_it() {
    let world = World::new();
    let order = shell(&format!("touch {}/ran", world.path().display()));
    world.cancel(&order, Duration::from_secs(1));
    let record = world.run(&order);
    assert_eq!(record.ended(), ("cancelled", 143));
    assert_eq!(record.detail(), "it was cancelled before it began");
    assert!(!world.path().join("ran").exists());
}

#[test]
fn signals_that_a_task_sends_to_everybody_do_not_end_its_runner() {
    let world = World::new();
    let order = shell("kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; sleep 0.2; exit 6");
    assert_eq!(world.run(&order).ended(), ("exited", 6));
}

#[test]
fn what_a_process_leaves_behind_is_left_alone_and_not_waited_for() {
    let world = World::new();
    let order = shell("echo mine; sleep 600 & exit 0");
    let began = Instant::now();
    assert_eq!(world.run(&order).ended(), ("exited", 0));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(world.text(&order), "mine\n");
    let left = World::processes(&order);
    assert!(!left.is_empty());
    for pid in left {
        let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}
