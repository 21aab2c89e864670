//! The checks of an instance's health: when they begin, and what comes back.
//!
//! One at a time for an instance, and a bounded number in the fleet. A check is no effect: it goes on beside looks, and is given
//! up when an effect begins, since whatever it found would be about something else.

use actix::{AsyncContext as _, Context, Handler, SpawnHandle};
use tokio::time::Instant;

use super::super::messages::{Checked, RoundNow};
use super::state::{Check, Found};
use super::{Cut, Instance};
use crate::decide::{Decision, Rule};
use crate::health::Standing;
use crate::metrics::Probed;
use crate::model::{EventKind, HealthAction, Incarnation, NewEvent, ProbeEnd};
use crate::ports::RuntimeError;

#[derive(Debug, Default)]
pub(super) struct Checkups {
    /// The alarm for the next one, and when it rings.
    alarm: Option<(SpawnHandle, Instant)>,
    /// The one under way, and whom it checks.
    running: Option<(Cut, Incarnation)>,
    /// Raised with each; what comes back under an older number is dropped.
    number: u64,
}

impl Instance {
    /// Begins the check that is due, or sets the alarm for it; gives up one that has no object any more.
    pub(super) fn plan_check(&mut self, ctx: &mut Context<Self>) {
        let next = if self.stopping { None } else { self.state.next_check(self.now()) };
        let life = next.as_ref().map(|(_, check)| &check.life);
        if self.checkups.running.as_ref().is_some_and(|(_, of)| Some(of) == life) {
            return;
        }
        self.checkups.running = None;
        let due = next.as_ref().map(|(due, _)| *due);
        if self.checkups.alarm.is_some_and(|(_, at)| Some(at) == due) {
            return;
        }
        if let Some((alarm, _)) = self.checkups.alarm.take() {
            ctx.cancel_future(alarm);
        }
        let Some((due, check)) = next else { return };
        let pause = due.saturating_duration_since(self.tools.clock.now());
        if pause.is_zero() {
            return self.check(check, ctx);
        }
        let alarm = ctx.run_later(pause, |instance, ctx| {
            instance.checkups.alarm = None;
            instance.plan_check(ctx);
        });
        self.checkups.alarm = Some((alarm, due));
    }

    fn check(&mut self, check: Check, ctx: &mut Context<Self>) {
        self.state.check_begins(self.now());
        self.checkups.number += 1;
        let (number, life, addr) = (self.checkups.number, check.life.clone(), ctx.address());
        let (tools, permits) = (self.tools.clone(), self.permits.clone());
        let checking = actix::spawn(async move {
            let permit = permits.checks().acquire().await;
            let mut found = Found::default();
            if let Some(request) = &check.probe {
                found.probe = Some(tools.runtime.probe(&check.container, request).await);
            }
            let missed = matches!(&found.probe, Some(Ok(end)) if !end.passed());
            if check.listens && (missed || check.ails) {
                found.last_line = Some(tools.runtime.last_output(&check.container).await);
            }
            drop(permit);
            addr.do_send(Checked { number, life: check.life, found });
        });
        self.checkups.running = Some((Cut(checking.abort_handle()), life));
    }

    /// An effect begins: whatever a check finds now is not about what comes after it.
    pub(super) fn give_up_check(&mut self) {
        self.checkups.running = None;
        self.checkups.number += 1;
    }

    /// Takes the restart that was decided out of the fleet's budget; false: somebody else was before it.
    pub(super) fn may_restart(&mut self, decision: &Decision) -> bool {
        if decision.rule != Rule::Unhealthy {
            return true;
        }
        let now = self.now();
        let Some(complaint) = self.state.complaint() else { return false };
        if !self.permits.restarts().spend(&self.state.name, complaint, now.mono) {
            return false;
        }
        self.tools.metrics.health_restart();
        self.state.begins_cure(now);
        true
    }

    /// Tells the fleet's budget who waits for it, and who does not any more.
    pub(super) fn tell_budget(&mut self) {
        let (budget, name) = (self.permits.restarts(), &self.state.name);
        let waits = self.state.decision.as_ref().is_some_and(|d| d.rule == Rule::UnhealthyBudget);
        let told = match (self.state.is_cured(), self.state.complaint().filter(|_| waits)) {
            (_, Some(complaint)) => budget.refuse(name, complaint).map(|incident| {
                let detail = format!(
                    "more agents are to be restarted for their health than the budget allows ({}): look at what they \
                     have in common; one is restarted every {} s until all of them are healthy",
                    incident.names(),
                    incident.limits.window.as_secs(),
                );
                (EventKind::HealthIncident, detail, incident)
            }),
            (Some(true), None) => budget.well(name).map(|incident| {
                let detail = format!("all that it was about are healthy or gone: {}", incident.names());
                (EventKind::HealthIncidentOver, detail, incident)
            }),
            (Some(false) | None, None) => None,
        };
        if let Some((kind, detail, incident)) = told {
            log::warn!("{kind}: {detail}");
            self.tools.metrics.health_incident(kind == EventKind::HealthIncident);
            self.emit([NewEvent::new(kind, self.now().wall).detail(detail).data(incident.data())]);
        }
    }
}

impl Handler<Checked> for Instance {
    type Result = ();

    fn handle(&mut self, Checked { number, life, found }: Checked, ctx: &mut Self::Context) {
        if number != self.checkups.number {
            return;
        }
        self.checkups.running = None;
        if let Some(probe) = &found.probe {
            self.tools.metrics.probed(word(probe));
        }
        let failed = found.probe.as_ref().and_then(|probe| probe.as_ref().err());
        let now = self.now();
        match failed {
            Some(error) if error.is_outage() => self.watchdog.do_send(RoundNow),
            // It may have ended under the probe.
            Some(RuntimeError::NotFound { .. } | RuntimeError::Conflict { .. }) => {
                self.look_after = Some(now.mono);
            }
            Some(_) | None => {}
        }
        let events = self.state.checked(&life, found, now);
        self.emit(events);
        let may_act = matches!(self.state.standing(), Standing::Unhealthy(_))
            && self.state.health_action() == Some(HealthAction::Restart);
        if may_act {
            // What is done about it is not to rest on what was seen a while ago.
            self.look_after = Some(now.mono);
        }
        self.step(ctx);
    }
}

fn word(probe: &Result<ProbeEnd, RuntimeError>) -> Probed {
    match probe {
        Ok(end) if end.passed() => Probed::Passed,
        Ok(_) => Probed::Failed,
        Err(_) => Probed::Unknown,
    }
}
