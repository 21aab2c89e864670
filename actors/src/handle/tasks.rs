//! Tasks: handed in, watched, cancelled, and what they print.

use std::time::Duration;

use tokio::sync::oneshot;

use super::leases::{bad, pending};
use super::{FleetError, FleetHandle, TaskView};
use crate::actors::{
    AwaitTask, BeginTask, CancelTask, DrainTasks, HintOf, Leases, SetTask, TaskEnded, TaskRuns, WhyWaiting,
};
use crate::model::{
    Agent, ClaimTarget, ContainerId, Desired, InstanceName, Lease, Lifecycle, NewTask, Power, RunId, Task,
    TaskId, TaskSpec, TaskState,
};
use crate::ports::{Inserted, Known, LeaseError, OutputStream, TaskFilter};
use crate::tasks::fresh;

/// Most tasks in one answer.
pub const TASKS_MOST: u32 = 1000;

/// The known task, unless the new one of the same key asks for something else.
fn same_task(known: Known, new: &NewTask) -> Result<Task, FleetError> {
    let Known { task, same_input } = known;
    // Under a lease any of a type means the one that the lease is on.
    let same_target = match &new.target {
        ClaimTarget::Type(agent_type) if task.lease.is_some() => task.agent_type == *agent_type,
        target => task.target == *target,
    };
    let TaskSpec { argv, workdir, timeout, retry } = &new.spec;
    let fields = [
        ("instance or type", same_target),
        ("argv", task.spec.argv == *argv),
        ("workdir", task.spec.workdir == *workdir),
        ("timeout_s", task.spec.timeout == *timeout),
        ("retry", task.spec.retry == *retry),
        ("lease", task.lease == new.lease.map(|(id, _)| id)),
        ("env or stdin", same_input),
    ];
    let differs: Vec<&'static str> =
        fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect();
    if differs.is_empty() { Ok(*task) } else { Err(FleetError::KeyReused { task: task.id, differs }) }
}

impl FleetHandle {
    /// Takes a task in: it is durable when this returns, and runs as soon as an instance is free. With an idempotency
    /// key that is known, the task that it came with is the answer.
    pub async fn submit(&self, new: NewTask) -> Result<Task, FleetError> {
        self.admit()?;
        new.check().map_err(|(field, reason)| bad(field, reason))?;
        if let Some(known) = self.known(&new).await? {
            return Ok(known);
        }
        let new = self.under_lease(new).await?;
        let (agent_type, row) = self.check_target(&new.target).await?;
        if new.lease.is_none() {
            row.as_ref().map_or(Ok(()), |row| self.refuse_held_down(row))?;
        }
        let (mut task, input) = fresh(&new, agent_type, self.parts.tools.clock.wall());
        if let (Some(_), ClaimTarget::Instance(name)) = (&new.lease, &new.target) {
            task.instance = Some(name.clone());
        }
        let submit = move |fleet: Self| async move {
            match fleet.parts.tools.store.insert_task(&task, &input).await? {
                Inserted::New => {
                    fleet.parts.tasks.do_send(BeginTask { task: Box::new(task.clone()) });
                    Ok(task)
                }
                Inserted::Known(known) => same_task(known, &new),
            }
        };
        self.see_through(submit).await
    }

    /// The task that this one is, if its key is known. Asked before anything else: what has changed since a first answer
    /// that was lost, a lease or a row, must not turn the repeated call into another answer.
    async fn known(&self, new: &NewTask) -> Result<Option<Task>, FleetError> {
        let Some(key) = &new.idempotency_key else { return Ok(None) };
        let known = self.parts.tools.store.task_of_key(key, &new.input).await?;
        known.map(|known| same_task(known, new)).transpose()
    }

    /// Hands a task in and waits for its end. Whoever drops this future leaves the task running.
    pub async fn run_task(&self, new: NewTask) -> Result<Task, FleetError> {
        let task = self.submit(new).await?;
        self.task_done(task.id, None).await
    }

