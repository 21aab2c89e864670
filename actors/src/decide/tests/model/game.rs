//! The shell around `decide`, as small as it can be: look, decide, one effect, look again; alarms as asked for.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::effects::{self, Failed};
use super::endings;
use super::row::Row;
use super::rules::{self, Past};
use super::world::{Needs, World};
use crate::decide::{Action, CrashLoop, Decision, Halt, History, Request, Rule, Usage, decide};
use crate::model::{ContainerState, Desired, Incarnation, InstanceObservation, ObservedContainer};

const SECOND_LOOK: Duration = Duration::from_secs(1);
const WATCHDOG: Duration = Duration::from_mins(1);
/// More effects at one time, with nothing failing in between, lead nowhere.
const MOST_EFFECTS: usize = 16;
/// Docker gives up a pending restart after a minute, a retry is due after 75 s, a crash loop is tried after five
/// minutes, and its restart policy comes back after ten minutes of health.
const LONGEST_UNREST: Duration = Duration::from_mins(18);
/// Longest that somebody keeps it awake without a lease.
pub(super) const LONGEST_HOLD: Duration = Duration::from_mins(20);

/// What went wrong, with all that is needed to see why.
pub(super) type Checked<T = ()> = Result<T, String>;

#[derive(Debug)]
pub(super) struct Game {
    pub(super) world: World,
    pub(super) history: History,
    pub(super) past: Past,
    desired: Desired,
    seen: Option<InstanceObservation>,
    up: Option<Incarnation>,
    /// Whether docker's events come through; without them only alarms and the watchdog look.
    events: bool,
    jitter: f64,
    alarm: Option<Instant>,
    begun: Instant,
    /// The last decisions, for whoever has to understand a failure.
    told: VecDeque<(Duration, Decision)>,
}

impl Game {
    pub(super) fn new(world: World, events: bool, jitter: f64) -> Self {
        let mut game = Self {
            desired: world.row.desired(),
            begun: world.now,
            world,
            history: History::default(),
            past: Past::default(),
            seen: None,
            up: None,
            events,
            jitter,
            alarm: None,
            told: VecDeque::new(),
        };
        game.boot(true);
        game
    }

    /// The daemon starts: all that it knows is what was stored.
    pub(super) fn boot(&mut self, waited_for: bool) {
        let looping = self.past.looping;
        self.past = Past::default();
        self.past.looping = looping;
        self.history = History {
            crash_loop: looping.then_some(CrashLoop { next_try: self.world.now }),
            first_pass: true,
            fresh: waited_for,
            journal: self.world.journal.clone(),
            ..History::default()
        };
        // Leases and holds outlive the daemon.
        self.need(self.world.needs);
        self.seen = None;
    }

    pub(super) fn set_row(&mut self, row: Row) {
        if row == self.world.row {
            return;
        }
        self.forgive();
        let another = row == Row::None || self.world.row == Row::None;
        if another {
            self.history.halt = None;
            self.world.recorded = None;
        }
        self.world.row = row;
        self.desired = row.desired();
    }

    /// Somebody begins or ceases to need it.
    pub(super) fn need(&mut self, needs: Needs) {
        let (now, before) = (self.world.now, self.history.usage);
        let usage = Usage { leased: needs.leased, held_until: needs.hold, ..before };
        let active = before.wakes(now) || usage.wakes(now);
        self.history.usage = Usage { last_active: active.then_some(now).or(before.last_active), ..usage };
        let ended = self.world.needs.stand(now) && !needs.stand(now);
        self.world.needs = Needs { used: ended.then_some(now).or(needs.used), ..needs };
    }

    pub(super) fn lease(&mut self, leased: bool) {
        self.need(Needs { leased, ..self.world.needs });
    }

    pub(super) fn hold(&mut self, length: Option<Duration>) {
        let hold = length.map(|length| self.world.now + length);
        self.need(Needs { hold, ..self.world.needs });
        // The later wish counts.
        self.history.request.take_if(|request| hold.is_some() && *request == Request::Stop);
    }

