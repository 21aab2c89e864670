//! What holds for an instance beside its row: cordoned, held, parked, in need of a person.
//!
//! A parked instance is reopened by the wall clock, because its end is a time of day. Who may undo what somebody said is
//! looked at when it is its turn to be written, so that two of them cannot cross.

use std::collections::BTreeMap;
use std::time::Duration;

use actix::Handler;
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

use super::messages::{ParkReply, StandingReply};
use super::work::{Turn, Work};
use super::{Dispatcher, Forget, Park, ParkRefusal, Reopen, SetNeedsHuman, SetOwnHold, WRITE_AGAIN, Waiter};
use crate::model::{EventKind, HumanNeed, InstanceName, NewEvent, Parked, SaidBy, Standing, reopening};
use crate::ports::StoreError;

/// The wall clock is looked at so often while something is parked: it may be set, and the host may sleep.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);

/// When a hold ends on the monotonic clock; `None` if it is over.
pub(super) fn held_until(standing: &Standing, now: Instant, wall: Timestamp) -> Option<Instant> {
    let left = standing.hold_until?.duration_since(wall);
    Some(now + Duration::try_from(left).ok().filter(|left| !left.is_zero())?)
}

/// Those whose end passed while no daemon ran are reopened one after the other too.
pub(super) fn overdue_apart(
    mut standings: BTreeMap<InstanceName, Standing>,
    now: Timestamp,
) -> BTreeMap<InstanceName, Standing> {
    let mut taken: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    let overdue = standings.values_mut().filter_map(|standing| standing.parked.as_mut());
    for parked in overdue.filter(|parked| parked.reopens_at.is_some_and(|at| at <= now)) {
        let taken = parked.account.clone().map(|account| taken.entry(account).or_default());
        let at = reopening(now, taken.as_deref().map_or(&[], Vec::as_slice));
        parked.reopens_at = Some(at);
        if let Some(taken) = taken {
            taken.push(at);
        }
    }
    standings
}

/// What somebody with more say has said stands.
fn refused(said: Option<SaidBy>, by: SaidBy) -> Option<ParkRefusal> {
    said.filter(|said| *said < by).map(ParkRefusal::SaidByOther)
}

impl Dispatcher {
    pub(super) fn stood(&mut self, name: &InstanceName, standing: Standing) {
        let (now, wall) = (self.tools.clock.now(), self.tools.clock.wall());
        match held_until(&standing, now, wall) {
            Some(until) => self.awake_until.insert(name.clone(), until),
            None => self.awake_until.remove(name),
        };
        self.standings.insert(name.clone(), standing);
        self.tell(name);
    }

    fn parked(&self, name: &InstanceName) -> Option<&Parked> {
        self.standings.get(name)?.parked.as_ref()
    }

    /// Everybody it could have is parked, and nobody is reopened while it waits.
    pub(super) fn hopeless(&self, waiter: &Waiter) -> bool {
        let any_parked = self.standings.values().any(|standing| standing.parked.is_some());
        let Some(deadline) = waiter.deadline.filter(|_| any_parked) else { return false };
        let choice = self.choice(&waiter.request.target);
        let (now, wall) = (self.tools.clock.now(), self.tools.clock.wall());
        let in_time = |at: Timestamp| {
            let left = Duration::try_from(at.duration_since(wall)).unwrap_or_default();
            left <= deadline.saturating_duration_since(now)
        };
        choice.all_parked() && !choice.reopens_at().is_some_and(in_time)
    }

    pub(super) fn is_due(&self, name: &InstanceName) -> bool {
        let now = self.tools.clock.wall();
        self.parked(name).and_then(|parked| parked.reopens_at).is_some_and(|at| at <= now)
    }

