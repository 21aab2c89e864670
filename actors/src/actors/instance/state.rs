//! What an instance's actor knows, and how reports change it. No actix, no IO: the shell in `instance.rs` does those.

mod capsule;
mod health;
mod image;
mod outcome;
mod pending;
mod usage;
mod walls;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::time::Instant;

pub(super) use self::health::Check;
pub(crate) use self::health::Found;
use self::health::Health;
use super::super::messages::InUse;
use crate::decide::{Action, CrashLoop, Decision, Halt, History, Request, Rule, decide};
use crate::effects::{Subject, volume};
use crate::look::Look;
use crate::model::{
    Agent, ConditionType, ContainerId, ContainerState, Desired, EventKind, FleetPrefix, Incarnation,
    InstanceMemory, InstanceName, InstanceObservation, LastStop, Lifecycle, LocalEventId, NewEvent,
    ObservedContainer, Outcome, Phase, StopCause, StopReason, TypeName,
};
use crate::notice::{Fact, notice};
use crate::ports::{RecreateJournal, RuntimeError};

/// Longest that docker takes to stop a container: the grace, and a moment for the kill after it.
const STOP_TAKES: Duration = Duration::from_secs(20);

/// The one thing in flight.
#[derive(Clone, Debug)]
pub(super) enum Busy {
    Looking,
    Acting(Action),
}

/// The last effect that failed and has not worked since.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) text: String,
    pub(super) next_retry_at: Option<Timestamp>,
}

/// What has been done since somebody began to wait.
#[derive(Clone, Debug, Default)]
struct Episode {
    outcome: Option<Outcome>,
    failure: Option<String>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) name: InstanceName,
    pub(super) row: Option<Agent>,
    pub(super) desired: Desired,
    /// `None`: docker's word is not known.
    pub(super) observed: Option<InstanceObservation>,
    /// When the last look that counted began.
    pub(super) looked: Option<Instant>,
    pub(super) history: History,
    pub(super) memory: InstanceMemory,
    pub(super) busy: Option<Busy>,
    pub(super) failure: Option<Failure>,
    pub(super) docker_down: Option<String>,
    /// The image's name and the id that it meant when that was last looked up.
    pub(super) meaning: Option<(String, String)>,
    pub(super) decision: Option<Decision>,
    pub(super) decided_since: Timestamp,
    pub(super) since: BTreeMap<(ConditionType, bool), Timestamp>,
    /// The phase and the life that were last shown, and since when.
    pub(super) phase_since: Option<(Phase, Option<Incarnation>, Timestamp)>,
    pub(super) in_use: InUse,
    pub(super) health: Health,
    pub(super) prefix: FleetPrefix,
    /// The last effect, and when it ended.
    effect_ended: Option<Instant>,
    acted: Option<Action>,
    /// The `container_missing` that the next create answers.
    missing: Option<LocalEventId>,
    reported_foreign: Option<ContainerId>,
    sampled: Option<walls::Sampled>,
    /// Requests so far, and how many there had been when the effect in flight was decided.
    asked: u64,
    acted_on: u64,
    /// When the row was made that the effect in flight is for.
    acted_for: Option<Timestamp>,
    episode: Episode,
}

/// What the state needs to know of the present.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) mono: Instant,
    pub(super) wall: Timestamp,
}

impl Now {
    /// The wall clock's reading when the monotonic one will show `at`.
    pub(super) fn wall_at(self, at: Instant) -> Timestamp {
        let ahead =
            SignedDuration::try_from(at.saturating_duration_since(self.mono)).unwrap_or(SignedDuration::ZERO);
        self.wall.checked_add(ahead).unwrap_or(self.wall)
    }
}

impl State {
    pub(super) fn new(
        prefix: FleetPrefix,
        name: InstanceName,
        memory: InstanceMemory,
        journal: Option<RecreateJournal>,
        first_pass: bool,
        now: Now,
    ) -> Self {
        let crash_loop = memory.crash_loop_since.map(|_| CrashLoop { next_try: now.mono });
        Self {
            name,
            row: None,
            desired: Desired::Gone,
            observed: None,
            looked: None,
            history: History {
                crash_loop,
                first_pass,
                journal,
                request: pending::request(&memory),
                ..History::default()
            },
            health: Health::remembered(&memory, now),
            memory,
            busy: None,
            failure: None,
            docker_down: None,
            meaning: None,
            decision: None,
            decided_since: now.wall,
            since: BTreeMap::new(),
            phase_since: None,
            in_use: InUse::default(),
            prefix,
            effect_ended: None,
            acted: None,
            missing: None,
            reported_foreign: None,
            sampled: None,
            asked: 0,
            acted_on: 0,
            acted_for: None,
            episode: Episode::default(),
        }
    }

