//! Tasks inside of containers: our runner by `docker exec`, and its records by `docker cp` where the container does not run.
//!
//! What docker says of how a run ended is never believed: a record is what the runner has written, or there is none.

mod copied;
mod output;

use std::time::Duration;

use async_trait::async_trait;
use claude_hooks_actors::model::{ContainerId, ContainerState, RunId, RunRecord, RunState};
use claude_hooks_actors::ports::{OutputStream, RunRequest, RuntimeError, TaskRuntime};

use super::args;
use super::errors::{Exit, Subject, classify};
use super::invoke::{Call, Finished};
use super::runtime::CliRuntime;
use crate::runner::{EXIT_NO_RUN, Order};

const VERB: &str = "exec";
/// As long as it takes: a call that waits for the end of a run.
const UNBOUNDED: Duration = Duration::MAX;

#[async_trait]
impl TaskRuntime for CliRuntime {
    async fn run(&self, container: &ContainerId, request: &RunRequest) -> Result<RunRecord, RuntimeError> {
        let order = Order::encode(request);
        let record = self.ask_runner(container, Some(order), &["run"], UNBOUNDED).await?;
        record.ok_or_else(|| garbled("null for a run that it was told to begin".into()))
    }

    async fn follow_run(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        self.ask_runner(container, None, &["follow", run.as_ref()], UNBOUNDED).await
    }

    async fn run_record(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        let before = self.life_of(container).await?;
        let Some(state) = at_rest(before.0) else { return self.recorded(container, run).await };
        let record = self.copied_record(container, run, state).await?;
        let vanished = |record: &RunRecord| record.state == RunState::Vanished;
        if record.as_ref().is_some_and(vanished) && self.life_of(container).await? != before {
            // It has been started meanwhile, and the run may be one of its new life.
            return self.recorded(container, run).await;
        }
        Ok(record)
    }

    async fn cancel_run(
        &self,
        container: &ContainerId,
        run: &RunId,
        grace: Duration,
    ) -> Result<(), RuntimeError> {
        let grace = grace.as_millis().to_string();
        let verb = ["cancel", run.as_ref(), "--grace-ms", &grace];
        self.exec_runner(container, None, &verb, self.deadlines.change).await.map(drop)
    }

    async fn run_output(
        &self,
        container: &ContainerId,
        run: &RunId,
        offset: u64,
        follow: bool,
    ) -> Result<OutputStream, RuntimeError> {
        match self.life_of(container).await?.0 {
            // What prints on cannot be copied to its end.
            ContainerState::Paused if follow => self.runner_output(container, run, offset, follow),
            state if at_rest(state).is_some() => self.copied_output(container, run, offset),
            _ => self.runner_output(container, run, offset, follow),
        }
    }
}

/// What a run without a result is in a container in which nothing can be executed; `None`: ask the runner.
fn at_rest(state: ContainerState) -> Option<RunState> {
    match state {
        ContainerState::Running => None,
        // Its processes are there, and go on later.
        ContainerState::Paused => Some(RunState::Running),
        ContainerState::Created
        | ContainerState::Restarting
        | ContainerState::Exited
        | ContainerState::Dead
        | ContainerState::Removing => Some(RunState::Vanished),
    }
}

impl CliRuntime {
    /// The container's state and when it was started.
    async fn life_of(&self, id: &ContainerId) -> Result<(ContainerState, String), RuntimeError> {
        let seen = self.look_at_one(id).await?;
        seen.map(|seen| (seen.state, seen.started_at)).ok_or_else(|| missing(id))
    }

    async fn recorded(&self, id: &ContainerId, run: &RunId) -> Result<Option<RunRecord>, RuntimeError> {
        self.ask_runner(id, None, &["record", run.as_ref()], self.deadlines.change).await
    }

    /// A verb of the runner that prints a record, or `null`.
    async fn ask_runner(
        &self,
        id: &ContainerId,
        stdin: Option<Vec<u8>>,
        verb: &[&str],
        deadline: Duration,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        let stdout = self.exec_runner(id, stdin, verb, deadline).await?;
        // Nothing at all, after an end that docker calls good, is the end of a CLI that was told to go.
        serde_json::from_slice(&stdout).map_err(|error| garbled(format!("no record ({error})")))
    }

    pub(super) async fn exec_runner(
        &self,
        id: &ContainerId,
        stdin: Option<Vec<u8>>,
        verb: &[&str],
        deadline: Duration,
    ) -> Result<Vec<u8>, RuntimeError> {
        let args = args::exec_runner(id, stdin.is_some(), verb);
        let call = || Call { stdin: stdin.clone(), ..Call::new(VERB, args.clone(), deadline) };
        let finished = self.cli.run(call()).await?;
        if finished.exit.ok() {
            return Ok(finished.stdout);
        }
        if !has_no_runner(&finished) {
            return Err(failed(id, &finished));
        }
        if self.runner_to_mount()?.is_some() {
            let detail = "it has no runner: recreate the agent, and it gets one".to_owned();
            return Err(RuntimeError::Other { verb: VERB, code: finished.exit.to_string(), stderr: detail });
        }
        // Whoever made it was killed before the runner was copied.
        self.put_runner(id).await?;
        let finished = self.cli.run(call()).await?;
        if finished.exit.ok() { Ok(finished.stdout) } else { Err(failed(id, &finished)) }
    }
}

/// The engine could not execute our program at all: older CLIs say it on stdout.
fn has_no_runner(finished: &Finished) -> bool {
    let stdout = String::from_utf8_lossy(&finished.stdout);
    let says = |text: &str| text.contains("exec failed") && text.contains("no such file or directory");
    matches!(finished.exit, Exit::Code(126 | 127)) && (says(&stdout) || says(&finished.stderr))
}

/// Why there is no answer of the runner. It says nothing about the run.
fn failed(id: &ContainerId, finished: &Finished) -> RuntimeError {
    let stdout = String::from_utf8_lossy(&finished.stdout);
    let stderr = finished.stderr.trim();
    match (finished.exit, stderr.is_empty()) {
        (Exit::Code(255), true) => {
            RuntimeError::Unreachable { detail: "docker went away under an exec".into() }
        }
        (Exit::Code(137), true) => RuntimeError::Other {
            verb: VERB,
            code: finished.exit.to_string(),
            stderr: "the runner was killed, perhaps with its container".into(),
        },
        (exit, true) => classify(VERB, exit, &stdout, Subject::Container(id.as_ref())),
        (exit, false) => classify(VERB, exit, stderr, Subject::Container(id.as_ref())),
    }
}

/// How the runner says that there is no such run.
fn is_no_run(exit: Exit) -> bool {
    exit == Exit::Code(i32::from(EXIT_NO_RUN))
}

fn no_run(run: &RunId) -> RuntimeError {
    RuntimeError::NotFound { what: format!("run {run}") }
}

fn missing(id: &ContainerId) -> RuntimeError {
    RuntimeError::NotFound { what: Subject::Container(id.as_ref()).to_string() }
}

fn garbled(detail: String) -> RuntimeError {
    RuntimeError::Garbled { verb: VERB, detail }
}
