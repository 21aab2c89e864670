//! The port of runs, as the supervisor sees it.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use super::SimDocker;
use super::call::{CHANGE, LOOK, Pass};
use super::faults::unreachable;
use super::journal::Verb;
use super::runs::RunKey;
use super::state::State;
use crate::model::{ContainerId, RunId, RunRecord, RunState};
use crate::ports::{OutputStream, RunRequest, RuntimeError, TaskRuntime};

/// As long as it takes: longer than any test.
const UNBOUNDED: Duration = Duration::from_hours(24 * 365);

#[async_trait]
impl TaskRuntime for SimDocker {
    async fn run(&self, container: &ContainerId, request: &RunRequest) -> Result<RunRecord, RuntimeError> {
        let (fleet, id, request) = (self.fleet, container.clone(), request.clone());
        let pass = self.enter(Verb::Run, self.run_subject(container, &request.run), UNBOUNDED);
        let begun = self.perform(&pass, move |state| {
            state.guard(fleet, Verb::Run, &id);
            let key = state.begin_run(&id, &request)?;
            Ok((state.run_runs(&key), key))
        });
        let result = match begun.await {
            Ok((runs, key)) => self.wait_for_end(&pass, &key, runs).await,
            Err(error) => Err(error),
        };
        let result = result.and_then(|record| record.ok_or_else(unreachable));
        self.leave(&pass, result)
    }

    async fn follow_run(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        let (id, wanted) = (container.clone(), run.clone());
        let pass = self.enter(Verb::FollowRun, self.run_subject(container, run), UNBOUNDED);
        let asked = self.perform(&pass, move |state| {
            state.need_exec(&id)?;
            let key = state.run_key(&id, &wanted)?;
            Ok((state.run_runs(&key), key))
        });
        let result = match asked.await {
            Ok((runs, key)) => self.wait_for_end(&pass, &key, runs).await,
            Err(error) => Err(error),
        };
        self.leave(&pass, result)
    }

    async fn run_record(
        &self,
        container: &ContainerId,
        run: &RunId,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        let (id, wanted) = (container.clone(), run.clone());
        self.call(Verb::RunRecord, self.run_subject(container, run), LOOK, move |state| {
            let key = state.run_key(&id, &wanted)?;
            Ok(state.run_record(&key))
        })
        .await
    }

    async fn cancel_run(
        &self,
        container: &ContainerId,
        run: &RunId,
        grace: Duration,
    ) -> Result<(), RuntimeError> {
        let (fleet, id, wanted) = (self.fleet, container.clone(), run.clone());
        self.call(Verb::CancelRun, self.run_subject(container, run), CHANGE, move |state| {
            state.guard(fleet, Verb::CancelRun, &id);
            state.cancel_run(&id, &wanted, grace)
        })
        .await
    }

    async fn run_output(
        &self,
        container: &ContainerId,
        run: &RunId,
        offset: u64,
        follow: bool,
    ) -> Result<OutputStream, RuntimeError> {
        let (id, wanted) = (container.clone(), run.clone());
        let found = self.call(Verb::RunOutput, self.run_subject(container, run), LOOK, move |state| {
            let key = state.run_key(&id, &wanted)?;
            let missing = || RuntimeError::NotFound { what: format!("run {wanted}") };
            state.run_record(&key).ok_or_else(missing).map(|_| (key, state.epoch))
        });
        let (key, epoch) = found.await?;
        let reading = Reading { sim: self.clone(), key, epoch, offset, follow };
        let next = |reading: Option<Reading>| async move { reading?.next().await };
        Ok(stream::unfold(Some(reading), next).boxed())
    }
}

impl SimDocker {
    fn run_subject(&self, id: &ContainerId, run: &RunId) -> String {
        format!("{} {run}", self.look(|state| state.name_of(id)))
    }

    /// What the runner prints at the end; it is killed together with its container.
    async fn wait_for_end(
        &self,
        pass: &Pass,
        key: &RunKey,
        did_run: bool,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        self.wait_while(pass, |state| state.run_runs(key)).await?;
        let record = self.look(|state| state.run_record(key));
        if did_run && record.as_ref().is_some_and(|record| record.state == RunState::Vanished) {
            let stderr = "the runner was killed, perhaps with its container".into();
            return Err(RuntimeError::Other { verb: "exec", code: "exit code 137".into(), stderr });
        }
        Ok(record)
    }
}

/// Somebody reads what a run prints.
struct Reading {
    sim: SimDocker,
    key: RunKey,
    epoch: u64,
    offset: u64,
    follow: bool,
}

impl Reading {
    async fn next(mut self) -> Option<(Result<bytes::Bytes, RuntimeError>, Option<Self>)> {
        let mut revision = self.sim.look(|state| state.revision.subscribe());
        loop {
            let gone = |state: &State| state.faults.unreachable || state.epoch != self.epoch;
            let (gone, runs, piece) = self.sim.look(|state| {
                (gone(state), state.run_runs(&self.key), state.run_output(&self.key, self.offset))
            });
            if gone {
                return Some((Err(unreachable()), None));
            }
            if !piece.is_empty() {
                self.offset += u64::try_from(piece.len()).unwrap_or(u64::MAX);
                return Some((Ok(piece), Some(self)));
            }
            if !self.follow || !runs || revision.changed().await.is_err() {
                return None;
            }
        }
    }
}
