//! The store on SQLite: the table `agents` and all that must outlive the daemon.
//!
//! One file, one writing connection, everything in `spawn_blocking`. An operator may write rows with `sqlite3` at any
//! time; whatever he writes, the other rows stay readable.

mod agents;
mod backup;
mod columns;
mod error;
mod events;
mod identity;
mod inputs;
mod leases;
mod migrate;
mod odd;
mod open;
mod past;
mod pools;
mod port;
mod records;
mod restore;
mod rollouts;
mod tasks;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use claude_hooks_actors::model::FleetId;
use claude_hooks_actors::ports::{Clock, StoreError, SystemClock};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tempfile::TempDir;

use crate::data_dir::{DataDir, DataPaths};
pub use backup::{BackupError, Contents};
use error::Fault;
pub use error::OpenError;
use events::Recent;
use identity::FileId;
use inputs::Inputs;
use migrate::STEPS;
use odd::Odd;
use open::{Found, refuse};
use pools::Pools;
pub use restore::{Present, Restoration, RowChange, RowChanges};

/// The store of one daemon. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// The file and the fleet that were opened; anything else at the path is `Replaced`.
    file: FileId,
    fleet: FleetId,
    pools: Pools,
    /// `PRAGMA data_version` of the writer when it was last asked.
    data_version: Mutex<i64>,
    recent: Mutex<Recent>,
    odd: Odd,
    inputs: Inputs,
    /// Removed with the store, for a store that is only tried out.
    _temporary: Option<TempDir>,
}

/// What `doctor` says of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    pub schema: usize,
    /// The schema version of this program; a lower one in the file is raised when the daemon starts.
    pub known_schema: usize,
    pub fleet: FleetId,
    pub agents: u64,
}

impl SqliteStore {
    /// The newest schema version that this program knows.
    pub const SCHEMA: usize = STEPS.len();

    /// Opens the database of a locked data directory: makes a missing one, migrates an older one, refuses any other.
    /// Blocks; meant for before the runtime starts, or `spawn_blocking`.
    pub fn open(dir: &DataDir) -> Result<Self, OpenError> {
        Self::open_at(dir.paths(), STEPS, None)
    }

    /// An empty database that is gone with the store: a dry run where there is none yet.
    pub fn open_temporary() -> Result<Self, OpenError> {
        let temporary = temporary()?;
        Self::open_at(&DataPaths::new(temporary.path()), STEPS, Some(temporary))
    }

    /// A copy that is gone with the store, so that a dry run migrates and writes nothing that lasts. Takes no lock;
    /// an empty database if there is none.
    pub fn open_copy(paths: &DataPaths) -> Result<Self, OpenError> {
        let Some((source, Found::Ours(_))) = look(paths)? else { return Self::open_temporary() };
        let temporary = temporary()?;
        let copy = DataPaths::new(temporary.path());
        migrate::copy(&source, &copy.database()).map_err(|error| refuse(error, "copy", paths))?;
        Self::open_at(&copy, STEPS, Some(temporary))
    }

    /// Looks at a database beside the running daemon; changes nothing. `None` if there is none yet.
    pub fn inspect(paths: &DataPaths) -> Result<Option<Inspection>, OpenError> {
        let Some((connection, Found::Ours(schema))) = look(paths)? else { return Ok(None) };
        let sql = |error| refuse(error, "read", paths);
        let fleet = identity::fleet(&connection).map_err(sql)?;
        let count = connection.query_row("SELECT count(*) FROM agents", [], |row| row.get::<_, i64>(0));
        let agents = count.map_err(sql)?.unsigned_abs();
        Ok(Some(Inspection { schema, known_schema: STEPS.len(), fleet, agents }))
    }

    /// Copies the database into one file that stands alone, beside a running daemon or without one. The copy is as the
    /// database was at one moment, is checked, and only then has its name. `replace` an older one of that name.
    pub fn back_up(paths: &DataPaths, to: &Path, replace: bool) -> Result<Contents, BackupError> {
        backup::back_up(paths, to, replace)
    }