    /// Another row. What changed in it forgives earlier failures.
    pub(super) fn set_row(&mut self, row: Option<Agent>, desired: Desired, now: Now) -> Option<NewEvent> {
        let changed = self.desired != desired;
        let generation = |row: &Option<Agent>| row.as_ref().map(|row| (row.generation, row.created_at));
        // The first row that it hears of is no change.
        if self.row.is_some() && (changed || generation(&self.row) != generation(&row)) {
            self.forgive();
            self.forgive_health();
        }
        let created = |row: &Option<Agent>| row.as_ref().map(|row| row.created_at);
        let same = row.is_some() && created(&self.row) == created(&row);
        if !same {
            self.history.halt = None;
        }
        // Only effects of ours write the volume, so what they left here is never older than what was read.
        let volume = self.row.take().filter(|_| same).map(|row| row.volume);
        self.row = row;
        if let (Some(row), Some(volume)) = (&mut self.row, volume) {
            row.volume = volume;
        }
        let before = std::mem::replace(&mut self.desired, desired);
        self.health_policy_changed(&before, now);
        match &self.desired {
            Desired::Unresolvable { reason } if changed => {
                Some(self.event(EventKind::AgentUnresolvable, now).detail(reason.clone()))
            }
            Desired::Unresolvable { .. } | Desired::Gone | Desired::Host | Desired::Container(_) => None,
        }
    }

    pub(super) fn forgive(&mut self) {
        self.history.forgive();
        self.memory.crash_loop_since = None;
        self.failure = None;
    }

    pub(super) fn agent_type(&self) -> Option<&TypeName> {
        self.row.as_ref().map(|row| &row.agent_type)
    }

    pub(super) fn lifecycle(&self) -> Lifecycle {
        match &self.desired {
            Desired::Container(desired) => desired.lifecycle(),
            Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => {
                self.row.as_ref().and_then(|row| row.overrides.lifecycle).unwrap_or(Lifecycle::Hot)
            }
        }
    }

    /// Ids under which the containers of this instance are known.
    pub(super) fn known(&self) -> Vec<ContainerId> {
        let mut known: Vec<ContainerId> = self.memory.container.iter().cloned().collect();
        known.extend(self.history.journal.iter().map(|journal| journal.old.clone()));
        if let Some(observed) = &self.observed {
            known.extend(observed.main.iter().chain(&observed.extra).map(|container| container.id.clone()));
        }
        known.sort();
        known.dedup();
        known
    }

    /// The effect in flight, or the last one while nobody has looked at what it did.
    pub(super) fn acting(&self) -> Option<&Action> {
        match &self.busy {
            Some(Busy::Acting(action)) => Some(action),
            Some(Busy::Looking) | None => {
                let unseen = self.effect_ended.is_some_and(|ended| self.looked.is_none_or(|at| at < ended));
                self.acted.as_ref().filter(|_| unseen && self.docker_down.is_none())
            }
        }
    }

    /// Until when a stop of ours that nobody saw the end of may still end what runs: the daemon, or the call, was cut
    /// in the middle of it. Docker goes on with it all the same.
    pub(super) fn stopping_until(&self, now: Now) -> Option<Instant> {
        let main = self.observed.as_ref()?.main.as_ref().filter(|main| main.is_up())?;
        let intent = self.memory.intent.as_ref().filter(|intent| intent.incarnation == main.incarnation())?;
        let since = Duration::try_from(now.wall.duration_since(intent.at)).unwrap_or_default();
        let left = STOP_TAKES.checked_sub(since).filter(|left| !left.is_zero())?;
        Some(now.mono + left)
    }

    fn event(&self, kind: EventKind, now: Now) -> NewEvent {
        let mut event = NewEvent::new(kind, now.wall).instance(&self.name);
        event.agent_type = self.agent_type().cloned();
        event
    }

