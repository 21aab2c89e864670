//! Opening: look first, touch only what is ours, refuse in words.
//!
//! The order matters. A look that ignores locks and log files says whose the file is; only then is it opened for
//! writing, checked, backed up, migrated, and switched to WAL. The file is never opened but through SQLite: closing a
//! descriptor of our own would drop SQLite's locks on it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use claude_hooks_actors::model::FleetId;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::OpenError;
use super::identity::{self, FileId};
use super::migrate;
use crate::data_dir::{DataPaths, sync_dir};

/// "clhk", in the header of every database of ours.
pub(super) const APPLICATION_ID: i64 = 0x636c_686b;
/// How long SQLite waits for somebody else's transaction.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The log is cut back to this after a checkpoint, in bytes.
const JOURNAL_SIZE_LIMIT: i64 = 4 << 20;
const TABLES: [&str; 11] = [
    "agents",
    "fleet",
    "events",
    "instance_memory",
    "recreate_journal",
    "tombstones",
    "leases",
    "standing",
    "tasks",
    "rollouts",
    "rollout_members",
];

/// What the schema says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A 0-byte file, or an SQLite database without anything in it.
    New,
    /// Ours, at this schema version.
    Ours(usize),
}

/// A database that is ready for use.
#[derive(Debug)]
pub(super) struct Ready {
    /// Kept until the pools are open: the last connection to close would delete the log.
    pub(super) connection: Connection,
    pub(super) file: FileId,
    pub(super) fleet: FleetId,
}

/// Makes or opens the database and brings its schema up to `steps`.
pub(super) fn ready(paths: &DataPaths, steps: &[&str]) -> Result<Ready, OpenError> {
    let path = paths.database();
    let io = |what: &'static str| {
        let path = path.clone();
        move |source: io::Error| OpenError::Io { what, path, source: source.into() }
    };
    make_if_missing(&path)?;
    may_use(&path)?;
    let file = identity::stat(&path).map_err(io("look at"))?;
    if file.bytes > 0 {
        glance(paths)?;
    }
    // Looked at through a connection of its own: one that ran quick_check refuses the checkpoint after the switch to WAL.
    let found = examine(&connect(paths)?, paths, steps.len())?;
    let mode = fs::metadata(&path).map_err(io("look at"))?.mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(io("change the mode of"))?;
    }
    let mut connection = connect(paths)?;
    migrate::migrate(&mut connection, found, steps, paths)?;
    write_ahead(&connection, paths)?;
    let fleet = whole(&connection, paths)?;
    let now = identity::stat(&path).map_err(io("look at"))?;
    if now.id != file.id {
        let swapped = io::Error::other("it was replaced while it was being opened");
        return Err(io("open")(swapped));
    }
    Ok(Ready { connection, file: file.id, fleet })
}

fn connect(paths: &DataPaths) -> Result<Connection, OpenError> {
    let path = paths.database();
    let open = || {
        let connection = Connection::open_with_flags(&path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
        configure(&connection)?;
        let read_only = connection.is_readonly("main")?;
        Ok((connection, read_only))
    };
    match open() {
        Ok((connection, false)) => Ok(connection),
        Ok((_, true)) => Err(read_only(&path)),
        Err(error) => Err(refuse(error, "open", paths)),
    }
}

/// Connections are used by one thread at a time, the pools see to that.
pub(super) fn flags(access: OpenFlags) -> OpenFlags {
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// What every connection is told. `synchronous=FULL`: an acknowledged row survives a loss of power.
pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.query_row(&format!("PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT}"), [], |_| Ok(()))
}

/// Whose database it is and whether it is sound. Reads only.
pub(super) fn examine(connection: &Connection, paths: &DataPaths, known: usize) -> Result<Found, OpenError> {
    let path = paths.database();
    let sql = |error| refuse(error, "read", paths);
    let corrupt =
        |detail: String| OpenError::Corrupt { path: path.clone(), detail, backup: newest_backup(paths) };
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sql)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql)?;
    if application != APPLICATION_ID {
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sql)?;
        return match (application, version, tables) {
            (0, 0, 0) => Ok(Found::New),
            (0, _, _) => {
                Err(not_ours(&path, format!("it has {tables} tables and indexes of another program")))
            }
            (other, _, _) => Err(not_ours(&path, format!("its application_id is {other:#x}"))),
        };
    }
    let ours = usize::try_from(version).ok().filter(|version| *version > 0);
    let ours = ours.ok_or_else(|| corrupt(format!("our database, but with schema version {version}")))?;
    if ours > known {
        return Err(OpenError::NewerSchema { path, found: version, known });
    }
    let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if check != "ok" {
        return Err(corrupt(check));
    }
    Ok(Found::Ours(ours))
}

