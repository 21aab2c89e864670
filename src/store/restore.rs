//! A backup that takes the database's place, whole or not at all.
//!
//! First a copy of it is made ready in a directory of its own: checked, raised to our schema, and told what the present
//! database knows better (`carry`). Until the one rename nothing that anybody relies on was touched, and before and after
//! it the database is a single file without a log, so a kill at any point leaves the old one or the new one.

mod carry;
mod rows;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use claude_hooks_actors::model::FleetId;
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use super::backup::{self, BackupError, Contents};
use super::error::OpenError;
use super::migrate::{self, STEPS};
use super::open::{self, Found, private_dir};
use super::{SqliteStore, identity, look};
use crate::data_dir::{DataDir, DataPaths, sync_dir};
pub use rows::{RowChange, RowChanges};

/// What a restore left behind when it was killed; swept by the next.
const STAGE: &str = ".restore-";

/// The database that is to be replaced.
#[derive(Debug)]
pub enum Present {
    /// There is none, or nothing is in it.
    None,
    Sound(Contents),
    /// It cannot be read, or only by a newer program. Which fleet it is of may be legible all the same.
    Unreadable {
        detail: String,
        fleet: Option<FleetId>,
    },
}

impl Present {
    pub fn fleet(&self) -> Option<FleetId> {
        match self {
            Self::None => None,
            Self::Sound(contents) => Some(contents.fleet),
            Self::Unreadable { fleet, .. } => *fleet,
        }
    }
}

/// A backup made ready to take the database's place.
#[derive(Debug)]
pub struct Restoration {
    /// What is in the backup.
    pub contents: Contents,
    pub present: Present,
    /// What becomes of the rows; `None` where the present ones cannot be read.
    pub changes: Option<RowChanges>,
    stage: TempDir,
}

impl Restoration {
    /// Looks only: what would become of the database, made ready away from the data directory.
    pub fn tried_out(paths: &DataPaths, file: &Path) -> Result<Self, BackupError> {
        let stage = super::temporary()?;
        Self::ready(paths, file, stage)
    }

    /// Makes it ready where one rename puts it in place.
    pub fn prepared(dir: &DataDir, file: &Path) -> Result<Self, BackupError> {
        let data = dir.paths().dir();
        sweep(data).map_err(io("clean up", data))?;
        let stage = TempDir::with_prefix_in(STAGE, data).map_err(io("make a directory in", data))?;
        Self::ready(dir.paths(), file, stage)
    }

    fn ready(paths: &DataPaths, file: &Path, stage: TempDir) -> Result<Self, BackupError> {
        let contents = backup::check(file)?;
        let staged = DataPaths::new(stage.path());
        private_copy(&backup::open_file(file)?, &staged.database())?;
        let ready = open::ready(&staged, STEPS)?;
        let (present, changes) = match look(paths) {
            Ok(None | Some((_, Found::New))) => {
                (Present::None, Some(rows::changes(None, &ready.connection).map_err(sql(paths))?))
            }
            Ok(Some((_, Found::Ours(_)))) => {
                let copy = SqliteStore::open_copy(paths)?;
                let present = Connection::open(&copy.shared.path).map_err(sql(paths))?;
                let changes = rows::changes(Some(&present), &ready.connection).map_err(sql(paths))?;
                drop(present);
                if copy.shared.fleet == ready.fleet {
                    carry::over(&ready.connection, &copy.shared.path).map_err(sql(&staged))?;
                }
                (Present::Sound(backup::check(&copy.shared.path)?), Some(changes))
            }
            Err(error @ OpenError::Busy { .. }) => return Err(error.into()),
            Err(error) => {
                let fleet = identity::open_immutable(&paths.database());
                let fleet = fleet.and_then(|connection| identity::fleet(&connection)).ok();
                (Present::Unreadable { detail: error.to_string(), fleet }, None)
            }
        };
        Ok(Self { contents, present, changes, stage })
    }

    /// The rows as they will be, for a plan. Dropped before [`Restoration::place`].
    pub fn store(&self) -> Result<SqliteStore, BackupError> {
        Ok(SqliteStore::open_at(&DataPaths::new(self.stage.path()), STEPS, None)?)
    }

