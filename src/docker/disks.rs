//! Room on the disks of state volumes, and what they take.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use claude_hooks_actors::model::{DiskState, FileRoom};
use claude_hooks_actors::ports::RuntimeError;

use super::invoke::Call;
use super::runtime::CliRuntime;
use super::{args, missing, parse, walk};

/// Most files that are counted: some seconds of work.
const FILES_MOST: u64 = 1_000_000;

impl CliRuntime {
    /// Nothing where the engine's disks are another machine's.
    pub(super) async fn rooms(&self, names: &[String]) -> Result<BTreeMap<String, DiskState>, RuntimeError> {
        if names.is_empty() || !self.cli.environment.engine_is_here() {
            return Ok(BTreeMap::new());
        }
        let places = self.places(names).await?;
        let asking = tokio::task::spawn_blocking(move || {
            let room = |(name, path): (String, String)| Some((name, room(&path)?));
            places.into_iter().filter_map(room).collect()
        });
        // A network file system that hangs must not hold up whoever asks.
        match tokio::time::timeout(self.deadlines.look, asking).await {
            Ok(Ok(rooms)) => Ok(rooms),
            Ok(Err(_)) | Err(_) => Err(RuntimeError::Timeout { verb: "statvfs", after: self.deadlines.look }),
        }
    }

    /// Where the volumes of `names` that exist are.
    async fn places(&self, names: &[String]) -> Result<Vec<(String, String)>, RuntimeError> {
        let verb = "volume inspect";
        let call = Call::look(verb, args::mountpoints(names), self.deadlines.look);
        let finished = self.cli.run(call).await?;
        // One that is missing is left out; anything else that docker said voids the answer.
        missing::confirmed(verb, names, &finished)?;
        parse::mountpoints(&finished.stdout)
    }

    pub(super) async fn walk_through(&self, name: &str) -> Result<Option<u64>, RuntimeError> {
        if !self.cli.environment.engine_is_here() {
            return Ok(None);
        }
        let Some((_, path)) = self.places(&[name.to_owned()]).await?.pop() else { return Ok(None) };
        let until = Instant::now() + self.deadlines.change / 2;
        let walking = tokio::task::spawn_blocking(move || walk::size(Path::new(&path), FILES_MOST, until));
        match tokio::time::timeout(self.deadlines.change, walking).await {
            Ok(Ok(size)) => Ok(size),
            // One step of it hangs, or we are about to end.
            Ok(Err(_)) | Err(_) => Err(RuntimeError::Timeout { verb: "walk", after: self.deadlines.change }),
        }
    }

    pub(super) async fn room_of(&self, volume: &str) -> Option<DiskState> {
        self.rooms(&[volume.to_owned()]).await.ok()?.remove(volume)
    }
}

/// `None` where this user may not look.
fn room(path: &str) -> Option<DiskState> {
    let disk = rustix::fs::statvfs(path).ok()?;
    let files = FileRoom { free: disk.f_favail, total: disk.f_files };
    Some(DiskState {
        free: disk.f_bavail * disk.f_frsize,
        total: disk.f_blocks * disk.f_frsize,
        // Some file systems make inodes as they need them, and say 0.
        files: (files.total > 0).then_some(files),
    })
}
