//! What an operator does to one agent.

use claude_hooks_actors::model::{ContainerState, EventKind};
use claude_hooks_actors::testing::Foreign;
use serde_json::json;

use super::world::{World, condition, container, volume};

#[test]
fn a_hot_agent_that_is_stopped_stays_down_until_it_is_started() {
    let world = World::with(&[("alice", "dev")]);
    for attempt in ["first", "again"] {
        let body = world.post_nothing("agents/alice/stop").json();
        assert_eq!(body["observed"]["phase"], "stopped", "{attempt}: {body}");
        assert!(condition(&body, "held_down").is_some(), "{attempt}: {body}");
    }
    let reconciled = world.post("reconcile", &json!({})).json();
    assert_eq!(reconciled["unchanged"], json!(["alice"]), "{reconciled}");
    assert_eq!(world.container("alice").expect("it stays").state, ContainerState::Exited);
    for attempt in ["first", "again"] {
        let body = world.post_nothing("agents/alice/start").json();
        assert_eq!(body["observed"]["phase"], "running", "{attempt}: {body}");
        assert!(condition(&body, "held_down").is_none(), "{attempt}: {body}");
    }
}

#[test]
fn a_lazy_agent_can_be_started_and_stopped_by_hand() {
    let world = World::with(&[("z", "lazy")]);
    assert_eq!(world.post_nothing("agents/z/start").json()["observed"]["phase"], "running");
    assert_eq!(world.post_nothing("agents/z/stop").json()["observed"]["phase"], "stopped");
    assert!(world.stored("z").iter().all(|event| event.kind != EventKind::ContainerStopped));
}

#[test]
fn a_restart_keeps_the_image_and_a_recreate_adopts_the_new_one() {
    let world = World::with(&[("alice", "dev")]);
    let before = world.container("alice").expect("it is there");
    let newer = world.by_hand(|docker| docker.retag("agent:1"));
    let body = world.post_nothing("agents/alice/restart?force=1").json();
    let restarted = world.container("alice").expect("it is there");
    assert_eq!((&restarted.id, &restarted.image_id), (&before.id, &before.image_id), "{body}");
    assert_ne!(restarted.started_at, before.started_at);

    let body = world.post_nothing("agents/alice/recreate").json();
    let recreated = world.container("alice").expect("it is there");
    assert_eq!((&body["outcome"], &body["observed"]["image_id"]), (&json!("recreated"), &json!(newer)));
    assert_eq!((&recreated.image_id, recreated.state), (&newer, ContainerState::Running));
    assert_eq!(recreated.state_volume, before.state_volume);
    world.docker.assert_invariants();
}

#[test]
fn a_lost_state_is_only_given_up_by_whoever_says_so() {
    let world = World::with(&[("alice", "dev")]);
    let refused = world.post("agents/alice/recover", &json!({ "accept_state_loss": false }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"));
    assert!(refused.problem()["detail"].as_str().is_some_and(|detail| detail.contains("not lost")));

    // The events of docker are off: with them the supervisor would put a container back between our two steps.
    world.by_hand(|docker| {
        docker.events_off();
        docker.remove_by_hand(&container("alice"));
        docker.remove_volume_by_hand(&volume("alice")).expect("nobody uses it");
    });
    let body = world.post("reconcile", &json!({ "instance": "alice" })).json();
    assert_eq!(body["outcome"], "failed", "{body}");
    assert!(condition(&body, "state_lost").is_some(), "{body}");
    let refused = world.post("agents/alice/recover", &json!({}));
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"));
    assert!(refused.problem()["help"].as_str().is_some_and(|help| help.contains("accept_state_loss")));
    assert_eq!(world.container("alice"), None);

    let body = world.post("agents/alice/recover", &json!({ "accept_state_loss": true })).json();
    assert_eq!(body["observed"]["phase"], "running", "{body}");
    assert!(condition(&body, "state_lost").is_none(), "{body}");
}

#[test]
fn a_foreign_container_is_left_alone_until_it_is_adopted() {
    let world = World::empty();
    world.by_hand(|docker| {
        let volume = Some("somebodys-data".into());
        docker.run_foreign_with(Foreign { volume, ..Foreign::named(&container("alice")) })
    });
    let foreign = world.container("alice").expect("somebody made it");
    let body = world.post("agents", &json!({ "name": "alice", "type": "dev" })).json();
    assert_eq!(body["outcome"], "failed", "{body}");
    assert!(condition(&body, "name_conflict").is_some(), "{body}");
    assert_eq!(world.container("alice"), Some(foreign.clone()));

    world.by_hand(|docker| docker.permit_adoption(&container("alice")));
    let body = world.post_nothing("agents/alice/adopt").json();
    assert_eq!(body["observed"]["phase"], "running", "{body}");
    let ours = world.container("alice").expect("it was replaced");
    assert!(ours.id != foreign.id && ours.labels.fleet.is_some());
    assert_eq!(ours.state_volume, foreign.state_volume, "with its data");
    world.docker.assert_invariants();
}

#[test]
fn only_what_is_named_and_has_no_row_is_wiped() {
    let world = World::with(&[("alice", "dev")]);
    let confirmed = json!({ "confirm": "alice" });
    let refused = world.post("agents/alice/wipe", &confirmed);
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"));
    assert_eq!(world.delete("agents/alice").status, 200);
    let refused = world.post("agents/alice/wipe", &json!({ "confirm": "alise" }));
    assert_eq!((refused.status, refused.problem()["field"].as_str()), (422, Some("confirm")));
    assert!(world.docker.volume(&volume("alice")).is_some());

    world.by_hand(|docker| docker.permit_volume_removal(&volume("alice")));
    let wiped = world.post("agents/alice/wipe", &confirmed);
    assert_eq!((wiped.status, wiped.json()), (200, json!({ "volume": volume("alice") })));
    assert_eq!(world.docker.volume(&volume("alice")), None);
    assert_eq!(world.post("agents/alice/wipe", &confirmed).status, 409);
    world.docker.assert_invariants();
}

#[test]
fn an_action_on_nobody_is_404() {
    let world = World::empty();
    for verb in ["start", "stop", "restart", "recreate", "adopt", "recover"] {
        let answer = world.post_nothing(&format!("agents/nobody/{verb}"));
        assert_eq!((answer.status, answer.problem_name().as_str()), (404, "agent-not-found"), "{verb}");
    }
}