    /// A task under its caller's lease runs where the lease stands, if nothing runs there yet.
    async fn under_lease(&self, new: NewTask) -> Result<NewTask, FleetError> {
        let Some((id, fence)) = new.lease else { return Ok(new) };
        let busy = |_| FleetError::Busy("the dispatcher".into());
        let leases = self.parts.dispatcher.send(Leases).await.map_err(busy)?;
        let Some(lease) = leases.into_iter().find(|lease| lease.id == id && lease.fence == fence) else {
            return Err(LeaseError::Stale { id, fence }.into());
        };
        let target = ClaimTarget::Instance(lease.instance.clone());
        let fits = new.target == target || matches!(&new.target, ClaimTarget::Type(_));
        if !fits {
            return Err(bad("instance", format!("the lease {id} is on {}", lease.instance)));
        }
        let agent = self.snapshot().agents.get(&lease.instance).cloned();
        if let Some(task) = agent.and_then(|agent| agent.task)
            // The picture may not show yet that it has ended, although its caller has heard so.
            && self.parts.tools.store.task(task).await?.is_some_and(|task| !task.state.is_final())
        {
            return Err(FleetError::Denied {
                reason: format!("the task {task} runs in {} already", lease.instance),
                help: "wait for its end, or cancel it".into(),
            });
        }
        Ok(NewTask { target, ..new })
    }

    /// Nobody but an operator ends that, so a task for this one agent is more likely a mistake than patience.
    fn refuse_held_down(&self, row: &Agent) -> Result<(), FleetError> {
        let lifecycle = match self.catalog().resolve(row) {
            Desired::Container(desired) => Some(desired.lifecycle()),
            Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
        };
        if (lifecycle, row.power) != (Some(Lifecycle::Hot), Power::Off) {
            return Ok(());
        }
        let name = &row.name;
        Err(FleetError::Denied {
            reason: format!("the agent {name} was stopped by an operator and stays down until it is started"),
            help: format!("start it: POST agents/{name}/start, or claude-hooks agents start {name}"),
        })
    }

    /// Tasks as they are shown, those that wait with what for.
    pub async fn task_views(&self, tasks: &[Task]) -> Vec<TaskView> {
        let queued = |task: &&Task| matches!(task.state, TaskState::Queued | TaskState::Interrupted);
        let targets: Vec<ClaimTarget> = tasks.iter().filter(queued).map(|task| task.target.clone()).collect();
        let reasons = if targets.is_empty() {
            Vec::new()
        } else {
            // Without a dispatcher nobody knows.
            self.parts.dispatcher.send(WhyWaiting { targets }).await.unwrap_or_default()
        };
        let mut reasons = reasons.into_iter();
        let mut view = |task: &Task| {
            let waiting_for = match task.state {
                TaskState::Queued | TaskState::Interrupted => reasons.next().flatten(),
                TaskState::Waking => self.wakes(task),
                TaskState::Running
                | TaskState::Succeeded
                | TaskState::Failed
                | TaskState::TimedOut
                | TaskState::Cancelled
                | TaskState::Lost => None,
            };
            TaskView { waiting_for, ..TaskView::from(task) }
        };
        tasks.iter().map(&mut view).collect()
    }

    /// What the agent of a waking task still has before it.
    fn wakes(&self, task: &Task) -> Option<String> {
        let name = task.instance.as_ref()?;
        let agent = self.snapshot().agents.get(name).cloned()?;
        Some(format!("{name} is {}: {}", agent.observed.phase, pending(&agent)))
    }

    pub async fn task(&self, id: TaskId) -> Result<Task, FleetError> {
        self.parts.tools.store.task(id).await?.ok_or(FleetError::NoTask(id))
    }

