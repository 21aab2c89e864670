//! `docker stats`: what running containers use.

use std::collections::HashSet;

use claude_hooks_actors::model::{ContainerId, ContainerStats};
use claude_hooks_actors::ports::RuntimeError;

use super::errors::{Subject, classify};
use super::invoke::Call;
use super::runtime::CliRuntime;
use super::{args, parse};

/// How often one that vanished meanwhile is left out before it is given up: each time another one must have gone.
const TRIES: u32 = 3;

impl CliRuntime {
    /// Docker refuses all of them if one does not exist, and shows a stopped one as using nothing; so those that run are
    /// asked for first, which takes a hundredth of the time.
    pub(super) async fn measure(&self, ids: &[ContainerId]) -> Result<Vec<ContainerStats>, RuntimeError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let running = self.running().await?;
            let asked: Vec<&ContainerId> = ids.iter().filter(|id| running.contains(*id)).collect();
            if asked.is_empty() {
                return Ok(Vec::new());
            }
            let call = Call::look("stats", args::stats(&asked), self.deadlines.look);
            let finished = self.cli.run(call).await?;
            if finished.exit.ok() {
                return parse::stats(&finished.stdout);
            }
            let subject = Subject::Container("that was just running");
            match classify("stats", finished.exit, &finished.stderr, subject) {
                RuntimeError::NotFound { .. } if tries < TRIES => {}
                error => return Err(error),
            }
        }
    }

    async fn running(&self) -> Result<HashSet<ContainerId>, RuntimeError> {
        let call = Call::look("ps", args::running(), self.deadlines.look);
        let stdout = self.change(call, Subject::Engine).await?;
        Ok(parse::ids("ps", &stdout)?.into_iter().collect())
    }
}
