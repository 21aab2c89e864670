//! `kill -9` of a restore before every change of a file that it makes: what is there then is the old database or the new
//! one, whole, and the next start goes on with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use claude_hooks_actors::model::Phase;
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::foreign::fingerprint;
use crate::harness::{Fleet, SOON, host, hot, traced};

/// More changes than a restore makes; reaching it means that it never ends.
const MOST_CHANGES: usize = 2_000;
/// A start takes a second: not after every kill.
const START_EVERY: usize = 24;

/// The files that the database consists of.
const FILES: [&str; 4] = ["agents.db", "agents.db-wal", "agents.db-shm", "agents.db-journal"];

/// Everything in a database, table by table, each row as text.
type Contents = BTreeMap<String, Vec<String>>;

fn contents(database: &Path) -> Contents {
    let db = Connection::open(database).expect("it can be opened");
    let check: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("it is legible");
    assert_eq!(check, "ok");
    let mut tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").expect("legible");
    let names = tables.query_map([], |row| row.get::<_, String>(0)).expect("legible");
    let rows = |table: String| {
        let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\"")).expect("the table is there");
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let values: Result<Vec<Value>, _> = (0..columns).map(|at| row.get(at)).collect();
            values.map(|values| format!("{values:?}"))
        };
        let mut rows: Vec<String> =
            statement.query_map([], row).expect("legible").map(|row| row.expect("legible")).collect();
        rows.sort();
        (table, rows)
    };
    names.map(|name| rows(name.expect("legible"))).collect()
}

/// The rows that only one of them has.
fn differences(one: &Contents, other: &Contents) -> Vec<String> {
    let rows = |contents: &Contents| -> BTreeSet<String> {
        let table = |(table, rows): (&String, &Vec<String>)| {
            rows.iter().map(|row| format!("{table}: {row}")).collect::<Vec<_>>()
        };
        contents.iter().flat_map(table).collect()
    };
    rows(one).symmetric_difference(&rows(other)).cloned().collect()
}

/// A stopped fleet with a database that a killed daemon left behind, log and all, and an older backup of it.
struct Scene {
    fleet: Fleet,
    backup: String,
    /// Where the files of that database are kept, to begin each round with.
    kept: PathBuf,
}

impl Scene {
    fn set() -> Option<Self> {
        let mut fleet = Fleet::started([hot("dev"), host("boss")])?;
        let backup = fleet.path("fleet.backup").to_string_lossy().into_owned();
        fleet.cli_ok(&["backup", &backup]);
        fleet.create("later", "boss");
        fleet.kill9();
        let (data, kept) = (fleet.data(), fleet.path("kept"));
        fs::create_dir(&kept).expect("the temporary directory is writable");
        for file in FILES.iter().filter(|file| data.join(file).exists()) {
            fs::copy(data.join(file), kept.join(file)).expect("both are ours");
        }
        let log = fs::metadata(kept.join("agents.db-wal")).map_or(0, |log| log.len());
        assert!(log > 0, "a killed daemon leaves a log, which a restore must take away");
        Some(Self { fleet, backup, kept })
    }

    fn database(&self) -> PathBuf {
        self.fleet.data().join("agents.db")
    }

    /// The old database as it was, and nothing that an earlier restore left.
    fn begin_anew(&self) {
        let data = self.fleet.data();
        for entry in fs::read_dir(&data).expect("the data is ours").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(".restore-") || name == "backups" {
                fs::remove_dir_all(entry.path()).expect("the data is ours");
            }
        }
        fs::create_dir(data.join("backups")).expect("the data is ours");
        for file in FILES {
            let _ = fs::remove_file(data.join(file));
            if self.kept.join(file).exists() {
                fs::copy(self.kept.join(file), data.join(file)).expect("both are ours");
            }
        }
    }

    /// Restores, and kills that before so many changes of files, counted from the last moment at which it can be refused;
    /// false if it makes fewer.
    #[expect(clippy::zombie_processes, reason = "who traces it waits for it")]
    fn killed_before(&self, change: usize) -> bool {
        self.begin_anew();
        let mut command = self.fleet.command(&["restore", &self.backup]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("our program can be run");
        let mut said = child.stderr.take().expect("it is piped");
        let mut heard = Vec::new();
        while !heard.ends_with(b"Type restore to go on:\n") {
            let mut byte = [0];
            said.read_exact(&mut byte)
                .unwrap_or_else(|_| panic!("it does not ask: {}", String::from_utf8_lossy(&heard)));
            heard.push(byte[0]);
        }
        traced::seize(child.id());
        let mut answer = child.stdin.take().expect("it is piped");
        answer.write_all(b"restore\n").expect("it reads");
        traced::killed_before(child.id(), change)
    }
}

#[test]
fn killed_anywhere_a_restore_leaves_the_old_database_or_the_new_one_and_the_next_start_goes_on_with_it() {
    let Some(mut scene) = Scene::set() else { return };
    let container = scene.fleet.container("dev-default");
    let before = fingerprint(&container);
    scene.begin_anew();
    let old = contents(&scene.database());
    scene.begin_anew();
    scene.fleet.cli_ok(&["restore", &scene.backup, "--yes"]);
    let new = contents(&scene.database());
    assert!(old != new && old["agents"].len() == new["agents"].len() + 1);

    let (mut left_old, mut left_new) = (0, 0);
    for change in 1..MOST_CHANGES {
        let killed = scene.killed_before(change);
        // A copy is looked at: looking at the files themselves would play the log into them.
        let copy = tempfile::tempdir().expect("there is a temporary directory");
        for file in FILES.iter().filter(|file| scene.fleet.data().join(file).exists()) {
            fs::copy(scene.fleet.data().join(file), copy.path().join(file)).expect("both can be read");
        }
        let found = contents(&copy.path().join("agents.db"));
        let is_new = found == new;
        assert!(
            is_new || (found == old && killed),
            "killed before change {change}: neither the old one, for {:?}, nor the new one, for {:?}",
            differences(&found, &old),
            differences(&found, &new)
        );
        let count = if is_new { &mut left_new } else { &mut left_old };
        *count += 1;
        if *count == 1 || change % START_EVERY == 0 || !killed {
            scene.fleet.start();
            scene.fleet.wait_phase("dev-default", Phase::Running, SOON);
            let later = scene.fleet.agents().iter().any(|agent| agent.name.as_ref() == "later");
            assert_eq!(later, !is_new, "killed before change {change}");
            assert_eq!(fingerprint(&container), before, "its container does not notice");
            scene.fleet.kill9();
        }
        if !killed {
            println!(
                "killed before each of {} changes: {left_old} times the old one, {} times the new one",
                change - 1,
                left_new - 1
            );
            assert!(left_old > 0 && left_new > 1, "killed on one side of the change only");
            return;
        }
    }
    panic!("it makes more than {MOST_CHANGES} changes");
}
