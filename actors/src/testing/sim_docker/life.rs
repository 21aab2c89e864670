//! How a container's process begins, ends and comes back.
//!
//! The numbers are docker's own: a restart waits 100 ms, doubling to a minute, and a run of ten seconds forgives.

use std::time::Duration;

use super::images::Behaviour;
use super::runs::RunEnd;
use super::state::State;
use crate::model::{ContainerId, ContainerState, Health, RestartPolicy};
use crate::ports::RuntimeError;

const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);
const FORGIVEN_AFTER: Duration = Duration::from_secs(10);

/// How long a process that heeds SIGTERM takes to end (measured with `--init`: 0.09 s).
pub(super) const TERM_TAKES: Duration = Duration::from_millis(90);

/// Something that happens to one life of a container when its time has come.
#[derive(Debug)]
pub(super) struct Timer {
    id: ContainerId,
    life: u64,
    due: Due,
}

#[derive(Debug)]
enum Due {
    /// The process ends by itself.
    Exit { code: i64 },
    /// The process ends because of `stop`.
    Stopped { code: i64 },
    /// The restart policy brings it back.
    Restart,
    /// A removal that took its time is done.
    Gone,
    /// A run in it ends.
    Run(RunEnd),
}

/// Who starts a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starter {
    /// The supervisor, through the port.
    Port,
    /// An operator, or dockerd after its own restart.
    Outside,
    /// Docker's restart policy.
    Policy,
}

impl State {
    pub(super) fn fire(&mut self, timer: &Timer) {
        let current = self.containers.get(&timer.id).is_some_and(|c| c.life == timer.life);
        if !current {
            return;
        }
        match &timer.due {
            &Due::Exit { code } => self.exit(&timer.id, code, false),
            &Due::Stopped { code } => self.end(&timer.id, code),
            Due::Restart => {
                // A failure stands in the container's `error`, as with docker.
                let _failed = self.begin(&timer.id, Starter::Policy);
            }
            Due::Gone => self.vanish(&timer.id),
            Due::Run(end) => self.end_run(end),
        }
    }

    fn after(&mut self, delay: Duration, id: &ContainerId, due: Due) {
        let Some(container) = self.containers.get(id) else { return };
        let timer = Timer { id: id.clone(), life: container.life, due };
        let at = self.now + delay;
        self.schedule(at, timer);
    }

    pub(super) fn end_run_after(&mut self, delay: Duration, id: &ContainerId, end: RunEnd) {
        self.after(delay, id, Due::Run(end));
    }

    /// `docker start`: what runs or is about to be restarted is left alone.
    pub(super) fn start(&mut self, id: &ContainerId, by: Starter) -> Result<(), RuntimeError> {
        let name = self.name_of(id);
        let container = self.find(id)?;
        match container.seen.state {
            ContainerState::Running | ContainerState::Restarting => return Ok(()),
            ContainerState::Paused => {
                let detail = format!("cannot start a paused container, try unpause instead: {name}");
                return Err(RuntimeError::Conflict { detail });
            }
            ContainerState::Dead | ContainerState::Removing => {
                let detail = format!("container {name} is marked for removal and cannot be started");
                return Err(RuntimeError::Conflict { detail });
            }
            ContainerState::Created | ContainerState::Exited => {}
        }
        container.seen.restart_count = 0;
        container.stopped_by_hand = false;
        container.backoff = Duration::ZERO;
        self.begin(id, by)
    }

    fn begin(&mut self, id: &ContainerId, by: Starter) -> Result<(), RuntimeError> {
        let now = self.now;
        let stamp = self.stamp();
        let behaviour = self.behaviour_of(id);
        let container = self.find(id)?;
        container.life += 1;
        container.restart_due = None;
        if let Some(error) = behaviour.cannot_start {
            // One that never ran stays `created`, one that did is `exited`.
            if container.seen.ever_started() {
                container.seen.state = ContainerState::Exited;
            }
            container.seen.exit_code = 128;
            container.seen.error.clone_from(&error);
            return Err(RuntimeError::Other { verb: "start", code: "1".into(), stderr: error });
        }
        container.began = now;
        container.log.extend(behaviour.says.into_iter().map(|line| (stamp, line)));
        let seen = &mut container.seen;
        seen.state = ContainerState::Running;
        seen.started_at = stamp.to_string();
        seen.exit_code = 0;
        seen.oom_killed = false;
        seen.error.clear();
        // Where there is a HEALTHCHECK it begins anew.
        seen.health = seen.health.map(|_| Health::Starting);
        self.emit(id, "start");
        if by != Starter::Outside {
            self.check_twins(id);
        }
        if let Some((delay, code)) = behaviour.exits {
            self.after(delay, id, Due::Exit { code });
        }
        Ok(())
    }

    /// The process ended by itself or was killed from the host: the restart policy decides.
    pub(super) fn exit(&mut self, id: &ContainerId, code: i64, oom: bool) {
        let now = self.now;
        let Some(container) = self.containers.get_mut(id) else { return };
        if now.saturating_duration_since(container.began) >= FORGIVEN_AFTER {
            container.backoff = Duration::ZERO;
        }
        let wanted = match container.seen.restart_policy {
            RestartPolicy::Always | RestartPolicy::UnlessStopped => true,
            RestartPolicy::OnFailure => code != 0,
            RestartPolicy::No => false,
        };
        let comes_back = wanted && !container.stopped_by_hand;
        self.set_down(id, code, oom);
        let Some(container) = self.containers.get_mut(id) else { return };
        if comes_back {
            container.backoff = match container.backoff {
                Duration::ZERO => FIRST_BACKOFF,
                before => (before * 2).min(LONGEST_BACKOFF),
            };
            let delay = container.backoff;
            container.restart_due = Some(now + delay);
            container.seen.state = ContainerState::Restarting;
            container.seen.restart_count += 1;
            self.after(delay, id, Due::Restart);
        }
    }

