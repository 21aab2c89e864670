use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::*;
use crate::unprivileged::{as_nobody, is_nobody};

fn data_dir() -> (TempDir, DataDir) {
    let temp = TempDir::new().expect("a temporary directory");
    let dir = DataDir::open(temp.path()).expect("it is ours");
    (temp, dir)
}

/// A closed database of ours, all of it in the main file.
async fn closed() -> (TempDir, DataDir) {
    let fixture = Fixture::new();
    for n in 0..200 {
        fixture.insert(&format!("a-{n}")).await;
    }
    let Fixture { store, dir, temp } = fixture;
    drop(store);
    let connection = by_hand(&dir.paths().database());
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpointed");
    drop(connection);
    (temp, dir)
}

fn refused(dir: &DataDir) -> OpenError {
    let before = fs::read(dir.paths().database()).ok();
    let error = SqliteStore::open(dir).expect_err("it must be refused");
    assert_eq!(fs::read(dir.paths().database()).ok(), before, "a refused file stays as it is: {error}");
    error
}

#[test]
fn a_new_database_is_private_and_durable_and_says_whose_it_is() {
    let fixture = Fixture::new();
    let path = fixture.dir.paths().database();
    assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o7777, 0o600);
    let writer = fixture.store.shared.pools.writer().expect("free");
    let reader = fixture.store.shared.pools.reader().expect("free");
    for (connection, query_only) in [(&writer, 0), (&reader, 1)] {
        let ask = |pragma: &str| {
            connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).expect("an answer")
        };
        assert_eq!(ask("application_id"), open::APPLICATION_ID);
        assert_eq!(ask("user_version"), i64::try_from(STEPS.len()).expect("few"));
        assert_eq!(ask("synchronous"), 2, "FULL");
        assert_eq!(ask("foreign_keys"), 1);
        assert_eq!(ask("busy_timeout"), 5000);
        assert_eq!(ask("query_only"), query_only);
        let mode: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("an answer");
        assert_eq!(mode, "wal");
    }
    assert!(reader.execute("DELETE FROM agents", []).is_err());
}

#[tokio::test]
async fn rows_and_identity_outlive_the_daemon() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let before = fixture.store.identity().await.expect("readable");
    let fixture = fixture.restart();
    assert_eq!(fixture.names().await, [name("a")]);
    assert_eq!(fixture.store.identity().await.expect("readable"), before);
    let other = Fixture::new();
    assert_ne!(other.store.identity().await.expect("readable").fleet, before.fleet);
}

#[tokio::test]
async fn an_acknowledged_row_is_there_after_the_daemon_was_killed() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    // What a killed process leaves behind: the main file without the row, and the log with it.
    let (_temp, after) = data_dir();
    for file in ["agents.db", "agents.db-wal"] {
        fs::copy(fixture.dir.paths().dir().join(file), after.paths().dir().join(file)).expect("copied");
    }
    let store = SqliteStore::open(&after).expect("the log is played back");
    assert_eq!(store.agents().await.expect("readable"), fixture.store.agents().await.expect("readable"));
}

#[test]
fn every_refusal_says_what_to_do() {
    let path = || std::path::PathBuf::from("/d/agents.db");
    let backup = || std::path::PathBuf::from("/d/backups/agents-v1.db");
    let corrupt = |backup| OpenError::Corrupt { path: path(), detail: "page 3 is bad".into(), backup };
    let refusals = [
        OpenError::NewerSchema { path: path(), found: 9, known: 1 },
        corrupt(None),
        corrupt(Some(backup())),
        OpenError::NotOurs { path: path(), detail: "its application_id is 0x7".into() },
        OpenError::ReadOnly { path: path(), user: 998 },
        OpenError::NotAFile { path: path() },
        OpenError::Busy { path: path() },
        OpenError::NoSpace { path: path() },
        OpenError::Backup { path: backup(), detail: "disk full".into() },
        OpenError::Migration { path: path(), from: 1, detail: "no such table".into(), backup: backup() },
        OpenError::Io { what: "open", path: path(), source: "too many open files".into() },
    ];
    let said: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn an_empty_file_is_a_new_database() {
    let (_temp, dir) = data_dir();
    fs::write(dir.paths().database(), "").expect("written");
    SqliteStore::open(&dir).expect("it becomes one");
}

#[test]
fn an_empty_sqlite_database_is_a_new_one() {
    let (_temp, dir) = data_dir();
    let connection = by_hand(&dir.paths().database());
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).expect("switched");
    drop(connection);
    SqliteStore::open(&dir).expect("it becomes one");
}