    /// Takes a look into account, unless something that was done since makes it old news.
    pub(super) fn observe(&mut self, look: Look, now: Now) -> Vec<NewEvent> {
        let acting = matches!(self.busy, Some(Busy::Acting(_)));
        let older = |than: Option<Instant>| than.is_some_and(|than| look.began < than);
        if acting || older(self.effect_ended) || older(self.looked) {
            return Vec::new();
        }
        self.docker_down = None;
        self.looked = Some(look.began);
        self.history.looks = self.history.looks.saturating_add(1);
        let mut events = Vec::new();
        let mut noticed = notice(&self.memory, &look.observation, now.wall);
        self.fill_capsules(&mut noticed, &look);
        self.memory = noticed.memory;
        for fact in noticed.facts {
            self.raise(fact, now, &mut events);
        }
        events.extend(self.forget_walls(now));
        self.clocks(&look.observation, now);
        self.observed = Some(look.observation);
        self.outlives_pending();
        if self.history.died(noticed.deaths, now.mono) {
            self.memory.crash_loop_since = Some(now.wall);
            let deaths = self.history.recent_deaths();
            events.push(
                self.event(EventKind::ContainerCrashLoop, now)
                    .cause("crash_loop")
                    .detail(format!(
                        "{deaths} deaths in ten minutes: one try every five minutes from here on"
                    ))
                    .data(json!({ "deaths": deaths })),
            );
        }
        if self.history.heal(now.mono) {
            self.memory.crash_loop_since = None;
        }
        self.report_foreign(now, &mut events);
        events.extend(self.follow_health(now));
        events
    }

    fn clocks(&mut self, observation: &InstanceObservation, now: Now) {
        let main = observation.main.as_ref();
        let runs = main.is_some_and(|main| main.state == ContainerState::Running);
        let removing = |main: &ObservedContainer| main.state == ContainerState::Removing;
        let seen_before = self.observed.as_ref().and_then(|observed| observed.main.as_ref());
        if main.is_some_and(removing) && !seen_before.is_some_and(removing) {
            // The patience with docker begins with the removal, not with the stop before it.
            self.history.down_since = None;
        }
        let same_life =
            seen_before.map(ObservedContainer::incarnation) == main.map(ObservedContainer::incarnation);
        match (runs, main) {
            (true, _) => {
                let since = self.history.up_since.filter(|_| same_life);
                self.history.up_since = Some(since.unwrap_or(now.mono));
                self.history.down_since = None;
            }
            (false, Some(_)) => {
                self.history.up_since = None;
                self.history.down_since.get_or_insert(now.mono);
            }
            (false, None) => {
                self.history.up_since = None;
                self.history.down_since = None;
            }
        }
        self.history.misnamed = main.is_some_and(|main| main.name != self.prefix.container(&self.name));
    }

    fn raise(&mut self, fact: Fact, now: Now, events: &mut Vec<NewEvent>) {
        let concerned = match &self.desired {
            Desired::Container(_) | Desired::Unresolvable { .. } => true,
            Desired::Gone | Desired::Host => false,
        };
        if !concerned {
            return;
        }
        match fact {
            Fact::Started { incarnation } => {
                events.extend(self.lazy_event(EventKind::InstanceRunning, now));
                events.push(self.event(EventKind::ContainerStarted, now).incarnation(incarnation));
            }
            Fact::Stopped { stop, reason } => self.raise_stop(&stop, reason, now, events),
            Fact::Missing { container, incarnation } => {
                let mut event = self.event(EventKind::ContainerMissing, now).cause("vanished");
                event.incarnation = incarnation;
                event = event
                    .detail(format!("the container {} is gone", container.short()))
                    .data(json!({ "container": container.as_ref() }));
                self.missing = Some(event.id);
                events.push(event);
            }
        }
    }

    fn raise_stop(&self, stop: &LastStop, reason: Option<StopReason>, now: Now, events: &mut Vec<NewEvent>) {
        match reason {
            Some(StopReason::Removed | StopReason::Recreated | StopReason::CrashLoop | StopReason::Idle) => {
                return;
            }
            Some(StopReason::Requested) if self.lifecycle() == Lifecycle::Lazy => return,
            Some(StopReason::Requested | StopReason::Unhealthy) | None => {}
        }
        let data = json!({ "exit_code": stop.exit_code, "last_words": stop.capsule });
        let event = |kind| {
            let mut event = self.event(kind, now).incarnation(stop.incarnation.clone()).data(data.clone());
            event.detail.clone_from(&stop.detail);
            event
        };
        let mut caused_by = None;
        if stop.cause == StopCause::Oom {
            let oom = event(EventKind::ContainerOom).cause("oom");
            caused_by = Some(oom.id);
            events.push(oom);
        }
        events.push(event(EventKind::ContainerStopped).cause(stop.cause.to_string()).caused_by(caused_by));
    }

