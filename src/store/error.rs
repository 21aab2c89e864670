//! Why a database is not opened, and how SQLite's errors become the port's.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use claude_hooks_actors::ports::StoreError;
use rusqlite::ErrorCode;

/// Why the database cannot be used. Nothing was changed, apart from migrations that had already succeeded.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the database {} has schema version {found}, and this program knows only up to {known}: \
         run the newer claude-hooks that made it, or restore a backup from before the upgrade",
        path.display()
    )]
    NewerSchema { path: PathBuf, found: i64, known: usize },
    #[error(
        "the database {path} is damaged ({detail}): {}",
        advice(path, backup.as_deref()),
        path = path.display()
    )]
    Corrupt { path: PathBuf, detail: String, backup: Option<PathBuf> },
    #[error(
        "{} is not a database of claude-hooks ({detail}): move it away, or change [data] dir",
        path.display()
    )]
    NotOurs { path: PathBuf, detail: String },
    #[error(
        "{path} cannot be read and written by uid {user}: chown {user} {path} && chmod 600 {path}, \
         or mount its file system writable",
        path = path.display()
    )]
    ReadOnly { path: PathBuf, user: u32 },
    #[error(
        "{} is not a regular file: move it away, the database is to be there",
        path.display()
    )]
    NotAFile { path: PathBuf },
    #[error(
        "another program holds the database {}: end its transaction (a forgotten sqlite3 session?) and start again",
        path.display()
    )]
    Busy { path: PathBuf },
    #[error("there is no space left for the database {}: free some and start again", path.display())]
    NoSpace { path: PathBuf },
    #[error(
        "the backup {} of the database, which precedes every migration, cannot be made ({detail}): \
         nothing was migrated; free space or mend the directory, and start again",
        path.display()
    )]
    Backup { path: PathBuf, detail: String },
    #[error(
        "the migration of {} from schema version {from} failed ({detail}): it is as it was, with a copy in {}; \
         run the claude-hooks that it was last used with, and report this",
        path.display(), backup.display()
    )]
    Migration { path: PathBuf, from: usize, detail: String, backup: PathBuf },
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

fn advice(path: &Path, backup: Option<&Path>) -> String {
    let path = path.display();
    match backup {
        Some(backup) => format!(
            "put the newest backup in its place, which keeps its bytes: claude-hooks restore {}",
            backup.display()
        ),
        None => format!(
            "there is no backup; keep {path}, {path}-wal and {path}-shm, try `sqlite3 {path} .recover`, or start with \
             an empty database, which is another fleet: take the old containers over with `claude-hooks adopt`"
        ),
    }
}

/// What went wrong inside a transaction.
#[derive(Debug)]
pub(super) enum Fault {
    Sql(rusqlite::Error),
    /// A value that the schema has no place for.
    Value(String),
    /// A file beside the database. `what` is a verb.
    File {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// An answer of the port.
    Answer(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Answer(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Value(error.to_string())
    }
}

impl Fault {
    /// `what` is a verb and its object: "insert agents".
    pub(super) fn into_store_error(self, what: &str) -> StoreError {
        match self {
            Self::Answer(error) => error,
            Self::Value(detail) => {
                StoreError::Failed { detail: format!("cannot {what}: {detail}"), source: None }
            }
            Self::File { what: verb, path, source } => {
                let help = file_help(&source).map(|help| format!("; {help}")).unwrap_or_default();
                let path = path.display();
                StoreError::Failed {
                    detail: format!("cannot {what}: cannot {verb} {path}: {source}{help}"),
                    source: Some(source.into()),
                }
            }
            Self::Sql(error) => {
                let help = help(&error).map(|help| format!("; {help}")).unwrap_or_default();
                StoreError::Failed {
                    detail: format!("cannot {what}: {error}{help}"),
                    source: Some(error.into()),
                }
            }
        }
    }
}

const NO_SPACE: &str = "free space on the file system of the data directory";
const NOT_WRITABLE: &str = "make the data directory and the files in it writable for the daemon";

fn file_help(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(NO_SPACE),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(NOT_WRITABLE),
        _ => None,
    }
}

fn help(error: &rusqlite::Error) -> Option<&'static str> {
    match error.sqlite_error_code()? {
        ErrorCode::DiskFull => Some(NO_SPACE),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Some("another program holds a transaction open: end it (a forgotten sqlite3 session?)")
        }
        ErrorCode::ReadOnly => Some(NOT_WRITABLE),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Some("stop the daemon and restore the newest backup from the data directory")
        }
        _ => None,
    }
}