    /// Puts it in the database's place; what was there is kept in the file that is returned.
    pub fn place(self, dir: &DataDir) -> Result<Option<PathBuf>, BackupError> {
        let staged = DataPaths::new(self.stage.path()).database();
        let paths = dir.paths();
        single_file(&staged)?;
        fs::File::open(&staged).and_then(|file| file.sync_all()).map_err(io("sync", &staged))?;
        let kept = keep(&self.present, paths)?;
        detach(&self.present, paths, kept.as_deref())?;
        fs::rename(&staged, paths.database()).map_err(io("replace", &paths.database()))?;
        sync_dir(paths.dir()).map_err(io("sync", paths.dir()))?;
        Ok(kept)
    }
}

/// Keeps a copy of what is there, or, where it cannot be read, its very bytes.
pub(super) fn keep(present: &Present, paths: &DataPaths) -> Result<Option<PathBuf>, BackupError> {
    let (database, dir) = (paths.database(), paths.backups());
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%S%.6fZ").to_string();
    match present {
        Present::None => Ok(None),
        Present::Sound(_) => {
            private_dir(&dir).map_err(io("make", &dir))?;
            let to = dir.join(format!("agents-replaced-{stamp}.db"));
            backup::back_up(paths, &to, false)?;
            Ok(Some(to))
        }
        Present::Unreadable { .. } => {
            private_dir(&dir).map_err(io("make", &dir))?;
            // Not `.db`: it must never be taken for the newest backup.
            let to = dir.join(format!("agents-{stamp}.unreadable"));
            fs::hard_link(&database, &to).map_err(io("keep", &database))?;
            sync_dir(&dir).map_err(io("sync", &dir))?;
            Ok(Some(to))
        }
    }
}

/// Leaves no log behind: SQLite would play it into whatever has the database's name.
pub(super) fn detach(present: &Present, paths: &DataPaths, kept: Option<&Path>) -> Result<(), BackupError> {
    let database = paths.database();
    match present {
        Present::Sound(_) => return single_file(&database),
        Present::None | Present::Unreadable { .. } => {}
    }
    for suffix in ["-wal", "-journal"] {
        let log = open::beside(&database, suffix);
        let moved = match kept {
            Some(kept) => fs::rename(&log, open::beside(kept, suffix)),
            None => fs::remove_file(&log),
        };
        moved.or_else(missing_is_fine).map_err(io("move away", &log))?;
    }
    // An index of the log, worth nothing without it.
    let index = open::beside(&database, "-shm");
    fs::remove_file(&index).or_else(missing_is_fine).map_err(io("remove", &index))
}

/// Plays the log into the main file and removes it. Fails while somebody else has the database open.
fn single_file(path: &Path) -> Result<(), BackupError> {
    let failed = |error: rusqlite::Error| BackupError::Io {
        what: "close",
        path: path.to_owned(),
        source: io::Error::other(format!("{error}; end every other program that has it open (sqlite3?)")),
    };
    let connection = Connection::open(path).map_err(failed)?;
    open::configure(&connection).map_err(failed)?;
    let mode = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    match mode("PRAGMA journal_mode = DELETE").map_err(failed)?.as_str() {
        "delete" => connection.close().map_err(|(_, error)| failed(error)),
        other => Err(failed(rusqlite::Error::InvalidParameterName(format!("it stays in mode {other}")))),
    }
}

fn private_copy(source: &Connection, to: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(io("make", to))?;
    migrate::copy(source, to).map_err(|error| BackupError::Io {
        what: "copy the backup to",
        path: to.to_owned(),
        source: io::Error::other(error),
    })
}

fn sweep(data: &Path) -> io::Result<()> {
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(STAGE) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn missing_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { what, path, source }
}

fn sql(paths: &DataPaths) -> impl Fn(rusqlite::Error) -> BackupError {
    let paths = paths.clone();
    move |error| open::refuse(error, "read", &paths).into()
}
