//! The specification: what the world looks like at rest, how long it may be waited for, and which calls are allowed.
//!
//! Written from the design (sections 4, 5, 8 and "Idle" of 11), not from `decide`. What `History` computes is computed here once more
//! from a plain log; what the shell puts into it (requests, looks, clocks) is taken from there.

use std::time::Duration;

use tokio::time::Instant;

use super::effects::{Call, Verb};
use super::row::Row;
use super::world::{Container, World};
use crate::decide::{Action, Decision, History, Request};
use crate::model::{ContainerState, Lifecycle, RestartPolicy};
use crate::testing::container_id;

pub(super) type Rule = Result<(), &'static str>;

const HEALTHY: Duration = Duration::from_mins(10);
const TRY_EVERY: Duration = Duration::from_mins(5);
const DOCKERS_GO: Duration = Duration::from_secs(5);
const REMOVAL: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_secs(2);
/// The idle time of the lazy type.
pub(super) const IDLE: Duration = Duration::from_mins(30);

/// Failures and deaths, as they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    failures: u32,
    failed_at: Option<Instant>,
    /// The last effect failed.
    failing: bool,
    deaths: Vec<Instant>,
    pub(super) looping: bool,
    /// The last death or start.
    tried_at: Option<Instant>,
}

impl Past {
    pub(super) fn failed(&mut self, now: Instant) {
        (self.failures, self.failed_at, self.failing) = (self.failures + 1, Some(now), true);
    }

    pub(super) fn worked(&mut self) {
        self.failing = false;
    }

    pub(super) fn tried(&mut self, now: Instant) {
        self.tried_at = Some(now);
    }

    pub(super) fn died(&mut self, count: u64, now: Instant) {
        for _ in 0..count {
            self.deaths.push(now);
            self.tried_at = Some(now);
        }
        self.looping |= self.deaths.iter().filter(|at| now - **at <= HEALTHY).count() >= 5;
    }

    pub(super) fn healed(&mut self, up_since: Option<Instant>, now: Instant) {
        if up_since.is_some_and(|since| now - since >= HEALTHY) {
            self.looping = false;
            self.deaths.clear();
            if self.failed_at.is_some_and(|at| now - at >= HEALTHY) {
                (self.failures, self.failing) = (0, false);
            }
        }
    }

    /// 1 s doubling to 60 s, a quarter more or less.
    fn retry(&self, factor: f64) -> Option<Instant> {
        let pause = 2_f64.powi(i32::try_from(self.failures).unwrap_or(99) - 1).min(60.0);
        self.failed_at.filter(|_| self.failing).map(|at| at + Duration::from_secs_f64(pause * factor))
    }

    fn next_try(&self) -> Option<Instant> {
        self.tried_at.filter(|_| self.looping).map(|at| at + TRY_EVERY)
    }
}

pub(super) fn no(broken: bool, rule: &'static str) -> Rule {
    if broken { Err(rule) } else { Ok(()) }
}

fn asked_up(history: &History) -> bool {
    matches!(history.request, Some(Request::Start | Request::Restart))
}

/// A hot one runs unless it is held down, a lazy one if it was asked for or is needed.
fn wants_up(world: &World, history: &History) -> bool {
    let needed = asked_up(history) || world.needs.stand(world.now);
    world.row.is(Lifecycle::Hot, true) || world.row.is_lazy() && needed
}

/// It is up and somebody works with it, so what would cut it waits.
fn is_worked_with(world: &World) -> bool {
    world.needs.leased && world.main().is_some_and(Container::is_up)
}

/// When a lazy one that nobody needs has been awake for its idle time.
fn sleeps_at(world: &World, history: &History) -> Option<Instant> {
    let runs = world.main().is_some_and(|main| main.state == ContainerState::Running);
    let idles = world.row.is_lazy() && runs && !world.needs.leased;
    let used = history.up_since.filter(|_| idles)?.max(world.needs.used.unwrap_or(world.began));
    Some(used.max(world.needs.hold.unwrap_or(used)) + IDLE)
}

