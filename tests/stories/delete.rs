//! Deleting an agent ends its container and keeps its state.

use std::time::{Duration, Instant};

use claude_hooks_actors::model::{EventKind, Outcome, labels};

use crate::harness::{Done, Fault, Fleet, On, SOON, hot};

#[test]
fn a_deleted_agent_is_gone_and_its_volume_serves_the_next_of_its_name() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.create("alice", "dev");
    fleet.exec("alice", &["write", "/state/note", "kept"]);
    let volume = fleet.inspect_volume("alice").expect("it has a volume");

    let stream = fleet.stream("");
    let id = fleet.id("alice");
    let gone: Done = fleet.delete("alice").expect(200).json();
    assert_eq!((gone.outcome, gone.agent), (Outcome::Removed, None));
    assert_eq!(fleet.inspect("alice"), None);
    assert_eq!(fleet.inspect_volume("alice").as_ref(), Some(&volume));
    fleet.get("/api/v1/agents/alice").expect(404).problem();
    stream.wait_for(EventKind::AgentDeleted, "alice", SOON);
    stream.wait_for(EventKind::ContainerRemoved, "alice", SOON);

    assert_eq!(stream.count(EventKind::ContainerMissing, "alice"), 0, "it was removed, not lost");

    assert_eq!(fleet.create("alice", "dev").outcome, Outcome::Created);
    assert_ne!(fleet.id("alice"), id);
    assert_eq!(fleet.exec("alice", &["cat", "/state/note"]), "kept");
    let after = fleet.inspect_volume("alice").expect("it has a volume");
    assert_eq!(after["Labels"][labels::VOLUME], volume["Labels"][labels::VOLUME]);
}

#[test]
fn an_agent_that_ignores_the_stop_is_killed_after_its_grace() {
    let Some(fleet) = Fleet::started([hot("stubborn").command(&["ignore-term"])]) else { return };
    let begin = Instant::now();
    fleet.delete("stubborn-default").expect(200);
    let took = begin.elapsed();
    assert_eq!(fleet.inspect("stubborn-default"), None);
    assert!(took >= Duration::from_secs(14), "the grace is 15 s, not {took:?}");
    assert!(took <= Duration::from_secs(40), "the kill comes after 15 s, not {took:?}");
}

#[test]
fn an_agent_that_obeys_is_gone_well_within_its_grace() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let begin = Instant::now();
    fleet.delete("dev-default").expect(200);
    assert!(begin.elapsed() < Duration::from_secs(12), "{:?}", begin.elapsed());
}

#[test]
fn an_agent_that_is_deleted_while_docker_is_away_goes_when_docker_is_back() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.with_faults();
    fleet.set("watchdog", "interval_s", 1);
    fleet.start();
    fleet.create("alice", "dev");
    fleet.faults().set(&[(On::Everything, Fault::Unreachable)]);
    let done: Done = fleet.delete("alice").expect(200).json();
    assert_eq!((done.outcome, done.agent), (Outcome::Failed, None), "the row is gone, the container not yet");
    assert!(done.reason.is_some());
    assert_eq!(fleet.status("alice"), "running");
    // The order survives the daemon, and also that no row is left to tell of it.
    fleet.delete("dev-default").expect(200);
    fleet.kill9();
    fleet.start_unready();
    fleet.faults().clear();
    fleet.eventually("both are gone", Duration::from_mins(1), || fleet.containers().is_empty().then_some(()));
    assert!(fleet.inspect_volume("alice").is_some() && fleet.inspect_volume("dev-default").is_some());
}

#[test]
fn what_is_not_there_cannot_be_deleted() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.delete("nobody").expect(404).problem();
}