    /// Somebody asks for a pass and waits for it.
    pub(super) fn ask(&mut self, request: Option<Request>) {
        let stops = request == Some(Request::Stop);
        if stops {
            // A stop by hand is stronger than a hold.
            self.hold(None);
        }
        if matches!(request, Some(Request::Start | Request::Restart)) {
            self.history.usage.last_active = Some(self.world.now);
            self.world.needs.used = Some(self.world.now);
        }
        if let (Row::Wants { spec, .. }, Some(Request::Start | Request::Restart | Request::Stop)) =
            (self.world.row, request)
        {
            let on = !stops || spec.lifecycle == crate::model::Lifecycle::Lazy;
            self.set_row(Row::Wants { spec, on });
        }
        if request.is_some() && !stops {
            self.forgive();
        }
        self.history.fresh = true;
        self.history.request = request.or(self.history.request);
    }

    fn forgive(&mut self) {
        self.history.forgive();
        self.past = Past::default();
    }

    /// One look, one decision, at most one effect; true if there was one.
    pub(super) fn turn(&mut self) -> Checked<bool> {
        self.look();
        let now = self.world.now;
        let decision = decide(&self.desired, self.seen.as_ref(), &self.history, now);
        self.told.push_back((now - self.begun, decision.clone()));
        if self.told.len() > 12 {
            self.told.pop_front();
        }
        match &decision.action {
            Action::None => self.rest(&decision).map(|()| false),
            Action::LookAgain => {
                self.check(rules::may_look_again(&self.world, &self.history))?;
                self.alarm = Some(now + SECOND_LOOK);
                Ok(false)
            }
            action => self.act(action).map(|()| true),
        }
    }

    fn check(&self, broken: Result<(), &str>) -> Checked {
        broken.map_err(|rule| {
            format!("{rule}\n{:#?}\n{:#?}\n{:?}\n{:?}", self.told, self.world, self.history, self.past)
        })
    }

    fn look(&mut self) {
        self.history.unrecorded = self.world.row != Row::None && self.world.recorded.is_none();
        if !self.world.answers {
            self.seen = None;
            return;
        }
        let (seen, now) = (self.world.observe(), self.world.now);
        self.history.looks += 1;
        self.clocks(&seen);
        let main = self.world.main().map(|main| main.id).and_then(|main| self.world.get(main));
        let deaths = main.map_or(0, |main| std::mem::take(&mut main.unseen_deaths));
        self.history.died(deaths, now);
        self.past.died(deaths, now);
        self.history.heal(now);
        self.past.healed(self.history.up_since, now);
        self.history.misnamed = seen.main.is_some() && self.world.main().is_some_and(|main| !main.named);
        self.seen = Some(seen);
    }

    fn clocks(&mut self, seen: &InstanceObservation) {
        let (now, main) = (self.world.now, seen.main.as_ref());
        let removing = |seen: &ObservedContainer| seen.state == ContainerState::Removing;
        let before = self.seen.as_ref().and_then(|seen| seen.main.as_ref());
        if main.is_some_and(removing) && !before.is_some_and(removing) {
            self.history.down_since = None;
        }
        let runs = main.filter(|main| main.state == ContainerState::Running);
        let up = runs.map(ObservedContainer::incarnation);
        let same_life = up.is_some() && up == self.up && self.seen.is_some();
        self.history.up_since =
            up.as_ref().map(|_| self.history.up_since.filter(|_| same_life).unwrap_or(now));
        self.up = up;
        let down = main.is_some() && runs.is_none();
        self.history.down_since = down.then(|| self.history.down_since.unwrap_or(now));
    }

    /// Nothing is to be done now: that must be right, and whoever waited is answered.
    fn rest(&mut self, decision: &Decision) -> Checked {
        self.check(rules::may_rest(&self.world, &self.history, &self.past, decision))?;
        self.history.fresh = false;
        self.history.first_pass &= self.seen.is_none();
        // What waits for whoever works with it is done once they have gone.
        self.history.request.take_if(|_| decision.rule != Rule::Draining);
        let heals = self.seen.as_ref().and_then(|_| self.history.heals_at());
        self.alarm = [decision.recheck, heals].into_iter().flatten().min();
        self.check(if self.alarm.is_none_or(|at| at > self.world.now) { Ok(()) } else { Err("no pause") })
    }