/// What the world looks like when nothing is left to do.
pub(super) fn at_rest(world: &World, history: &History, past: &Past) -> Rule {
    // What waits for them must not keep them waiting.
    let frozen = world.main().is_some_and(|main| main.state == ContainerState::Paused);
    let worked_with = is_worked_with(world) && !frozen;
    let ours = world.containers.iter().filter(|container| container.ours).count();
    let Row::Wants { spec, on } = world.row else {
        if worked_with {
            return no(ours > 1 && world.row != Row::Broken, "there is a second container");
        }
        let left = world.main().is_some() || world.journal.is_some();
        return no(left && world.row != Row::Broken, "something is left that no row wants");
    };
    no(world.journal.is_some(), "a recreate is left half done")?;
    if world.foreign().is_some() {
        return no(history.request == Some(Request::Adopt) && !worked_with, "it was not adopted");
    }
    let Some(main) = world.main() else {
        return no(history.halt.is_none() || history.fresh, "there is no container");
    };
    no(ours > 1, "there is a second container")?;
    no(!main.named, "it has another name")?;
    no(main.is_going(), "it is half removed")?;
    if history.halt.is_some() && !history.fresh {
        return Ok(());
    }
    if worked_with && main.spec != spec {
        return Ok(());
    }
    no(main.spec != spec, "it is of another spec")?;
    if worked_with && matches!(history.request, Some(Request::Recreate | Request::Restart)) {
        return Ok(());
    }
    no(world.recorded.is_none(), "its volume is not remembered")?;
    match (spec.lifecycle, on) {
        (Lifecycle::Hot, true) => {
            let policy = if past.looping { RestartPolicy::No } else { RestartPolicy::UnlessStopped };
            no(main.state != ContainerState::Running, "a hot one does not run")?;
            no(main.policy != policy, "a hot one has the wrong restart policy")
        }
        (Lifecycle::Hot, false) => no(main.is_up() && !worked_with, "what is held down is up"),
        (Lifecycle::Lazy, _) => {
            no(main.policy != RestartPolicy::No, "a lazy one has a restart policy")?;
            let runs = matches!(main.state, ContainerState::Running | ContainerState::Restarting);
            no(wants_up(world, history) && !runs, "a lazy one is needed and does not run")?;
            let asked_down = history.request == Some(Request::Stop) && !worked_with;
            no(asked_down && main.is_up(), "a lazy one was not stopped")?;
            let late = sleeps_at(world, history).is_some_and(|at| at <= world.now);
            no(late && !asked_up(history), "a lazy one does not fall asleep")
        }
    }
}

/// Until when at most it may be waited.
fn patience(world: &World, history: &History, past: &Past) -> Option<Instant> {
    let since = |pause| history.down_since.map(|since| since + pause);
    let main = world.main();
    let hot = world.row.is(Lifecycle::Hot, true);
    let up = wants_up(world, history);
    let failed = past.retry(1.25).filter(|_| !history.fresh);
    let docker_is_at_it = main.and_then(|main| match main.state {
        ContainerState::Removing => since(REMOVAL).filter(|end| *end > world.now).map(|_| world.now + SOON),
        ContainerState::Restarting => (up && !past.looping).then_some(world.now + SOON),
        ContainerState::Exited => since(DOCKERS_GO)
            .filter(|_| hot && !history.fresh && !past.looping && main.policy != RestartPolicy::No),
        ContainerState::Created | ContainerState::Running | ContainerState::Paused | ContainerState::Dead => {
            None
        }
    });
    let next_try = past.next_try().filter(|_| up && main.is_some_and(|main| !main.is_up()));
    [failed, docker_is_at_it, next_try].into_iter().flatten().max()
}

/// Nothing is done: either all is well, or it is waited for no longer than it may be.
pub(super) fn may_rest(world: &World, history: &History, past: &Past, decision: &Decision) -> Rule {
    if !world.answers || history.suspended {
        return Ok(());
    }
    match (at_rest(world, history, past), decision.recheck, patience(world, history, past)) {
        (Ok(()), recheck, _) => {
            let forgotten = |at| recheck.is_none_or(|recheck| recheck > at);
            let sleeps_at = sleeps_at(world, history).filter(|_| history.halt.is_none());
            let elsewhere = world.foreign().is_some();
            no(!elsewhere && sleeps_at.is_some_and(forgotten), "nobody looks when its idle time is over")
        }
        (Err(_), Some(recheck), Some(latest)) if recheck > world.now && recheck <= latest => Ok(()),
        (Err(wrong), _, _) => Err(wrong),
    }
}

pub(super) fn may_look_again(world: &World, history: &History) -> Rule {
    no(!history.first_pass || history.looks >= 2, "it was looked at twice")?;
    no(!world.containers.iter().any(Container::is_up), "nothing runs that a second look could save")
}

