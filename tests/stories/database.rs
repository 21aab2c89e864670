//! The database decides what is ours: however it is lost, emptied or swapped, that costs no container.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind};
use serde_json::{Value, json};

use crate::foreign::fingerprint;
use crate::harness::{Fleet, SOON, hot, let_pass};
use crate::rows::delete_all_rows;

/// The same of every container under the fleet's prefix.
fn all(fleet: &Fleet) -> Vec<Vec<Value>> {
    fleet.containers().iter().map(|name| fingerprint(name)).collect()
}

#[test]
fn a_table_that_is_emptied_removes_no_container() {
    let Some(mut fleet) = Fleet::new([hot("dev"), hot("boss")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    let (before, stream) = (all(&fleet), fleet.stream(""));
    delete_all_rows(&fleet.db());
    stream.wait_for(EventKind::DatabaseSuspect, "", SOON);
    let_pass(Duration::from_secs(3));
    assert_eq!((all(&fleet), before.len()), (before.clone(), 2));
    // Nor at the next start.
    fleet.kill9();
    fleet.start_unready();
    fleet.eventually("the API answers", SOON, || fleet.try_get("/healthz").ok().filter(|r| r.status == 200));
    let_pass(Duration::from_secs(4));
    assert_eq!(all(&fleet), before);
}

#[test]
fn the_last_agent_can_be_deleted_through_the_api_all_the_same() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    fleet.delete("dev-default").expect(200);
    assert_eq!(fleet.inspect("dev-default"), None);
    let_pass(Duration::from_secs(2));
    let suspect = fleet.stored().into_iter().filter(|event| event.kind == EventKind::DatabaseSuspect).count();
    assert_eq!(suspect, 0);
    assert_eq!(fleet.agents().len(), 0, "an empty fleet is not seeded again");
}

/// Lays another fleet's database, made by the same program, beside the data of a stopped fleet.
fn other_fleets_data(fleet: &mut Fleet) -> PathBuf {
    let (kept, other) = (fleet.path("kept"), fleet.path("other"));
    fs::rename(fleet.data(), &kept).expect("both are ours");
    fleet.start();
    assert!(fleet.sigterm().success());
    fs::rename(fleet.data(), &other).expect("both are ours");
    fs::rename(&kept, fleet.data()).expect("both are ours");
    other
}

/// Does something to the database of a running daemon, which must notice and touch nothing from then on, not even when
/// it is told to.
fn suspects(spoil: impl FnOnce(&Fleet, &Path)) {
    let Some(mut fleet) = Fleet::new([hot("dev"), hot("boss")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    assert!(fleet.sigterm().success());
    let other = other_fleets_data(&mut fleet);
    fleet.start();
    let (before, stream) = (all(&fleet), fleet.stream(""));
    assert_eq!(before.len(), 2);
    spoil(&fleet, &other);
    let said = fleet.eventually("the fleet is suspended", SOON, || {
        Some(fleet.get("/readyz")).filter(|ready| ready.status == 503)
    });
    assert!(said.body.contains("agents.db"), "it names the file: {}", said.body);
    fleet.post("/api/v1/reconcile", &json!({}));
    fleet.post("/api/v1/agents/dev-default/recreate", &json!({}));
    fleet.delete("boss-default");
    let refused = fleet.post("/api/v1/agents", &json!({ "name": "lost", "type": "dev" }));
    assert!(refused.status >= 400, "a row that nobody will find again is not acknowledged: {refused:?}");
    refused.problem();
    let_pass(Duration::from_secs(3));
    assert_eq!(all(&fleet), before);
    assert!(stream.count(EventKind::DatabaseSuspect, "") <= 1, "{:?}", stream.events());
    assert_eq!(stream.count(EventKind::ContainerRemoved, ""), 0);
}

#[test]
fn a_database_that_is_swapped_under_the_daemon_removes_no_container() {
    suspects(|fleet, other| {
        fs::rename(other.join("agents.db"), fleet.data().join("agents.db")).expect("both are ours");
    });
}

#[test]
fn a_database_that_is_deleted_under_the_daemon_removes_no_container() {
    suspects(|fleet, _| {
        for name in ["agents.db", "agents.db-wal", "agents.db-shm"] {
            let _ = fs::remove_file(fleet.data().join(name));
        }
    });
}

#[test]
fn a_database_that_is_emptied_under_the_daemon_removes_no_container() {
    suspects(|fleet, _| {
        File::create(fleet.data().join("agents.db")).expect("it is ours");
    });
}

#[test]
fn a_database_that_is_overwritten_under_the_daemon_removes_no_container() {
    suspects(|fleet, other| {
        fs::copy(other.join("agents.db"), fleet.data().join("agents.db")).expect("both are ours");
    });
}

/// Does something to the database of a stopped daemon; the next one finds a fleet that is not its own.
fn finds_strangers(spoil: impl FnOnce(&Fleet, &Path)) {
    let Some(mut fleet) = Fleet::new([hot("dev"), hot("boss")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    let before = all(&fleet);
    assert_eq!(before.len(), 2);
    assert!(fleet.sigterm().success());
    let other = other_fleets_data(&mut fleet);
    spoil(&fleet, &other);
    fleet.start();
    for name in ["dev-default", "boss-default"] {
        fleet.eventually("the conflict is a condition", SOON, || {
            fleet.condition(name, ConditionType::NameConflict)
        });
    }
    fleet.post("/api/v1/reconcile", &json!({})).expect(200);
    fleet.post("/api/v1/agents/dev-default/recreate", &json!({}));
    fleet.delete("boss-default").expect(200);
    let_pass(Duration::from_secs(2));
    assert_eq!(all(&fleet), before);
}

#[test]
fn a_deleted_database_removes_no_container() {
    finds_strangers(|fleet, _| fs::remove_dir_all(fleet.data()).expect("the data is ours"));
}

#[test]
fn a_database_that_was_swapped_meanwhile_removes_no_container() {
    finds_strangers(|fleet, other| {
        fs::remove_dir_all(fleet.data()).expect("the data is ours");
        fs::rename(other, fleet.data()).expect("both are ours");
    });
}

#[test]
fn a_database_file_that_was_emptied_meanwhile_removes_no_container() {
    finds_strangers(|fleet, _| {
        File::create(fleet.data().join("agents.db")).expect("it is ours");
    });
}
