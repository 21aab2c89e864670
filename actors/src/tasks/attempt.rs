//! One attempt: run, or followed, until it is known what became of it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{ASK_AGAIN, Attempt, CANCEL_GRACE, Cut, Story};
use crate::model::{
    ContainerId, FleetSnapshot, Incarnation, InstanceName, RunId, RunRecord, RunState, TaskInput,
};
use crate::ports::{RunRequest, RuntimeError};

/// Longest that a task whose container ended waits to be told why.
const NOTICE_MOST: Duration = Duration::from_secs(15);

impl Story {
    /// Runs it, or follows what was begun, until its end is known.
    pub(super) async fn attempt(&mut self) -> Result<Attempt, Cut> {
        let run = RunId::new(self.task.id, self.task.attempt);
        let Some(instance) = self.task.instance.clone() else {
            return Ok(Attempt::Lost("it is not known where it ran".into()));
        };
        self.fleet.task_in(self.task.id, &instance, true);
        let input = if self.task.has_input {
            self.tools.store.task_input(self.task.id).await?
        } else {
            Some(TaskInput::default())
        };
        let Some(input) = input else { return Ok(Attempt::Lost("its input is gone".into())) };
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
                    RunState::Vanished if self.laid_to_rest(&instance, &container, &run).await => {
                        return Ok(Attempt::Vanished);
                    }
                    RunState::Vanished | RunState::Running => {}
                },
                Ok(None) if self.life().is_some_and(|life| Some(life) != self.task.incarnation) => {
                    let lost = self.has_other_volume(&instance).await?;
                    return Ok(if lost { Attempt::StateLost } else { Attempt::NeverBegan });
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

    /// Nobody attends the run any more. What it began dies with its container, and while that lives it is ended first: it
    /// must not go on beside whatever is begun next.
    async fn laid_to_rest(&self, instance: &InstanceName, container: &ContainerId, run: &RunId) -> bool {
        if self.life() != self.task.incarnation {
            return true;
        }
        let ended = self.tools.runtime.cancel_run(container, run, CANCEL_GRACE).await;
        if let Err(error) = &ended {
            log::info!(task:% = self.task.id; "what it left behind cannot be ended yet: {error}");
            // The container may have ended, and nobody have seen it.
            self.fleet.look_at(instance);
        }
        ended.is_ok()
    }

    /// The state volume of the instance, as its row knows it.
    pub(super) async fn volume_of(&self, instance: &InstanceName) -> Result<Option<String>, Cut> {
        let row = self.tools.store.agent(instance).await?;
        Ok(row.and_then(|row| row.volume).map(|volume| volume.identity().to_owned()))
    }

    async fn has_other_volume(&self, instance: &InstanceName) -> Result<bool, Cut> {
        let now = self.volume_of(instance).await?;
        Ok(now.is_some() && self.task.volume.is_some() && now != self.task.volume)
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
    pub(super) fn life(&self) -> Option<Incarnation> {
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

    /// Waits, not for ever, until the instance has noticed as well: it alone knows why its container ended.
    pub(super) async fn noticed(&self) {
        let (Some(instance), Some(life)) = (&self.task.instance, &self.task.incarnation) else { return };
        let mut pictures = self.fleet.watch();
        self.fleet.look_at(instance);
        let past = |picture: &Arc<FleetSnapshot>| {
            picture.agents.get(instance).is_none_or(|agent| agent.observed.incarnation.as_ref() != Some(life))
        };
        // In vain if docker is away, or so busy that nobody can look: then the cause is just not known.
        drop(tokio::time::timeout(NOTICE_MOST, pictures.wait_for(past)).await);
    }
}
