//! Databases of every released schema version, as their program left them: `tests/fixtures/schema/<version>.sql`.

use std::collections::BTreeMap;

use claude_hooks_actors::model::{EventKind, NewEvent};
use claude_hooks_actors::ports::{LeaseStore, RolloutStore, TaskFilter, TaskStore};
use claude_hooks_actors::testing::name;
use jiff::Timestamp;
use rusqlite::types::Value;

use super::*;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schema")
}

/// A closed database of that version.
pub(super) fn left_by(version: usize) -> (TempDir, DataDir) {
    let temp = TempDir::new().expect("a temporary directory");
    let dir = DataDir::open(temp.path()).expect("it is ours");
    let sql = fs::read_to_string(fixtures().join(format!("{version}.sql"))).expect("there is one");
    let hand = Connection::open(dir.paths().database()).expect("made");
    hand.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).expect("switched");
    hand.execute_batch(&sql).expect("a dump of SQLite");
    (temp, dir)
}

type Row = BTreeMap<String, Value>;

/// Every table, row by row, in the order of its key.
fn content(path: &Path) -> BTreeMap<String, Vec<Row>> {
    let hand = by_hand(path);
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_stat1'";
    let mut statement = hand.prepare(sql).expect("valid");
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("texts");
    let rows = |table: &String| {
        let mut statement = hand.prepare(&format!("SELECT * FROM {table} ORDER BY 1")).expect("it is there");
        let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let row = |row: &rusqlite::Row<'_>| {
            columns.iter().enumerate().map(|(at, column)| Ok((column.clone(), row.get(at)?))).collect()
        };
        let rows: rusqlite::Result<Vec<Row>> = statement.query_map([], row).expect("rows").collect();
        rows.expect("values")
    };
    tables.iter().map(|table| (table.clone(), rows(table))).collect()
}

/// What the schema is made of, whatever its spaces.
fn schema(path: &Path) -> Vec<String> {
    let hand = by_hand(path);
    let sql =
        "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
    let mut statement = hand.prepare(sql).expect("valid");
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    texts.map(|text| text.expect("a text").split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_schema_version_has_a_database_among_the_fixtures() {
    let mut expected: Vec<String> = (1..=STEPS.len()).map(|version| format!("{version}.sql")).collect();
    expected.sort();
    assert_eq!(
        listing(&fixtures()),
        expected,
        "a new migration comes with a dump of a database of its version, with rows in every table (sqlite3 agents.db \
         .dump, and the two PRAGMAs that are at the top of the others)"
    );
}

#[tokio::test]
async fn a_database_of_every_released_version_keeps_all_that_is_in_it() {
    let fresh = Fixture::new();
    for version in 1..=STEPS.len() {
        let (_temp, dir) = left_by(version);
        let path = dir.paths().database();
        let before = content(&path);
        assert!(before.values().all(|rows| !rows.is_empty()), "version {version}: a table without a row");
        let store = SqliteStore::open(&dir).expect("migrated");
        assert_eq!(schema(&path), schema(&fresh.dir.paths().database()), "version {version}");
        let after = content(&path);
        for (table, rows) in &before {
            assert_eq!(after[table].len(), rows.len(), "version {version}: {table}");
            for (row, now) in rows.iter().zip(&after[table]) {
                let kept: Row = row.keys().map(|column| (column.clone(), now[column].clone())).collect();
                assert_eq!(kept, *row, "version {version}: {table}");
            }
        }
        reads_all(&store, version).await;
        let backups = dir.paths().backups();
        if version == STEPS.len() {
            assert!(!backups.exists(), "nothing was migrated");
        } else {
            let copies = listing(&backups);
            assert_eq!(copies.len(), STEPS.len() - version, "{copies:?}");
            assert_eq!(content(&backups.join(&copies[0])), before, "version {version}: the copy from before");
        }
    }
}

/// Not only kept: understood.
async fn reads_all(store: &SqliteStore, version: usize) {
    let agents = store.agents().await.expect("readable");
    let known: Vec<(&str, u64)> =
        agents.iter().map(|agent| (agent.name.as_ref(), agent.generation)).collect();
    assert_eq!(known, [("boss-default", 1), ("dev-2", 7), ("dev-3", 2)]);
    assert_eq!(agents.iter().filter(|agent| agent.volume.is_some()).count(), 2);
    assert_eq!(store.memories().await.expect("readable")[&name("dev-2")].restart_count, 3);
    assert_eq!(store.journals().await.expect("readable").len(), 1);
    assert_eq!(store.tombstones().await.expect("readable"), [name("dev-4")]);
    let event = NewEvent::new(EventKind::SupervisorStarted, Timestamp::now());
    assert_eq!(store.append_events(&[event]).await.expect("stored")[0].seq, 44);
    let leases = store.leases().await.expect("readable");
    let tasks = store.tasks(&TaskFilter::default(), None, 10).await.expect("readable");
    let open = store.open_tasks().await.expect("readable");
    let expected = if version == 1 { (0, 0, 0) } else { (1, 3, 2) };
    assert_eq!((leases.len(), tasks.len(), open.len()), expected, "version {version}");
    let rollouts = store.rollouts(10).await.expect("readable");
    let members: Vec<usize> = rollouts.iter().map(|rollout| rollout.members.len()).collect();
    assert_eq!(members, if version < 5 { vec![] } else { vec![0, 2] }, "version {version}");
}
