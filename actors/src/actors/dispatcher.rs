//! Gives instances to whoever asks, and takes them back.
//!
//! It hears from the handle (claims, renewals, releases, cordons, holds) and tells the registry who needs which
//! instance. It owns the queue of those who wait, first come first served, and the clock of every lease; the store owns
//! which leases there are. Writes go to the store one after the other, in the order in which they were asked for, so
//! that a renewal and an expiry cannot cross. It never starts or stops anything: a leased instance wakes because its
//! own actor decides so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use self::progress::Said;
use self::standing::held_until;
use self::work::{Done, Turn, Work};
use super::messages::{InUse, UseOf};
use super::registry::Registry;
use crate::dispatch::{Choice, Occupied, choose};
use crate::effects::Tools;
use crate::model::{
    ClaimRequest, ClaimTarget, EventKind, FleetSnapshot, InstanceName, Lease, LeaseEnd, LeaseId, NewEvent,
    Standing, TaskId,
};
use crate::tasks::task_of;

mod hands;
mod messages;
mod progress;
mod standing;
mod work;

pub(crate) use messages::{
    Claim, ClaimReply, EndLease, Forget, Leases, Park, ParkRefusal, PictureChanged, Refusal, Renew, Reopen,
    Reserve, Revoke, SetCordoned, SetHold, SetNeedsHuman, SetOwnHold, SetProgress, SetTask, StopGranting,
    Unreserve, WhyWaiting,
};

/// Longest that a start may take; so long is an instance kept waking although the one who claimed it gave up.
const WAKE_MOST: Duration = Duration::from_mins(5);
/// Pause before a write that failed is tried again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);
/// How long ended leases are remembered, so that a late call hears that its lease has ended.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// How often those are forgotten.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// A lease that stands.
#[derive(Debug)]
struct Held {
    lease: Lease,
    granted: Instant,
    /// `None`: it lives as long as its task.
    deadline: Option<Instant>,
    /// Its end is being written.
    ending: bool,
}

#[derive(Debug)]
struct Waiter {
    request: ClaimRequest,
    /// The lease is kept by a task of ours, which needs no renewal.
    pinned: bool,
    /// `None`: as long as it takes.
    deadline: Option<Instant>,
    /// The store refused what the picture allowed: not again before then.
    not_before: Option<Instant>,
    reply: ClaimReply,
}

/// All about leases that outlived the last daemon.
#[derive(Debug, Default)]
pub(crate) struct Outlived {
    pub(crate) leases: Vec<Lease>,
    pub(crate) standings: BTreeMap<InstanceName, Standing>,
    /// What ran where.
    pub(crate) tasks: BTreeMap<InstanceName, TaskId>,
    /// Tasks that have not ended; they keep their leases.
    pub(crate) open: BTreeSet<TaskId>,
    /// Instances whose containers a rollout was replacing.
    pub(crate) rolling: BTreeSet<InstanceName>,
}

#[derive(Debug)]
pub(crate) struct Dispatcher {
    tools: Tools,
    registry: Addr<Registry>,
    snapshot: watch::Receiver<Arc<FleetSnapshot>>,
    held: BTreeMap<InstanceName, Held>,
    standings: BTreeMap<InstanceName, Standing>,
    /// Until when an instance is kept awake, on the monotonic clock.
    awake_until: BTreeMap<InstanceName, Instant>,
    /// Until when agents asked themselves to be kept awake.
    own_holds: BTreeMap<InstanceName, Timestamp>,
    progress: BTreeMap<InstanceName, Said>,
    tasks: BTreeMap<InstanceName, TaskId>,
    /// Taken from their holders for something that is under way.
    reserved: BTreeSet<InstanceName>,
    /// Those whose containers a rollout replaces.
    rolling: BTreeSet<InstanceName>,
    waiting: VecDeque<Waiter>,
    work: VecDeque<Turn>,
    /// A write is under way.
    writing: bool,
    stopping: bool,
    pruned: Instant,
    timer: Option<SpawnHandle>,
}

