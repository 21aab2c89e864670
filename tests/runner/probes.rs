//! Health checks: ended in time, with all that they began, and without a trace.

use std::time::{Duration, Instant};

use crate::harness::{Order, World, order, shell, until};

fn within(millis: u64, line: &str) -> Order {
    Order { timeout: Some(Duration::from_millis(millis)), ..shell(line) }
}

#[test]
fn a_probe_tells_its_code_and_the_last_of_what_it_printed() {
    let world = World::new();
    let end = world.probe(&within(30_000, "head -c 5000 /dev/zero; echo one; echo two >&2; exit 3"));
    assert_eq!((end["cause"].as_str(), end["exit_code"].as_i64()), (Some("exited"), Some(3)));
    let output = end["output"].as_str().expect("a text");
    assert!(output.ends_with("one\ntwo") && output.len() <= 1024, "{output:?}");
    assert!(!world.path().join("tasks").exists(), "it keeps no record");
}

#[test]
fn a_probe_that_takes_too_long_is_ended_with_all_that_it_began() {
    let world = World::new();
    let began = Instant::now();
    let order = within(300, "trap '' TERM; echo begun; setsid sh -c 'trap \"\" TERM; sleep 600' & sleep 600");
    let end = world.probe(&order);
    assert_eq!((end["cause"].as_str(), end["output"].as_str()), (Some("timed_out"), Some("begun")));
    assert_eq!(World::processes(&order), [0; 0]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn what_a_probe_that_passes_leaves_behind_is_ended_too() {
    let world = World::new();
    let order = within(30_000, "setsid sleep 600 > /dev/null 2>&1 < /dev/null & exit 0");
    let end = world.probe(&order);
    assert_eq!((end["cause"].as_str(), end["exit_code"].as_i64()), (Some("exited"), Some(0)));
    assert_eq!(World::processes(&order), [0; 0]);
}

#[test]
fn a_probe_goes_on_to_its_end_although_nobody_waits_for_it() {
    let world = World::new();
    let marker = world.path().join("ended");
    let order = within(30_000, &format!("sleep 0.5; echo x > {}", marker.display()));
    let mut left = world.begin_as("probe", &order).abandon();
    until("it ends by itself", || marker.exists());
    left.wait().expect("it can be waited for");
}

#[test]
fn a_probe_that_is_not_there_says_so() {
    let world = World::new();
    let missing = Order { timeout: Some(Duration::from_secs(30)), ..order(&["/no/such"]) };
    let end = world.probe(&missing);
    assert_eq!((end["cause"].as_str(), end["exit_code"].as_i64()), (Some("not_started"), Some(127)));
    assert!(end["output"].as_str().is_some_and(|text| text.contains("No such file")), "{end}");
}
