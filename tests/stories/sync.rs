//! `reconcile_all` and `agents-sync`: what is done is said, and a second time there is nothing to do.

use std::time::Duration;

use claude_hooks_actors::model::{Outcome, Plan, ReconcileReport};
use serde_json::{Value, json};

use crate::harness::{Fault, Fleet, On, SOON, engine, hot, lazy, let_pass, stderr, stdout};
use crate::rows::insert_row;

#[track_caller]
fn reconcile(fleet: &Fleet) -> ReconcileReport {
    fleet.post("/api/v1/reconcile", &json!({})).expect(200).json()
}

fn names(bucket: &[claude_hooks_actors::model::InstanceName]) -> Vec<&str> {
    bucket.iter().map(AsRef::as_ref).collect()
}

#[test]
fn a_second_sync_changes_nothing_alone_and_through_the_daemon() {
    let Some(mut fleet) = Fleet::new([hot("dev"), lazy("reviewer")]) else { return };
    let first = fleet.cli_ok(&["agents-sync"]);
    let lines = |created: &str, unchanged: &str| {
        [
            &format!("[agents-sync] created: {created}"),
            "[agents-sync] started: -",
            "[agents-sync] recreated: -",
            "[agents-sync] removed: -",
            &format!("[agents-sync] unchanged: {unchanged}"),
            "[agents-sync] failed: -",
        ]
        .join("\n")
    };
    let both = "dev-default, reviewer-default";
    assert_eq!(first.trim_end(), lines(both, "-"));
    assert_eq!(
        (fleet.status("dev-default"), fleet.status("reviewer-default")),
        ("running".into(), "created".into())
    );
    let ids = (fleet.id("dev-default"), fleet.id("reviewer-default"));

    assert_eq!(fleet.cli_ok(&["agents-sync"]).trim_end(), lines("-", both), "alone");
    fleet.start();
    fleet.eventually("the daemon says the same at boot", SOON, || {
        lines("-", both).lines().all(|line| fleet.log().contains(line)).then_some(())
    });
    assert_eq!(fleet.cli_ok(&["agents-sync"]).trim_end(), lines("-", both), "through the daemon");
    let json: Value = serde_json::from_str(&fleet.cli_ok(&["agents-sync", "--json"])).expect("it is JSON");
    assert_eq!(json["unchanged"], json!(["dev-default", "reviewer-default"]), "{json}");
    assert_eq!((fleet.id("dev-default"), fleet.id("reviewer-default")), ids);
}

#[test]
fn every_bucket_is_filled_by_what_it_says() {
    let Some(mut fleet) = Fleet::new([hot("dev"), lazy("reviewer")]) else { return };
    fleet.with_faults();
    fleet.start();
    for name in ["to-recreate", "to-remove", "to-start", "to-keep"] {
        fleet.create(name, "dev");
    }
    assert!(fleet.sigterm().success());
    let db = fleet.db();
    insert_row(&db, "to-create", "reviewer");
    insert_row(&db, "to-fail", "reviewer");
    db.execute("UPDATE agents SET image = 'cht-absent:1' WHERE name = 'to-fail'", []).expect("by hand");
    db.execute("UPDATE agents SET env = '{\"A\": \"1\"}' WHERE name = 'to-recreate'", []).expect("by hand");
    db.execute("DELETE FROM agents WHERE name = 'to-remove'", []).expect("by hand");
    drop(db);
    engine::docker_ok(&["stop", "-t", "1", &fleet.container("to-start")]);
    // Longer than the restart policy has the first go.
    let_pass(Duration::from_secs(6));

    let output = fleet.cli(&["agents-sync", "--json"]);
    assert_eq!(output.status.code(), Some(1), "a failure is a failure: {}", stderr(&output));
    let report: ReconcileReport = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(names(&report.created), ["to-create"]);
    assert_eq!(names(&report.started), ["to-start"]);
    assert_eq!(names(&report.recreated), ["to-recreate"]);
    assert_eq!(names(&report.removed), ["to-remove"]);
    assert_eq!(names(&report.failed), ["to-fail"]);
    assert_eq!(names(&report.unchanged), ["dev-default", "reviewer-default", "to-keep"]);
    let reason = report.reasons.values().next().expect("the failure has a reason");
    assert!(reason.contains("cht-absent:1"), "{reason}");
}

