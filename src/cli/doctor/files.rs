//! Facts from the file system and the database.

use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::Access;

use crate::data_dir::DataPaths;
use crate::store::{Inspection, SqliteStore};

use super::facts::{Database, DirState, Lock, SecretState};

/// More is no token and no credentials.
const SECRET_MAX_BYTES: u64 = 1 << 20;

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

pub(super) fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o7777
}

pub(super) fn dir(path: &Path) -> DirState {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => DirState::Missing,
        Err(error) => DirState::Unreadable(error.to_string()),
        Ok(metadata) if !metadata.is_dir() => DirState::NotADirectory,
        Ok(metadata) => DirState::Present {
            mode: mode(&metadata),
            owner: metadata.uid(),
            user: rustix::process::getuid().as_raw(),
            writable: rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok(),
        },
    }
}

/// Bytes that an ordinary user can still write below the nearest directory that exists.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    path.ancestors().find_map(|dir| {
        let stat = rustix::fs::statvfs(dir).ok()?;
        stat.f_bavail.checked_mul(stat.f_frsize)
    })
}

pub(super) fn database(paths: &DataPaths) -> Database {
    match SqliteStore::inspect(paths) {
        Ok(None) => Database::Absent,
        Ok(Some(Inspection { schema, known_schema, agents, .. })) => {
            Database::Opened { schema, known_schema, agents }
        }
        // The store's own words say what to do.
        Err(error) => Database::Refused(error.to_string()),
    }
}

/// Who holds the lock, read from the kernel's list: trying it ourselves would for a moment keep a daemon out.
pub(super) fn lock(path: &Path) -> Lock {
    let inode = match fs::metadata(path) {
        Err(error) if absent(&error) => return Lock::Free,
        Err(error) => return Lock::Unknown(error.to_string()),
        Ok(metadata) => metadata.ino(),
    };
    match fs::read_to_string("/proc/locks") {
        Ok(locks) => held(&locks, inode),
        Err(error) => Lock::Unknown(format!("/proc/locks: {error}")),
    }
}

/// `1: FLOCK  ADVISORY  WRITE 4711 fe:01:123456 0 EOF`. The device is not compared: on btrfs the kernel lists another one
/// than `stat` gives.
pub(super) fn held(locks: &str, inode: u64) -> Lock {
    let holder = locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ["FLOCK", "ADVISORY", "WRITE", pid, place, ..] = fields.get(1..)? else { return None };
        let listed: u64 = place.rsplit(':').next()?.parse().ok()?;
        // Outside our pid namespace the kernel writes 0 or a negative number.
        (listed == inode).then(|| pid.parse().ok().filter(|pid| *pid != 0))
    });
    holder.map_or(Lock::Free, Lock::Held)
}

pub(super) fn secret(path: &Path) -> SecretState {
    match examine_secret(path) {
        Ok(state) => state,
        Err(error) if absent(&error) => SecretState::Missing,
        Err(error) => SecretState::Unreadable(error.to_string()),
    }
}

fn examine_secret(path: &Path) -> io::Result<SecretState> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Ok(SecretState::NotAFile);
    }
    let mut text = String::new();
    fs::File::open(path)?.take(SECRET_MAX_BYTES).read_to_string(&mut text)?;
    Ok(SecretState::Present { mode: mode(&metadata), single_line: is_single_line(&text) })
}

/// One line with something on it, with or without an end of line behind it: what the docker adapter takes for a token.
pub(super) fn is_single_line(text: &str) -> bool {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    !line.trim().is_empty() && !line.chars().any(char::is_control)
}