    pub(super) fn reopen_due(&mut self) {
        if self.stopping {
            return;
        }
        let due: Vec<InstanceName> =
            self.standings.keys().filter(|name| self.is_due(name)).cloned().collect();
        for name in due {
            let waits = |turn: &Turn| matches!(turn, Turn::ReopenDue { name: of } if *of == name);
            if !self.work.iter().any(waits) {
                self.work.push_back(Turn::ReopenDue { name });
            }
        }
    }

    /// When something changes here by time alone.
    pub(super) fn next_standing(&self, now: Instant) -> Option<Instant> {
        let wall = self.tools.clock.wall();
        let reopens = self.standings.values().filter_map(|standing| standing.parked.as_ref()?.reopens_at);
        let next = reopens.filter(|at| *at > wall).min().map(|at| {
            let left = Duration::try_from(at.duration_since(wall)).unwrap_or_default();
            now + left.clamp(Duration::from_millis(1), LOOK_AT_CLOCK)
        });
        next.into_iter().chain(self.next_progress()).min()
    }

    pub(super) fn due_park(
        &mut self,
        name: InstanceName,
        mut parked: Parked,
        reply: ParkReply,
    ) -> Option<Work> {
        if let Some(refusal) = refused(self.parked(&name).map(|before| before.by), parked.by) {
            drop(reply.send(Err(refusal)));
            return None;
        }
        let of_account = |other: &Parked| parked.account.is_some() && other.account == parked.account;
        let others = self.standings.iter().filter(|(other, _)| **other != name);
        let others = others.filter_map(|(_, standing)| standing.parked.as_ref());
        let taken: Vec<Timestamp> =
            others.filter(|other| of_account(other)).filter_map(|other| other.reopens_at).collect();
        parked.reopens_at = parked.until.map(|until| reopening(until, &taken));
        Some(Work::Park { name, parked: Some(parked), cause: "", reply: Some(reply) })
    }

    pub(super) fn due_reopen(&mut self, name: InstanceName, by: SaidBy, reply: ParkReply) -> Option<Work> {
        if let Some(refusal) = refused(self.parked(&name).map(|before| before.by), by) {
            drop(reply.send(Err(refusal)));
            return None;
        }
        Some(Work::Park { name, parked: None, cause: by.into(), reply: Some(reply) })
    }

    pub(super) fn due_need_human(
        &mut self,
        name: InstanceName,
        need: Option<HumanNeed>,
        by: SaidBy,
        reply: ParkReply,
    ) -> Option<Work> {
        let before = self.standings.get(&name).and_then(|standing| standing.needs_human.as_ref());
        if let Some(refusal) = refused(before.map(|before| before.by), by) {
            drop(reply.send(Err(refusal)));
            return None;
        }
        Some(Work::NeedHuman { name, need, reply })
    }

    pub(super) fn due_own_hold(
        &mut self,
        name: InstanceName,
        until: Option<Timestamp>,
        reply: StandingReply,
    ) -> Option<Work> {
        let standing = self.standings.get(&name).cloned().unwrap_or_default();
        let is_its_own = standing.hold_until == self.own_holds.get(&name).copied();
        let changes = match until {
            Some(until) => standing.hold_until.is_none_or(|before| before < until),
            None => standing.hold_until.is_some() && is_its_own,
        };
        if !changes {
            drop(reply.send(Ok(standing)));
            return None;
        }
        match until {
            Some(until) => self.own_holds.insert(name.clone(), until),
            None => self.own_holds.remove(&name),
        };
        Some(Work::Hold { name, until, reply })
    }

    pub(super) fn park_written(
        &mut self,
        name: &InstanceName,
        cause: &'static str,
        reply: Option<ParkReply>,
        result: Result<Standing, StoreError>,
    ) {
        match &result {
            Ok(standing) => {
                let before = self.parked(name).cloned();
                self.stood(name, standing.clone());
                self.tell_parked(name, before.as_ref(), standing.parked.as_ref(), cause);
            }
            // Its row is gone, and with it what was said of it.
            Err(StoreError::NotFound(_)) => self.forget(name),
            Err(error) if reply.is_none() => {
                log::error!(instance = name.as_ref(); "cannot reopen it yet: {error}");
                self.reopen_later(name);
            }
            // Whoever asked hears it.
            Err(_) => {}
        }
        if let Some(reply) = reply {
            drop(reply.send(result.map_err(ParkRefusal::Store)));
        }
    }

