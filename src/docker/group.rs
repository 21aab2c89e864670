//! A CLI process and its children, ended together.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// How long a killed process may take to be gone.
const REAP: Duration = Duration::from_secs(2);

/// Owns a child that leads its own process group; dropping it kills the whole group and reaps the child.
///
/// Only ever SIGKILL: a `docker exec` that gets SIGTERM or SIGINT exits 0 while the work goes on. The group is only
/// signalled while its leader is not reaped, so that its number cannot belong to somebody else.
#[derive(Debug)]
pub(super) struct Group {
    /// `None` once it was handed to a reaper.
    child: Option<Child>,
}

impl Group {
    pub(super) fn new(child: Child) -> Self {
        Self { child: Some(child) }
    }

    /// Waits for the leader to end.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        match &mut self.child {
            Some(child) => child.wait().await,
            None => Err(io::Error::other("the process was killed")),
        }
    }

    /// Kills the group and returns once the leader is reaped.
    pub(super) async fn kill(mut self) {
        if let Some(mut child) = self.child.take() {
            signal(&child);
            let reaper = tokio::spawn(async move { child.wait().await });
            // At once, unless the kernel holds the process: then the reaper goes on without us.
            if tokio::time::timeout(REAP, reaper).await.is_err() {
                log::warn!("a killed docker CLI does not end; it is reaped when the kernel lets it go");
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        signal(&child);
        // Without a runtime tokio's own queue of orphans reaps it (kill_on_drop is set).
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { child.wait().await });
        }
    }
}

/// Signals the group of a child that was not reaped yet.
fn signal(child: &Child) {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid
        && let Err(error) = kill_process_group(pid, Signal::KILL)
    {
        log::warn!(pid = pid.as_raw_nonzero().get(), error:% = error; "cannot kill the process group of a docker CLI");
    }
}