    /// The process ended because somebody stopped or killed it: it stays down.
    pub(super) fn end(&mut self, id: &ContainerId, code: i64) {
        if let Some(container) = self.containers.get_mut(id) {
            container.stopped_by_hand = true;
            self.set_down(id, code, false);
            self.emit(id, "stop");
        }
    }

    /// Down, with a new life number so that no timer of the old one counts.
    pub(super) fn set_down(&mut self, id: &ContainerId, code: i64, oom: bool) {
        let stamp = self.stamp();
        let Some(container) = self.containers.get_mut(id) else { return };
        container.life += 1;
        container.restart_due = None;
        let seen = &mut container.seen;
        seen.state = ContainerState::Exited;
        seen.finished_at = stamp.to_string();
        seen.exit_code = code;
        seen.oom_killed = oom;
        if oom {
            self.emit(id, "oom");
        }
        self.emit(id, "die");
    }

    /// `docker stop` up to the signal; the end follows by itself, even if the caller goes away.
    pub(super) fn signal_stop(&mut self, id: &ContainerId, grace: Duration) -> Result<(), RuntimeError> {
        let ignores_term = self.behaviour_of(id).ignores_term;
        let container = self.find(id)?;
        match container.seen.state {
            ContainerState::Running | ContainerState::Paused => {
                container.stopped_by_hand = true;
                let (delay, code) = if ignores_term { (grace, 137) } else { (TERM_TAKES.min(grace), 143) };
                self.emit(id, "kill");
                self.after(delay, id, Due::Stopped { code });
            }
            ContainerState::Restarting => self.stop_in_backoff(id),
            ContainerState::Created
            | ContainerState::Exited
            | ContainerState::Dead
            | ContainerState::Removing => {}
        }
        Ok(())
    }

    /// There is no process to end. Unless the policy was set to `no` first, the pending restart may still come: docker
    /// does so now and then, the simulation does so always.
    fn stop_in_backoff(&mut self, id: &ContainerId) {
        let now = self.now;
        let resurrects = self.faults.resurrects;
        let Some(container) = self.containers.get_mut(id) else { return };
        let due = container.restart_due.take();
        let policy = container.seen.restart_policy;
        container.stopped_by_hand = true;
        container.life += 1;
        container.seen.state = ContainerState::Exited;
        if let Some(due) = due
            && resurrects
            && policy != RestartPolicy::No
        {
            self.after(due.saturating_duration_since(now), id, Due::Restart);
        }
    }

    /// `docker kill`: down at once, and it stays so.
    pub(super) fn kill(&mut self, id: &ContainerId) -> Result<(), RuntimeError> {
        let name = self.name_of(id);
        match self.find(id)?.seen.state {
            ContainerState::Running | ContainerState::Paused => {
                self.emit(id, "kill");
                self.end(id, 137);
                Ok(())
            }
            ContainerState::Restarting => {
                self.stop_in_backoff(id);
                Ok(())
            }
            ContainerState::Created
            | ContainerState::Exited
            | ContainerState::Dead
            | ContainerState::Removing => {
                Err(RuntimeError::Conflict { detail: format!("container {name} is not running") })
            }
        }
    }

    /// The container is being removed and will be gone after `delay`.
    pub(super) fn vanish_after(&mut self, id: &ContainerId, delay: Duration) {
        if let Some(container) = self.containers.get_mut(id) {
            container.life += 1;
            container.restart_due = None;
            container.seen.state = ContainerState::Removing;
            self.after(delay, id, Due::Gone);
        }
    }

    pub(super) fn vanish(&mut self, id: &ContainerId) {
        self.emit(id, "destroy");
        self.containers.remove(id);
    }

    fn behaviour_of(&self, id: &ContainerId) -> Behaviour {
        let image = self.containers.get(id).map(|c| c.seen.image_id.as_str());
        image.map(|image| self.images.behaviour(image)).unwrap_or_default()
    }
}

/// Of dockerd itself: what ran, after it went down and came up again.
impl State {
    pub(super) fn restart_engine(&mut self, comes_back: bool) {
        self.epoch += 1;
        let up: Vec<ContainerId> =
            self.containers.iter().filter(|(_, c)| c.is_up()).map(|(id, _)| id.clone()).collect();
        for id in up {
            let silent = std::mem::replace(&mut self.silent, true);
            self.set_down(&id, 137, false);
            self.silent = silent;
            let Some(container) = self.containers.get(&id) else { continue };
            let policy = container.seen.restart_policy;
            let revived = match policy {
                RestartPolicy::Always | RestartPolicy::UnlessStopped => !container.stopped_by_hand,
                RestartPolicy::OnFailure | RestartPolicy::No => false,
            };
            if comes_back && revived {
                // A failure stands in the container's `error`.
                let _failed = self.start(&id, Starter::Outside);
            }
        }
    }
}