    fn reopen_later(&mut self, name: &InstanceName) {
        let again = self.tools.clock.wall().checked_add(WRITE_AGAIN).unwrap_or(Timestamp::MAX);
        if let Some(parked) = self.standings.get_mut(name).and_then(|standing| standing.parked.as_mut()) {
            parked.reopens_at = Some(again);
        }
    }

    fn tell_parked(
        &self,
        name: &InstanceName,
        before: Option<&Parked>,
        after: Option<&Parked>,
        cause: &'static str,
    ) {
        let wall = self.tools.clock.wall();
        let event = match (before, after) {
            (_, Some(parked)) => NewEvent::new(EventKind::AgentParked, wall)
                .cause(parked.kind.to_string())
                .detail(parked.to_string())
                .data(json!(parked)),
            (Some(before), None) => NewEvent::new(EventKind::AgentReopened, wall)
                .cause(cause)
                .detail(format!("it was parked ({}) since {}", before.kind, before.since)),
            (None, None) => return,
        };
        self.emit_about(name, event.instance(name));
    }

    pub(super) fn need_human_written(
        &mut self,
        name: &InstanceName,
        reply: ParkReply,
        result: Result<Standing, StoreError>,
    ) {
        if let Ok(standing) = &result {
            let before = self.standings.get(name).and_then(|standing| standing.needs_human.clone());
            self.stood(name, standing.clone());
            let need = standing.needs_human.as_ref();
            if let Some(need) = need.filter(|need| before.is_none_or(|before| before.reason != need.reason)) {
                let event = NewEvent::new(EventKind::AgentNeedsHuman, self.tools.clock.wall());
                let event = event.instance(name).cause(need.by.to_string()).detail(need.reason.clone());
                self.emit_about(name, event);
            }
        }
        drop(reply.send(result.map_err(ParkRefusal::Store)));
    }

    /// An event about an instance, with its type.
    pub(super) fn emit_about(&self, name: &InstanceName, mut event: NewEvent) {
        event.agent_type = self.snapshot.borrow().agents.get(name).map(|agent| agent.agent_type.clone());
        self.tools.events.emit(event);
    }

    fn forget(&mut self, name: &InstanceName) {
        self.standings.remove(name);
        self.awake_until.remove(name);
        self.own_holds.remove(name);
        self.progress.remove(name);
        self.tell(name);
    }
}

impl Handler<Park> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Park { name, parked, reply }: Park, ctx: &mut Self::Context) {
        self.work.push_back(Turn::Park { name, parked, reply });
        self.advance(ctx);
    }
}

impl Handler<Reopen> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Reopen { name, by, reply }: Reopen, ctx: &mut Self::Context) {
        self.work.push_back(Turn::Reopen { name, by, reply });
        self.advance(ctx);
    }
}

impl Handler<SetNeedsHuman> for Dispatcher {
    type Result = ();

    fn handle(&mut self, SetNeedsHuman { name, need, by, reply }: SetNeedsHuman, ctx: &mut Self::Context) {
        self.work.push_back(Turn::NeedHuman { name, need, by, reply });
        self.advance(ctx);
    }
}

impl Handler<SetOwnHold> for Dispatcher {
    type Result = ();

    fn handle(&mut self, SetOwnHold { name, until, reply }: SetOwnHold, ctx: &mut Self::Context) {
        self.work.push_back(Turn::OwnHold { name, until, reply });
        self.advance(ctx);
    }
}

impl Handler<Forget> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Forget { name }: Forget, ctx: &mut Self::Context) {
        self.forget(&name);
        self.advance(ctx);
    }
}
