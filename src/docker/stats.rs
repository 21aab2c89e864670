//! `docker stats`: what running containers use.

use std::path::Path;

use claude_hooks_actors::model::{ContainerId, ContainerStats, ObservedContainer};
use claude_hooks_actors::ports::RuntimeError;

use super::cgroup;
use super::errors::{Subject, classify};
use super::invoke::Call;
use super::parse::Measured;
use super::runtime::{CliRuntime, refused};
use super::{args, parse};

/// Calls for one sample, those included that name one more container which has gone.
const TRIES: u32 = 4;

impl CliRuntime {
    /// Docker refuses all of them if one does not exist, and names it: the others are asked for again. It shows one that
    /// does not run as using nothing, and now and then one that just began to; `inspect` tells them apart, which a list
    /// does not do for one that just began.
    pub(super) async fn measure(&self, ids: &[ContainerId]) -> Result<Vec<ContainerStats>, RuntimeError> {
        let (mut asked, mut all) = (ids.to_vec(), Vec::new());
        for _ in 0..TRIES {
            if asked.is_empty() {
                break;
            }
            let call = Call::look("stats", args::stats(&asked), self.deadlines.look);
            let finished = self.cli.run(call).await?;
            if finished.exit.ok() {
                let Measured { stats, silent } = parse::stats(&finished.stdout)?;
                all.extend(stats);
                asked = self.running(silent).await?;
                continue;
            }
            let gone = |id: &ContainerId| finished.stderr.contains(id.as_ref());
            let subject = Subject::Container("that was to be measured");
            match classify("stats", finished.exit, &finished.stderr, subject) {
                RuntimeError::NotFound { .. } if asked.iter().any(gone) => asked.retain(|id| !gone(id)),
                error => return Err(error),
            }
        }
        self.with_cgroups(all).await
    }

    /// Adds what docker does not tell.
    async fn with_cgroups(&self, stats: Vec<ContainerStats>) -> Result<Vec<ContainerStats>, RuntimeError> {
        if !self.cli.environment.engine_is_here() {
            return Ok(stats);
        }
        let read = move || {
            let add = |stats: ContainerStats| {
                let pids_refused = cgroup::pids_refused(Path::new(cgroup::ROOT), &stats.container);
                ContainerStats { pids_refused, ..stats }
            };
            stats.into_iter().map(add).collect()
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|_| refused("what the kernel counts could not be read".into()))
    }

    async fn running(&self, ids: Vec<ContainerId>) -> Result<Vec<ContainerId>, RuntimeError> {
        let mut running = Vec::new();
        for id in ids {
            if self.look_at_one(&id).await?.as_ref().is_some_and(ObservedContainer::is_up) {
                running.push(id);
            }
        }
        Ok(running)
    }
}
