//! How long records stay: a week, and a gibibyte of all of them together. A run that goes on keeps its own.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use claude_hooks_actors::model::{RunId, RunState};

use super::records::{Tasks, UNFINISHED};

const OLDEST: Duration = Duration::from_hours(24 * 7);
const MOST_BYTES: u64 = 1 << 30;
/// The unit of a file's blocks, whatever the file system's own is.
const BLOCK: u64 = 512;

/// One record that may go.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Old {
    changed: SystemTime,
    path: PathBuf,
    bytes: u64,
}

/// Cleans beside the work of `ours`; where there is no room for another thread, another run will clean.
pub(super) fn begin(tasks: &Tasks, ours: &RunId) -> Option<JoinHandle<()>> {
    let (tasks, ours) = (tasks.clone(), ours.clone());
    thread::Builder::new().spawn(move || clean(&tasks, &ours, SystemTime::now(), MOST_BYTES)).ok()
}

/// What cannot be removed stays for the next time.
fn clean(tasks: &Tasks, ours: &RunId, now: SystemTime, most_bytes: u64) {
    let mut old = Vec::new();
    let mut bytes = 0;
    for entry in fs::read_dir(&tasks.dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let run = name.to_str().and_then(RunId::parse);
        let unfinished = name.to_str().is_some_and(|name| name.starts_with(UNFINISHED));
        let path = entry.path();
        let size = size(&path);
        bytes += size;
        let may_go = match &run {
            Some(run) => run != ours && has_ended(tasks, run),
            // Nothing else was put there by us.
            None => unfinished && age(&path, now) > Duration::from_hours(1),
        };
        if may_go && let Ok(changed) = entry.metadata().and_then(|found| found.modified()) {
            old.push(Old { changed, path, bytes: size });
        }
    }
    old.sort();
    for Old { changed, path, bytes: size } in old {
        let age = now.duration_since(changed).unwrap_or_default();
        if (age > OLDEST || bytes > most_bytes) && fs::remove_dir_all(&path).is_ok() {
            bytes -= size;
        }
    }
}

/// What cannot be read is in nobody's use.
fn has_ended(tasks: &Tasks, run: &RunId) -> bool {
    !matches!(tasks.record(run).map(|record| record.map(|record| record.state)), Ok(Some(RunState::Running)))
}

fn age(path: &Path, now: SystemTime) -> Duration {
    let changed = path.metadata().and_then(|found| found.modified());
    changed.ok().and_then(|changed| now.duration_since(changed).ok()).unwrap_or_default()
}

/// Bytes on the disk.
fn size(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.blocks() * BLOCK)).sum()
}

#[cfg(test)]
mod tests;
