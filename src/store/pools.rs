//! The connections: one that writes, a few that read.
//!
//! **Invariant:** every write of this process goes through the one writer. `PRAGMA data_version` on that connection then
//! changes exactly when another process has written, and writers wait for each other here, not in SQLite.
//!
//! No connection is ever closed and opened again: opening goes by the path, and a file that was put there meanwhile must
//! not be read as if it were ours.

use std::path::Path;
use std::time::Duration;

use claude_hooks_actors::ports::StoreError;
use r2d2::{Pool, PooledConnection};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::OpenFlags;

use super::open::{configure, flags};

pub(super) type Connection = PooledConnection<SqliteConnectionManager>;

/// As many as answer at once on a small host; each costs a cache and two descriptors.
const READERS: u32 = 3;
/// How long a call waits for a connection: the writers before it may each wait for another process.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Pools {
    writer: Pool<SqliteConnectionManager>,
    readers: Pool<SqliteConnectionManager>,
}

impl Pools {
    pub(super) fn open(path: &Path) -> Result<Self, r2d2::Error> {
        let writer = SqliteConnectionManager::file(path)
            .with_flags(flags(OpenFlags::SQLITE_OPEN_READ_WRITE))
            .with_init(|connection| configure(connection));
        let readers = SqliteConnectionManager::file(path)
            .with_flags(flags(OpenFlags::SQLITE_OPEN_READ_ONLY))
            .with_init(|connection| {
                configure(connection)?;
                connection.pragma_update(None, "query_only", true)
            });
        Ok(Self { writer: pool(writer, 1)?, readers: pool(readers, READERS)? })
    }

    /// Blocks: never call it on a thread of the runtime.
    pub(super) fn writer(&self) -> Result<Connection, StoreError> {
        get(&self.writer)
    }

    /// Blocks: never call it on a thread of the runtime.
    pub(super) fn reader(&self) -> Result<Connection, StoreError> {
        get(&self.readers)
    }
}

fn pool(manager: SqliteConnectionManager, size: u32) -> Result<Pool<SqliteConnectionManager>, r2d2::Error> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(size))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_on_check_out(false)
        .connection_timeout(PATIENCE)
        .build(manager)
}

fn get(pool: &Pool<SqliteConnectionManager>) -> Result<Connection, StoreError> {
    pool.get().map_err(|error| StoreError::Failed {
        detail: format!("no connection to the database became free: {error}"),
        source: Some(error.into()),
    })
}
