//! One file that holds the whole database: made while the daemon writes, and looked at before it is trusted.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use claude_hooks_actors::model::FleetId;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde::Serialize;

use super::error::OpenError;
use super::migrate::{self, STEPS};
use super::open::{APPLICATION_ID, BUSY_TIMEOUT, Found, flags};
use super::{identity, look};
use crate::data_dir::{DataPaths, sync_dir};

/// Why there is no backup, or why a file is none.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(
        "there is no database {} yet: the daemon makes it when it first starts; look whether [data] dir is right",
        path.display()
    )]
    NoDatabase { path: PathBuf },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(
        "{path} belongs to uid {owner}, but this process runs as uid {user}, and the daemon could not use what would be \
         made there: run claude-hooks as its owner (sudo -u '#{owner}' …), or name a file elsewhere",
        path = path.display()
    )]
    NotOwned { path: PathBuf, owner: u32, user: u32 },
    #[error("{} exists already: choose another name, or replace it with --force", path.display())]
    Exists { path: PathBuf },
    #[error("{} is the database itself: write the backup elsewhere", path.display())]
    Itself { path: PathBuf },
    #[error("{} is no backup that can be used: {detail}", path.display())]
    Unusable { path: PathBuf, detail: String },
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What a file holds, for people who must decide whether it is the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contents {
    pub fleet: FleetId,
    pub schema: usize,
    pub agents: u64,
    pub events: u64,
    /// When the newest event happened; text as stored.
    pub last_event_at: Option<String>,
    pub tasks: u64,
    /// Those of them to which something will happen yet.
    pub open_tasks: u64,
    /// Leases that stand.
    pub leases: u64,
    pub bytes: u64,
}

/// Refuses a directory of somebody else: root may write there, and a directory of root's in it would keep the daemon from
/// its own copies.
pub(super) fn owned_by(user: u32, dir: &Path) -> Result<(), BackupError> {
    let found = fs::metadata(dir).map_err(|source| BackupError::Io {
        what: "look at",
        path: dir.to_owned(),
        source,
    })?;
    if found.uid() == user {
        return Ok(());
    }
    Err(BackupError::NotOwned { path: dir.to_owned(), owner: found.uid(), user })
}

pub(super) fn back_up(paths: &DataPaths, to: &Path, replace: bool) -> Result<Contents, BackupError> {
    let database = paths.database();
    let Some((source, Found::Ours(_))) = look(paths)? else {
        return Err(BackupError::NoDatabase { path: database });
    };
    let is_there = |path: &Path| identity::stat(path).ok().map(|found| found.id);
    match is_there(to) {
        Some(id) if Some(id) == is_there(&database) => {
            return Err(BackupError::Itself { path: to.to_owned() });
        }
        Some(_) if !replace => return Err(BackupError::Exists { path: to.to_owned() }),
        Some(_) | None => {}
    }
    write(&source, to, replace)
}

/// Copies, checks, and only then gives the copy its name. Of a kill in between, `.claude-hooks-….unfinished` is left.
pub(super) fn write(source: &Connection, to: &Path, replace: bool) -> Result<Contents, BackupError> {
    let io = |what, path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::Io { what, path, source }
    };
    let dir = to.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Mode 0600 from the beginning: the environment of every agent is in it. Closed at once: SQLite opens it itself.
    let unfinished = tempfile::Builder::new()
        .prefix(".claude-hooks-")
        .suffix(".unfinished")
        .tempfile_in(dir)
        .map_err(io("write the backup into", dir))?
        .into_temp_path();
    migrate::copy(source, &unfinished).map_err(|error| BackupError::Io {
        what: "write the backup",
        path: to.to_owned(),
        source: io::Error::other(error),
    })?;
    let contents = check(&unfinished).map_err(|error| match error {
        BackupError::Unusable { detail, .. } => BackupError::Unusable { path: to.to_owned(), detail },
        error => error,
    })?;
    fs::File::open(&unfinished).and_then(|file| file.sync_all()).map_err(io("sync", to))?;
    let named = if replace { unfinished.persist(to) } else { unfinished.persist_noclobber(to) };
    named.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: to.to_owned() },
        _ => BackupError::Io { what: "write the backup", path: to.to_owned(), source: error.error },
    })?;
    sync_dir(dir).map_err(io("sync", dir))?;
    Ok(contents)
}

/// Opens a file that lies anywhere, to read it and change nothing.
pub(super) fn open_file(path: &Path) -> Result<Connection, BackupError> {
    fs::File::open(path).map_err(|source| BackupError::Io { what: "read", path: path.to_owned(), source })?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let opened = if Path::new(&log).exists() {
        // Somebody copied the files of a database that was open: what is in its log belongs to it.
        Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY))
    } else {
        identity::open_immutable(path)
    };
    let connection = opened.map_err(|error| unusable(path, &error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| unusable(path, &error))?;
    Ok(connection)
}

/// Whether a file is a sound database of ours that this program understands, and what is in it.
pub(super) fn check(path: &Path) -> Result<Contents, BackupError> {
    let connection = open_file(path)?;
    let bytes = identity::stat(path)
        .map_err(|source| BackupError::Io { what: "look at", path: path.to_owned(), source })?
        .bytes;
    let refused = |detail: String| BackupError::Unusable { path: path.to_owned(), detail };
    let sql = |error: rusqlite::Error| unusable(path, &error);
    let ask = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    if bytes == 0 || ask("application_id").map_err(sql)? != APPLICATION_ID {
        return Err(refused("it is not a database of claude-hooks".into()));
    }
    let version = ask("user_version").map_err(sql)?;
    let schema = usize::try_from(version).ok().filter(|version| *version > 0);
    let schema = schema.ok_or_else(|| refused(format!("its schema version is {version}")))?;
    if schema > STEPS.len() {
        return Err(refused(format!(
            "its schema version is {schema}, and this program knows only up to {}; use the newer claude-hooks that made it",
            STEPS.len()
        )));
    }
    let sound: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if sound != "ok" {
        return Err(refused(format!("it is damaged: {sound}")));
    }
    let fleet = identity::fleet(&connection)
        .map_err(|error| refused(format!("it does not say which fleet it is of: {error}")))?;
    let count = |table: &str, which: &str| -> Result<u64, BackupError> {
        if !connection.table_exists(None, table).map_err(sql)? {
            return Ok(0);
        }
        let sql_text = format!("SELECT count(*) FROM {table} {which}");
        let count: i64 = connection.query_row(&sql_text, [], |row| row.get(0)).map_err(sql)?;
        Ok(count.unsigned_abs())
    };
    Ok(Contents {
        fleet,
        schema,
        agents: count("agents", "")?,
        events: count("events", "")?,
        last_event_at: connection
            .query_row("SELECT max(at) FROM events", [], |row| row.get(0))
            .map_err(sql)?,
        tasks: count("tasks", "")?,
        open_tasks: count("tasks", "WHERE state IN ('queued', 'waking', 'running', 'interrupted')")?,
        leases: count("leases", "WHERE ended_at IS NULL")?,
        bytes,
    })
}

pub(super) fn unusable(path: &Path, error: &rusqlite::Error) -> BackupError {
    let detail = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is not a database of claude-hooks".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => format!("it is damaged: {error}"),
        _ => error.to_string(),
    };
    BackupError::Unusable { path: path.to_owned(), detail }
}
