//! An agent that cannot live is tried calmly, and told apart from one that was killed for its memory.

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind, Phase};
use jiff::Timestamp;
use serde_json::json;

use crate::harness::{Fleet, SOON, hot, lazy, let_pass};

/// Five deaths with docker's own doubling pauses, and our own in between.
const FIVE_DEATHS: Duration = Duration::from_secs(90);

#[test]
fn a_crash_loop_is_told_once_and_tried_calmly_until_the_row_changes() {
    let Some(mut fleet) = Fleet::new([lazy("calm")]) else { return };
    fleet.set("watchdog", "interval_s", 1);
    fleet.declare(hot("broken").command(&["exit", "3"]));
    fleet.start();
    let stream = fleet.stream("?after=0");
    let loops = stream.wait_for(EventKind::ContainerCrashLoop, "broken-default", FIVE_DEATHS);
    let condition = fleet.eventually("the loop is a condition", SOON, || {
        fleet.condition("broken-default", ConditionType::CrashLoop)
    });
    let next = condition.next_retry_at.expect("it says when it is tried again");
    let (soonest, latest) =
        (Timestamp::now() + Duration::from_secs(200), Timestamp::now() + Duration::from_secs(400));
    assert!(soonest < next && next < latest, "about every five minutes: {next}");

    // Docker's restart policy must not go on behind our back: its pauses grow longer than any patience here.
    let lives = || {
        let seen = fleet.inspect("broken-default").expect("the container stays");
        (seen["RestartCount"].clone(), seen["State"]["StartedAt"].clone())
    };
    fleet.eventually("it is let rest", SOON, || {
        let seen = fleet.inspect("broken-default").expect("the container stays");
        let policy = &seen["HostConfig"]["RestartPolicy"]["Name"];
        (seen["State"]["Status"] == "exited" && policy == "no").then_some(())
    });
    let calm = lives();
    let_pass(Duration::from_secs(5));
    assert_eq!(lives(), calm);
    assert_eq!(stream.count(EventKind::ContainerCrashLoop, "broken-default"), 1);
    assert_eq!(fleet.agent("calm-default").observed.phase, Phase::Stopped, "its neighbour is not concerned");

    // The change clears it.
    fleet.patch("broken-default", &json!({ "command": ["run"] })).expect(200);
    fleet.wait_phase("broken-default", Phase::Running, SOON);
    assert!(fleet.condition("broken-default", ConditionType::CrashLoop).is_none(), "after {}", loops.seq);
    let seen = fleet.inspect("broken-default").expect("it runs");
    assert_eq!(seen["HostConfig"]["RestartPolicy"]["Name"], "unless-stopped", "docker may restart it again");
}

#[test]
fn an_agent_that_eats_its_memory_is_told_as_such() {
    // Not at once: docker may not watch the memory of a container yet that has only just begun, and then says nothing.
    let greedy = lazy("greedy").command(&["eat-after", "/state/eat", "536870912"]);
    let Some(fleet) = Fleet::started([greedy.container("limits", json!({ "memory": "64m" }))]) else {
        return;
    };
    let stream = fleet.stream("");
    fleet.act("greedy-default", "start");
    fleet.wait_phase("greedy-default", Phase::Running, SOON);
    fleet.exec("greedy-default", &["write", "/state/eat", ""]);
    let oom = stream.wait_for(EventKind::ContainerOom, "greedy-default", SOON);
    assert_eq!(oom.instance.map(|name| name.to_string()).as_deref(), Some("greedy-default"));
}
