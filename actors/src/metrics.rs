//! What can be measured of the fleet, for Prometheus.
//!
//! Most is derived: gauges from the picture when somebody asks ([`picture`]), counters from the events that are told
//! anyway ([`events`]), calls of docker by a port around the port ([`docker`]). Only what neither shows is counted where
//! it happens. Other crates add theirs by [`Metrics::register`].
//!
//! **Invariant:** labels are words of ours, or types, or (of gauges only) rows: the number of series is bounded.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use strum::IntoEnumIterator as _;
use tokio::sync::watch;

use crate::model::FleetSnapshot;

mod docker;
mod events;
mod picture;
mod rollouts;
mod tasks;
mod usage;

pub(crate) use docker::Measured;
pub(crate) use rollouts::RolloutInState;
pub(crate) use tasks::InState;

/// One label and its value.
type Label<V = &'static str> = [(&'static str, V); 1];
type Counters = Family<Label, Counter>;

/// Seconds within which docker answers, and a round or a reconcile ends.
const CALL_BUCKETS: [f64; 10] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Seconds of what waits for several calls: a wake, a reconcile of a large fleet.
const WORK_BUCKETS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0];
/// Seconds of what an agent works at.
const TASK_BUCKETS: [f64; 9] = [0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0];

/// Histograms that are made when their label is first used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallHistogram;

impl MetricConstructor<Histogram> for CallHistogram {
    fn new_metric(&self) -> Histogram {
        Histogram::new(CALL_BUCKETS)
    }
}

/// What the actors refuse each other when a mailbox is full.
#[derive(Clone, Copy, Debug, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Refused {
    /// Somebody waited for the instance, and was told "busy".
    Settle,
    /// The instance's part of a look at the fleet.
    Look,
    /// That docker said something about it.
    Hint,
}

/// How a round of the watchdog ended.
#[derive(Clone, Copy, Debug, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Round {
    Seen,
    DockerAway,
    DatabaseSuspect,
    DatabaseFailed,
    Panicked,
}

/// Why a round of the watchdog did not happen.
#[derive(Clone, Copy, Debug, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Skipped {
    ClockJumped,
    /// The one before it still went on.
    Overlap,
}

/// What came of a probe.
#[derive(Clone, Copy, Debug, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Probed {
    Passed,
    Failed,
    /// Docker could not run it: it says nothing of the agent.
    Unknown,
}

/// All that is counted as it happens.
#[derive(Debug)]
struct Instruments {
    events: events::Events,
    tasks: tasks::Tasks,
    rollouts: rollouts::Rollouts,
    docker_calls: Family<[(&'static str, &'static str); 2], Counter>,
    docker_durations: Family<Label, Histogram, CallHistogram>,
    rounds: Counters,
    round_durations: Histogram,
    rounds_skipped: Counters,
    mailbox_refusals: Counters,
    leases_waiting: Gauge,
    events_lost: Counter,
    usage: usage::Used,
    probes: Counters,
    health_restarts: Counter,
    health_incident: Gauge,
}

#[derive(Debug)]
struct Inner {
    registry: Mutex<Registry>,
    instruments: Instruments,
}

/// The measurements of one fleet; cheap to clone, usable from every thread.
#[derive(Clone, Debug)]
pub struct Metrics {
    inner: Arc<Inner>,
}

