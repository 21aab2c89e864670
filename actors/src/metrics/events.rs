//! What is counted from the events that are told anyway.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use strum::IntoEnumIterator as _;

use super::{Counters, Metrics, WORK_BUCKETS, counters};
use crate::model::{EventKind, InstanceName, LeaseEnd, NewEvent, Outcome, StopCause};

#[derive(Debug)]
pub(super) struct Events {
    kinds: Counters,
    deaths: Counters,
    granted: Counter,
    ended: Counters,
    reconciled: Counters,
    reconciles: Histogram,
    wakes: Histogram,
    /// Since when those wake that do; as many as there are rows.
    waking: Mutex<BTreeMap<InstanceName, Timestamp>>,
}

impl Events {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let events = Self {
            kinds: counters("kind", EventKind::iter()),
            deaths: counters("cause", StopCause::iter()),
            granted: Counter::default(),
            ended: counters("end", LeaseEnd::iter()),
            reconciled: counters("outcome", Outcome::iter()),
            reconciles: Histogram::new(WORK_BUCKETS),
            wakes: Histogram::new(WORK_BUCKETS),
            waking: Mutex::default(),
        };
        registry.register("claude_hooks_events", "Events by their kind", events.kinds.clone());
        registry.register(
            "claude_hooks_container_deaths",
            "Containers that ended or vanished by cause; a lazy one that is put to sleep is no death",
            events.deaths.clone(),
        );
        registry.register("claude_hooks_leases_granted", "Leases granted", events.granted.clone());
        registry.register("claude_hooks_leases_ended", "Leases by how they ended", events.ended.clone());
        registry.register(
            "claude_hooks_reconciled_instances",
            "Instances that a reconcile of the whole fleet settled by outcome",
            events.reconciled.clone(),
        );
        registry.register(
            "claude_hooks_reconcile_duration_seconds",
            "How long a reconcile of the whole fleet takes",
            events.reconciles.clone(),
        );
        registry.register(
            "claude_hooks_wake_duration_seconds",
            "Time from when a sleeping instance is needed until it runs",
            events.wakes.clone(),
        );
        events
    }

    fn wake(&self, instance: Option<&InstanceName>, change: impl FnOnce(&mut Waking<'_>)) {
        let Some(instance) = instance else { return };
        let mut waking = self.waking.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut Waking { waking: &mut waking, instance });
    }

    fn reconciled(&self, event: &NewEvent) {
        if let Some(took) = event.data["took_ms"].as_u64() {
            self.reconciles.observe(std::time::Duration::from_millis(took).as_secs_f64());
        }
        for outcome in Outcome::iter() {
            let count = event.data["counts"][outcome.to_string()].as_u64().unwrap_or_default();
            self.reconciled.get_or_create(&[("outcome", outcome.into())]).inc_by(count);
        }
    }
}

/// The place of one instance among those that wake.
struct Waking<'a> {
    waking: &'a mut BTreeMap<InstanceName, Timestamp>,
    instance: &'a InstanceName,
}

impl Waking<'_> {
    fn begin(&mut self, at: Timestamp) {
        self.waking.entry(self.instance.clone()).or_insert(at);
    }

    fn end(&mut self) -> Option<Timestamp> {
        self.waking.remove(self.instance)
    }
}

impl Metrics {
    /// Counts what an event says, as it is told: also while the database does not take it.
    pub(crate) fn count(&self, event: &NewEvent) {
        let events = &self.inner.instruments.events;
        events.kinds.get_or_create(&[("kind", event.kind.into())]).inc();
        let cause = event.cause.as_deref().unwrap_or_default();
        match event.kind {
            EventKind::ContainerStopped | EventKind::ContainerMissing => {
                if let Ok(cause) = cause.parse::<StopCause>() {
                    events.deaths.get_or_create(&[("cause", cause.into())]).inc();
                }
            }
            EventKind::LeaseAcquired => {
                events.granted.inc();
            }
            EventKind::LeaseReleased | EventKind::LeaseExpired => {
                if let Ok(end) = cause.parse::<LeaseEnd>() {
                    events.ended.get_or_create(&[("end", end.into())]).inc();
                }
            }
            EventKind::ReconcileFinished => events.reconciled(event),
            EventKind::InstanceWaking => {
                events.wake(event.instance.as_ref(), |waking| waking.begin(event.at));
            }
            EventKind::InstanceRunning => events.wake(event.instance.as_ref(), |waking| {
                let took = waking.end().map(|since| event.at.duration_since(since).as_secs_f64());
                // The wall clock may have been set back meanwhile.
                if let Some(took) = took.filter(|took| *took >= 0.0) {
                    events.wakes.observe(took);
                }
            }),
            // Whoever wanted it has given up, or it is gone: what comes later is another wake.
            EventKind::InstanceStopping | EventKind::AgentDeleted => {
                events.wake(event.instance.as_ref(), |waking| {
                    waking.end();
                });
            }
            EventKind::ContainerCreated
            | EventKind::ContainerStarted
            | EventKind::ContainerRecreated
            | EventKind::ContainerRecreateFailed
            | EventKind::ContainerFailed
            | EventKind::ContainerRemoved
            | EventKind::ContainerOom
            | EventKind::ContainerCrashLoop
            | EventKind::ContainerUnhealthy
            | EventKind::ContainerHealthy
            | EventKind::HealthIncident
            | EventKind::HealthIncidentOver
            | EventKind::ContainerStale
            | EventKind::LimitNear
            | EventKind::LimitCleared
            | EventKind::ImagePulling
            | EventKind::ImagePulled
            | EventKind::ImagePullFailed
            | EventKind::RolloutStarted
            | EventKind::RolloutMember
            | EventKind::RolloutPaused
            | EventKind::RolloutResumed
            | EventKind::RolloutFinished
            | EventKind::InstanceStarting
            | EventKind::InstanceIdle
            | EventKind::TaskStarted
            | EventKind::TaskFinished
            | EventKind::TaskRetried
            | EventKind::NameConflict
            | EventKind::StateLost
            | EventKind::StateWiped
            | EventKind::AgentCreated
            | EventKind::AgentUpdated
            | EventKind::AgentParked
            | EventKind::AgentReopened
            | EventKind::AgentNeedsHuman
            | EventKind::AgentProgress
            | EventKind::AgentUnresolvable
            | EventKind::DockerUnreachable
            | EventKind::DockerRecovered
            | EventKind::ActorRestarted
            | EventKind::ClockJumped
            | EventKind::DatabaseSuspect
            | EventKind::SupervisorStarted
            | EventKind::SupervisorStopping => {}
        }
    }
}
