//! One data directory, one daemon; and a data directory that cannot be trusted gets none.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use reqwest::Method;

use crate::harness::{Fleet, hot, lazy, stderr};

#[test]
fn a_second_daemon_on_the_same_data_is_refused_and_the_first_goes_on() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let (id, address) = (fleet.id("dev-default"), fleet.address());
    let refused = fleet.refused_start();
    assert_eq!(refused.status.code(), Some(75), "{}", stderr(&refused));
    let said = stderr(&refused);
    assert!(said.contains(&*fleet.data().to_string_lossy()), "it names the directory: {said}");
    fleet.get("/readyz").expect(200);
    assert_eq!((fleet.id("dev-default"), fleet.address()), (id, address));
    fleet.send(fleet.tcp(Method::GET, "/api/v1/agents")).expect(200);
    fleet.create("second", "dev");
    assert_eq!(fleet.status("second"), "running");
}

#[test]
fn the_lock_goes_with_the_daemon_however_it_ends() {
    let Some(mut fleet) = Fleet::started([lazy("reviewer")]) else { return };
    fleet.kill9();
    fleet.start();
}

/// Stops the fleet, spoils its database, and shows that a start is refused and touches no container.
fn refuses(spoil: impl Fn(&Fleet), word: &str) {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.with_faults();
    fleet.start();
    let id = fleet.id("dev-default");
    assert!(fleet.sigterm().success());
    spoil(&fleet);
    fleet.faults().reset();
    let refused = fleet.refused_start();
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    assert!(stderr(&refused).contains(word), "it says {word:?}: {}", stderr(&refused));
    assert_eq!(fleet.faults().changes().len(), 0, "{:?}", fleet.faults().changes());
    assert_eq!((fleet.id("dev-default"), fleet.status("dev-default")), (id, "running".to_owned()));
}

#[test]
fn a_schema_newer_than_the_program_is_refused() {
    let newer = |fleet: &Fleet| fleet.db().pragma_update(None, "user_version", 999).expect("it is ours");
    refuses(newer, "newer");
}

#[test]
fn a_database_of_garbage_is_refused_and_the_backup_named() {
    let garbage = |fleet: &Fleet| {
        for name in ["agents.db-wal", "agents.db-shm"] {
            let _ = fs::remove_file(fleet.data().join(name));
        }
        fs::write(fleet.data().join("agents.db"), vec![0x5a; 65_536]).expect("it is ours");
    };
    refuses(garbage, "backup");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let other = |fleet: &Fleet| fleet.db().pragma_update(None, "application_id", 42).expect("it is ours");
    refuses(other, "agents.db");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_refused() {
    let Some(mut fleet) = Fleet::new([lazy("reviewer")]) else { return };
    // For root no mode is in the way, so a file stands where the directory should be.
    let place = fleet.path("occupied");
    fs::write(&place, "not a directory").expect("the temporary directory is writable");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o400)).expect("the file is ours");
    fleet.set("data", "dir", place.to_string_lossy().into_owned());
    let refused = fleet.refused_start();
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    assert!(stderr(&refused).contains(&*place.to_string_lossy()), "{}", stderr(&refused));
    assert_eq!(fleet.containers(), Vec::<String>::new());
}
