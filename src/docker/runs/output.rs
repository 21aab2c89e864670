//! What a run prints, as its runner's `output` tells it. Dropping the stream ends the reading and not the run.

use bytes::{Bytes, BytesMut};
use claude_hooks_actors::model::{ContainerId, RunId};
use claude_hooks_actors::ports::{OutputStream, RuntimeError};
use futures_util::{StreamExt, stream};
use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStdout;
use tokio::task::JoinHandle;

use super::super::args;
use super::super::group::Group;
use super::super::invoke::{Finished, Running};
use super::super::runtime::CliRuntime;
use super::super::streams::{collect, ended};
use super::{VERB, failed, is_no_run, no_run};

/// Bytes of one piece.
const PIECE: usize = 64 << 10;

/// A running `output`.
struct Output {
    container: ContainerId,
    run: RunId,
    stdout: ChildStdout,
    errors: JoinHandle<String>,
    group: Group,
}

impl CliRuntime {
    pub(super) fn runner_output(
        &self,
        id: &ContainerId,
        run: &RunId,
        offset: u64,
        follow: bool,
    ) -> Result<OutputStream, RuntimeError> {
        let offset = offset.to_string();
        let mut verb = vec!["output", run.as_ref(), "--offset", &offset];
        verb.extend(follow.then_some("--follow"));
        let args = args::exec_runner(id, false, &verb);
        let Running { group, stdout, stderr } = self.cli.stream(VERB, &args, &self.cli.environment)?;
        let output =
            Output { container: id.clone(), run: run.clone(), stdout, errors: collect(stderr), group };
        let next = |output: Option<Output>| async move { output?.next().await };
        Ok(stream::unfold(Some(output), next).boxed())
    }
}

impl Output {
    /// The next piece; a reading that fails gives one error at the end.
    async fn next(mut self) -> Option<(Result<Bytes, RuntimeError>, Option<Self>)> {
        let mut piece = BytesMut::with_capacity(PIECE);
        match self.stdout.read_buf(&mut piece).await {
            Ok(0) | Err(_) => {}
            Ok(_) => return Some((Ok(piece.freeze()), Some(self))),
        }
        let (exit, stderr) = ended(&mut self.group, self.errors).await;
        if exit.ok() {
            return None;
        }
        let error = if is_no_run(exit) {
            no_run(&self.run)
        } else {
            failed(&self.container, &Finished { exit, stdout: Vec::new(), stderr })
        };
        Some((Err(error), None))
    }
}
