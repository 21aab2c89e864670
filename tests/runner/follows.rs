//! Who asks for a run again, and who goes away.

use std::time::Duration;

use crate::harness::{Order, World, order, shell, until};

#[test]
fn the_same_run_is_never_run_twice_and_the_second_follows_the_first() {
    let world = World::new();
    let count = world.path().join("count");
    let order = shell(&format!("echo x >> {}; sleep 0.5; exit 7", count.display()));
    let first = world.begun(&order);
    let others: Vec<_> = (0..4).map(|_| world.begin(&order)).collect();
    let records: Vec<_> = others.into_iter().map(crate::harness::Running::end).collect();
    let first = first.end();
    assert_eq!(first.ended(), ("exited", 7));
    assert!(records.iter().all(|record| *record == first), "{records:?}");
    assert_eq!(world.run(&order), first);
    assert_eq!(std::fs::read_to_string(count).expect("it ran"), "x\n");
}

#[test]
fn of_many_at_once_one_runs_it() {
    let world = World::new();
    let count = world.path().join("count");
    let order = shell(&format!("echo x >> {}", count.display()));
    let all: Vec<_> = (0..12).map(|_| world.begin(&order)).collect();
    for one in all {
        assert_eq!(one.end().ended(), ("exited", 0));
    }
    assert_eq!(std::fs::read_to_string(count).expect("it ran"), "x\n");
    let left = std::fs::read_dir(world.path().join("tasks")).expect("the records").count();
    assert_eq!(left, 1);
}

#[test]
fn a_run_that_never_began_is_null_and_has_no_output() {
    let world = World::new();
    let order = order(&["true"]);
    assert_eq!(world.record(&order).0, serde_json::Value::Null);
    assert_eq!(world.follow(&order).0, serde_json::Value::Null);
    let output = world.ask(&["output", &order.run]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!("claude-hooks: there is no run {}\n", order.run)
    );
}

#[test]
fn a_run_under_way_is_running_and_can_be_followed() {
    let world = World::new();
    let order = shell("echo begun; sleep 0.4; exit 3");
    let running = world.begun(&order);
    until("it has printed", || world.record(&order).bytes() == (6, 6));
    assert_eq!(world.record(&order).state(), "running");
    assert_eq!(world.follow(&order).ended(), ("exited", 3));
    running.end();
}

#[test]
fn a_run_survives_its_client() {
    let world = World::new();
    let order = shell("sleep 0.3; echo still here; exit 9");
    let mut child = world.begun(&order).abandon();
    assert_eq!(world.follow(&order).ended(), ("exited", 9));
    assert_eq!(world.text(&order), "still here\n");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn an_order_that_was_cut_off_is_not_carried_out() {
    let world = World::new();
    let order = Order { stdin: b"input".to_vec(), ..shell("exit 0") };
    let child = world.start_verb(&["run"]);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "claude-hooks: the order cannot be used: its first line was cut off\n"
    );
    assert_eq!(world.record(&order).0, serde_json::Value::Null);
}

#[test]
fn a_killed_runner_leaves_a_run_that_vanished() {
    let world = World::new();
    let order = shell("echo begun; sleep 600");
    let running = world.begun(&order);
    until("it has printed", || world.record(&order).bytes() == (6, 6));
    running.kill();
    let record = world.follow(&order);
    assert_eq!((record.state(), record.bytes()), ("vanished", (6, 6)));
    assert_eq!(world.text(&order), "begun\n");
    assert_eq!(world.run(&order).state(), "vanished", "it is not run again");
    assert!(!World::processes(&order).is_empty(), "nobody ended what it ran");
    world.cancel(&order, Duration::from_mins(1));
    until("a cancel ends what is left", || World::processes(&order).is_empty());
    assert_eq!(world.record(&order).state(), "vanished");
}

#[test]
fn what_does_not_fit_is_said() {
    let world = World::new();
    for words in [&["record"][..], &["record", "../x"], &["cancel", "x.1"], &["jump"], &[]] {
        let output = world.ask(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("usage: run-task run |"), "{words:?}");
    }
}

#[test]
fn a_state_that_cannot_be_written_is_said_with_its_path() {
    let world = World::new();
    std::fs::write(world.path().join("tasks"), "in the way").expect("a file");
    let output = world.begin(&order(&["true"])).output();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("cannot make") && text.contains(world.path().to_str().expect("a path")), "{text}");
}