#[test]
fn a_dry_run_calls_nothing_that_changes() {
    let Some(mut fleet) = Fleet::new([hot("dev"), lazy("reviewer")]) else { return };
    fleet.with_faults();
    let alone = fleet.cli_ok(&["agents-sync", "--dry-run"]);
    assert!(alone.contains("dev-default"), "{alone}");
    assert_eq!(fleet.faults().changes().len(), 0, "{:?}", fleet.faults().changes());
    assert_eq!(fleet.containers(), Vec::<String>::new());
    assert!(!fleet.data().exists(), "nor is a data directory made");

    fleet.without_docker_events(3600);
    fleet.start();
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    fleet.faults().reset();
    let through = fleet.cli_ok(&["agents-sync", "--dry-run"]);
    assert!(through.contains("dev-default"), "{through}");
    let plan: Value = fleet.get("/api/v1/plan").expect(200).json();
    let plan: Plan =
        serde_json::from_value(json!({ "items": plan["items"] })).expect("a plan is a list of items");
    let item = plan.items.iter().find(|item| item.instance.as_ref() == "dev-default").expect("it is planned");
    assert_ne!(item.outcome, Outcome::Unchanged, "{item:?}");
    assert_eq!(fleet.faults().changes().len(), 0, "{:?}", fleet.faults().changes());
    assert_eq!(fleet.inspect("dev-default"), None);
}

#[test]
fn an_unknown_name_is_unchanged_without_a_docker_call() {
    let Some(mut fleet) = Fleet::new([lazy("reviewer")]) else { return };
    fleet.with_faults();
    fleet.without_docker_events(3600);
    fleet.start();
    fleet.faults().reset();
    let reply: Value = fleet.post("/api/v1/reconcile", &json!({ "instance": "nobody" })).expect(200).json();
    assert_eq!(reply["outcome"], "unchanged", "{reply}");
    assert_eq!(fleet.faults().calls().len(), 0, "{:?}", fleet.faults().calls());
}

#[test]
fn a_hundred_with_nothing_to_do_cost_two_docker_processes() {
    let Some(mut fleet) = Fleet::new([lazy("dev")]) else { return };
    fleet.with_faults();
    fleet.without_docker_events(3600);
    fleet.start();
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": 100 })).expect(200);
    assert_eq!(fleet.containers().len(), 100);
    fleet.faults().reset();
    let report = reconcile(&fleet);
    assert_eq!(report.unchanged.len(), 100, "{report:?}");
    let calls = fleet.faults().calls();
    assert!(calls.len() <= 2, "{calls:?}");

    assert!(fleet.sigterm().success());
    fleet.faults().reset();
    let alone: Value = serde_json::from_str(&fleet.cli_ok(&["agents-sync", "--json"])).expect("it is JSON");
    assert_eq!(alone["unchanged"].as_array().map(Vec::len), Some(100), "{alone}");
    let calls = fleet.faults().calls();
    assert!(calls.len() <= 2, "alone: {calls:?}");
}

#[test]
fn what_fails_for_one_is_done_for_the_others() {
    let Some(mut fleet) = Fleet::new([lazy("dev")]) else { return };
    fleet.with_faults();
    fleet.start();
    fleet.faults().reset();
    // Whichever comes first.
    fleet.faults().set(&[(On::Change(1), Fault::Fail("Error response from daemon: out of luck"))]);
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": 4 })).expect(200);
    assert!(fleet.containers().len() >= 3, "{:?}", fleet.containers());
    fleet.faults().clear();
    fleet.eventually("the unlucky one follows", Duration::from_mins(1), || {
        (fleet.containers().len() == 4).then_some(())
    });
}