impl Metrics {
    pub(crate) fn new(snapshot: watch::Receiver<Arc<FleetSnapshot>>) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(picture::Picture::new(snapshot)));
        let instruments = Instruments::new(&mut registry);
        Self { inner: Arc::new(Inner { registry: Mutex::new(registry), instruments }) }
    }

    /// Lets others add what only they can measure.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry());
    }

    /// Everything, in the text format of `OpenMetrics`.
    pub fn openmetrics(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry())?;
        Ok(text)
    }

    /// A panic of whoever registers or reads leaves a registry that can be read.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.inner.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn round(&self, result: Round, took: Duration) {
        let instruments = &self.inner.instruments;
        instruments.rounds.get_or_create(&[("result", result.into())]).inc();
        instruments.round_durations.observe(took.as_secs_f64());
    }

    pub(crate) fn round_skipped(&self, why: Skipped) {
        self.inner.instruments.rounds_skipped.get_or_create(&[("reason", why.into())]).inc();
    }

    pub(crate) fn mailbox_refused(&self, what: Refused) {
        self.inner.instruments.mailbox_refusals.get_or_create(&[("message", what.into())]).inc();
    }

    pub(crate) fn leases_waiting(&self, waiting: usize) {
        self.inner.instruments.leases_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// What all that run use, in place of what was said before.
    pub(crate) fn usage(&self, usage: usage::ByInstance) {
        self.inner.instruments.usage.replace(usage);
    }

    pub(crate) fn probed(&self, what: Probed) {
        self.inner.instruments.probes.get_or_create(&[("result", what.into())]).inc();
    }

    pub(crate) fn health_restart(&self) {
        self.inner.instruments.health_restarts.inc();
    }

    pub(crate) fn health_incident(&self, goes_on: bool) {
        self.inner.instruments.health_incident.set(i64::from(goes_on));
    }

    pub(crate) fn events_lost(&self, lost: usize) {
        self.inner.instruments.events_lost.inc_by(lost as u64);
    }
}

impl Instruments {
    /// Every label that is known has its series from the beginning: what begins to exist with its first count cannot be
    /// seen to grow.
    fn new(registry: &mut Registry) -> Self {
        let instruments = Self {
            events: events::Events::new(registry),
            tasks: tasks::Tasks::new(registry),
            rollouts: rollouts::Rollouts::new(registry),
            docker_calls: Family::default(),
            docker_durations: Family::new_with_constructor(CallHistogram),
            rounds: counters("result", Round::iter()),
            round_durations: Histogram::new(CALL_BUCKETS),
            rounds_skipped: counters("reason", Skipped::iter()),
            mailbox_refusals: counters("message", Refused::iter()),
            leases_waiting: Gauge::default(),
            events_lost: Counter::default(),
            usage: usage::Used::new(registry),
            probes: counters("result", Probed::iter()),
            health_restarts: Counter::default(),
            health_incident: Gauge::default(),
        };
        registry.register(
            "claude_hooks_docker_calls",
            "Calls of docker by what was wanted, and what came of it: ok, or the word of the error",
            instruments.docker_calls.clone(),
        );
        registry.register(
            "claude_hooks_docker_call_duration_seconds",
            "How long calls of docker take, but for those that last as long as a task",
            instruments.docker_durations.clone(),
        );
        registry.register(
            "claude_hooks_watchdog_rounds",
            "Rounds of the watchdog by how they ended",
            instruments.rounds.clone(),
        );
        registry.register(
            "claude_hooks_watchdog_round_duration_seconds",
            "How long a round of the watchdog takes",
            instruments.round_durations.clone(),
        );
        registry.register(
            "claude_hooks_watchdog_rounds_skipped",
            "Rounds of the watchdog that did not happen when they were due",
            instruments.rounds_skipped.clone(),
        );
        registry.register(
            "claude_hooks_mailbox_refusals",
            "Messages that a full mailbox of an instance refused",
            instruments.mailbox_refusals.clone(),
        );
        registry.register(
            "claude_hooks_leases_waiting",
            "Claims that wait in the queue because nobody is free",
            instruments.leases_waiting.clone(),
        );
        registry.register(
            "claude_hooks_probes",
            "Health probes by what came of them",
            instruments.probes.clone(),
        );
        registry.register(
            "claude_hooks_health_restarts",
            "Agents that were restarted because their health checks failed",
            instruments.health_restarts.clone(),
        );
        registry.register(
            "claude_hooks_health_incident",
            "Whether the budget of such restarts is spent and more are wanted",
            instruments.health_incident.clone(),
        );
        registry.register(
            "claude_hooks_events_lost",
            "Events that the database did not take",
            instruments.events_lost.clone(),
        );
        instruments
    }
}

/// A counter for each value of a label.
fn counters(label: &'static str, values: impl Iterator<Item = impl Into<&'static str>>) -> Counters {
    let family = Counters::default();
    for value in values {
        drop(family.get_or_create(&[(label, value.into())]));
    }
    family
}

#[cfg(test)]
mod tests;
