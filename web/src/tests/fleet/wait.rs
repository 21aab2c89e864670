//! Waiting for a state.

use std::time::Duration;

use serde_json::json;

use super::world::World;

#[test]
fn whoever_waits_wakes_with_the_change() {
    let world = World::with(&[("alice", "dev")]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.get("agents/alice/wait?state=stopped&timeout_s=600"));
        assert_eq!(world.post_nothing("agents/alice/stop").status, 200);
        let answer = waiting.join().expect("an answer comes");
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        assert_eq!((&body["name"], &body["state"]), (&json!("alice"), &json!("stopped")));
        assert_eq!(body["agent"]["observed"]["phase"], "stopped");
    });
}

#[test]
fn waiting_is_no_asking() {
    // Without containers nothing else has a reason to call docker either.
    let world = World::with(&[("h", "host")]);
    let mark = world.docker.mark();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.get("agents/h/wait?state=running&timeout_s=600"));
        // A request that waits cannot be seen from outside; too short a pause only weakens the claim.
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(world.docker.calls_since(mark), []);
        assert!(!waiting.is_finished());
        assert_eq!(world.delete("agents/h").status, 200);
        assert_eq!(waiting.join().expect("an answer comes").status, 404);
    });
}

#[test]
fn a_state_that_is_there_is_answered_at_once() {
    let world = World::with(&[("alice", "dev")]);
    let answer = world.get("agents/alice/wait?state=running&timeout_s=0");
    assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("running")));
}

#[test]
fn whoever_waits_in_vain_is_told_the_present_state() {
    let world = World::with(&[("z", "lazy")]);
    let answer = world.get("agents/z/wait?state=running&timeout_s=1");
    assert_eq!((answer.status, answer.problem_name().as_str()), (408, "wait-timeout"));
    assert_eq!(answer.problem()["state"], "stopped");
}

#[test]
fn the_end_of_an_agent_can_be_waited_for() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    std::thread::scope(|scope| {
        let gone = scope.spawn(|| world.get("agents/alice/wait?state=gone&timeout_s=600"));
        // It waits for a state that cannot come any more once the row is gone.
        let stopped = scope.spawn(|| world.get("agents/bob/wait?state=starting&timeout_s=600"));
        for name in ["alice", "bob"] {
            assert_eq!(world.delete(&format!("agents/{name}")).status, 200);
        }
        let gone = gone.join().expect("an answer comes");
        assert_eq!((gone.status, &gone.json()["state"]), (200, &json!("gone")));
        assert_eq!(stopped.join().expect("an answer comes").status, 404);
    });
}
