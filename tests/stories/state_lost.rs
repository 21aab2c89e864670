//! A state volume that is gone stops its instance until the operator says that the loss is accepted.

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind, Outcome, Phase};
use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Fleet, SOON, engine, hot, let_pass};

/// A fleet whose agent's container and volume were destroyed while the daemon was down.
fn bereft() -> Option<Fleet> {
    let mut fleet = Fleet::new([hot("dev")])?;
    fleet.without_docker_events(1);
    fleet.start();
    assert!(fleet.sigterm().success());
    bereave(&fleet);
    Some(fleet)
}

fn bereave(fleet: &Fleet) {
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    engine::docker_ok(&["volume", "rm", &fleet.volume("dev-default")]);
}

#[test]
fn a_lost_volume_stops_the_instance_until_the_loss_is_accepted() {
    let Some(mut fleet) = bereft() else { return };
    fleet.start();
    fleet.eventually("the loss is a condition", SOON, || {
        fleet.condition("dev-default", ConditionType::StateLost)
    });
    let lost = fleet.stored().into_iter().filter(|event| event.kind == EventKind::StateLost).count();
    assert_eq!(lost, 1);
    // Neither a reconcile nor a start nor time goes on without an answer.
    fleet.post("/api/v1/reconcile", &json!({})).expect(200);
    fleet.post("/api/v1/agents/dev-default/start", &json!({}));
    let_pass(Duration::from_secs(3));
    assert_eq!(fleet.inspect("dev-default"), None);
    assert_eq!(fleet.inspect_volume("dev-default"), None);
    let refused = fleet.post("/api/v1/agents/dev-default/recover", &json!({}));
    assert!((400..500).contains(&refused.status), "without the acceptance: {refused:?}");
    refused.problem();
    assert_eq!(fleet.inspect("dev-default"), None);

    fleet.cli_ok(&["agents", "recover", "dev-default", "--accept-state-loss"]);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert!(fleet.condition("dev-default", ConditionType::StateLost).is_none());
    assert!(fleet.inspect_volume("dev-default").is_some());
    fleet.restart();
    assert_eq!(fleet.agent("dev-default").observed.phase, Phase::Running);
}

#[test]
fn an_empty_volume_under_the_same_name_is_no_substitute() {
    let Some(mut fleet) = bereft() else { return };
    // What docker itself makes in silence when a container names a volume that is not there.
    engine::docker_ok(&["volume", "create", &fleet.volume("dev-default")]);
    fleet.start();
    fleet.eventually("the loss is a condition", SOON, || {
        fleet.condition("dev-default", ConditionType::StateLost)
    });
    assert_eq!(fleet.inspect("dev-default"), None);
    // Accepted, it is what the agent starts with from here on.
    let empty = fleet.inspect_volume("dev-default");
    fleet.cli_ok(&["agents", "recover", "dev-default", "--accept-state-loss"]);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.inspect_volume("dev-default"), empty);
    fleet.restart();
    assert_eq!(fleet.agent("dev-default").observed.phase, Phase::Running);
    assert!(fleet.condition("dev-default", ConditionType::StateLost).is_none());
}

#[test]
fn a_volume_that_is_brought_back_ends_the_loss() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    assert!(fleet.sigterm().success());
    let volume = fleet.inspect_volume("dev-default").expect("it has a volume");
    bereave(&fleet);
    fleet.start();
    fleet.eventually("the loss is a condition", SOON, || {
        fleet.condition("dev-default", ConditionType::StateLost)
    });
    // As a restore from a backup does: the same name and the same labels.
    let labels = volume["Labels"].as_object().expect("it has labels");
    let labels: Vec<String> = labels
        .iter()
        .flat_map(|(key, value)| ["--label".into(), format!("{key}={}", value.as_str().unwrap_or_default())])
        .collect();
    let name = fleet.volume("dev-default");
    let words = ["volume", "create"].into_iter().chain(labels.iter().map(String::as_str));
    engine::docker_ok(&words.chain([name.as_str()]).collect::<Vec<_>>());
    assert_eq!(fleet.act("dev-default", "start").outcome, Outcome::Created);
    assert_eq!(fleet.status("dev-default"), "running");
    assert!(fleet.condition("dev-default", ConditionType::StateLost).is_none());
    let told = fleet.stored().into_iter().filter(|event| event.kind == EventKind::StateLost).count();
    assert_eq!(told, 1);
}

#[test]
fn a_volume_that_is_lost_while_the_daemon_watches_is_a_loss_too() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.start();
    let stream = fleet.stream("");
    // Held still, so that both are gone before it looks: otherwise the volume would be in use again.
    fleet.signal(Signal::STOP);
    bereave(&fleet);
    fleet.signal(Signal::CONT);
    let missing = stream.wait_for(EventKind::ContainerMissing, "dev-default", SOON);
    stream.wait_after(missing.seq, EventKind::StateLost, "dev-default", SOON);
    let_pass(Duration::from_secs(2));
    assert_eq!((fleet.inspect("dev-default"), fleet.inspect_volume("dev-default")), (None, None));
}
