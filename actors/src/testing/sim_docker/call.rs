//! The way of one call: into the journal, through latency and faults, to its effect, and back.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::faults::{Fate, LateEffect, unreachable};
use super::journal::{Call, Verb};
use super::state::State;
use super::{Engine, SimDocker};
use crate::ports::RuntimeError;

/// Deadlines of the port.
pub(super) const LOOK: Duration = Duration::from_secs(10);
pub(super) const CHANGE: Duration = Duration::from_secs(30);
/// A pull moves whole images.
pub(super) const PULL: Duration = Duration::from_mins(10);
/// On top of the grace of a stop.
pub(super) const STOP_EXTRA: Duration = Duration::from_secs(15);

/// One call on its way.
pub(super) struct Pass {
    verb: Verb,
    place: usize,
    epoch: u64,
    until: Instant,
    deadline: Duration,
    fate: Fate,
}

impl SimDocker {
    /// Begins a call: it stands in the journal from now on.
    pub(super) fn enter(&self, verb: Verb, subject: String, deadline: Duration) -> Pass {
        let fleet = self.fleet;
        self.with(|state| {
            let call = Call {
                at: state.elapsed(),
                fleet,
                verb,
                subject,
                changes: verb.changes(),
                ok: false,
                error: None,
            };
            state.journal.push(call);
            Pass {
                verb,
                place: state.journal.len() - 1,
                epoch: state.epoch,
                until: state.now + deadline,
                deadline,
                // A call that may wait for ever has no deadline for fate to play with.
                fate: state.faults.fate(verb, deadline.min(PULL)),
            }
        })
    }

    /// Ends a call with what its caller is told.
    pub(super) fn leave<R>(&self, pass: &Pass, result: Result<R, RuntimeError>) -> Result<R, RuntimeError> {
        self.with(|state| {
            let call = &mut state.journal[pass.place];
            call.ok = result.is_ok();
            call.error = result.as_ref().err().cloned();
        });
        result
    }

    /// A whole call with one effect.
    pub(super) async fn call<R: Send + 'static>(
        &self,
        verb: Verb,
        subject: String,
        deadline: Duration,
        effect: impl FnOnce(&mut State) -> Result<R, RuntimeError> + Send + 'static,
    ) -> Result<R, RuntimeError> {
        let pass = self.enter(verb, subject, deadline);
        let result = self.perform(&pass, effect).await;
        self.leave(&pass, result)
    }

    /// The effect, after half of the latency, and whatever fate has in store for it.
    pub(super) async fn perform<R: Send + 'static>(
        &self,
        pass: &Pass,
        effect: impl FnOnce(&mut State) -> Result<R, RuntimeError> + Send + 'static,
    ) -> Result<R, RuntimeError> {
        let latency = self.look(|state| state.faults.latency(pass.verb));
        if latency >= pass.deadline {
            self.work_without_caller(latency, effect);
            sleep_until(pass.until).await;
            return Err(pass.timeout());
        }
        sleep(latency / 2).await;
        let mut late = Late { engine: &self.engine, verb: pass.verb, effect: Some(effect) };
        self.hang_while(pass, |state| state.faults.hung.contains(&pass.verb)).await?;
        let Some(effect) = late.effect.take() else { return Err(unreachable()) };
        if let Fate::FailsBefore(error) = &pass.fate {
            wait_out(error).await;
            return Err(error.clone());
        }
        let result = self.with(|state| {
            pass.connected(state)?;
            effect(state)
        });
        sleep(latency / 2).await;
        self.hang_while(pass, |state| state.faults.hung_after.contains(&pass.verb)).await?;
        if let Fate::FailsAfter(error) = &pass.fate {
            wait_out(error).await;
            return Err(error.clone());
        }
        self.look(|state| pass.connected(state))?;
        result
    }

    /// Waits as long as `condition` holds; the connection may break meanwhile, and the deadline may pass.
    pub(super) async fn wait_while(
        &self,
        pass: &Pass,
        condition: impl Fn(&State) -> bool + Send,
    ) -> Result<(), RuntimeError> {
        let mut revision = self.look(|state| state.revision.subscribe());
        let check = |state: &State| pass.connected(state).map(|()| condition(state));
        while self.look(check)? {
            tokio::select! {
                changed = revision.changed() => changed.map_err(|_| unreachable())?,
                () = sleep_until(pass.until) => return Err(pass.timeout()),
            }
        }
        Ok(())
    }

    /// As [`SimDocker::wait_while`], and tests can see that a call hangs.
    async fn hang_while(
        &self,
        pass: &Pass,
        condition: impl Fn(&State) -> bool + Send,
    ) -> Result<(), RuntimeError> {
        if !self.look(&condition) {
            return Ok(());
        }
        let _waiting = Waiting::new(&self.engine, pass.verb);
        self.wait_while(pass, condition).await
    }

    /// Docker is slower than the caller's patience: the work is done all the same.
    fn work_without_caller<R>(
        &self,
        latency: Duration,
        effect: impl FnOnce(&mut State) -> Result<R, RuntimeError> + Send + 'static,
    ) {
        let engine = self.engine.clone();
        tokio::spawn(async move {
            sleep(latency).await;
            engine.with(|state| drop(effect(state)));
        });
    }
}

impl Pass {
    fn timeout(&self) -> RuntimeError {
        RuntimeError::Timeout { verb: self.verb.into(), after: self.deadline }
    }

    fn connected(&self, state: &State) -> Result<(), RuntimeError> {
        let broken = state.faults.unreachable || state.epoch != self.epoch;
        if broken { Err(unreachable()) } else { Ok(()) }
    }
}

/// A scripted timeout takes its time.
async fn wait_out(error: &RuntimeError) {
    if let RuntimeError::Timeout { after, .. } = error {
        sleep(*after).await;
    }
}

/// The effect of a call that may hang. Dropped before its time it may still happen late, as docker goes on with a
/// request whose caller has gone.
struct Late<'a, R, F>
where
    F: FnOnce(&mut State) -> Result<R, RuntimeError> + Send + 'static,
{
    engine: &'a Arc<Engine>,
    verb: Verb,
    effect: Option<F>,
}

impl<R, F> Drop for Late<'_, R, F>
where
    F: FnOnce(&mut State) -> Result<R, RuntimeError> + Send + 'static,
{
    fn drop(&mut self) {
        let (verb, Some(effect)) = (self.verb, self.effect.take()) else { return };
        self.engine.with(|state| {
            if state.faults.works_late.contains(&verb) {
                let late: LateEffect = Box::new(move |state| drop(effect(state)));
                state.faults.late.push((verb, late));
            }
        });
    }
}

/// Counts a hanging call for as long as it hangs.
struct Waiting<'a> {
    engine: &'a Arc<Engine>,
    verb: Verb,
}

impl<'a> Waiting<'a> {
    fn new(engine: &'a Arc<Engine>, verb: Verb) -> Self {
        engine.with(|state| *state.faults.waiting.entry(verb).or_default() += 1);
        Self { engine, verb }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let verb = self.verb;
        self.engine.with(|state| {
            if let Some(count) = state.faults.waiting.get_mut(&verb) {
                *count = count.saturating_sub(1);
            }
        });
    }
}