    /// The newest first; `before` goes on from the last one of an earlier answer.
    pub async fn tasks(
        &self,
        filter: &TaskFilter,
        before: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<Task>, FleetError> {
        Ok(self.parts.tools.store.tasks(filter, before, limit.min(TASKS_MOST)).await?)
    }

    /// Waits for the end of a task, at most `patience` long if given; then says what it is in.
    pub async fn task_done(&self, id: TaskId, patience: Option<Duration>) -> Result<Task, FleetError> {
        let task = self.task(id).await?;
        if task.state.is_final() {
            return Ok(task);
        }
        let (done, ended) = oneshot::channel();
        self.parts.tasks.do_send(AwaitTask { id, done });
        match patience {
            // Either way the store says what became of it.
            Some(patience) => drop(tokio::time::timeout(patience, ended).await),
            None => drop(ended.await),
        }
        self.task(id).await
    }

    /// Ends a task: one that waits at once, one that runs by ending all its processes. Returns without waiting for that.
    pub async fn cancel_task(&self, id: TaskId) -> Result<Task, FleetError> {
        let cancel = move |fleet: Self| async move {
            // Durable first: a daemon that dies now cancels it when it comes back.
            let task = fleet.parts.tools.store.cancel_task(id).await?;
            fleet.parts.tasks.do_send(CancelTask { id });
            task.ok_or(FleetError::NoTask(id))
        };
        self.see_through(cancel).await
    }

    /// What a task printed from byte `offset` on; with `follow`, until its end. Nothing while it has not begun.
    pub async fn task_output(
        &self,
        id: TaskId,
        offset: u64,
        follow: bool,
    ) -> Result<OutputStream, FleetError> {
        let task = self.task(id).await?;
        let nowhere = |reason: String| FleetError::Denied {
            reason,
            help:
                "what a task printed lies on the state volume of its agent, and is read through its container"
                    .into(),
        };
        let Some(instance) = &task.instance else {
            return Err(nowhere(format!("the task {id} is {} and has printed nothing", task.state)));
        };
        let agent = self.snapshot().agents.get(instance).cloned();
        let container = agent.and_then(|agent| ContainerId::parse(agent.observed.container_id.as_deref()?));
        let Some(container) = container else {
            return Err(nowhere(format!(
                "the agent {instance} of the task {id} has no container at present"
            )));
        };
        let run = RunId::new(id, task.attempt);
        Ok(self.parts.tools.runtime.run_output(&container, &run, offset, follow).await?)
    }

    /// Report of a story: its task runs in this instance, or does not any more.
    pub(crate) fn task_in(&self, id: TaskId, instance: &InstanceName, runs: bool) {
        let name = instance.clone();
        self.parts.dispatcher.do_send(SetTask { name: name.clone(), task: id, runs });
        self.parts.tasks.do_send(TaskRuns { id, instance: runs.then_some(name) });
    }

    /// Report of a story: the end of its task is stored.
    pub(crate) fn task_ended(&self, id: TaskId) {
        self.parts.tasks.do_send(TaskEnded { id });
    }

    /// Report of a story: something happened to this instance's container.
    pub(crate) fn look_at(&self, instance: &InstanceName) {
        self.parts.registry.do_send(HintOf { name: instance.clone(), action: "task".into() });
    }

    /// The lease that `holder` has, if any; `None` without the dispatcher.
    pub(crate) async fn lease_of(&self, holder: &str) -> Option<Option<Lease>> {
        let leases = self.parts.dispatcher.send(Leases).await.ok()?;
        Some(leases.into_iter().find(|lease| lease.holder == holder))
    }

    /// Begins no task any more and waits for those that run, at most `patience` long. What still runs then is left
    /// running and followed by the next daemon.
    pub(super) async fn drain_tasks(&self, patience: Duration) {
        let (done, drained) = oneshot::channel();
        self.parts.tasks.do_send(DrainTasks { done });
        if tokio::time::timeout(patience, drained).await.is_err() {
            log::info!("tasks still run; the next start follows them to their end");
        }
    }
}
