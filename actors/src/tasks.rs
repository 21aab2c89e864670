//! The life of one task, from the queue to its true end: an async story that can be cut anywhere and told on.
//!
//! ```text
//! queued ─ lease ─▶ waking ─ instance runs ─▶ running ─ the runner's record ─▶ final
//!    ▲                                           │
//!    └───────── once more, if asked for ─────────┴─ the container went away under it
//! ```
//! What must survive a kill is stored before the next step is taken. The end of a run is what the runner recorded on the
//! state volume, never what a call to docker said about it: after a call that failed, the record is asked for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::effects::Tools;
use crate::handle::{FleetError, FleetHandle};
use crate::model::{
    ClaimRequest, ContainerId, EventKind, FleetSnapshot, Incarnation, InstanceName, Lease, NewEvent, Phase,
    RunCause, RunId, RunRecord, RunState, StopCause, Task, TaskId, TaskInput, TaskState,
};
use crate::ports::{RunRequest, RuntimeError, StoreError};

/// Longest that a task waits for its instance to run once it has it (DESIGN 11: a start is bounded at 5 min).
const WAKE_MOST: Duration = Duration::from_mins(5);
/// Pause between two looks at a run whose container cannot be asked.
const ASK_AGAIN: Duration = Duration::from_secs(2);
/// Longest that a task whose container ended waits to be told why.
const NOTICE_MOST: Duration = Duration::from_secs(15);
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
    /// The container it was sent to went away before the runner was told.
    NeverBegan,
    /// The agent was deleted before the runner was told.
    Deleted,
    Lost(String),
}