    fn report_foreign(&mut self, now: Now, events: &mut Vec<NewEvent>) {
        let foreign = self.observed.as_ref().and_then(|observed| observed.foreign.clone());
        let wanted = matches!(self.desired, Desired::Container(_));
        match foreign.filter(|_| wanted) {
            Some(foreign) if self.reported_foreign.as_ref() != Some(&foreign.id) => {
                events.push(
                    self.event(EventKind::NameConflict, now)
                        .cause("foreign_container")
                        .detail(format!(
                            "the container {} ({}) has this name but is not ours: adopt it, rename it or remove it",
                            foreign.name,
                            foreign.id.short()
                        ))
                        .data(json!({ "container": foreign.id.as_ref(), "image": foreign.image })),
                );
                self.reported_foreign = Some(foreign.id);
            }
            Some(_) => {}
            None => self.reported_foreign = None,
        }
    }

    /// Docker cannot be asked: nothing is known any more.
    pub(super) fn docker_lost(&mut self, reason: &str) {
        if !matches!(self.busy, Some(Busy::Acting(_))) {
            self.observed = None;
            self.docker_down = Some(reason.to_owned());
        }
    }

    pub(super) fn look_failed(&mut self, error: &RuntimeError) {
        self.observed = None;
        self.docker_down = Some(error.to_string());
    }

    pub(super) fn decide(&mut self, now: Now) -> Decision {
        self.history.unrecorded =
            self.row.as_ref().is_some_and(|row| !volume::is_recorded(row.volume.as_ref()));
        self.history.illness = self.illness();
        self.history.image_due = self.image_due();
        let decision = decide(&self.desired, self.observed.as_ref(), &self.history, now.mono);
        if self.decision.as_ref().map(|d| d.rule) != Some(decision.rule) {
            self.decided_since = now.wall;
        }
        self.decision = Some(decision.clone());
        decision
    }

    pub(super) fn subject(&self) -> Subject {
        Subject {
            name: self.name.clone(),
            agent_type: self.agent_type().cloned(),
            desired: match &self.desired {
                Desired::Container(desired) => Some((**desired).clone()),
                Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
            },
            observed: self.observed.clone().unwrap_or_default(),
            memory: self.memory.clone(),
            volume: self.row.as_ref().and_then(|row| row.volume.clone()),
            journal: self.history.journal.clone(),
        }
    }

    /// Somebody begins to wait, perhaps with a request: no grace, no backoff, and a halt is looked into again, because
    /// whoever asks may have brought the volume back.
    pub(super) fn begin_episode(&mut self, request: Option<Request>, first_waiter: bool, now: Now) {
        if first_waiter {
            self.episode = Episode::default();
        }
        self.history.fresh = true;
        self.asked += 1;
        if request.is_some() {
            self.history.request = request;
        }
        if matches!(request, Some(Request::Start | Request::Restart)) {
            self.history.usage.last_active = Some(now.mono);
        }
    }

    /// Nothing more is to be done at once: what became of it, in the words of a report.
    pub(super) fn settle(&mut self) -> (Outcome, Option<String>) {
        self.history.fresh = false;
        // A pass in which nothing was seen is none.
        self.history.first_pass &= self.observed.is_none();
        // What waits for whoever works with it is done once they have gone.
        if !self.keeps_request() {
            self.history.request = None;
            self.memory.pending = None;
        }
        let episode = std::mem::take(&mut self.episode);
        if let Some(reason) = episode.failure {
            return (Outcome::Failed, Some(reason));
        }
        let Some(rule) = self.decision.as_ref().map(|decision| decision.rule) else {
            return (Outcome::Failed, Some("nothing has been decided yet".into()));
        };
        let explained = || Some(rule.explanation().to_owned());
        match (rule, &self.history.halt, &self.desired) {
            (Rule::DockerUnknown, _, _) => (Outcome::Failed, self.docker_down.clone().or_else(explained)),
            (Rule::Halted, Some(Halt::StateLost { detail } | Halt::VolumeConflict { detail }), _) => {
                (Outcome::Failed, Some(detail.clone()))
            }
            (Rule::Unresolvable, _, Desired::Unresolvable { reason }) => {
                (Outcome::Failed, Some(reason.clone()))
            }
            (Rule::NameConflict | Rule::Suspended, _, _) => (Outcome::Failed, explained()),
            (Rule::CrashLoop | Rule::BeingRemoved | Rule::Dead | Rule::Draining | Rule::Parked, _, _) => {
                (episode.outcome.unwrap_or(Outcome::Unchanged), explained())
            }
            _ => (episode.outcome.unwrap_or(Outcome::Unchanged), None),
        }
    }

    /// No row, and nothing of ours left, in docker or in the store: the actor has no more to do.
    pub(super) fn is_finished(&self) -> bool {
        let nothing_left = self.history.journal.is_none()
            && self.observed.as_ref().is_some_and(|observed| observed.main.is_none());
        self.desired == Desired::Gone && nothing_left && self.busy.is_none() && !self.history.suspended
    }
}
