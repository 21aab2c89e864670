//! The owner of one container's life.
//!
//! It hears from the registry (rows, looks, requests) and reports to it (views, its own end). It owns everything that is
//! known about its instance, and alone lets effects loose on it, one at a time. It never waits: looks, effects and
//! writes are spawned and come back as messages, and after each it looks, decides and acts again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use self::state::{Busy, Now, State};
use super::messages::{
    Died, DockerDown, EffectDone, Finish, Finished, Hint, InUse, Looked, MemorySaved, Observed, Ping, SetRow,
    SetUse, Settle, Settled, SettledReply, Suspend, ViewChanged, WhyQuery,
};
use super::registry::Registry;
use super::watchdog::Watchdog;
use crate::decide::{Action, Decision, Request};
use crate::effects::{self, EffectError, Tools};
use crate::look::Looker;
use crate::model::{AgentView, Desired, InstanceMemory, InstanceName, NewEvent, PullPolicy};
use crate::ports::{RecreateJournal, Target};

mod checkups;
mod last_words;
mod permits;
mod reports;
mod results;
mod state;
mod view;

pub(crate) use permits::Permits;
pub(crate) use state::Found;

/// Between the two looks that a first pass wants before it stops or replaces what runs.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// Longest that an effect may take, all its docker calls with their own deadlines included.
const EFFECT_DEADLINE: Duration = Duration::from_mins(5);
/// The same where an image may be pulled first.
const PULL_DEADLINE: Duration = Duration::from_mins(35);

/// From -1 to 1. Instances differ in it by their names; that it follows from the clock makes a test repeatable.
fn jitter(name: &InstanceName, now: Now) -> f64 {
    let mut hasher = DefaultHasher::new();
    (name, now.wall.as_nanosecond()).hash(&mut hasher);
    let [low, high, ..] = hasher.finish().to_le_bytes();
    f64::from(u16::from_le_bytes([low, high])) / 32_767.5 - 1.0
}

/// Ends a task when it is dropped.
#[derive(Debug)]
struct Cut(AbortHandle);

impl Drop for Cut {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a new instance actor is made of.
#[derive(Debug)]
pub(super) struct Birth {
    pub(super) name: InstanceName,
    /// Tells this actor from an earlier one of the same name.
    pub(super) epoch: u64,
    pub(super) memory: InstanceMemory,
    pub(super) journal: Option<RecreateJournal>,
    pub(super) first_pass: bool,
    pub(super) suspended: bool,
    pub(super) in_use: InUse,
}

#[derive(Debug)]
pub(crate) struct Instance {
    state: State,
    epoch: u64,
    tools: Tools,
    looker: Looker,
    permits: Arc<Permits>,
    registry: Addr<Registry>,
    watchdog: Addr<Watchdog>,
    waiters: Vec<SettledReply>,
    /// Answered when nothing is in flight; nothing begins any more.
    finishing: Option<oneshot::Sender<()>>,
    stopping: bool,
    /// A look that began before this is not enough.
    look_after: Option<Instant>,
    /// Raised with every look and effect; what comes back under an older number is dropped.
    generation: u64,
    /// `None` after a write failed: nobody knows what is stored.
    saved: Option<InstanceMemory>,
    saving: bool,
    /// After a failed write the next one waits until then.
    save_after: Option<Instant>,
    /// The effect in flight dies with its actor, as the next one must not find two of them.
    effect: Option<Cut>,
    timer: Option<SpawnHandle>,
    checkups: checkups::Checkups,
    shown: Option<Arc<AgentView>>,
}

impl Instance {
    pub(super) fn new(
        birth: Birth,
        tools: Tools,
        looker: Looker,
        permits: Arc<Permits>,
        registry: Addr<Registry>,
        watchdog: Addr<Watchdog>,
    ) -> Self {
        let now = Now { mono: tools.clock.now(), wall: tools.clock.wall() };
        if let Some(restarts) = &birth.memory.health_restarts {
            let ago = Duration::try_from(now.wall.duration_since(restarts.last)).unwrap_or_default();
            now.mono.checked_sub(ago).into_iter().for_each(|at| permits.restarts().recall(&birth.name, at));
        }
        let saved = Some(birth.memory.clone());
        let prefix = tools.prefix.clone();
        let mut state = State::new(prefix, birth.name, birth.memory, birth.journal, birth.first_pass, now);
        state.history.suspended = birth.suspended;
        // Whatever wakes it now was told before.
        drop(state.set_use(birth.in_use, now));
        Self {
            state,
            epoch: birth.epoch,
            tools,
            looker,
            permits,
            registry,
            watchdog,
            waiters: Vec::new(),
            finishing: None,
            stopping: false,
            look_after: None,
            generation: 0,
            saved,
            saving: false,
            save_after: None,
            effect: None,
            timer: None,
            checkups: checkups::Checkups::default(),
            shown: None,
        }
    }