impl Dispatcher {
    /// A lease that outlived the daemon gets its whole time again: its holder could not renew it meanwhile.
    pub(crate) fn new(
        tools: Tools,
        registry: Addr<Registry>,
        snapshot: watch::Receiver<Arc<FleetSnapshot>>,
        outlived: Outlived,
    ) -> Self {
        let (now, wall) = (tools.clock.now(), tools.clock.wall());
        let held = |mut lease: Lease| {
            let kept = task_of(&lease.holder).is_some_and(|task| outlived.open.contains(&task));
            let deadline = (!kept).then(|| now + lease.ttl);
            let ahead = SignedDuration::try_from(lease.ttl).unwrap_or(SignedDuration::ZERO);
            lease.expires_at = wall.checked_add(ahead).unwrap_or(wall);
            (lease.instance.clone(), Held { lease, granted: now, deadline, ending: false })
        };
        let awake = |(name, standing): (&InstanceName, &Standing)| {
            Some((name.clone(), held_until(standing, now, wall)?))
        };
        Self {
            registry,
            snapshot,
            held: outlived.leases.into_iter().map(held).collect(),
            awake_until: outlived.standings.iter().filter_map(awake).collect(),
            own_holds: BTreeMap::new(),
            progress: BTreeMap::new(),
            standings: standing::overdue_apart(outlived.standings, wall),
            tasks: outlived.tasks,
            reserved: BTreeSet::new(),
            rolling: outlived.rolling,
            waiting: VecDeque::new(),
            work: VecDeque::new(),
            writing: false,
            stopping: false,
            pruned: now,
            timer: None,
            tools,
        }
    }

    /// Who needs which instance, for actors that are about to be born.
    pub(crate) fn uses(&self) -> BTreeMap<InstanceName, InUse> {
        let names = self.held.keys().chain(self.standings.keys()).chain(self.tasks.keys());
        names.chain(&self.rolling).map(|name| (name.clone(), self.use_of(name))).collect()
    }

    fn use_of(&self, name: &InstanceName) -> InUse {
        let (now, wall) = (self.tools.clock.now(), self.tools.clock.wall());
        let hold = self.awake_until.get(name).map(|until| {
            let ahead = SignedDuration::try_from(until.saturating_duration_since(now))
                .unwrap_or(SignedDuration::ZERO);
            (*until, wall.checked_add(ahead).unwrap_or(wall))
        });
        let standing = self.standings.get(name);
        InUse {
            lease: self.held.get(name).map(|held| held.lease.clone()),
            task: self.tasks.get(name).copied(),
            hold,
            cordoned: standing.is_some_and(|standing| standing.cordoned),
            parked: standing.and_then(|standing| standing.parked.clone()),
            needs_human: standing.and_then(|standing| standing.needs_human.clone()),
            progress: self.progress.get(name).map(|said| said.progress.clone()),
            rolling: self.rolling.contains(name),
        }
    }

    fn tell(&self, name: &InstanceName) {
        self.registry.do_send(UseOf { name: name.clone(), in_use: self.use_of(name) });
    }

    fn emit(&self, kind: EventKind, lease: &Lease, cause: &str) {
        let mut event = NewEvent::new(kind, self.tools.clock.wall()).instance(&lease.instance).cause(cause);
        event.agent_type =
            self.snapshot.borrow().agents.get(&lease.instance).map(|agent| agent.agent_type.clone());
        let data = json!({ "lease": lease.id, "fence": lease.fence, "holder": lease.holder });
        self.tools.events.emit(event.detail(lease.holder.clone()).data(data));
    }

    fn choice(&self, target: &ClaimTarget) -> Choice {
        let leases = self.held.iter().map(|(name, held)| (name.clone(), held.lease.clone())).collect();
        let picture = self.snapshot.borrow().clone();
        let mut choice = choose(target, &picture, &leases, &self.standings);
        let taken = |name: &InstanceName| self.reserved.contains(name) || self.rolling.contains(name);
        for instance in choice.free.extract_if(.., |name| taken(name)) {
            let reason = if self.rolling.contains(&instance) {
                "a rollout is replacing its container".to_owned()
            } else {
                "an operator is taking it back".to_owned()
            };
            choice.occupied.push(Occupied { instance, reason, holder: None, until: None, parked: None });
        }
        choice
    }

    /// Does what can be done now: the next write, the next claim, the refusals that are due. Comes back with every message.
    fn advance(&mut self, ctx: &mut Context<Self>) {
        self.expire();
        while !self.writing {
            match self.work.pop_front() {
                Some(turn) => {
                    if let Some(work) = self.due(turn) {
                        self.write(work, ctx);
                    }
                }
                None => match self.next_claim() {
                    Some(claim) => self.write(claim, ctx),
                    None => break,
                },
            }
        }
        self.refuse();
        self.tools.metrics.leases_waiting(self.waiting.len());
        self.wait(ctx);
    }

