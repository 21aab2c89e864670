//! From the queue to an instance that runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{ASK_AGAIN, Cut, Story, holder};
use crate::handle::FleetError;
use crate::model::{
    ClaimRequest, ClaimTarget, EventKind, FleetSnapshot, Incarnation, InstanceName, Phase, TaskState,
};

/// Longest that a task waits for its instance to run once it has it (DESIGN 11: a start is bounded at 5 min).
const WAKE_MOST: Duration = Duration::from_mins(5);

/// Why an instance that a task has got does not run.
enum Asleep {
    /// Its row is gone.
    Deleted,
    /// It is parked, so nobody starts it.
    Parked,
    /// In words.
    Still(String),
}

/// Why nobody waits in the queue any more.
enum GivenUp {
    Cancelled,
    Deleted,
}

impl Story {
    /// False if it ended on the way.
    pub(super) async fn begin(&mut self) -> Result<bool, Cut> {
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
                self.task.volume = self.volume_of(&instance).await?;
                self.task.started_at = Some(self.tools.clock.wall());
                self.store(TaskState::Running).await?;
                self.tell_event(EventKind::TaskStarted, None);
                Ok(true)
            }
            Err(Asleep::Still(why)) if self.cancelled() => {
                self.finish(TaskState::Cancelled, "cancelled", None, Some(why)).await
            }
            Err(Asleep::Still(why)) => self.finish(TaskState::Failed, "not_awake", None, Some(why)).await,
            Err(Asleep::Deleted) => self.orphaned(&instance).await,
            Err(Asleep::Parked) => self.queue_again(&instance).await,
        }
    }

    /// Its agent was deleted before it ran: another one may take it, unless it was meant for this one.
    async fn orphaned(&mut self, instance: &InstanceName) -> Result<bool, Cut> {
        match self.task.target {
            ClaimTarget::Instance(_) => self.deleted().await,
            ClaimTarget::Type(_) => self.queue_again(instance).await,
        }
    }

    /// Gives back what it has, and waits for another one, or for the same to be reopened.
    async fn queue_again(&mut self, instance: &InstanceName) -> Result<bool, Cut> {
        self.fleet.task_in(self.task.id, instance, false);
        if let Some(lease) = self.lease.take() {
            self.fleet.give_back(lease.id, false);
        }
        self.task.instance = None;
        self.store(TaskState::Queued).await?;
        Ok(true)
    }

    /// The end of a task whose agent is gone before it ran.
    pub(super) async fn deleted(&mut self) -> Result<bool, Cut> {
        if self.cancelled() {
            return self.finish(TaskState::Cancelled, "cancelled", None, None).await;
        }
        let detail = "its agent was deleted before it began".to_owned();
        self.finish(TaskState::Failed, "agent_deleted", None, Some(detail)).await
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
        let mut given_up = None;
        let granted = self.fleet.grant(request, true, async { given_up = Some(self.gives_up().await) }).await;
        match (granted, given_up) {
            (Ok(lease), _) => {
                let instance = lease.instance.clone();
                self.lease = Some(lease);
                Ok(Some(instance))
            }
            (Err(_), Some(GivenUp::Cancelled)) => {
                self.finish(TaskState::Cancelled, "cancelled", None, None).await?;
                Ok(None)
            }
            (Err(_), Some(GivenUp::Deleted)) => {
                self.deleted().await?;
                Ok(None)
            }
            (Err(FleetError::Stopping | FleetError::Busy(_)), None) => Err(Cut::Stopping),
            (Err(error), None) => {
                self.finish(TaskState::Failed, "no_instance", None, Some(error.to_string())).await?;
                Ok(None)
            }
        }
    }

    /// Resolves when it is of no use to wait for an instance any longer.
    async fn gives_up(&self) -> GivenUp {
        let mut wish = self.wish.clone();
        tokio::select! {
            _ = wish.wait_for(|wish| wish.cancel) => GivenUp::Cancelled,
            () = self.target_is_deleted() => GivenUp::Deleted,
        }
    }

    async fn target_is_deleted(&self) {
        match &self.task.target {
            ClaimTarget::Instance(name) => self.is_deleted(name).await,
            // One of this type may come yet.
            ClaimTarget::Type(_) => std::future::pending().await,
        }
    }

    /// Resolves when the agent has no row any more. That the picture lacks it may only mean that the picture is young, or
    /// the database suspect: the row itself must be gone.
    async fn is_deleted(&self, name: &InstanceName) {
        let mut pictures = self.fleet.watch();
        let lacks = |picture: &Arc<FleetSnapshot>| {
            picture.booted && picture.suspended.is_none() && !picture.agents.contains_key(name)
        };
        while pictures.wait_for(lacks).await.is_ok() {
            match self.tools.store.agent(name).await {
                Ok(None) => return,
                Ok(Some(_)) => {}
                Err(error) => log::info!(task:% = self.task.id; "its agent's row cannot be read: {error}"),
            }
            sleep(ASK_AGAIN).await;
        }
        // Without a registry nobody can tell.
        std::future::pending::<()>().await;
    }

    /// Waits until the instance runs and knows that the task is about to.
    async fn woken(&self, instance: &InstanceName) -> Result<Incarnation, Asleep> {
        let mut pictures = self.fleet.watch();
        let id = self.task.id;
        let runs = |snapshot: &Arc<FleetSnapshot>| {
            snapshot
                .agents
                .get(instance)
                .is_some_and(|agent| agent.observed.phase == Phase::Running && agent.task == Some(id))
        };
        let sleeps_parked = |snapshot: &Arc<FleetSnapshot>| {
            let agent = snapshot.agents.get(instance).filter(|agent| agent.task == Some(id));
            agent.is_some_and(|agent| agent.parked.is_some() && agent.observed.phase != Phase::Running)
        };
        let mut wish = self.wish.clone();
        let deadline = Instant::now() + WAKE_MOST;
        let mut others = self.fleet.watch();
        let outcome = tokio::select! {
            woken = tokio::time::timeout_at(deadline, pictures.wait_for(runs)) => woken.is_ok(),
            // Under a lease of its caller it has no other place.
            Ok(_) = others.wait_for(sleeps_parked), if self.lease.is_some() => return Err(Asleep::Parked),
            _ = wish.wait_for(|wish| wish.cancel) => false,
            () = self.is_deleted(instance) => return Err(Asleep::Deleted),
        };
        let agent = self.fleet.snapshot().agents.get(instance).cloned();
        let still = match agent {
            Some(agent) if outcome => match agent.observed.incarnation.clone() {
                Some(incarnation) => return Ok(incarnation),
                None => format!("{instance} has no container"),
            },
            Some(agent) => format!("{instance} does not run, it is {}", agent.observed.phase),
            None => format!("{instance} is gone"),
        };
        Err(Asleep::Still(still))
    }
}