    fn now(&self) -> Now {
        Now { mono: self.tools.clock.now(), wall: self.tools.clock.wall() }
    }

    fn emit(&self, events: impl IntoIterator<Item = NewEvent>) {
        for event in events {
            self.tools.events.emit(event);
        }
    }

    /// Looks, decides and acts as far as it can without waiting; comes back with every message.
    fn step(&mut self, ctx: &mut Context<Self>) {
        if self.state.busy.is_none() && !self.saving {
            self.advance(ctx);
        }
        self.tell_budget();
        self.plan_check(ctx);
        self.show();
        if self.state.busy.is_none()
            && !self.saving
            && let Some(done) = self.finishing.take()
        {
            // Whoever waited for the end may be gone; then nobody needs the answer.
            let _ = done.send(());
        }
    }

    fn advance(&mut self, ctx: &mut Context<Self>) {
        if self.saved.as_ref() == Some(&self.state.memory) {
            // An effect stored it meanwhile; a wake-up for that would come at once, for ever.
            self.save_after = None;
        } else if self.save_after.is_none_or(|after| after <= self.tools.clock.now()) {
            return self.save(ctx);
        }
        if self.stopping {
            return;
        }
        if self.look_after.is_some_and(|after| self.state.looked.is_none_or(|looked| looked < after)) {
            return self.look(ctx);
        }
        let now = self.now();
        self.state.health.turn = Some(self.permits.restarts().turn(now.mono));
        let decision = self.state.decide(now);
        match &decision.action {
            Action::None => self.rest(&decision, ctx),
            Action::LookAgain => {
                let at = self.tools.clock.now() + SECOND_LOOK;
                self.wake_at(at, ctx);
            }
            _ if !self.may_restart(&decision) => self.wake_at(self.tools.clock.now() + SECOND_LOOK, ctx),
            action => {
                self.emit(self.state.begins(&decision, self.now()));
                self.act(action.clone(), ctx);
            }
        }
    }

    /// Nothing is to be done at once: answers who waits, and sets the clock for what time alone will change.
    fn rest(&mut self, decision: &Decision, ctx: &mut Context<Self>) {
        self.state.note_pending();
        if self.is_unsaved() {
            return self.save(ctx);
        }
        let saved = self.saved.as_ref().and_then(|saved| saved.pending.as_ref());
        if self.state.memory.pending.is_some() && self.state.memory.pending.as_ref() != saved {
            self.state.cannot_keep();
        }
        self.settle();
        // Health that cannot be seen heals nothing, and a time that has gone by would wake it again at once, for ever.
        let heals = self.state.observed.as_ref().and_then(|_| self.state.history.heals_at());
        let stopped = self.state.stopping_until(self.now());
        let wake = [decision.recheck, heals, self.save_after, stopped];
        match wake.into_iter().flatten().min() {
            Some(at) => self.wake_at(at, ctx),
            None => self.cancel_timer(ctx),
        }
        if self.state.is_finished() {
            self.state.memory = InstanceMemory::default();
            if self.saved.as_ref() == Some(&self.state.memory) {
                let (name, epoch) = (self.state.name.clone(), self.epoch);
                self.registry.do_send(Finished { name, epoch });
            } else if self.save_after.is_none() {
                self.save(ctx);
            }
        } else if self.is_unsaved() {
            self.save(ctx);
        }
    }

