//! What happened to an instance before: failures, deaths, requests. Durations are monotonic.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::{Illness, RecreateCause};
use crate::ports::RecreateJournal;

/// First and longest pause after a failed effect (DESIGN "Failure rules").
const BACKOFF_FIRST: Duration = Duration::from_secs(1);
const BACKOFF_MOST: Duration = Duration::from_mins(1);
/// Health for this long forgets failures and deaths.
const HEALTHY_AFTER: Duration = Duration::from_mins(10);
/// So many deaths within [`HEALTHY_AFTER`] are a crash loop.
const CRASH_LOOP_DEATHS: usize = 5;
/// Pause between the tries of a crash loop.
const CRASH_LOOP_PAUSE: Duration = Duration::from_mins(5);

/// Something an operator asked for; done once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    Start,
    Stop,
    Restart,
    Recreate,
    Adopt,
    /// Goes on without the state that is lost.
    Recover,
}

/// Failures in a row, and when the next try is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub attempt: u32,
    pub last: Instant,
    /// `None` once a try worked; the count stays until the instance was healthy for long enough.
    pub until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrashLoop {
    pub next_try: Instant,
}

/// A state that only an operator ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The state volume that the row had is gone or is another one.
    StateLost { detail: String },
    /// The volume's name is taken by one that is not this instance's.
    VolumeConflict { detail: String },
}

/// Who needs the instance, beside its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// A lease stands on it, or a task runs in it: it is kept awake, and nothing cuts it.
    pub leased: bool,
    /// A task runs in it, or its lease is held for one.
    pub working: bool,
    /// It is kept awake until then.
    pub held_until: Option<Instant>,
    /// When it was last leased, held, or started by hand: the idle clock runs from there.
    pub last_active: Option<Instant>,
}

impl Usage {
    /// Whether it is to be awake at `now` because of it.
    pub fn wakes(&self, now: Instant) -> bool {
        self.leased || self.held_until.is_some_and(|until| now < until)
    }
}

/// Everything that [`super::decide`] needs to know beside the present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub backoff: Option<Backoff>,
    pub deaths: VecDeque<Instant>,
    pub crash_loop: Option<CrashLoop>,
    /// Since when the container has been seen down, or being removed.
    pub down_since: Option<Instant>,
    /// Since when it has been seen running without a break.
    pub up_since: Option<Instant>,
    pub request: Option<Request>,
    pub usage: Usage,
    /// It is not started until it is reopened, unless an operator asks for it.
    pub parked: bool,
    /// Somebody waits for this pass (boot, API, CLI): no grace, no backoff.
    pub fresh: bool,
    /// No pass has been finished since the daemon started.
    pub first_pass: bool,
    /// Looks in this first pass.
    pub looks: u32,
    pub journal: Option<RecreateJournal>,
    pub halt: Option<Halt>,
    /// The container does not have the name that it was made with.
    pub misnamed: bool,
    /// The row does not say which volume holds its state, so its loss would go unnoticed.
    pub unrecorded: bool,
    /// Its checks fail.
    pub illness: Option<Illness>,
    /// The container is not of the image that the instance is pinned to.
    pub image_due: Option<RecreateCause>,
    /// The database is suspect.
    pub suspended: bool,
}

impl History {
    /// When the next try is due, if the last one failed and it is not due yet.
    pub fn retry_at(&self, now: Instant) -> Option<Instant> {
        self.backoff.as_ref().and_then(|b| b.until).filter(|until| *until > now)
    }

    /// Counts a failure; `jitter` from -1 to 1 spreads the pause by a quarter to either side.
    pub fn failed(&mut self, now: Instant, jitter: f64) {
        let attempt = self.backoff.as_ref().map_or(1, |b| b.attempt.saturating_add(1));
        let doubled = BACKOFF_FIRST.saturating_mul(1 << (attempt - 1).min(16));
        let pause = doubled.min(BACKOFF_MOST).mul_f64(1.0 + 0.25 * jitter.clamp(-1.0, 1.0));
        self.backoff = Some(Backoff { attempt, last: now, until: Some(now + pause) });
    }

    /// An effect worked: nothing is due, but the next failure still counts on.
    pub fn worked(&mut self) {
        if let Some(backoff) = &mut self.backoff {
            backoff.until = None;
        }
    }

    /// Counts `count` deaths; true if they just made a crash loop.
    pub fn died(&mut self, count: u64, now: Instant) -> bool {
        for _ in 0..count.min(CRASH_LOOP_DEATHS as u64) {
            self.deaths.push_back(now);
        }
        while self.deaths.len() > CRASH_LOOP_DEATHS
            || self.deaths.front().is_some_and(|at| now.duration_since(*at) > HEALTHY_AFTER)
        {
            self.deaths.pop_front();
        }
        if count > 0 && self.crash_loop.is_some() {
            self.crash_loop = Some(CrashLoop { next_try: now + CRASH_LOOP_PAUSE });
            return false;
        }
        let looping = self.crash_loop.is_none() && self.deaths.len() >= CRASH_LOOP_DEATHS;
        if looping {
            self.crash_loop = Some(CrashLoop { next_try: now + CRASH_LOOP_PAUSE });
        }
        looping
    }

    /// Deaths that count at present.
    pub fn recent_deaths(&self) -> usize {
        self.deaths.len()
    }

    /// A start in a crash loop was tried, whatever came of it: the next one is a pause away.
    pub fn tried(&mut self, now: Instant) {
        if let Some(crash_loop) = &mut self.crash_loop {
            crash_loop.next_try = now + CRASH_LOOP_PAUSE;
        }
    }

    /// A changed row or a start by hand forgives everything.
    pub fn forgive(&mut self) {
        self.backoff = None;
        self.deaths.clear();
        self.crash_loop = None;
    }

    /// Forgets failures and deaths after ten minutes of health; true if that ended a crash loop.
    pub fn heal(&mut self, now: Instant) -> bool {
        let healthy = self.up_since.is_some_and(|since| now.duration_since(since) >= HEALTHY_AFTER);
        if !healthy {
            return false;
        }
        let looped = self.crash_loop.is_some();
        let recent = self.backoff.as_ref().is_some_and(|b| now.duration_since(b.last) < HEALTHY_AFTER);
        if !recent {
            self.backoff = None;
        }
        self.deaths.clear();
        self.crash_loop = None;
        looped
    }

    /// Nothing starts it: it is parked, and nobody asks for a start by hand.
    pub(super) fn kept_down(&self) -> bool {
        self.parked && !matches!(self.request, Some(Request::Start | Request::Restart))
    }

    /// When time alone will make [`History::heal`] do something.
    pub fn heals_at(&self) -> Option<Instant> {
        let healthy = self.up_since? + HEALTHY_AFTER;
        if self.crash_loop.is_some() {
            return Some(healthy);
        }
        // A failure while it was up, of a recreate for example, is forgotten that much later.
        self.backoff.as_ref().map(|backoff| healthy.max(backoff.last + HEALTHY_AFTER))
    }
}