    /// Ends whose deadline has passed. A renewal that was asked for earlier is written earlier, and undoes it.
    fn expire(&mut self) {
        let now = self.tools.clock.now();
        let due = |held: &&mut Held| !held.ending && held.deadline.is_some_and(|deadline| deadline <= now);
        for held in self.held.values_mut().filter(due) {
            held.ending = true;
            self.work.push_back(Turn::Expire { id: held.lease.id });
        }
        self.awake_until.retain(|_, until| *until > now);
        self.reopen_due();
        self.tell_progress();
        if now.duration_since(self.pruned) >= PRUNE_EVERY {
            self.pruned = now;
            let before = self.tools.clock.wall().checked_sub(REMEMBERED).unwrap_or(Timestamp::UNIX_EPOCH);
            self.work.push_back(Turn::Write(Work::Prune { before }));
        }
    }

    /// The first in the queue for whom there is something.
    fn next_claim(&mut self) -> Option<Work> {
        let now = self.tools.clock.now();
        self.waiting.retain(|waiter| !waiter.reply.is_closed());
        if self.stopping {
            return None;
        }
        let free = |waiter: &Waiter| {
            let ready = waiter.not_before.is_none_or(|at| at <= now);
            let candidates = if ready { self.choice(&waiter.request.target).free } else { Vec::new() };
            (!candidates.is_empty()).then_some(candidates)
        };
        let (place, candidates) =
            self.waiting.iter().enumerate().find_map(|(place, waiter)| Some((place, free(waiter)?)))?;
        Some(Work::Claim { waiter: self.waiting.remove(place)?, candidates })
    }

    /// Whoever has waited long enough hears who holds what.
    fn refuse(&mut self) {
        let now = self.tools.clock.now();
        let over = |waiter: &Waiter| {
            self.stopping || waiter.deadline.is_some_and(|deadline| deadline <= now || self.hopeless(waiter))
        };
        if self.writing {
            return;
        }
        let over: Vec<usize> = (0..self.waiting.len()).filter(|place| over(&self.waiting[*place])).collect();
        // From behind, so that the places before stay what they are.
        for place in over.into_iter().rev() {
            let Some(waiter) = self.waiting.remove(place) else { continue };
            let refusal = if self.stopping {
                Refusal::Stopping
            } else {
                let choice = self.choice(&waiter.request.target);
                match choice {
                    choice if choice.is_empty() => Refusal::NoMember,
                    choice if choice.all_parked() => {
                        Refusal::Parked { retry_at: choice.reopens_at(), occupied: choice.occupied }
                    }
                    choice => Refusal::Occupied(choice.occupied),
                }
            };
            // Whoever asked may have gone.
            drop(waiter.reply.send(Err(refusal)));
        }
    }

    fn wait(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        let leases = self.held.values().filter(|held| !held.ending).filter_map(|held| held.deadline);
        let waiters = self.waiting.iter().flat_map(|waiter| [waiter.deadline, waiter.not_before]).flatten();
        let now = self.tools.clock.now();
        let later = leases.chain(waiters.filter(|at| *at > now)).chain(self.next_standing(now)).min();
        if let Some(at) = later {
            let pause = at.saturating_duration_since(now);
            self.timer = Some(ctx.run_later(pause, |dispatcher, ctx| {
                dispatcher.timer = None;
                dispatcher.advance(ctx);
            }));
        }
    }

    /// A lease was granted: from here on its instance is needed.
    fn granted(&mut self, waiter: Waiter, lease: Lease) {
        let now = self.tools.clock.now();
        let name = lease.instance.clone();
        let patience = waiter.request.wake.unwrap_or_default() + lease.ttl;
        let deadline = (!waiter.pinned).then_some(now + patience);
        self.held.insert(name.clone(), Held { lease: lease.clone(), granted: now, deadline, ending: false });
        self.tell(&name);
        self.emit(EventKind::LeaseAcquired, &lease, "claim");
        let id = lease.id;
        if waiter.reply.send(Ok(lease)).is_err() {
            // Nobody is there to hold it.
            self.work.push_back(Turn::Write(Work::End {
                id,
                fence: None,
                end: LeaseEnd::Released,
                reply: None,
            }));
        }
    }

