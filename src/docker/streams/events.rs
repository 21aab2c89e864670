//! `docker events`, as hints to look again.

use claude_hooks_actors::ports::{EventStream, RuntimeError, RuntimeEvent};
use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use tokio::process::ChildStdout;
use tokio::task::JoinHandle;

use super::super::errors::{Exit, Subject, classify};
use super::super::group::Group;
use super::super::invoke::Running;
use super::super::runtime::CliRuntime;
use super::super::{args, parse};
use super::lines::Lines;
use super::{collect, ended};

/// A running `docker events`.
struct Events {
    lines: Lines<ChildStdout>,
    errors: JoinHandle<String>,
    group: Group,
}

impl CliRuntime {
    pub(in super::super) fn follow_events(&self) -> Result<EventStream, RuntimeError> {
        let now = Timestamp::now();
        let since = format!("{}.{:09}", now.as_second(), now.subsec_nanosecond());
        let args = args::events(self.settings.fleet, &since, self.dialect());
        let Running { group, stdout, stderr } = self.cli.stream("events", &args, &self.cli.environment)?;
        let events = Events { lines: Lines::new(stdout), errors: collect(stderr), group };
        let next = |events: Option<Events>| async move { events?.next().await };
        Ok(stream::unfold(Some(events), next).boxed())
    }
}

impl Events {
    /// The next event; at the end of the output one error, and after it nothing.
    async fn next(mut self) -> Option<(Result<RuntimeEvent, RuntimeError>, Option<Self>)> {
        while let Some(line) = self.lines.next().await {
            match parse::event(&line) {
                Ok(Some(event)) => return Some((Ok(event), Some(self))),
                Ok(None) => {}
                Err(reason) => {
                    log::warn!(reason = reason; "an event of docker is not understood; it is skipped");
                }
            }
        }
        let (exit, stderr) = ended(&mut self.group, self.errors).await;
        Some((Err(end(exit, &stderr)), None))
    }
}

/// The stream never ends of itself: whatever ended it, docker must be asked anew.
fn end(exit: Exit, stderr: &str) -> RuntimeError {
    let error = classify("events", exit, stderr, Subject::Engine);
    if error.is_outage() {
        return error;
    }
    RuntimeError::Unreachable { detail: format!("its events ended ({exit}): {}", stderr.trim()) }
}
