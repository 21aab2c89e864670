//! `docker logs`: the container's two outputs, as they come.

use bytes::BytesMut;
use claude_hooks_actors::model::ContainerId;
use claude_hooks_actors::ports::{LogLine, LogOptions, LogStream, RuntimeError};
use futures_util::StreamExt;
use futures_util::stream;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};

use super::super::args;
use super::super::errors::{Subject, classify};
use super::super::group::Group;
use super::super::invoke::{Running, exit};
use super::super::runtime::CliRuntime;
use super::EXIT_WAIT;

/// Bytes of one piece.
const PIECE: usize = 16 << 10;
/// How much of the end of stderr is kept: the CLI's own error comes last on the same pipe.
const TAIL: usize = 2048;

/// A running `docker logs`.
struct Logs {
    container: ContainerId,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    out: BytesMut,
    err: BytesMut,
    tail: Vec<u8>,
    group: Group,
}

impl CliRuntime {
    /// Looks for the container first: a missing one would only show as text among the container's own.
    pub(in super::super) async fn read_logs(
        &self,
        id: &ContainerId,
        options: LogOptions,
    ) -> Result<LogStream, RuntimeError> {
        if self.look_at_one(id).await?.is_none() {
            return Err(RuntimeError::NotFound { what: Subject::Container(id.as_ref()).to_string() });
        }
        let Running { group, stdout, stderr } =
            self.cli.stream("logs", &args::logs(id, options), &self.cli.environment)?;
        let logs = Logs {
            container: id.clone(),
            stdout: Some(stdout),
            stderr: Some(stderr),
            out: BytesMut::new(),
            err: BytesMut::new(),
            tail: Vec::new(),
            group,
        };
        let next = |logs: Option<Logs>| async move { logs?.next().await };
        Ok(stream::unfold(Some(logs), next).boxed())
    }
}

impl Logs {
    /// The next piece; a CLI that fails gives one error at the end.
    async fn next(mut self) -> Option<(Result<LogLine, RuntimeError>, Option<Self>)> {
        loop {
            let line = tokio::select! {
                count = piece(&mut self.stdout, &mut self.out), if self.stdout.is_some() => {
                    if count == 0 {
                        self.stdout = None;
                        continue;
                    }
                    LogLine { stderr: false, bytes: self.out.split().freeze() }
                }
                count = piece(&mut self.stderr, &mut self.err), if self.stderr.is_some() => {
                    if count == 0 {
                        self.stderr = None;
                        continue;
                    }
                    LogLine { stderr: true, bytes: self.err.split().freeze() }
                }
                else => break,
            };
            if line.stderr {
                self.tail.extend_from_slice(&line.bytes);
                let extra = self.tail.len().saturating_sub(TAIL);
                self.tail.drain(..extra);
            }
            return Some((Ok(line), Some(self)));
        }
        let exit = match tokio::time::timeout(EXIT_WAIT, self.group.wait()).await {
            Ok(Ok(status)) => exit(status),
            Ok(Err(_)) | Err(_) => super::Exit::Signal(9),
        };
        if exit.ok() {
            return None;
        }
        let tail = String::from_utf8_lossy(&self.tail);
        let last = tail.lines().next_back().unwrap_or_default();
        Some((Err(classify("logs", exit, last, Subject::Container(self.container.as_ref()))), None))
    }
}

/// Reads what is there; a pipe that cannot be read has ended.
async fn piece(pipe: &mut Option<impl AsyncRead + Unpin>, buffer: &mut BytesMut) -> usize {
    let Some(pipe) = pipe else { return 0 };
    buffer.reserve(PIECE);
    match pipe.read_buf(buffer).await {
        Ok(count) => count,
        Err(error) => {
            log::warn!(error:% = error; "the logs of a container cannot be read");
            0
        }
    }
}