    /// There is something to be stored, and no failed write is waited for.
    fn is_unsaved(&self) -> bool {
        self.saved.as_ref() != Some(&self.state.memory) && self.save_after.is_none()
    }

    fn settle(&mut self) {
        let (outcome, reason) = self.state.settle();
        if self.waiters.is_empty() {
            return;
        }
        self.show();
        for waiter in self.waiters.drain(..) {
            // Whoever waited may have given up.
            let _ = waiter.send(Settled { outcome, reason: reason.clone(), view: self.shown.clone() });
        }
    }

    fn wake_at(&mut self, at: Instant, ctx: &mut Context<Self>) {
        self.cancel_timer(ctx);
        let pause = at.saturating_duration_since(self.tools.clock.now());
        // Time has passed, so what was seen is old: look before judging.
        self.timer = Some(ctx.run_later(pause, |instance, ctx| {
            instance.timer = None;
            instance.look_after = Some(instance.tools.clock.now());
            instance.step(ctx);
        }));
    }

    fn cancel_timer(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        self.generation += 1;
        self.state.busy = Some(Busy::Looking);
        let (generation, addr, looker) = (self.generation, ctx.address(), self.looker.clone());
        let target = Target { name: self.state.name.clone(), known: self.state.known() };
        actix::spawn(async move {
            let result = looker.look(target).await;
            addr.do_send(Looked { generation, result });
        });
    }

    fn act(&mut self, action: Action, ctx: &mut Context<Self>) {
        self.cancel_timer(ctx);
        self.give_up_check();
        self.generation += 1;
        let subject = self.state.subject();
        let pulls = subject.desired.as_ref().is_some_and(|desired| desired.pull != PullPolicy::Never);
        let deadline = if pulls { PULL_DEADLINE } else { EFFECT_DEADLINE };
        log::debug!(instance = self.state.name.as_ref(), action = action.name(); "acting");
        self.state.acts(action.clone());
        let (generation, addr) = (self.generation, ctx.address());
        let (tools, permits) = (self.tools.clone(), self.permits.clone());
        let effect = actix::spawn(async move {
            let permit = permits.of(&action).acquire().await;
            let known = subject.clone();
            let work_tools = tools.clone();
            let work = actix::spawn(async move { effects::run(&work_tools, &action, subject).await });
            let _cut = Cut(work.abort_handle());
            let (result, subject) = match tokio::time::timeout(deadline, work).await {
                Ok(Ok((result, subject))) => (result, subject),
                Ok(Err(_)) => (Err(EffectError::Panicked), effects::recall(&tools, known).await),
                Err(_) => (Err(EffectError::Deadline(deadline)), effects::recall(&tools, known).await),
            };
            drop(permit);
            addr.do_send(EffectDone { generation, subject: Box::new(subject), result });
        });
        self.effect = Some(Cut(effect.abort_handle()));
    }

    fn save(&mut self, ctx: &mut Context<Self>) {
        self.saving = true;
        self.saved = Some(self.state.memory.clone());
        let (store, addr) = (self.tools.store.clone(), ctx.address());
        let (name, memory) = (self.state.name.clone(), self.state.memory.clone());
        actix::spawn(async move {
            let kept = (memory != InstanceMemory::default()).then_some(&memory);
            let result = store.save_memory(&name, kept).await;
            if let Err(error) = &result {
                log::error!(instance = name.as_ref(); "cannot remember yet what was seen: {error}");
            }
            addr.do_send(MemorySaved { failed: result.is_err() });
        });
    }

    /// Reports the view if it differs from the one last reported.
    fn show(&mut self) {
        let now = self.now();
        let view = view::view(&mut self.state, now).map(Arc::new);
        if view == self.shown && view.is_some() {
            return;
        }
        self.shown.clone_from(&view);
        let (name, epoch, known) = (self.state.name.clone(), self.epoch, self.state.known());
        self.registry.do_send(ViewChanged { name, epoch, view, known });
    }
}

impl Actor for Instance {
    type Context = Context<Self>;