impl Story {
    pub(crate) fn new(fleet: FleetHandle, tools: Tools, task: Task, wish: watch::Receiver<Wish>) -> Self {
        Self { fleet, tools, task, lease: None, wish }
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

    /// From the queue to an instance that runs; false if it ended on the way.
    async fn begin(&mut self) -> Result<bool, Cut> {
        if self.cancelled() {
            return self.finish(TaskState::Cancelled, "cancelled", None, None).await;
        }
        let Some(instance) = self.place().await? else { return Ok(false) };
        self.task.instance = Some(instance.clone());
        // One that runs already is not woken, and a write costs as much as a tenth of a short task.
        if self.task.state != TaskState::Waking && self.life().is_none() {
            self.store(TaskState::Waking).await?;
        }
        self.fleet.task_in(self.task.id, &instance, true);
        match self.woken(&instance).await {
            Ok(incarnation) => {
                self.task.incarnation = Some(incarnation);
                self.task.started_at = Some(self.tools.clock.wall());
                self.store(TaskState::Running).await?;
                self.tell_event(EventKind::TaskStarted, None);
                Ok(true)
            }
            Err(why) if self.cancelled() => {
                self.finish(TaskState::Cancelled, "cancelled", None, Some(why)).await
            }
            Err(why) => self.finish(TaskState::Failed, "not_awake", None, Some(why)).await,
        }
    }

    /// The instance of the lease that it runs under: its caller's, one that it had before, or a new one of its own.
    async fn place(&mut self) -> Result<Option<InstanceName>, Cut> {
        if self.task.lease.is_some() {
            return Ok(self.task.instance.clone());
        }
        if let Some(lease) = &self.lease {
            return Ok(Some(lease.instance.clone()));
        }
        let request =
            ClaimRequest { wake: None, ..ClaimRequest::new(self.task.target.clone(), holder(self.task.id)) };
        let (fleet, mut wish) = (self.fleet.clone(), self.wish.clone());
        let granted = tokio::select! {
            granted = fleet.grant(request, true, std::future::pending()) => granted,
            _ = wish.wait_for(|wish| wish.cancel) => {
                self.finish(TaskState::Cancelled, "cancelled", None, None).await?;
                return Ok(None);
            }
        };
        match granted {
            Ok(lease) => {
                let instance = lease.instance.clone();
                self.lease = Some(lease);
                Ok(Some(instance))
            }
            Err(FleetError::Stopping | FleetError::Busy(_)) => Err(Cut::Stopping),
            Err(error) => {
                self.finish(TaskState::Failed, "no_instance", None, Some(error.to_string())).await?;
                Ok(None)
            }
        }
    }

    /// Waits until the instance runs and knows that the task is about to.
    async fn woken(&self, instance: &InstanceName) -> Result<Incarnation, String> {
        let mut pictures = self.fleet.watch();
        let id = self.task.id;
        let runs = |snapshot: &Arc<FleetSnapshot>| {
            snapshot
                .agents
                .get(instance)
                .is_some_and(|agent| agent.observed.phase == Phase::Running && agent.task == Some(id))
        };
        let mut wish = self.wish.clone();
        let deadline = Instant::now() + WAKE_MOST;
        let outcome = tokio::select! {
            woken = tokio::time::timeout_at(deadline, pictures.wait_for(runs)) => woken.is_ok(),
            _ = wish.wait_for(|wish| wish.cancel) => false,
        };
        let agent = self.fleet.snapshot().agents.get(instance).cloned();
        match agent {
            Some(agent) if outcome => {
                agent.observed.incarnation.clone().ok_or_else(|| format!("{instance} has no container"))
            }
            Some(agent) => Err(format!("{instance} does not run, it is {}", agent.observed.phase)),
            None => Err(format!("{instance} is gone")),
        }
    }

    /// Runs it, or follows what was begun, until its end is known.
    async fn attempt(&mut self) -> Result<Attempt, Cut> {
        let run = RunId::new(self.task.id, self.task.attempt);
        let Some(instance) = self.task.instance.clone() else {
            return Ok(Attempt::Lost("it is not known where it ran".into()));
        };
        self.fleet.task_in(self.task.id, &instance, true);
        let Some(input) = self.tools.store.task_input(self.task.id).await? else {
            return Ok(Attempt::Lost("its input is gone".into()));
        };
        let request = RunRequest { run: run.clone(), spec: self.task.spec.clone(), input };
        loop {
            let mut wish = self.wish.clone();
            let container = tokio::select! {
                biased;
                container = self.container(&instance) => container,
                _ = wish.wait_for(|wish| wish.cancel) => None,
            };
            let Some(container) = container else { return Ok(Attempt::Vanished) };
            let asked = tokio::select! {
                asked = self.ask(&container, &request) => asked,
                never = self.cancelling(&container, &run) => match never {},
            };
            match asked {
                Ok(Some(record)) => match record.state.clone() {
                    RunState::Ended { cause, exit_code, detail, .. } => {
                        return Ok(Attempt::Ended(record, cause, exit_code, detail));
                    }
                    RunState::Vanished => return Ok(Attempt::Vanished),
                    RunState::Running => {}
                },
                Ok(None) if self.life().is_some_and(|life| Some(life) != self.task.incarnation) => {
                    return Ok(Attempt::NeverBegan);
                }
                Err(RuntimeError::NotFound { .. }) if !self.is_shown(&instance) => {
                    return Ok(Attempt::Vanished);
                }
                Ok(None) if !self.is_shown(&instance) => {
                    // Its container waits for this task. From here on the runner refuses it, should it come late.
                    if let Err(error) = self.tools.runtime.cancel_run(&container, &run, CANCEL_GRACE).await {
                        log::info!(task:% = self.task.id; "it cannot be called off yet: {error}");
                    } else {
                        return Ok(Attempt::Deleted);
                    }
                }
                Ok(None) => {}
                Err(error) => log::info!(task:% = self.task.id; "its run cannot be followed now: {error}"),
            }
            sleep(ASK_AGAIN).await;
        }
    }

    /// Runs it where it was sent to, which follows what was begun; elsewhere only asks what is recorded.
    async fn ask(
        &self,
        container: &ContainerId,
        request: &RunRequest,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        let runtime = &self.tools.runtime;
        let lives = self.life().is_some_and(|life| Some(&life) == self.task.incarnation.as_ref());
        if lives {
            return runtime.run(container, request).await.map(Some);
        }
        runtime.run_record(container, &request.run).await
    }

    /// The present life of the instance's container, if it runs.
    fn life(&self) -> Option<Incarnation> {
        let agents = &self.fleet.snapshot().agents;
        agents.get(self.task.instance.as_ref()?)?.observed.incarnation.clone()
    }

    /// The container of the instance, as soon as there is one. An agent that was deleted meanwhile is in no picture any
    /// more, but its container stays until the task has ended.
    async fn container(&self, instance: &InstanceName) -> Option<ContainerId> {
        let mut pictures = self.fleet.watch();
        loop {
            let (agent, booted) = {
                let picture = pictures.borrow_and_update();
                (picture.agents.get(instance).cloned(), picture.booted)
            };
            match agent {
                Some(agent) => {
                    let id = agent.observed.container_id.as_deref().and_then(ContainerId::parse);
                    if id.is_some() {
                        return id;
                    }
                }
                None if booted => return self.task.incarnation.as_ref().map(|life| life.container.clone()),
                None => {}
            }
            pictures.changed().await.ok()?;
        }
    }

    fn is_shown(&self, instance: &InstanceName) -> bool {
        self.fleet.snapshot().agents.contains_key(instance)
    }

    /// Tells the runner as soon as somebody wants it cancelled; never ends.
    async fn cancelling(&self, container: &ContainerId, run: &RunId) -> Infallible {
        let mut wish = self.wish.clone();
        if !self.task.cancelling && wish.wait_for(|wish| wish.cancel).await.is_err() {
            return std::future::pending().await;
        }
        while let Err(error) = self.tools.runtime.cancel_run(container, run, CANCEL_GRACE).await {
            log::info!(task:% = self.task.id; "it cannot be cancelled yet: {error}");
            sleep(ASK_AGAIN).await;
        }
        std::future::pending().await
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
            Attempt::Deleted if self.cancelled() => {
                self.finish(TaskState::Cancelled, "cancelled", None, None).await
            }
            Attempt::Deleted => {
                let detail = "its agent was deleted before it began".to_owned();
                self.finish(TaskState::Failed, "no_instance", None, Some(detail)).await
            }
            Attempt::NeverBegan => {
                self.task.incarnation = None;
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
        }
    }

    /// Waits, not for ever, until the instance has noticed as well: it alone knows why its container ended.
    async fn noticed(&self) {
        let (Some(instance), Some(life)) = (&self.task.instance, &self.task.incarnation) else { return };
        let mut pictures = self.fleet.watch();
        self.fleet.look_at(instance);
        let past = |picture: &Arc<FleetSnapshot>| {
            picture.agents.get(instance).is_none_or(|agent| agent.observed.incarnation.as_ref() != Some(life))
        };
        // In vain if docker is away, or so busy that nobody can look: then the cause is just not known.
        drop(tokio::time::timeout(NOTICE_MOST, pictures.wait_for(past)).await);
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
        if let Err(error) = self.tools.store.forget_input(self.task.id).await {
            // It goes with the next look at old tasks; the end stands and is told.
            log::warn!(task:% = self.task.id; "its input cannot be forgotten yet: {error}");
        }
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
