//! The way back: a copy of the database, taken while the daemon runs, and put in its place later.

use std::fs;
use std::path::Path;

use claude_hooks_actors::model::{ConditionType, Phase};
use serde_json::Value;

use crate::foreign::fingerprint;
use crate::harness::{Fleet, SOON, hot, stderr};

fn backed_up(fleet: &Fleet) -> String {
    let to = fleet.path("fleet.backup").to_string_lossy().into_owned();
    let said: Value = serde_json::from_str(&fleet.cli_ok(&["backup", &to, "--json"])).expect("JSON");
    assert_eq!(said["file"], to.as_str());
    assert_eq!(said["contents"]["agents"], fleet.agents().len());
    to
}

fn report(fleet: &Fleet, args: &[&str]) -> Value {
    serde_json::from_str(&fleet.cli_ok(&[&["restore", "--json"], args].concat())).expect("--json prints JSON")
}

#[test]
fn a_restore_brings_the_rows_back_and_leaves_what_still_fits_running() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.create("gone", "dev");
    let volume = fleet.inspect_volume("gone");
    let (kept, backup) = (fleet.container("dev-default"), backed_up(&fleet));
    let before = fingerprint(&kept);
    fleet.delete("gone").expect(200);
    fleet.create("new", "dev");

    // Beside the daemon it can be looked at, and not done.
    let looked = report(&fleet, &[&backup, "--dry-run"]);
    assert_eq!(looked["rows"]["added"], serde_json::json!(["gone"]), "{looked}");
    assert_eq!(looked["rows"]["removed"], serde_json::json!(["new"]), "{looked}");
    assert_eq!((&looked["fleet"], &looked["restored"]), (&"same".into(), &false.into()), "{looked}");
    let action = |name: &str| {
        let plan = looked["containers"]["plan"].as_array().expect("docker answers");
        let item = plan.iter().find(|item| item["instance"] == name).expect("it is in the plan");
        item["action"].as_str().expect("a word").to_owned()
    };
    assert_eq!((action("gone"), action("dev-default")), ("create".into(), "none".into()), "{looked}");
    assert_eq!(action("new"), "remove", "{looked}");
    let refused = fleet.cli(&["restore", &backup, "--yes"]);
    assert_eq!(refused.status.code(), Some(75), "{}", stderr(&refused));
    fleet.get("/api/v1/agents/gone").expect(404);

    assert!(fleet.sigterm().success());
    let unasked = fleet.cli(&["restore", &backup]);
    assert!(!unasked.status.success() && stderr(&unasked).contains("nothing was changed"));
    let done = report(&fleet, &[&backup, "--yes"]);
    let replaced = Path::new(done["kept"].as_str().expect("there was a database")).to_owned();
    assert!(replaced.starts_with(fleet.data().join("backups")) && replaced.is_file(), "{done}");
    fleet.start();
    fleet.wait_phase("gone", Phase::Running, SOON);
    assert_eq!(fleet.inspect_volume("gone"), volume, "on the state that it had");
    assert_eq!(fingerprint(&kept), before, "nothing was done to what is the same in both");
    fleet.eventually("the container without a row is removed", SOON, || {
        fleet.inspect("new").is_none().then_some(())
    });
    assert!(fleet.inspect_volume("new").is_some(), "its state stays");
}

#[test]
fn a_backup_of_another_fleet_takes_more_than_a_yes_and_touches_no_container() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    let backup = backed_up(&fleet);
    assert!(fleet.sigterm().success());
    // The same host, another fleet: its containers are what stands there now.
    fs::rename(fleet.data(), fleet.path("first")).expect("both are ours");
    fleet.start();
    fleet.create("second", "dev");
    let second = fleet.container("second");
    let before = fingerprint(&second);
    assert!(fleet.sigterm().success());
    let refused = fleet.cli(&["restore", &backup, "--yes"]);
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("--force"), "{}", stderr(&refused));

    let said = fleet.cli_ok(&["restore", &backup, "--yes", "--force"]);
    assert!(said.contains("ANOTHER FLEET"), "{said}");
    fleet.start();
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.condition("dev-default", ConditionType::NameConflict), None, "it is its own again");
    assert_eq!(fingerprint(&second), before, "a stranger now, which runs on");
}