    fn renewed(&mut self, lease: Lease) {
        let now = self.tools.clock.now();
        let name = lease.instance.clone();
        if let Some(held) = self.held.get_mut(&name).filter(|held| held.lease.id == lease.id) {
            held.deadline = held.deadline.map(|_| now + lease.ttl);
            held.ending = false;
            held.lease = lease;
            self.tell(&name);
        }
    }

    fn ended(&mut self, lease: &Lease, end: LeaseEnd) {
        let name = &lease.instance;
        if self.held.get(name).is_some_and(|held| held.lease.id == lease.id) {
            self.held.remove(name);
            self.standings.entry(name.clone()).or_default().last_used_at = Some(self.tools.clock.wall());
            self.tell(name);
        }
        let (kind, cause) = match end {
            LeaseEnd::Released => (EventKind::LeaseReleased, "released"),
            LeaseEnd::Expired => (EventKind::LeaseExpired, "expired"),
            LeaseEnd::Revoked => (EventKind::LeaseReleased, "revoked"),
        };
        self.emit(kind, lease, cause);
    }

    /// Keeps it waking although nobody waits for it any more: a start outlives the one who asked for it.
    fn keep_waking(&mut self, id: LeaseId) {
        let Some((name, held)) = self.held.iter().find(|(_, held)| held.lease.id == id) else { return };
        let (name, until) = (name.clone(), held.granted + WAKE_MOST);
        let awake = self.awake_until.entry(name).or_insert(until);
        *awake = until.max(*awake);
    }
}

impl Actor for Dispatcher {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (mut pictures, addr) = (self.snapshot.clone(), ctx.address());
        actix::spawn(async move {
            // One at a time, so that many pictures at once are one look at the queue.
            while pictures.changed().await.is_ok() && addr.send(PictureChanged).await.is_ok() {}
        });
        self.advance(ctx);
    }
}

impl Handler<PictureChanged> for Dispatcher {
    type Result = ();

    fn handle(&mut self, _: PictureChanged, ctx: &mut Self::Context) {
        if !self.waiting.is_empty() {
            self.advance(ctx);
        }
    }
}

impl Handler<Claim> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Claim { request, pinned, reply }: Claim, ctx: &mut Self::Context) {
        let deadline = (!pinned).then(|| self.tools.clock.now() + request.wait);
        self.waiting.push_back(Waiter { request, pinned, deadline, not_before: None, reply });
        self.advance(ctx);
    }
}

impl Handler<Renew> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Renew { id, fence, reply }: Renew, ctx: &mut Self::Context) {
        self.work.push_back(Turn::Write(Work::Renew { id, fence, reply }));
        self.advance(ctx);
    }
}

impl Handler<EndLease> for Dispatcher {
    type Result = ();

    fn handle(&mut self, EndLease { id, fence, keep_waking, reply }: EndLease, ctx: &mut Self::Context) {
        if keep_waking {
            self.keep_waking(id);
        }
        self.work.push_back(Turn::Write(Work::End { id, fence, end: LeaseEnd::Released, reply }));
        self.advance(ctx);
    }
}

impl Handler<Revoke> for Dispatcher {
    type Result = ();

    fn handle(&mut self, Revoke { name, reply }: Revoke, ctx: &mut Self::Context) {
        self.reserved.insert(name.clone());
        // Behind a claim that is being written: it may get this very instance.
        self.work.push_back(Turn::Revoke { name, reply });
        self.advance(ctx);
    }
}

impl Handler<Leases> for Dispatcher {
    type Result = MessageResult<Leases>;

    fn handle(&mut self, _: Leases, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.held.values().map(|held| held.lease.clone()).collect())
    }
}

impl Handler<WhyWaiting> for Dispatcher {
    type Result = MessageResult<WhyWaiting>;

    fn handle(&mut self, WhyWaiting { targets }: WhyWaiting, _: &mut Self::Context) -> Self::Result {
        MessageResult(targets.iter().map(|target| self.choice(target).lacking(target)).collect())
    }
}

impl Handler<StopGranting> for Dispatcher {
    type Result = ();

    fn handle(&mut self, _: StopGranting, ctx: &mut Self::Context) {
        self.stopping = true;
        self.advance(ctx);
    }
}

impl Handler<Done> for Dispatcher {
    type Result = ();

    fn handle(&mut self, done: Done, ctx: &mut Self::Context) {
        self.writing = false;
        self.written(done, ctx);
        self.advance(ctx);
    }
}
