//! What the checks of one life of a container mean: a fold from results to a standing. Pure.
//!
//! ```text
//!  starting ──passes──▶ healthy ──so many failures in a row──▶ unhealthy
//!     │                    ▲                                      │ ▲
//!     │                    └───────────────passes─────────────────┘ │
//!     └── startup is over, and so many failures in a row ───────────┘
//! ```
//!
//! The type's own probe and docker's HEALTHCHECK each have such a standing; the worse one is the container's.
//! **Invariant:** what could not be asked changes nothing. Another life begins anew.

mod budget;

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::model::{Health, HealthPolicy, HealthSource, Incarnation, ProbeEnd};

pub(crate) use budget::{Complaint, HealthRestartBudget};

/// First and longest pause before an agent is restarted again; it doubles from restart to restart.
const PAUSE_FIRST: Duration = Duration::from_mins(1);
const PAUSE_MOST: Duration = Duration::from_hours(1);
/// Health for this long forgets the restarts before it, as it does failures and deaths.
pub(crate) const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// How long after its `count`th restart an agent is left alone.
pub(crate) fn pause_after(count: u32) -> Duration {
    PAUSE_FIRST.saturating_mul(1 << count.saturating_sub(1).min(16)).min(PAUSE_MOST)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Standing {
    /// Nobody checks it.
    Unchecked,
    /// It has not passed yet, and still has time.
    Starting,
    Healthy,
    Unhealthy(HealthSource),
}

/// That nothing was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Silence {
    /// The engine's time of the last line. Only compared with itself: that clock may be another machine's.
    last_line: Option<Timestamp>,
    /// When this was first found.
    since: Instant,
}

/// The checks of one life.
#[derive(Clone, Debug)]
pub(crate) struct Checks {
    pub(crate) life: Incarnation,
    began: Instant,
    passed: bool,
    /// In a row, those that count.
    pub(crate) misses: u32,
    docker: Option<Health>,
    pub(crate) last: Option<ProbeEnd>,
    /// Why the last check told nothing.
    pub(crate) unknown: Option<String>,
    silence: Option<Silence>,
    /// When a check last agreed that it is unhealthy.
    pub(crate) confirmed: Option<Instant>,
    pub(crate) healthy_since: Option<Instant>,
    /// When the next check is due.
    pub(crate) next: Instant,
}

impl Checks {
    /// `phase`, from 0 to 1, is where in the interval this instance is checked, so that not all are at once.
    pub(crate) fn begin(life: Incarnation, policy: &HealthPolicy, phase: f64, now: Instant) -> Self {
        Self {
            life,
            began: now,
            passed: false,
            misses: 0,
            docker: None,
            last: None,
            unknown: None,
            silence: None,
            confirmed: None,
            healthy_since: None,
            next: now + policy.interval.mul_f64(phase.clamp(0.0, 1.0)),
        }
    }

    /// It was told to be unhealthy by its probe before the supervisor began: until a check says otherwise, it is.
    pub(crate) fn remember_unhealthy(&mut self, policy: &HealthPolicy) {
        self.misses = policy.threshold;
    }

    /// A check begins. The next one comes in its place of the interval, whatever this one takes: all those that had to wait
    /// for the same thing are not to be checked at the same time from then on.
    pub(crate) fn check_begins(&mut self, policy: &HealthPolicy, now: Instant) {
        let late = now.saturating_duration_since(self.next).as_nanos();
        let missed = late / policy.interval.as_nanos().max(1);
        self.next += policy.interval.saturating_mul(u32::try_from(missed + 1).unwrap_or(u32::MAX));
    }

    pub(crate) fn docker_says(&mut self, health: Option<Health>) {
        self.docker = health;
    }

    pub(crate) fn probed(&mut self, end: ProbeEnd, policy: &HealthPolicy, now: Instant) {
        self.unknown = None;
        if end.passed() {
            self.passed = true;
            self.misses = 0;
        } else if self.passed || now.duration_since(self.began) >= policy.startup {
            self.misses = self.misses.saturating_add(1);
        }
        self.last = Some(end);
    }

    /// When it last printed something, as the engine says now.
    pub(crate) fn heard(&mut self, last_line: Option<Timestamp>, now: Instant) {
        let same = self.silence.filter(|silence| silence.last_line == last_line);
        self.silence = Some(same.unwrap_or(Silence { last_line, since: now }));
    }

    /// Nobody could say what it printed: whatever was known before may be wrong by now.
    pub(crate) fn not_heard(&mut self, why: String) {
        self.silence = None;
        self.unknown = Some(why);
    }

    pub(crate) fn silent_since(&self) -> Option<Instant> {
        self.silence.map(|silence| silence.since)
    }

    pub(crate) fn standing(&self, policy: &HealthPolicy) -> Standing {
        let probe = match (self.passed, self.misses) {
            _ if policy.probe.is_empty() => None,
            (_, misses) if misses >= policy.threshold => Some(Health::Unhealthy),
            (true, _) => Some(Health::Healthy),
            (false, _) => Some(Health::Starting),
        };
        match (probe, self.docker) {
            (Some(Health::Unhealthy), _) => Standing::Unhealthy(HealthSource::Probe),
            (_, Some(Health::Unhealthy)) => Standing::Unhealthy(HealthSource::Healthcheck),
            (Some(Health::Starting), _) | (_, Some(Health::Starting)) => Standing::Starting,
            (Some(Health::Healthy), _) | (_, Some(Health::Healthy)) => Standing::Healthy,
            (None, None) => Standing::Unchecked,
        }
    }

    /// Whether its output matters: it fails, so silence is worth knowing by the time a restart is.
    pub(crate) fn ails(&self, policy: &HealthPolicy) -> bool {
        self.misses > 0 || matches!(self.standing(policy), Standing::Unhealthy(_))
    }

    /// Takes note of the standing that a check led to.
    pub(crate) fn settle(&mut self, standing: Standing, now: Instant) {
        match standing {
            Standing::Healthy => {
                self.healthy_since.get_or_insert(now);
                self.confirmed = None;
                // From the first miss on silence counts, although one miss makes nobody unhealthy.
                self.silence = self.silence.filter(|_| self.misses > 0);
            }
            Standing::Unchecked | Standing::Starting | Standing::Unhealthy(_) => self.healthy_since = None,
        }
    }
}

#[cfg(test)]
mod tests;
