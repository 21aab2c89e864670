//! Health checks: what probes find, what docker's own HEALTHCHECK says, and when something was last printed.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::sleep;

use super::SimDocker;
use super::call::{CHANGE, LOOK};
use super::journal::Verb;
use super::runs::RunScript;
use crate::model::{ContainerId, Health, ProbeEnd, RunCause};
use crate::ports::{HealthRuntime, ProbeRequest, RuntimeError};

/// What the probes of a container find, whatever their command; by the name of the container.
pub(super) type Probes = BTreeMap<String, ProbeEnd>;

#[async_trait]
impl HealthRuntime for SimDocker {
    async fn probe(&self, container: &ContainerId, request: &ProbeRequest) -> Result<ProbeEnd, RuntimeError> {
        let (id, argv, timeout) = (container.clone(), request.argv.clone(), request.timeout);
        let subject = self.look(|state| state.name_of(container));
        let pass = self.enter(Verb::Probe, subject, timeout + CHANGE);
        let begun = self.perform(&pass, move |state| {
            state.need_exec(&id)?;
            let (name, life) = (state.name_of(&id), state.find(&id)?.life);
            let scripted = state.probes.get(&name).cloned().map(|end| (Duration::ZERO, end));
            let (takes, end) = scripted.unwrap_or_else(|| ended(&argv, timeout));
            Ok((takes, end, life))
        });
        let result = match begun.await {
            Ok((takes, end, life)) => {
                sleep(takes).await;
                let lives =
                    self.look(|state| state.containers.get(container).is_some_and(|c| c.life == life));
                let stderr = "the runner was killed, perhaps with its container".to_owned();
                let killed = || RuntimeError::Other { verb: "exec", code: "exit code 137".into(), stderr };
                if lives { Ok(end) } else { Err(killed()) }
            }
            Err(error) => Err(error),
        };
        self.leave(&pass, result)
    }

    async fn last_output(&self, container: &ContainerId) -> Result<Option<Timestamp>, RuntimeError> {
        let id = container.clone();
        let subject = self.look(|state| state.name_of(&id));
        self.call(Verb::LastOutput, subject, LOOK, move |state| {
            Ok(state.find(&id)?.log.last().map(|(at, _)| *at))
        })
        .await
    }
}

/// What a command comes to as a probe, and how long it takes.
fn ended(argv: &[String], timeout: Duration) -> (Duration, ProbeEnd) {
    let script = RunScript::of(argv, &Bytes::new());
    let output = String::from_utf8_lossy(&script.prints).trim().to_owned();
    match script.takes.filter(|takes| *takes <= timeout) {
        Some(takes) => (takes, ProbeEnd { cause: script.cause, exit_code: script.exit_code, output }),
        None => (timeout, ProbeEnd { cause: RunCause::TimedOut, exit_code: 137, output }),
    }
}

/// What a test says of health.
impl SimDocker {
    /// From now on every probe in the container of this name ends so.
    pub fn probes_end(&self, container: &str, end: ProbeEnd) {
        self.with(|state| state.probes.insert(container.to_owned(), end));
    }

    /// From now on probes in it pass, or fail with code 1 and a word.
    pub fn probes_pass(&self, container: &str, pass: bool) {
        let (exit_code, output) = if pass { (0, String::new()) } else { (1, "no answer".to_owned()) };
        self.probes_end(container, ProbeEnd { cause: RunCause::Exited, exit_code, output });
    }

    /// From now on probes end as their commands say again.
    pub fn probes_as_ordered(&self) {
        self.with(|state| state.probes.clear());
    }

    /// Docker's HEALTHCHECK says so of a container that runs.
    pub fn healthcheck(&self, container: &str, health: Health) {
        self.with(|state| {
            let id = state.by_name(container).map(|c| c.seen.id.clone());
            let id = id.unwrap_or_else(|| panic!("the test names {container}, which does not exist"));
            state.find(&id).expect("it was just found").seen.health = Some(health);
            state.emit(
                &id,
                match health {
                    Health::Starting => "health_status: starting",
                    Health::Healthy => "health_status: healthy",
                    Health::Unhealthy => "health_status: unhealthy",
                },
            );
        });
    }
}
