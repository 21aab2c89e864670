//! Room on the disks of state volumes.

use std::collections::BTreeMap;

use claude_hooks_actors::model::{DiskState, FileRoom};
use claude_hooks_actors::ports::RuntimeError;

use super::invoke::Call;
use super::runtime::CliRuntime;
use super::{args, missing, parse};

impl CliRuntime {
    /// Nothing where the engine's disks are another machine's.
    pub(super) async fn rooms(&self, names: &[String]) -> Result<BTreeMap<String, DiskState>, RuntimeError> {
        if names.is_empty() || !self.cli.environment.engine_is_here() {
            return Ok(BTreeMap::new());
        }
        let verb = "volume inspect";
        let call = Call::look(verb, args::mountpoints(names), self.deadlines.look);
        let finished = self.cli.run(call).await?;
        // One that is missing is left out; anything else that docker said voids the answer.
        missing::confirmed(verb, names, &finished)?;
        let places = parse::mountpoints(&finished.stdout)?;
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
