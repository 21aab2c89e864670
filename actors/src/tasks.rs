//! The life of one task, from the queue to its true end: an async story that can be cut anywhere and told on.
//!
//! ```text
//! queued ─ lease ─▶ waking ─ instance runs ─▶ running ─ the runner's record ─▶ final
//!    ▲                                           │
//!    └───────── once more, if asked for ─────────┴─ the container went away under it
//! ```
//! What must survive a kill is stored before the next step is taken. The end of a run is what the runner recorded on the
//! state volume, never what a call to docker said about it: after a call that failed, the record is asked for.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use crate::effects::Tools;
use crate::handle::FleetHandle;
use crate::metrics::InState;
use crate::model::{
    EventKind, Lease, NewEvent, RunCause, RunRecord, StopCause, Task, TaskId, TaskInput, TaskState,
};
use crate::ports::StoreError;

mod attempt;
mod begin;

/// Pause between two looks at a run whose container cannot be asked.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// How long the processes of a cancelled run have to end before they are killed.
pub(crate) const CANCEL_GRACE: Duration = Duration::from_secs(5);
/// Attempts of a task that is to be retried.
const ATTEMPTS: u32 = 2;

/// Begins the name of a lease's holder that is a task of ours.
const HOLDER: &str = "task:";

/// The holder of the lease that a task takes for itself.
pub(crate) fn holder(task: TaskId) -> String {
    format!("{HOLDER}{task}")
}

/// The task that a lease's holder is, if it is one.
pub(crate) fn task_of(holder: &str) -> Option<TaskId> {
    TaskId::parse(holder.strip_prefix(HOLDER)?)
}

/// What somebody wants of a task that is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) cancel: bool,
}

/// One task and all that its story needs.
#[derive(Debug)]
pub(crate) struct Story {
    fleet: FleetHandle,
    tools: Tools,
    task: Task,
    /// A lease of its own.
    lease: Option<Lease>,
    wish: watch::Receiver<Wish>,
    counted: InState,
}

/// Why a story stops without an end: the store fails, and the next daemon tells it on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the task was changed by somebody else")]
    Overtaken,
    #[error("the supervisor is stopping")]
    Stopping,
}

/// What became of one attempt.
enum Attempt {
    Ended(RunRecord, RunCause, i64, Option<String>),
    /// The container went away under it.
    Vanished,
    /// The container it was sent to went away, and the volume with what was recorded of it.
    StateLost,
    /// The container it was sent to went away before the runner was told.
    NeverBegan,
    /// The agent was deleted before the runner was told.
    Deleted,
    Lost(String),
}

impl Story {
    pub(crate) fn new(fleet: FleetHandle, tools: Tools, task: Task, wish: watch::Receiver<Wish>) -> Self {
        let counted = InState::new(tools.metrics.clone(), task.state);
        Self { fleet, tools, task, lease: None, wish, counted }
    }

    /// Tells it to the end, and gives back a lease of its own. A story that is cut keeps it for whoever tells it on.
    pub(crate) async fn tell(mut self) -> Result<(), Cut> {
        if self.task.lease.is_none() {
            self.lease = self.fleet.lease_of(&holder(self.task.id)).await.ok_or(Cut::Stopping)?;
        }
        self.go_on().await?;
        if let Some(instance) = &self.task.instance {
            self.fleet.task_in(self.task.id, instance, false);
        }
        if let Some(lease) = self.lease.take() {
            self.fleet.give_back(lease.id, false);
        }
        // What comes now holds up nobody who waits for the end.
        self.fleet.task_ended(self.task.id);
        if self.task.has_input
            && let Err(error) = self.tools.store.forget_input(self.task.id).await
        {
            // It goes with the next look at old tasks; the end stands and is told.
            log::warn!(task:% = self.task.id; "its input cannot be forgotten yet: {error}");
        }
        Ok(())
    }

    async fn go_on(&mut self) -> Result<(), Cut> {
        loop {
            match self.task.state {
                TaskState::Queued | TaskState::Waking | TaskState::Interrupted => {
                    if !self.begin().await? {
                        return Ok(());
                    }
                }
                TaskState::Running => {
                    let attempt = self.attempt().await?;
                    if !self.judge(attempt).await? {
                        return Ok(());
                    }
                }
                TaskState::Succeeded
                | TaskState::Failed
                | TaskState::TimedOut
                | TaskState::Cancelled
                | TaskState::Lost => return Ok(()),
            }
        }
    }

    fn cancelled(&self) -> bool {
        self.task.cancelling || self.wish.borrow().cancel
    }