/// Whether the action may be taken now, and each of its calls made.
pub(super) fn allowed(
    before: &World,
    history: &History,
    past: &Past,
    action: &Action,
    calls: &[Call],
) -> Rule {
    no(!before.answers, "it acts although docker cannot be asked")?;
    no(history.suspended, "it acts although the database is suspect")?;
    let at_rest = at_rest(before, history, past).is_ok();
    let halted = history.halt.is_some();
    no(at_rest && !halted && history.request.is_none(), "it changes what was as it should be")?;
    let due = history.fresh || past.retry(0.75).is_none_or(|at| at <= before.now);
    no(!due, "it does not wait after a failure")?;
    let creates = matches!(action, Action::Create { .. });
    no(creates && before.main().or(before.foreign()).is_some(), "it creates over something")?;
    no(creates && before.row.spec().is_none(), "it creates what no row wants")?;
    no(creates && halted && !history.fresh, "it creates although its state is lost")?;
    let later = past.next_try().is_some_and(|at| at > before.now);
    let by_hand = history.request == Some(Request::Start);
    let tries = matches!(action, Action::Start { .. } | Action::Create { start: true });
    no(tries && later && !by_hand, "it tries a crash loop too soon")?;
    let held = matches!(action, Action::Create { start: false });
    no(held && wants_up(before, history) && !past.looping, "it does not start what it creates")?;
    if let Action::Recreate { old, start: false, .. } = action {
        let awake = |old: &Container| old.is_up() && (!old.ours || old.spec.lifecycle == Lifecycle::Lazy);
        let slept = before.row.is_lazy() && before.find(old).is_some_and(awake);
        no(slept || wants_up(before, history), "it does not start what takes the place of one that is up")?;
    }
    let waits = matches!(action, Action::Start { .. }) && dockers_go(before, history, past);
    no(waits, "it does not let docker try first")?;
    calls.iter().try_for_each(|call| call_allowed(before, history, past, action, call))
}

/// It ended just now, and docker's own restart policy may still bring it back.
fn dockers_go(before: &World, history: &History, past: &Past) -> bool {
    let may = before
        .main()
        .is_some_and(|main| main.state == ContainerState::Exited && main.policy != RestartPolicy::No);
    let just_now = history.down_since.is_none_or(|since| since + DOCKERS_GO > before.now);
    before.row.is(Lifecycle::Hot, true) && may && just_now && !history.fresh && !past.looping
}

fn call_allowed(before: &World, history: &History, past: &Past, action: &Action, call: &Call) -> Rule {
    let Call { verb, on, together } = call;
    let journaled = before.journal.as_ref().map(|journal| &journal.old);
    let old = if let Action::Recreate { old, .. } = action { Some(old) } else { journaled };
    let is_old = old.is_some_and(|old| *old == container_id(on.id));
    let is_main = before.main().is_some_and(|main| main.id == on.id);
    let is_new = !before.containers.iter().any(|container| container.id == on.id);
    let adopts = history.request == Some(Request::Adopt) || before.journal.is_some();
    no(!(on.ours || is_old && adopts), "it touches a foreign container")?;
    let begun = before.journal.is_some();
    let runs = before.containers.iter().any(|container| container.id == on.id && container.runs());
    match verb {
        Verb::Start | Verb::Unpause => {
            no(*together > 1, "two run on one volume")?;
            if is_old {
                // A recreate that failed is undone: what ran runs again.
                let ran = before.journal.as_ref().is_some_and(|journal| journal.old_ran);
                let was_up = before.containers.iter().any(|old| old.id == on.id && old.is_up());
                return no(!ran && !was_up, "it starts an old container that did not run");
            }
            let awake = before.row.is_lazy()
                && matches!(action, Action::Recreate { .. })
                && old.and_then(|old| before.find(old)).is_some_and(Container::is_up);
            let thaws = *verb == Verb::Unpause && is_worked_with(before);
            if thaws && is_main {
                return Ok(());
            }
            no(!wants_up(before, history) && !awake, "it starts what is to be down")?;
            no(before.row.spec() != Some(on.spec), "it starts a container of another spec")?;
            no(!is_main && !is_new, "it starts a second container")
        }
        Verb::Stop | Verb::Remove => {
            let first_look = history.first_pass && history.looks < 2 && !begun;
            no(runs && first_look, "it cuts what runs after a single look")?;
            let unwanted = before.row.spec() != Some(on.spec) || !is_main;
            let asked = match history.request {
                Some(Request::Recreate | Request::Adopt) => true,
                Some(Request::Restart | Request::Stop) => *verb == Verb::Stop,
                Some(Request::Start | Request::Recover) | None => false,
            };
            let worked_with = is_main && runs && before.needs.leased && !begun;
            no(worked_with, "it cuts what somebody works with")?;
            let held = *verb == Verb::Stop && before.row.is(Lifecycle::Hot, false);
            let idle = *verb == Verb::Stop && sleeps_at(before, history).is_some_and(|at| at <= before.now);
            let calmed = *verb == Verb::Stop && past.looping && on.state == ContainerState::Restarting;
            let patient = history.down_since.is_some_and(|since| since + REMOVAL <= before.now);
            let cleared = on.state == ContainerState::Dead || on.state == ContainerState::Removing && patient;
            let broken = before.row == Row::Broken;
            no(
                broken || !(unwanted || asked || held || idle || calmed || cleared || begun),
                "it cuts what is wanted",
            )?;
            let cleared_too_soon =
                matches!(action, Action::Clear { .. }) && on.state == ContainerState::Removing && !patient;
            no(cleared_too_soon, "it does not let docker finish a removal")
        }
        Verb::Make => no(!matches!(action, Action::Create { .. } | Action::Recreate { .. }), "it makes one"),
        Verb::Rename | Verb::Policy => Ok(()),
    }
}
