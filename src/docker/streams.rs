//! Output that is read while the CLI runs: events, logs, the progress of a pull.
//!
//! No task and no buffer beyond one piece stands between the pipe and the reader: who does not read makes docker wait.
//! Dropping a stream kills its process group.

mod events;
mod lines;
mod logs;

use std::time::Duration;

use claude_hooks_actors::ports::{PullProgress, RuntimeError};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use self::lines::Lines;
use super::args;
use super::errors::{Exit, Subject, classify};
use super::group::Group;
use super::invoke::{Running, STDERR_MAX, exit, read_some};
use super::runtime::CliRuntime;

/// How long a CLI whose output has ended may take to end itself.
const EXIT_WAIT: Duration = Duration::from_secs(5);

impl CliRuntime {
    /// Pulls within the deadline; lines that nobody takes are dropped.
    pub(super) async fn fetch(
        &self,
        reference: &str,
        progress: &mpsc::Sender<PullProgress>,
    ) -> Result<(), RuntimeError> {
        let (verb, deadline) = ("pull", self.deadlines.pull);
        let environment = self.cli.environment.with_logins();
        let Running { mut group, stdout, stderr } =
            self.cli.stream(verb, &args::pull(reference), &environment)?;
        let mut lines = Lines::new(stdout);
        let errors = collect(stderr);
        let work = async {
            while let Some(line) = lines.next().await {
                let line = String::from_utf8_lossy(&line).into_owned();
                drop(progress.try_send(PullProgress { line }));
            }
            ended(&mut group, errors).await
        };
        let Ok((exit, stderr)) = tokio::time::timeout(deadline, work).await else {
            group.kill().await;
            return Err(RuntimeError::Timeout { verb, after: deadline });
        };
        if exit.ok() { Ok(()) } else { Err(classify(verb, exit, &stderr, Subject::Image(reference))) }
    }
}

/// Drains stderr beside the real work, so that a chatty CLI never blocks on it.
pub(super) fn collect(stderr: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<String> {
    tokio::spawn(async move {
        match read_some(stderr, STDERR_MAX).await {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("its errors cannot be read: {error}"),
        }
    })
}

/// How a CLI ended whose standard output has ended, and what it complained about.
pub(super) async fn ended(group: &mut Group, errors: JoinHandle<String>) -> (Exit, String) {
    let stderr = match tokio::time::timeout(EXIT_WAIT, errors).await {
        Ok(Ok(text)) => text,
        Ok(Err(_)) | Err(_) => String::new(),
    };
    match tokio::time::timeout(EXIT_WAIT, group.wait()).await {
        Ok(Ok(status)) => (exit(status), stderr),
        // It is killed when its group is dropped.
        Ok(Err(_)) | Err(_) => (Exit::Signal(9), stderr),
    }
}
