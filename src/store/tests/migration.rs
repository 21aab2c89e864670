use std::os::unix::fs::MetadataExt;

use claude_hooks_actors::model::{TaskId, TaskInput};
use claude_hooks_actors::ports::TaskStore;

use super::*;

/// What later versions might do.
const NEXT: &str = "ALTER TABLE tombstones ADD COLUMN why TEXT; DELETE FROM agents WHERE name = 'gone';";
const ONE_MORE: &str = "CREATE TABLE extra (x INTEGER) STRICT;";
const WRONG: &str = "CREATE TABLE half (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);";

/// Opens as a later version with more steps does.
fn open_with(dir: &DataDir, more: &[&str]) -> Result<SqliteStore, OpenError> {
    SqliteStore::open_at(dir.paths(), &[STEPS, more].concat(), None)
}

async fn older() -> (TempDir, DataDir) {
    let fixture = Fixture::new();
    fixture.insert("gone").await;
    fixture.insert("stays").await;
    let Fixture { store, dir, temp } = fixture;
    drop(store);
    (temp, dir)
}

/// The version of this program, and what follows it.
fn later(by: usize) -> i64 {
    i64::try_from(STEPS.len() + by).expect("few")
}

fn version(path: &Path) -> i64 {
    by_hand(path).pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number")
}

#[tokio::test]
async fn each_step_of_a_migration_is_preceded_by_a_copy_that_opens() {
    let (_temp, dir) = older().await;
    let store = open_with(&dir, &[NEXT, ONE_MORE]).expect("migrated");
    let agents = store.agents().await.expect("readable");
    assert_eq!(agents.iter().map(|agent| agent.name.as_ref()).collect::<Vec<_>>(), ["stays"]);
    assert_eq!(version(&dir.paths().database()), later(2));

    let backups = dir.paths().backups();
    assert_eq!(fs::metadata(&backups).expect("it is there").mode() & 0o7777, 0o700);
    let copies = listing(&backups);
    assert_eq!(copies.len(), 2, "{copies:?}");
    for (copy, from) in copies.iter().zip(later(0)..) {
        assert!(copy.starts_with(&format!("agents-v{from}-")), "{copies:?}");
        let path = backups.join(copy);
        assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o7777, 0o600);
        assert_eq!(version(&path), from);
    }
    let first = by_hand(&backups.join(&copies[0]));
    let count: i64 = first.query_row("SELECT count(*) FROM agents", [], |row| row.get(0)).expect("a number");
    assert_eq!(count, 2, "what the step deleted is in the copy");
    drop(store);
    open_with(&dir, &[NEXT, ONE_MORE]).expect("nothing to do");
    assert_eq!(listing(&backups), copies, "no copy without a migration");
}

