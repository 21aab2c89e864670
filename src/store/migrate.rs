//! From an older schema to ours, one numbered step at a time, with a copy of the database before each.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use super::error::OpenError;
use super::open::{Found, private_dir, refuse};
use crate::data_dir::{DataPaths, sync_dir};

/// Append-only: a released step is never edited. `user_version` is the number of steps done.
pub(super) const STEPS: &[&str] = &[
    include_str!("../../migrations/0001_initial.sql"),
    include_str!("../../migrations/0002_dispatching.sql"),
    include_str!("../../migrations/0003_dispatching_leftovers.sql"),
    include_str!("../../migrations/0004_parked.sql"),
    include_str!("../../migrations/0005_rollouts.sql"),
];

pub(super) fn migrate(
    connection: &mut Connection,
    found: Found,
    steps: &[&str],
    paths: &DataPaths,
) -> Result<(), OpenError> {
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let migrations = Migrations::new(steps.iter().map(|sql| M::up(sql)).collect());
    let from = match found {
        Found::Ours(version) => version,
        Found::New => {
            // All steps in one transaction: a new database is there with the whole schema or not at all.
            return migrations.to_latest(connection).map_err(|error| not_made(error, paths));
        }
    };
    for version in from..steps.len() {
        let backup = back_up(connection, version, paths)?;
        migrations.to_version(connection, version + 1).map_err(|error| OpenError::Migration {
            path: paths.database(),
            from: version,
            detail: error.to_string(),
            backup: backup.clone(),
        })?;
        log::info!(
            "migrated the database {} from schema version {version} to {}; the copy from before is {}",
            paths.database().display(),
            version + 1,
            backup.display()
        );
    }
    Ok(())
}

fn not_made(error: rusqlite_migration::Error, paths: &DataPaths) -> OpenError {
    match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => refuse(err, "make the tables of", paths),
        other => {
            OpenError::Io { what: "make the tables of", path: paths.database(), source: Box::new(other) }
        }
    }
}

/// Copies the database into the backups directory; the name is taken only by a copy that is whole and on disk.
fn back_up(connection: &Connection, version: usize, paths: &DataPaths) -> Result<PathBuf, OpenError> {
    let dir = paths.backups();
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%.6fZ").to_string();
    let path = dir.join(format!("agents-v{version}-{stamp}.db"));
    let failed = |detail: String| OpenError::Backup { path: path.clone(), detail };
    private_dir(&dir).map_err(|error| failed(error.to_string()))?;
    let unfinished = path.with_extension("unfinished");
    // Made by us first, for the mode: it holds the environment of every agent.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(|error| failed(error.to_string()))?;
    let made = copy(connection, &unfinished)
        .map_err(|error| error.to_string())
        .and_then(|()| finish(&unfinished, &path).map_err(|error| error.to_string()));
    if made.is_err() {
        // Best effort: what matters is told by the error that made us come here.
        let _ = fs::remove_file(&unfinished);
    }
    made.map(|()| path.clone()).map_err(failed)
}

/// Copies the whole database, log included, into a new file of its own that needs no log.
///
/// In one step, which is one reading transaction: whoever writes meanwhile is not held up, and nothing of it is in the
/// copy. Between several steps each write would make SQLite begin anew, for ever on a busy database.
pub(super) fn copy(connection: &Connection, to: &Path) -> rusqlite::Result<()> {
    const ALL: i32 = -1;
    let mut target = Connection::open(to)?;
    if Backup::new(connection, &mut target)?.step(ALL)? != StepResult::Done {
        // Of all pages there are no more: somebody holds a lock on the whole file.
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    target.execute_batch("PRAGMA journal_mode = DELETE")?;
    let check: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if check == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(corrupt, Some(format!("the copy is damaged: {check}"))))
}

fn finish(unfinished: &Path, path: &Path) -> io::Result<()> {
    fs::File::open(unfinished)?.sync_all()?;
    fs::rename(unfinished, path)?;
    sync_dir(path.parent().unwrap_or(Path::new(".")))
}