#[test]
fn garbage_is_refused_and_left_alone() {
    for content in [&b"not a database"[..], &[0; 8192], &[0xff; 3], &b"x".repeat(100_000)] {
        let (_temp, dir) = data_dir();
        fs::write(dir.paths().database(), content).expect("written");
        let error = refused(&dir);
        assert!(matches!(&error, OpenError::Corrupt { backup: None, .. }), "{error}");
        assert_eq!(listing(dir.paths().dir()), ["agents.db", "lock"]);
    }
}

#[tokio::test]
async fn a_truncated_database_is_refused() {
    let (_temp, dir) = closed().await;
    let path = dir.paths().database();
    let whole = fs::read(&path).expect("readable");
    for length in [50, 4096, whole.len() / 2, whole.len() - 4096] {
        fs::write(&path, &whole[..length]).expect("written");
        let error = refused(&dir);
        assert!(matches!(&error, OpenError::Corrupt { .. }), "{length} bytes: {error}");
    }
}

#[tokio::test]
async fn an_overwritten_page_is_found_and_the_newest_backup_is_named() {
    let (_temp, dir) = closed().await;
    let backups = dir.paths().backups();
    fs::create_dir(&backups).expect("made");
    for (file, minutes) in [("agents-v1-old.db", 10), ("agents-v1-new.db", 0), ("notes.txt", 0)] {
        let file = fs::File::create(backups.join(file)).expect("made");
        let age = std::time::Duration::from_mins(minutes);
        file.set_modified(std::time::SystemTime::now() - age).expect("ours to change");
    }
    let path = dir.paths().database();
    let mut content = fs::read(&path).expect("readable");
    content[4096..].fill(0xa5);
    fs::write(&path, content).expect("written");
    let error = refused(&dir);
    let newest = backups.join("agents-v1-new.db");
    match &error {
        OpenError::Corrupt { backup: Some(backup), .. } => assert_eq!(*backup, newest),
        other => panic!("{other}"),
    }
    assert!(error.to_string().contains(&format!("restore {}", newest.display())), "{error}");
}

