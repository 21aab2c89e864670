//! What is not ours is never touched, whatever its name.

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind, Outcome, Phase, ReconcileReport, labels};
use serde_json::{Value, json};

use crate::harness::{Fleet, SOON, engine, hot, let_pass};

/// What must not change about a container that is not ours.
pub(crate) fn fingerprint(name: &str) -> Vec<Value> {
    let seen: Vec<Value> =
        serde_json::from_str(&engine::docker_ok(&["inspect", "--type", "container", name]))
            .expect("docker inspect prints JSON");
    seen.into_iter()
        .map(|c| json!([c["Id"], c["Name"], c["State"]["StartedAt"], c["State"]["Status"]]))
        .collect()
}

/// Runs a container past the daemon, as an operator did before there was one.
fn by_hand(fleet: &Fleet, name: &str, further: &[&str]) -> String {
    let container = fleet.container(name);
    let mut args = vec!["run", "-d", "--network", "none", "--name", &container];
    args.extend_from_slice(further);
    args.extend_from_slice(&[engine::image(), "run"]);
    engine::docker_ok(&args);
    container
}

#[test]
fn a_container_with_our_name_is_reported_and_left_alone_until_it_is_adopted() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.without_docker_events(1);
    let volume = format!("type=volume,source={},target=/state", fleet.volume("dev-default"));
    let container = by_hand(&fleet, "dev-default", &["--mount", &volume]);
    engine::docker_ok(&["exec", &container, "/agent", "write", "/state/note", "from before"]);
    let before = fingerprint(&container);

    fleet.start();
    fleet.eventually("the conflict is a condition", SOON, || {
        fleet.condition("dev-default", ConditionType::NameConflict)
    });
    let stream = fleet.stream("?after=0");
    stream.wait_for(EventKind::NameConflict, "dev-default", SOON);
    fleet.post("/api/v1/reconcile", &json!({})).expect(200);
    fleet.post("/api/v1/agents/dev-default/start", &json!({}));
    fleet.post("/api/v1/agents/dev-default/recreate", &json!({}));
    let_pass(Duration::from_secs(3));
    assert_eq!(fingerprint(&container), before);
    let told = fleet.stored().into_iter().filter(|event| event.kind == EventKind::NameConflict).count();
    assert_eq!(told, 1, "one event, not one a round");

    fleet.cli_ok(&["adopt", "dev-default"]);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    let seen = fleet.inspect("dev-default").expect("it has a container");
    assert_ne!(seen["Id"], before[0][0], "labels cannot be changed, so it is another container");
    assert_eq!(seen["Config"]["Labels"][labels::INSTANCE], "dev-default");
    assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "from before");
    assert!(fleet.condition("dev-default", ConditionType::NameConflict).is_none());
    assert_eq!(fleet.containers(), [container]);
}

#[test]
fn strangers_with_our_prefix_and_other_fleets_are_left_alone() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.without_docker_events(1);
    let other = format!("{}=0b7a7b2e-6f1c-4c58-8f53-5b1d3a3c9e11", labels::FLEET);
    let instance = format!("{}=dev-default", labels::INSTANCE);
    let stranger = by_hand(&fleet, "stranger", &[]);
    let theirs = by_hand(&fleet, "dev-default", &["--label", &other, "--label", &instance]);
    let orphan = by_hand(&fleet, "other-fleets-orphan", &["--label", &other]);
    let before: Vec<_> = [&stranger, &theirs, &orphan].map(|name| fingerprint(name)).to_vec();

    fleet.start();
    fleet.eventually("the conflict is a condition", SOON, || {
        fleet.condition("dev-default", ConditionType::NameConflict)
    });
    let report: ReconcileReport = fleet.post("/api/v1/reconcile", &json!({})).expect(200).json();
    assert!(!report.contains(&"stranger".parse().expect("it is a name")), "{report:?}");
    fleet.cli(&["agents-sync"]);
    // All three are told, each once, and the plan says that they are left alone.
    let told = fleet.stored().into_iter().filter(|event| event.kind == EventKind::NameConflict);
    let mut told: Vec<String> = told.map(|event| event.instance.expect("one is meant").to_string()).collect();
    told.sort();
    assert_eq!(told, ["dev-default", "other-fleets-orphan", "stranger"]);
    let plan: Value = fleet.get("/api/v1/plan").expect(200).json();
    let actions: Vec<(&str, &str)> = plan["items"]
        .as_array()
        .expect("a plan is a list of items")
        .iter()
        .map(|item| {
            (item["instance"].as_str().unwrap_or_default(), item["action"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(actions, [("dev-default", "none"), ("other-fleets-orphan", "none"), ("stranger", "none")]);
    // A row that goes takes no container with it that was not its own.
    fleet.delete("dev-default").expect(200);
    let_pass(Duration::from_secs(3));
    let after: Vec<_> = [&stranger, &theirs, &orphan].map(|name| fingerprint(name)).to_vec();
    assert_eq!(after, before);
}

#[test]
fn a_container_of_ours_without_a_row_is_removed_and_its_volume_kept() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.create("second", "dev");
    assert!(fleet.sigterm().success());
    fleet.db().execute("DELETE FROM agents WHERE name = 'second'", []).expect("a row can be deleted by hand");
    fleet.start();
    fleet.eventually("the orphan is gone", Duration::from_mins(1), || {
        fleet.inspect("second").is_none().then_some(())
    });
    assert!(fleet.inspect_volume("second").is_some());
    assert_eq!(fleet.status("dev-default"), "running");
}

#[test]
fn a_volume_of_somebody_else_is_not_used_until_it_has_made_way() {
    let other = format!("{}=0b7a7b2e-6f1c-4c58-8f53-5b1d3a3c9e11", labels::FLEET);
    for further in [&[][..], &["--label", &other]] {
        let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
        fleet.without_docker_events(1);
        let volume = fleet.volume("dev-default");
        engine::docker_ok(&[&["volume", "create"], further, &[&*volume]].concat());
        let before = fleet.inspect_volume("dev-default");
        fleet.start();
        let conflict = fleet.eventually("the conflict is a condition", SOON, || {
            fleet.condition("dev-default", ConditionType::NameConflict)
        });
        assert!(conflict.reason.contains(&volume), "{conflict:?}");
        let_pass(Duration::from_secs(2));
        fleet.post("/api/v1/agents/dev-default/start", &json!({}));
        assert_eq!((fleet.inspect("dev-default"), fleet.inspect_volume("dev-default")), (None, before));
        let told = fleet.stored().into_iter().filter(|event| event.kind == EventKind::NameConflict).count();
        assert_eq!(told, 1, "one event, not one a try");

        engine::docker_ok(&["volume", "rm", &volume]);
        assert_eq!(fleet.act("dev-default", "start").outcome, Outcome::Created);
        assert_eq!(fleet.status("dev-default"), "running");
        assert!(fleet.condition("dev-default", ConditionType::NameConflict).is_none());
    }
}
