//! Whether the path still leads to the database that was opened.
//!
//! SQLite goes on writing into a file that was unlinked or moved away, and says nothing; a row acknowledged there is
//! lost. And a supervisor that reads somebody else's rows would remove this fleet's containers.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use claude_hooks_actors::model::FleetId;
use claude_hooks_actors::ports::StoreError;
use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::Fault;
use super::open::{APPLICATION_ID, BUSY_TIMEOUT, flags};

/// What tells one file from another on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Stat {
    pub(super) id: FileId,
    pub(super) bytes: u64,
}

pub(super) fn stat(path: &Path) -> io::Result<Stat> {
    let found = fs::metadata(path)?;
    Ok(Stat { id: FileId { device: found.dev(), inode: found.ino() }, bytes: found.len() })
}

/// The cheap check, one system call: made before and after every write of a row.
pub(super) fn same_file(path: &Path, opened: FileId) -> Result<(), StoreError> {
    let replaced = |detail: &str| {
        Err(StoreError::Replaced { detail: format!("{} {detail}; restart the daemon", path.display()) })
    };
    match stat(path) {
        Ok(found) if found.id != opened => replaced("is another file now"),
        Ok(found) if found.bytes == 0 => replaced("was emptied"),
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            replaced("is gone")
        }
        Err(error) => Err(StoreError::Failed {
            detail: format!("cannot look at {}: {error}", path.display()),
            source: Some(error.into()),
        }),
    }
}

/// The whole check: what a newcomer sees at this path is the fleet that was opened.
///
/// Two looks, because a file that was overwritten in place is hidden behind what the log still holds of the old one: an
/// ordinary one, and one at the main file alone. The caller holds the writer, so no checkpoint of ours runs.
pub(super) fn same_fleet(path: &Path, opened: FleetId) -> Result<(), StoreError> {
    let ordinary = || {
        let connection = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        look(&connection)
    };
    for found in [ordinary(), open_immutable(path).and_then(|connection| look(&connection))] {
        let detail = match found {
            Ok((APPLICATION_ID, fleet)) if fleet == opened => continue,
            Ok((APPLICATION_ID, fleet)) => format!("holds fleet {fleet}, not {opened}"),
            Ok((other, _)) => format!("has application_id {other:#x}"),
            Err(error) if is_other_content(&error) => format!("cannot be read as our database: {error}"),
            Err(error) => {
                return Err(Fault::Sql(error).into_store_error("look whether the database is the same"));
            }
        };
        return Err(StoreError::Replaced {
            detail: format!("{} {detail}; restart the daemon", path.display()),
        });
    }
    Ok(())
}

fn look(connection: &Connection) -> rusqlite::Result<(i64, FleetId)> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok((application, fleet(connection)?))
}

/// Told apart from a passing trouble (no descriptor left, a lock held), which proves nothing.
fn is_other_content(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::FromSqlConversionFailure(..) => true,
        other => matches!(
            other.sqlite_error_code(),
            // `Unknown` is SQLITE_ERROR: no such table.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
        ),
    }
}

pub(super) fn fleet(connection: &Connection) -> rusqlite::Result<FleetId> {
    connection.query_row("SELECT uuid FROM fleet", [], |row| {
        let text: String = row.get(0)?;
        FleetId::parse(&text)
            .ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, "not a uuid".into()))
    })
}

/// Opens the main file alone: no lock, no recovery, no log, nothing made beside it.
pub(super) fn open_immutable(path: &Path) -> rusqlite::Result<Connection> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        uri.push('%');
        uri.push_str(&hex::encode([*byte]));
    }
    uri.push_str("?immutable=1");
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri, flags(access))
}