#[tokio::test]
async fn a_copy_put_back_is_the_database_from_before() {
    let (_temp, dir) = older().await;
    drop(open_with(&dir, &[NEXT]).expect("migrated"));
    let error = SqliteStore::open(&dir).expect_err("this program knows no such step");
    let (newer, ours) = (later(1), STEPS.len());
    assert!(
        matches!(error, OpenError::NewerSchema { found, known, .. } if (found, known) == (newer, ours)),
        "{error}"
    );
    let backup = open::newest_backup(dir.paths()).expect("one was made");
    fs::copy(&backup, dir.paths().database()).expect("put back");
    let store = SqliteStore::open(&dir).expect("the older program opens it");
    assert_eq!(store.agents().await.expect("readable").len(), 2);
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_database_as_it_was() {
    let (_temp, dir) = older().await;
    let error = open_with(&dir, &[NEXT, WRONG]).expect_err("nowhere is no table");
    let OpenError::Migration { from, backup, detail, .. } = &error else { panic!("{error}") };
    assert_eq!(*from, STEPS.len() + 1);
    assert!(detail.contains("nowhere"), "{detail}");
    assert_eq!(version(backup), later(1));
    assert_eq!(version(&dir.paths().database()), later(1), "the step before it stands");
    assert!(!by_hand(&dir.paths().database()).table_exists(None, "half").expect("an answer"));
}

#[tokio::test]
async fn without_a_backup_nothing_is_migrated() {
    let (_temp, dir) = older().await;
    fs::write(dir.paths().backups(), "in the way").expect("written");
    let error = open_with(&dir, &[NEXT]).expect_err("there is no place for the copy");
    assert!(matches!(&error, OpenError::Backup { .. }), "{error}");
    assert_eq!(version(&dir.paths().database()), later(0));
    SqliteStore::open(&dir).expect("the older program still opens it");
}

#[test]
fn a_new_database_has_the_whole_schema_or_nothing() {
    let temp = TempDir::new().expect("a temporary directory");
    let dir = DataDir::open(temp.path()).expect("it is ours");
    open_with(&dir, &[WRONG]).expect_err("nowhere is no table");
    assert_eq!(fs::metadata(dir.paths().database()).expect("it is there").len(), 0);
    drop(open_with(&dir, &[ONE_MORE]).expect("the next start makes it"));
    assert!(!dir.paths().backups().exists(), "there was nothing to copy");
}

#[tokio::test]
async fn a_task_of_the_second_version_keeps_its_input_and_its_key() {
    let temp = TempDir::new().expect("a temporary directory");
    let dir = DataDir::open(temp.path()).expect("it is ours");
    let id = TaskId::random();
    let hand = Connection::open(dir.paths().database()).expect("made");
    hand.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).expect("switched");
    hand.execute_batch(&STEPS[..2].concat()).expect("the first two steps");
    hand.execute_batch("PRAGMA user_version = 2").expect("marked");
    let sql = "INSERT INTO tasks (id, state, target_kind, target_name, agent_type, spec, idempotency_key, attempt, queued_at)
               VALUES (?1, 'queued', 'type', 'dev', 'dev', '{\"argv\": [\"cat\"], \"retry\": false}', 'k', 1,
                       '2026-01-01T00:00:00.000000000Z')";
    hand.execute(sql, [id.to_string()]).expect("inserted");
    hand.close().expect("closed");
    fs::create_dir(dir.paths().inputs()).expect("made");
    fs::write(dir.paths().inputs().join(id.to_string()), "{\"A\":\"1\"}\na prompt").expect("written");
    let store = SqliteStore::open(&dir).expect("migrated");
    let open = store.open_tasks().await.expect("readable");
    assert_eq!(open.iter().map(|task| (task.id, task.has_input)).collect::<Vec<_>>(), [(id, true)]);
    let input = store.task_input(id).await.expect("readable").expect("it is there");
    assert_eq!(input.stdin, "a prompt");
    let known =
        store.task_of_key("k", &TaskInput::default()).await.expect("readable").expect("its key is known");
    assert!(known.same_input, "what is not known of an old one is not held against it");
}

#[tokio::test]
async fn a_dry_run_migrates_its_copy_and_not_the_database() {
    let (_temp, dir) = released::left_by(1);
    let copy = SqliteStore::open_copy(dir.paths()).expect("copied");
    assert_eq!(copy.agents().await.expect("readable").len(), 3);
    assert_eq!(version(&dir.paths().database()), 1);
    assert!(!dir.paths().backups().exists());
}

/// What an operator and the next migration stand on.
#[test]
fn the_schema_is_the_one_that_was_released() {
    let fixture = Fixture::new();
    let hand = fixture.by_hand();
    let sql =
        "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";
    let mut statement = hand.prepare(sql).expect("valid");
    let objects: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("texts");
    let mut columns = hand.prepare("SELECT name FROM pragma_table_info('agents')").expect("valid");
    let columns: Vec<String> =
        columns.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("texts");
    insta::assert_snapshot!(format!("{}\n\nagents: {}", objects.join("\n"), columns.join(" ")), @r"
    index events_by_instance
    index events_by_kind
    index events_by_time
    index events_by_type
    index leases_open
    index rollouts_open
    index tasks_by_instance
    index tasks_by_key
    index tasks_open
    table agents
    table events
    table fleet
    table instance_memory
    table leases
    table recreate_journal
    table rollout_members
    table rollouts
    table standing
    table tasks
    table tombstones
    trigger agents_begin_anew
    trigger agents_changed
    trigger agents_generation_grows
    trigger agents_live_again
    trigger agents_name_stays

    agents: name type lifecycle image command env mounts network memory_bytes milli_cpus pids power generation created_at updated_at volume
    ");
}