    /// The directory of backups that nobody named; made if it is missing and there is something to back up.
    pub fn backups(paths: &DataPaths) -> Result<PathBuf, BackupError> {
        let (path, dir) = (paths.database(), paths.backups());
        if !path.exists() {
            return Err(BackupError::NoDatabase { path });
        }
        backup::owned_by(rustix::process::geteuid().as_raw(), paths.dir())?;
        open::private_dir(&dir).map_err(|source| BackupError::Io {
            what: "make",
            path: dir.clone(),
            source,
        })?;
        Ok(dir)
    }

    /// Takes the times of rows, and the age of events, from another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    fn open_at(paths: &DataPaths, steps: &[&str], temporary: Option<TempDir>) -> Result<Self, OpenError> {
        let ready = open::ready(paths, steps)?;
        let path = paths.database();
        let no_pool = |source| OpenError::Io { what: "open the connections to", path: path.clone(), source };
        let pools = Pools::open(&path).map_err(|error| no_pool(error.into()))?;
        let writer = pools.writer().map_err(|error| no_pool(error.into()))?;
        let data_version = data_version(&writer).map_err(|error| refuse(error, "read", paths))?;
        drop(writer);
        drop(ready.connection);
        let shared = Shared {
            path,
            file: ready.file,
            fleet: ready.fleet,
            pools,
            data_version: Mutex::new(data_version),
            recent: Mutex::default(),
            odd: Odd::default(),
            inputs: Inputs::new(paths.inputs()),
            _temporary: temporary,
        };
        Ok(Self { shared: Arc::new(shared), clock: Arc::new(SystemClock) })
    }

    /// Runs `job` on a reading connection. `what` is a verb and its object, for the error.
    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&Shared, &mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.blocking(what, move |shared| {
            let mut connection = shared.pools.reader()?;
            job(shared, &mut connection)
        })
        .await
    }

    /// [`Shared::write`], off the runtime's threads.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.blocking(what, move |shared| shared.write(job)).await
    }

    /// The one way off the runtime's threads.
    async fn blocking<T: Send + 'static>(
        &self,
        what: &'static str,
        job: impl FnOnce(&Shared) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = self.shared.clone();
        let done = tokio::task::spawn_blocking(move || job(&shared)).await;
        done.unwrap_or_else(|error| Err(Fault::Value(error.to_string())))
            .map_err(|fault| fault.into_store_error(what))
    }
}

impl Shared {
    /// Runs `job` in one transaction of the writer, durable when this returns; refuses when the file was replaced.
    fn write<T>(&self, job: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut connection = self.pools.writer()?;
        identity::same_file(&self.path, self.file)?;
        let done = transact(&mut connection, job)?;
        // Replaced while it was being written: then it is nowhere, and is not acknowledged.
        identity::same_file(&self.path, self.file)?;
        Ok(done)
    }
}

/// `BEGIN IMMEDIATE`: a write that must wait does so at its beginning, never in its middle with a stale read behind it.
fn transact<T>(
    connection: &mut Connection,
    job: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = job(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

/// Opens for reading and checks; `None` if there is no file or an empty one.
fn look(paths: &DataPaths) -> Result<Option<(Connection, Found)>, OpenError> {
    let path = paths.database();
    match identity::stat(&path) {
        Ok(found) if found.bytes > 0 => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(OpenError::Io { what: "look at", path, source: source.into() }),
    }
    let sql = |error| refuse(error, "open", paths);
    let access = open::flags(OpenFlags::SQLITE_OPEN_READ_ONLY);
    let connection = Connection::open_with_flags(&path, access).map_err(sql)?;
    connection.busy_timeout(open::BUSY_TIMEOUT).map_err(sql)?;
    let found = open::examine(&connection, paths, STEPS.len())?;
    Ok(Some((connection, found)))
}

fn temporary() -> Result<TempDir, OpenError> {
    let path = std::env::temp_dir();
    TempDir::with_prefix("claude-hooks-").map_err(|source| OpenError::Io {
        what: "make a temporary directory in",
        path,
        source: source.into(),
    })
}

/// A panic while the lock was held leaves a map or a number, both whole.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