    /// What the end of an attempt means; false if the task has ended.
    async fn judge(&mut self, attempt: Attempt) -> Result<bool, Cut> {
        match attempt {
            Attempt::Ended(record, cause, exit_code, detail) => {
                self.task.output_bytes = record.output_bytes;
                self.task.truncated = record.kept_bytes < record.output_bytes;
                let state = match cause {
                    RunCause::Exited if exit_code == 0 => TaskState::Succeeded,
                    RunCause::Exited | RunCause::Signalled | RunCause::Oom | RunCause::NotStarted => {
                        TaskState::Failed
                    }
                    RunCause::TimedOut => TaskState::TimedOut,
                    RunCause::Cancelled => TaskState::Cancelled,
                };
                self.finish(state, &cause.to_string(), Some(exit_code), detail).await
            }
            Attempt::Lost(why) => self.finish(TaskState::Lost, "lost", None, Some(why)).await,
            Attempt::Deleted => self.deleted().await,
            Attempt::NeverBegan => {
                self.task.incarnation = None;
                self.task.volume = None;
                self.task.started_at = None;
                self.store(TaskState::Queued).await?;
                Ok(true)
            }
            Attempt::Vanished if self.cancelled() => {
                self.finish(
                    TaskState::Cancelled,
                    "cancelled",
                    None,
                    Some("its container was taken away".into()),
                )
                .await
            }
            Attempt::Vanished => self.vanished().await,
            Attempt::StateLost => {
                let detail = "the volume with its record is gone: it may have run".to_owned();
                if self.cancelled() {
                    self.finish(TaskState::Cancelled, "cancelled", None, Some(detail)).await
                } else {
                    self.interrupted("state_lost", detail).await
                }
            }
        }
    }

    async fn vanished(&mut self) -> Result<bool, Cut> {
        self.noticed().await;
        let instance = self.task.instance.as_ref();
        let agent = instance.and_then(|instance| self.fleet.snapshot().agents.get(instance).cloned());
        let stop = agent.and_then(|agent| agent.last_stop.clone());
        let stop = stop.filter(|stop| Some(&stop.incarnation) == self.task.incarnation.as_ref());
        let cause = match stop.as_ref().map(|stop| stop.cause) {
            Some(StopCause::Oom) => "container_oom",
            Some(_) | None => "vanished",
        };
        let detail = match &stop {
            Some(stop) => format!("its container ended under it: {}", stop.cause),
            None => "its container went away under it".to_owned(),
        };
        self.interrupted(cause, detail).await
    }

    /// Nobody knows its end: it is run once more, or has failed.
    async fn interrupted(&mut self, cause: &str, detail: String) -> Result<bool, Cut> {
        if !self.task.spec.retry || self.task.attempt >= ATTEMPTS {
            return self.finish(TaskState::Failed, cause, None, Some(detail)).await;
        }
        self.task.cause = Some(cause.to_owned());
        self.task.detail = Some(detail);
        self.store(TaskState::Interrupted).await?;
        let attempt = self.task.attempt;
        self.task.attempt += 1;
        self.change(TaskState::Interrupted, attempt, TaskState::Interrupted).await?;
        self.tell_event(EventKind::TaskRetried, None);
        Ok(true)
    }

    async fn finish(
        &mut self,
        state: TaskState,
        cause: &str,
        exit_code: Option<i64>,
        detail: Option<String>,
    ) -> Result<bool, Cut> {
        self.task.cause = Some(cause.to_owned());
        self.task.detail = detail;
        self.task.exit_code = exit_code;
        self.task.ended_at = Some(self.tools.clock.wall());
        self.store(state).await?;
        self.tools.metrics.task_ended(&self.task);
        self.tell_event(EventKind::TaskFinished, exit_code);
        Ok(false)
    }

    async fn store(&mut self, state: TaskState) -> Result<(), Cut> {
        let (was, attempt) = (self.task.state, self.task.attempt);
        self.change(was, attempt, state).await
    }

    async fn change(&mut self, was: TaskState, attempt: u32, state: TaskState) -> Result<(), Cut> {
        self.task.state = state;
        self.task.cancelling = self.cancelled();
        if self.tools.store.change_task(was, attempt, &self.task).await? {
            self.counted.change(state);
            Ok(())
        } else {
            Err(Cut::Overtaken)
        }
    }

    /// Never with the command line: it may hold what nobody else is to read.
    fn tell_event(&self, kind: EventKind, exit_code: Option<i64>) {
        let task = &self.task;
        let mut event = NewEvent::new(kind, self.tools.clock.wall()).agent_type(&task.agent_type);
        event.instance.clone_from(&task.instance);
        event.incarnation.clone_from(&task.incarnation);
        event.cause.clone_from(&task.cause);
        event.detail.clone_from(&task.detail);
        let data =
            json!({ "task": task.id, "state": task.state, "attempt": task.attempt, "exit_code": exit_code });
        self.tools.events.emit(event.data(data));
    }
}

/// A task that was not begun yet.
pub(crate) fn fresh(
    new: &crate::model::NewTask,
    agent_type: crate::model::TypeName,
    at: jiff::Timestamp,
) -> (Task, TaskInput) {
    let task = Task {
        id: TaskId::random(),
        state: TaskState::Queued,
        target: new.target.clone(),
        agent_type,
        spec: new.spec.clone(),
        idempotency_key: new.idempotency_key.clone(),
        lease: new.lease.map(|(id, _)| id),
        instance: None,
        incarnation: None,
        volume: None,
        has_input: !new.input.is_empty(),
        attempt: 1,
        cancelling: false,
        cause: None,
        detail: None,
        exit_code: None,
        queued_at: at,
        started_at: None,
        ended_at: None,
        output_bytes: 0,
        truncated: false,
    };
    (task, new.input.clone())
}