/// The newest file of the backups directory.
pub(super) fn newest_backup(paths: &DataPaths) -> Option<PathBuf> {
    let entries = fs::read_dir(paths.backups()).ok()?;
    let database = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "db");
    let made =
        |path: &PathBuf| fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(database)
        .max_by_key(|path| (made(path), path.clone()))
}

/// Sorts an error of SQLite by what the operator has to do.
pub(super) fn refuse(error: rusqlite::Error, what: &'static str, paths: &DataPaths) -> OpenError {
    let path = paths.database();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Corrupt { path, detail: error.to_string(), backup: newest_backup(paths) }
        }
        Some(ErrorCode::ReadOnly) => read_only(&path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Busy { path },
        Some(ErrorCode::DiskFull) => OpenError::NoSpace { path },
        _ => OpenError::Io { what, path, source: error.into() },
    }
}

/// Makes a directory that is missing, for its owner alone.
pub(super) fn private_dir(dir: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        other => other,
    }
}

fn not_ours(path: &Path, detail: String) -> OpenError {
    OpenError::NotOurs { path: path.to_owned(), detail }
}

fn read_only(path: &Path) -> OpenError {
    OpenError::ReadOnly { path: path.to_owned(), user: rustix::process::geteuid().as_raw() }
}

fn make_if_missing(path: &Path) -> Result<(), OpenError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => {
            let dir = path.parent().unwrap_or(Path::new("."));
            sync_dir(dir).map_err(|source| OpenError::Io {
                what: "sync",
                path: dir.to_owned(),
                source: source.into(),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::StorageFull => {
            Err(OpenError::NoSpace { path: path.to_owned() })
        }
        Err(source) => Err(OpenError::Io { what: "make", path: path.to_owned(), source: source.into() }),
    }
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut file = path.as_os_str().to_owned();
    file.push(suffix);
    file.into()
}

/// SQLite falls back to reading in silence; and a log that cannot be written fails only at the first write.
fn may_use(path: &Path) -> Result<(), OpenError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let file = beside(path, suffix);
        match fs::metadata(&file) {
            Ok(found) if !found.is_file() => return Err(OpenError::NotAFile { path: file }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => continue,
            Err(source) => return Err(OpenError::Io { what: "look at", path: file, source: source.into() }),
        }
        if rustix::fs::access(&file, rustix::fs::Access::READ_OK | rustix::fs::Access::WRITE_OK).is_err() {
            return Err(read_only(&file));
        }
    }
    Ok(())
}

/// A look at the main file alone, without locks, recovery or a file of ours beside it: if it is another program's,
/// not a byte of it changes.
fn glance(paths: &DataPaths) -> Result<(), OpenError> {
    let sql = |error| refuse(error, "read", paths);
    let path = paths.database();
    let connection = identity::open_immutable(&path).map_err(sql)?;
    let application: i64 = match connection.pragma_query_value(None, "application_id", |row| row.get(0)) {
        Ok(application) => application,
        // A crash while the tables were made can leave this; opening it properly plays the journal back.
        Err(_) if beside(&path, "-journal").exists() => return Ok(()),
        Err(error) => return Err(sql(error)),
    };
    match application {
        APPLICATION_ID => Ok(()),
        0 => examine(&connection, paths, usize::MAX).map(|_| ()),
        other => Err(not_ours(&path, format!("its application_id is {other:#x}"))),
    }
}

/// Switches to WAL, and moves everything into the main file, where `verify` looks for the identity.
fn write_ahead(connection: &Connection, paths: &DataPaths) -> Result<(), OpenError> {
    let sql = |error| refuse(error, "switch to write-ahead logging", paths);
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sql)?;
    if mode != "wal" {
        let source = format!("SQLite stays in mode {mode}; the file system must be a local one").into();
        return Err(OpenError::Io {
            what: "switch to write-ahead logging in",
            path: paths.database(),
            source,
        });
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(sql)
}

/// Every table is there and the fleet has its identity.
fn whole(connection: &Connection, paths: &DataPaths) -> Result<FleetId, OpenError> {
    let corrupt =
        |detail: String| OpenError::Corrupt { path: paths.database(), detail, backup: newest_backup(paths) };
    for table in TABLES {
        if !connection.table_exists(None, table).map_err(|e| refuse(e, "read", paths))? {
            return Err(corrupt(format!("the table {table} is missing")));
        }
    }
    identity::fleet(connection).map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => corrupt("the table fleet is empty".into()),
        rusqlite::Error::FromSqlConversionFailure(..) => corrupt("the fleet's uuid is not a uuid".into()),
        other => refuse(other, "read", paths),
    })
}
