//! Images from a registry on loopback: fetched where the type says so, and what is when there is none.

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, Phase};
use serde_json::{Value, json};

use crate::harness::engine::{docker, docker_ok, image};
use crate::harness::registry::Registry;
use crate::harness::{Fleet, SOON, hot};

/// Pulls and recreates on two busy cores.
const PATIENCE: Duration = Duration::from_secs(90);

/// Puts another image under the name into the registry, and takes it away here. Returns its id.
fn publish(fleet: &Fleet, reference: &str, label: &str) -> String {
    let base = format!("{}-base", fleet.prefix);
    docker_ok(&["create", "--name", &base, "--network", "none", image(), "run"]);
    let id = docker_ok(&["commit", "--change", &format!("LABEL v={label}"), &base, reference]);
    docker_ok(&["rm", &base]);
    docker_ok(&["push", reference]);
    docker_ok(&["rmi", reference]);
    id
}

fn events(fleet: &Fleet, kind: &str) -> Vec<Value> {
    let path = format!("/api/v1/events?kind={kind}&limit=100");
    let request = fleet.unix(reqwest::Method::GET, &path).header("Accept", "application/json");
    let page: Value = fleet.send(request).expect(200).json();
    page["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn missing_and_always_fetch_with_progress_and_without_a_registry_the_old_container_runs_on() {
    let Some(mut fleet) = Fleet::new([]) else { return };
    let Some(mut registry) = Registry::started() else { return };
    let reference = registry.reference(&format!("{}-agent:1", fleet.prefix));
    let first = publish(&fleet, &reference, "1");
    for (name, pull) in [("missing", "missing"), ("always", "always")] {
        fleet.declare(hot(name).container("image", reference.as_str()).container("pull", pull));
    }
    fleet.start();
    for name in ["missing-default", "always-default"] {
        let agent = fleet.wait_phase(name, Phase::Running, PATIENCE);
        assert_eq!(agent.observed.image_id.as_deref(), Some(first.as_str()), "{name}");
    }
    let pulled = events(&fleet, "image_pulled");
    assert!(!pulled.is_empty() && pulled[0]["data"]["image"] == json!(reference), "{pulled:?}");
    assert!(pulled.iter().any(|event| event["data"]["layers"].as_u64() >= Some(1)), "{pulled:?}");

    // Only who always fetches sees the newer one, when its container is replaced.
    docker_ok(&["tag", &first, &format!("{}-keep:1", fleet.prefix)]);
    let second = publish(&fleet, &reference, "2");
    docker_ok(&["tag", &first, &reference]);
    for (name, expected) in [("missing-default", &first), ("always-default", &second)] {
        fleet.post(&format!("/api/v1/agents/{name}/recreate"), &json!({})).expect(200);
        let agent = fleet.wait_phase(name, Phase::Running, PATIENCE);
        assert_eq!(agent.observed.image_id.as_ref(), Some(expected), "{name}");
    }

    registry.stop();
    let before = fleet.id("always-default");
    let refused: Value = fleet.post("/api/v1/agents/always-default/recreate", &json!({})).expect(200).json();
    assert_eq!(refused["outcome"], json!("failed"), "{refused}");
    assert_eq!((fleet.id("always-default"), fleet.status("always-default")), (before, "running".to_owned()));
    let failing = || {
        let conditions = fleet.agent("always-default").conditions;
        conditions.into_iter().find(|c| c.status && c.kind == ConditionType::EffectFailing)
    };
    let failing = fleet.eventually("the condition says why", SOON, failing);
    assert!(failing.reason.contains("127.0.0.1"), "docker's words: {}", failing.reason);
    assert!(!events(&fleet, "image_pull_failed").is_empty());

    // A rollout that would have to fetch first touches nobody.
    let rollout: Value = fleet
        .post("/api/v1/rollouts", &json!({ "type": "missing", "strategy": { "pull": true } }))
        .expect(201)
        .json();
    let path = format!("/api/v1/rollouts/{}", rollout["id"].as_str().expect("an id"));
    let failed = || {
        let now: Value = fleet.get(&path).expect(200).json();
        (now["state"] == "failed").then_some(now)
    };
    let failed = fleet.eventually("the rollout fails", PATIENCE, failed);
    assert!(failed["reason"].as_str().is_some_and(|reason| reason.contains("127.0.0.1")), "{failed}");
    assert_eq!(fleet.status("missing-default"), "running");
    drop(fleet);
    docker(&["rmi", "--force", &reference, &first, &second]);
}