#[tokio::test]
async fn a_missing_table_is_damage() {
    let (_temp, dir) = closed().await;
    by_hand(&dir.paths().database()).execute_batch("DROP TABLE tombstones").expect("dropped");
    let error = SqliteStore::open(&dir).expect_err("it is not whole");
    assert!(error.to_string().contains("the table tombstones is missing"), "{error}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_both_versions() {
    let (_temp, dir) = closed().await;
    by_hand(&dir.paths().database()).execute_batch("PRAGMA user_version = 99").expect("set");
    let error = SqliteStore::open(&dir).expect_err("it is newer");
    assert!(
        matches!(error, OpenError::NewerSchema { found: 99, known, .. } if known == STEPS.len()),
        "{error}"
    );
    let error = SqliteStore::inspect(dir.paths()).expect_err("it is newer");
    assert!(matches!(error, OpenError::NewerSchema { found: 99, .. }), "{error}");
}

#[test]
fn the_database_of_another_program_is_refused_and_nothing_is_made_beside_it() {
    let foreign = [
        "PRAGMA application_id = 7; CREATE TABLE agents (name TEXT);",
        "CREATE TABLE bookmarks (url TEXT);",
        "PRAGMA user_version = 1;",
        "PRAGMA journal_mode = WAL; CREATE TABLE bookmarks (url TEXT);",
    ];
    for sql in foreign {
        let (_temp, dir) = data_dir();
        by_hand(&dir.paths().database()).execute_batch(sql).expect("made");
        let error = refused(&dir);
        assert!(matches!(&error, OpenError::NotOurs { .. }), "{sql}: {error}");
        assert_eq!(listing(dir.paths().dir()), ["agents.db", "lock"], "{sql}");
    }
}

#[test]
fn a_directory_in_the_place_of_the_database_is_refused() {
    let (_temp, dir) = data_dir();
    fs::create_dir(dir.paths().database()).expect("made");
    let error = SqliteStore::open(&dir).expect_err("it is no file");
    assert!(matches!(error, OpenError::NotAFile { .. }), "{error}");
}

#[test]
fn a_database_that_may_not_be_written_is_refused_with_the_command_that_mends_it() {
    // Permission bits do not bind root, so root runs this test as nobody.
    if !is_nobody() {
        return as_nobody(
            "store::tests::opening::a_database_that_may_not_be_written_is_refused_with_the_command_that_mends_it",
        );
    }
    let (_temp, dir) = data_dir();
    drop(SqliteStore::open(&dir).expect("a new database"));
    for mode in [0o400, 0o200, 0] {
        fs::set_permissions(dir.paths().database(), fs::Permissions::from_mode(mode))
            .expect("ours to change");
        let error = SqliteStore::open(&dir).expect_err("it cannot be used");
        assert!(matches!(&error, OpenError::ReadOnly { user: 65534, .. }), "{error}");
        let command = format!("chmod 600 {}", dir.paths().database().display());
        assert!(error.to_string().contains(&command), "{error}");
    }
}

#[test]
fn a_mode_that_lets_others_read_is_narrowed() {
    let fixture = Fixture::new();
    let path = fixture.dir.paths().database();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("ours to change");
    let _fixture = fixture.restart();
    assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o7777, 0o600);
}

#[tokio::test]
async fn a_dry_run_works_on_a_copy_and_leaves_no_trace() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let fleet = fixture.store.identity().await.expect("readable").fleet;
    let before = listing(fixture.dir.paths().dir());
    let copy = SqliteStore::open_copy(fixture.dir.paths()).expect("copied");
    assert_eq!(copy.identity().await.expect("readable").fleet, fleet);
    copy.insert_agents(&[new("b")]).await.expect("the copy takes it");
    assert_eq!(
        fixture.names().await,
        [name("a")],
        "a row still in the log is in the copy, a new one not here"
    );
    assert_eq!(copy.agents().await.expect("readable").len(), 2);
    let home = copy.shared.path.parent().expect("it has a directory").to_owned();
    drop(copy);
    assert!(!home.exists());
    assert_eq!(listing(fixture.dir.paths().dir()), before);
}

#[tokio::test]
async fn a_dry_run_without_a_database_makes_none() {
    let (_temp, dir) = data_dir();
    let copy = SqliteStore::open_copy(dir.paths()).expect("an empty one elsewhere");
    assert!(copy.agents().await.expect("readable").is_empty());
    assert_eq!(SqliteStore::inspect(dir.paths()).expect("nothing is wrong"), None);
    assert_eq!(listing(dir.paths().dir()), ["lock"]);
}

#[tokio::test]
async fn an_inspection_beside_the_daemon_sees_what_is_there() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let fleet = fixture.store.identity().await.expect("readable").fleet;
    let found = SqliteStore::inspect(fixture.dir.paths()).expect("nothing is wrong");
    let schema = STEPS.len();
    assert_eq!(found, Some(Inspection { schema, known_schema: schema, fleet, agents: 1 }));
}