    fn stopped(&mut self, _: &mut Self::Context) {
        let (name, epoch) = (self.state.name.clone(), self.epoch);
        self.registry.do_send(Died { name, epoch, panicked: std::thread::panicking() });
    }
}

impl Handler<SetRow> for Instance {
    type Result = ();

    fn handle(&mut self, SetRow { row, desired, settle }: SetRow, ctx: &mut Self::Context) {
        let event = self.state.set_row(row, desired, self.now());
        self.emit(event);
        if let Some(settle) = settle {
            return self.handle(settle, ctx);
        }
        if self.state.desired == Desired::Host && self.state.observed.is_none() && self.waiters.is_empty() {
            // Nothing is known to be there; the fleet's look will say if something is.
            return self.show();
        }
        self.step(ctx);
    }
}

impl Handler<Observed> for Instance {
    type Result = ();

    fn handle(&mut self, Observed { look, settle }: Observed, ctx: &mut Self::Context) {
        self.take_in(look, ctx);
        match settle {
            Some(settle) => self.handle(settle, ctx),
            None => self.step(ctx),
        }
    }
}

impl Handler<DockerDown> for Instance {
    type Result = ();

    fn handle(&mut self, DockerDown { reason }: DockerDown, ctx: &mut Self::Context) {
        self.state.docker_lost(&reason);
        self.step(ctx);
    }
}

impl Handler<Settle> for Instance {
    type Result = ();

    fn handle(&mut self, Settle { request, look_after, reply }: Settle, ctx: &mut Self::Context) {
        let by_hand = match request {
            Some(
                Request::Start | Request::Restart | Request::Recreate | Request::Adopt | Request::Recover,
            ) => true,
            Some(Request::Stop) | None => false,
        };
        if by_hand {
            self.state.forgive();
            self.state.forgive_health();
        }
        if request == Some(Request::Recreate) {
            self.state.unpin_by_hand();
        }
        self.state.begin_episode(request, self.waiters.is_empty(), self.now());
        self.waiters.push(reply);
        let touches_docker = self.state.desired != Desired::Host || self.state.observed.is_some();
        if touches_docker {
            self.look_after = Some(self.look_after.map_or(look_after, |already| already.max(look_after)));
        } else {
            // A host-mode instance of which no container is known costs no docker call.
            self.state.observed = Some(crate::model::InstanceObservation::default());
        }
        self.step(ctx);
    }
}

impl Handler<Hint> for Instance {
    type Result = ();

    fn handle(&mut self, Hint { action }: Hint, ctx: &mut Self::Context) {
        if action == "oom" {
            let now = self.now();
            let told = self.state.oom_hint(now);
            self.emit(told);
        }
        self.look_after = Some(self.tools.clock.now());
        self.step(ctx);
    }
}

impl Handler<SetUse> for Instance {
    type Result = ();

    fn handle(&mut self, SetUse { in_use }: SetUse, ctx: &mut Self::Context) {
        let event = self.state.set_use(in_use, self.now());
        self.emit(event);
        self.step(ctx);
    }
}

impl Handler<Suspend> for Instance {
    type Result = ();

    fn handle(&mut self, Suspend { suspended }: Suspend, ctx: &mut Self::Context) {
        self.state.history.suspended = suspended;
        self.step(ctx);
    }
}

impl Handler<WhyQuery> for Instance {
    type Result = MessageResult<WhyQuery>;

    fn handle(&mut self, _: WhyQuery, _: &mut Self::Context) -> Self::Result {
        let now = self.now();
        let mut why = view::why(&mut self.state, now);
        let pull = self.state.wanted_image().and_then(|image| self.tools.pulls.of(image));
        if let Some(pull) = pull {
            why.evidence.insert("pull".into(), json!(pull));
        }
        MessageResult(why)
    }
}

impl Handler<Ping> for Instance {
    type Result = ();

    fn handle(&mut self, _: Ping, _: &mut Self::Context) {}
}

impl Handler<Finish> for Instance {
    type Result = ();

    fn handle(&mut self, Finish { done }: Finish, ctx: &mut Self::Context) {
        self.stopping = true;
        self.finishing = Some(done);
        self.waiters.clear();
        self.step(ctx);
    }
}