    fn act(&mut self, action: &Action) -> Checked {
        let before = self.world.clone();
        let seen = self.seen.clone().unwrap_or_default();
        let (done, calls) = effects::run(&mut self.world, action, &seen);
        let allowed = rules::allowed(&before, &self.history, &self.past, action, &calls);
        self.check(allowed)?;
        let now = self.world.now;
        self.history.journal.clone_from(&self.world.journal);
        if matches!(action, Action::Start { .. }) {
            self.history.tried(now);
            self.past.tried(now);
        }
        match done {
            Ok(()) => {
                self.history.worked();
                self.past.worked();
                self.history.request.take_if(|request| action.fulfils(*request));
                let settles =
                    matches!(action, Action::Create { .. } | Action::Recreate { .. } | Action::AcceptLoss);
                self.history.halt.take_if(|_| settles);
            }
            Err(failed) => {
                // An explicit pass does not try a second time.
                self.history.fresh = false;
                match failed {
                    Failed::Halted => {
                        self.history.halt = Some(Halt::StateLost { detail: "gone".into() });
                    }
                    Failed::Call => {
                        self.history.failed(now, self.jitter);
                        self.past.failed(now);
                    }
                }
            }
        }
        Ok(())
    }

    /// Turns until there is nothing to be done at once.
    pub(super) fn run(&mut self) -> Checked {
        for _ in 0..MOST_EFFECTS {
            if !self.turn()? {
                return Ok(());
            }
        }
        self.check(Err("it acts and acts and comes to no rest"))
    }

    /// Time goes by, with alarms, the watchdog and, if they come through, docker's events.
    pub(super) fn pass(&mut self, time: Duration) -> Checked {
        let end = self.world.now + time;
        let mut tick = self.world.now + WATCHDOG;
        self.run()?;
        loop {
            let event = self.world.next_due().filter(|_| self.events);
            let next = [Some(tick), self.alarm, event].into_iter().flatten().min().unwrap_or(tick);
            if next > end {
                self.world.pass_until(end);
                return Ok(());
            }
            self.world.pass_until(next);
            tick = if next < tick { tick } else { next + WATCHDOG };
            self.run()?;
        }
    }

    /// From here on nothing breaks any more.
    pub(super) fn cure(&mut self) {
        self.world.cure();
        self.history.suspended = false;
    }

    /// Nothing breaks and nobody meddles any more: it comes to rest, and again once whoever works with it has gone.
    pub(super) fn leave_alone(&mut self) -> Checked {
        self.cure();
        self.come_to_rest()?;
        if self.world.needs.leased {
            self.lease(false);
            self.come_to_rest()?;
        }
        Ok(())
    }

    /// Alarms alone must bring it to rest, and there it must stay.
    fn come_to_rest(&mut self) -> Checked {
        let awake = if self.world.row.is_lazy() { LONGEST_HOLD + rules::IDLE } else { Duration::ZERO };
        let end = self.world.now + LONGEST_UNREST + awake;
        self.run()?;
        while let Some(next) = self.alarm.take().or(self.world.next_due()) {
            if endings::is_stuck(&self.world) {
                return Ok(());
            }
            self.check(if next <= end { Ok(()) } else { Err("it comes to no rest in time") })?;
            self.world.pass_until(next);
            self.run()?;
        }
        self.check(rules::at_rest(&self.world, &self.history, &self.past))?;
        self.check(endings::is_forgiven(&self.world, &self.past))?;
        for _ in 0..3 {
            self.world.pass_until(self.world.now + WATCHDOG);
            let acted = self.turn()?;
            self.check(if acted { Err("it does not stay at rest") } else { Ok(()) })?;
        }
        Ok(())
    }
}
