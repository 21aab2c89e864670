//! Which phase an event leads to.

use jiff::Timestamp;

use super::{Change, Present, TRANSIENT};
use crate::model::{Event, EventKind, Phase};

/// Kinds that tell the phase of their instance, whatever it was in before.
pub const PHASE_KINDS: [EventKind; 15] = [
    EventKind::AgentCreated,
    EventKind::AgentDeleted,
    EventKind::ContainerCreated,
    EventKind::ContainerStarted,
    EventKind::ContainerStopped,
    EventKind::ContainerMissing,
    EventKind::ContainerRecreated,
    EventKind::ContainerRecreateFailed,
    EventKind::ContainerFailed,
    EventKind::ContainerRemoved,
    EventKind::ContainerCrashLoop,
    EventKind::InstanceStarting,
    EventKind::InstanceRunning,
    EventKind::InstanceStopping,
    EventKind::StateWiped,
];

/// The phase that an event leads to, and the one that follows by itself after [`TRANSIENT`].
fn phase(kind: EventKind) -> Option<(Phase, Option<Phase>)> {
    Some(match kind {
        EventKind::AgentCreated => (Phase::Creating, None),
        // If there is no container, nothing more is told.
        EventKind::AgentDeleted => (Phase::Removing, Some(Phase::Absent)),
        EventKind::ContainerStarted | EventKind::InstanceRunning => (Phase::Running, None),
        // Where a new one is to run, its start is told at once; a crash loop is calmed by a stop that is not told.
        EventKind::ContainerCreated
        | EventKind::ContainerRecreated
        | EventKind::ContainerStopped
        | EventKind::ContainerCrashLoop => (Phase::Stopped, None),
        EventKind::ContainerMissing | EventKind::ContainerRemoved | EventKind::StateWiped => {
            (Phase::Absent, None)
        }
        EventKind::ContainerRecreateFailed | EventKind::ContainerFailed => (Phase::Backoff, None),
        EventKind::InstanceStarting => (Phase::Starting, None),
        // The end of a stop on purpose is not told.
        EventKind::InstanceStopping => (Phase::Stopping, Some(Phase::Stopped)),
        EventKind::ContainerOom
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
        | EventKind::InstanceWaking
        | EventKind::InstanceIdle
        | EventKind::LeaseAcquired
        | EventKind::LeaseReleased
        | EventKind::LeaseExpired
        | EventKind::TaskStarted
        | EventKind::TaskFinished
        | EventKind::TaskRetried
        | EventKind::NameConflict
        | EventKind::StateLost
        | EventKind::AgentUpdated
        | EventKind::AgentParked
        | EventKind::AgentReopened
        | EventKind::AgentNeedsHuman
        | EventKind::AgentProgress
        | EventKind::AgentUnresolvable
        | EventKind::DockerUnreachable
        | EventKind::DockerRecovered
        | EventKind::ReconcileFinished
        | EventKind::ActorRestarted
        | EventKind::ClockJumped
        | EventKind::DatabaseSuspect
        | EventKind::SupervisorStarted
        | EventKind::SupervisorStopping => return None,
    })
}

pub(super) fn tells(kind: EventKind) -> bool {
    phase(kind).is_some()
}

/// Whether there was anything after it: of an instance that was gone before, there is nothing to show.
pub(super) fn leaves_something(kind: EventKind) -> bool {
    phase(kind).is_some_and(|(phase, _)| !matches!(phase, Phase::Absent | Phase::Removing))
}

/// All changes of phase, the first at `from` or before. `whole`: no event was ever forgotten.
pub(super) fn changes(
    events: &[&Event],
    present: Option<&Present>,
    is_host: bool,
    whole: bool,
    from: Timestamp,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    if events.first().is_none_or(|first| first.at > from) {
        changes.push((from, before_all(events, present, is_host, whole, from), None));
    }
    for (index, event) in events.iter().enumerate() {
        let Some((phase, later)) = phase(event.kind) else { continue };
        let at = event.at.max(changes.last().map_or(event.at, |(at, _, _)| *at));
        if is_host {
            let phase = if event.kind == EventKind::AgentDeleted { Phase::Absent } else { Phase::Host };
            changes.push((at, phase, Some(event.seq)));
            continue;
        }
        changes.push((at, phase, Some(event.seq)));
        if let Some(later) = later
            && let Ok(then) = at.checked_add(TRANSIENT)
            && events.get(index + 1).is_none_or(|next| next.at > then)
        {
            changes.push((then, later, None));
        }
    }
    append_present(&mut changes, present);
    changes
}

/// The phase before the first event that is known.
fn before_all(
    events: &[&Event],
    present: Option<&Present>,
    is_host: bool,
    whole: bool,
    from: Timestamp,
) -> Phase {
    let first = events.first().map(|event| event.kind);
    match (first, present) {
        (Some(EventKind::AgentCreated | EventKind::ContainerCreated), _) => Phase::Absent,
        _ if is_host => Phase::Host,
        (_, Some(Present { phase, since: Some(since), .. })) if *since <= from => *phase,
        _ if whole => Phase::Absent,
        _ => Phase::Unknown,
    }
}

/// What the instance is in now, if that began after all that the events tell: its begin was none.
fn append_present(changes: &mut Vec<Change>, present: Option<&Present>) {
    let (Some(Present { phase, since: Some(since), .. }), Some(&(last, before, _))) =
        (present, changes.last())
    else {
        return;
    };
    // A stop that is over sooner than it could have taken.
    let untold = changes.len() >= 2 && changes.last().is_some_and(|(_, _, seq)| seq.is_none());
    let told = if untold { changes[changes.len() - 2].0 } else { last };
    if *since <= told {
        return;
    }
    if untold && *since < last {
        changes.pop();
    } else if *phase == before {
        return;
    }
    changes.push((*since, *phase, None));
}
