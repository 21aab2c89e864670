//! Lanes from events: a table of stories, and what must hold for any events at all.

use proptest::prelude::*;
use serde_json::json;
use strum::IntoEnumIterator as _;

use super::*;
use crate::testing::{name, type_name};
use EventKind::{
    AgentCreated, AgentDeleted, ContainerCrashLoop, ContainerCreated, ContainerFailed, ContainerMissing,
    ContainerOom, ContainerRecreated, ContainerRemoved, ContainerStarted, ContainerStopped, DockerRecovered,
    DockerUnreachable, ImagePulling, InstanceIdle, InstanceRunning, InstanceStarting, InstanceStopping,
    LeaseAcquired, SupervisorStarted, SupervisorStopping,
};

/// Seconds after the beginning of time; windows are 0..1000.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).expect("a time within reach")
}

const WINDOW: (i64, i64) = (0, 1000);

fn fleet_event(seq: u64, second: i64, kind: EventKind) -> Event {
    Event {
        seq,
        at: at(second),
        kind,
        instance: None,
        agent_type: None,
        incarnation: None,
        cause: None,
        detail: None,
        data: serde_json::Value::Null,
        caused_by: None,
    }
}

/// An event of `dev-1`.
fn event(seq: u64, second: i64, kind: EventKind) -> Event {
    Event {
        instance: Some(name("dev-1")),
        agent_type: Some(type_name("dev")),
        ..fleet_event(seq, second, kind)
    }
}

/// Numbered from 1 on; those before the window tell how it stood when it began. Nothing was ever forgotten.
fn past(events: &[(i64, EventKind)]) -> PastEvents {
    let of_fleet = |kind: EventKind| FLEET_KINDS.contains(&kind);
    let numbered = events.iter().zip(1..).map(|(&(second, kind), seq)| {
        if of_fleet(kind) { fleet_event(seq, second, kind) } else { event(seq, second, kind) }
    });
    let (before, within) = numbered.partition(|event| event.at < at(WINDOW.0));
    PastEvents { before, within, oldest: 1, oldest_at: Some(at(-5000)) }
}

fn now(phase: Phase, since: i64) -> Present {
    Present { instance: name("dev-1"), agent_type: type_name("dev"), phase, since: Some(at(since)) }
}

fn told(past: &PastEvents, present: &[Present]) -> Timeline {
    let hosts = BTreeSet::from([type_name("host")]);
    timeline((at(WINDOW.0), at(WINDOW.1)), past, present, &hosts)
}

/// The lane of `dev-1` as `phase from-to`.
fn lane(events: &[(i64, EventKind)], present: &[Present]) -> String {
    let told = told(&past(events), present);
    let [lane] = &told.items[..] else { panic!("one lane: {told:?}") };
    let second = |time: Timestamp| time.as_second() - 1_000_000;
    let words = lane.spans.iter().map(|s| format!("{} {}-{}", s.phase, second(s.from), second(s.to)));
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_lane_tells_what_the_events_say() {
    let running = [now(Phase::Running, 999)];
    for (story, events, expected) in [
        (
            "made in the window",
            vec![(100, AgentCreated), (102, ContainerCreated), (102, ContainerStarted)],
            "absent 0-100, creating 100-102, running 102-1000",
        ),
        (
            "ran before, died, came back",
            vec![(-50, ContainerStarted), (300, ContainerStopped), (305, ContainerStarted)],
            "running 0-300, stopped 300-305, running 305-1000",
        ),
        (
            "vanished and was made again",
            vec![
                (-50, ContainerStarted),
                (300, ContainerMissing),
                (302, ContainerRecreated),
                (303, ContainerStarted),
            ],
            "running 0-300, absent 300-302, stopped 302-303, running 303-1000",
        ),
        (
            "what is no phase changes none",
            vec![(-50, ContainerStarted), (300, LeaseAcquired), (301, ContainerOom), (302, ImagePulling)],
            "running 0-1000",
        ),
        (
            "two events that say the same are one span",
            vec![(-50, InstanceStarting), (10, InstanceRunning), (11, ContainerStarted)],
            "starting 0-10, running 10-1000",
        ),
        (
            "a wall clock that went back lets no time pass",
            vec![(-50, ContainerStarted), (500, ContainerStopped), (100, ContainerStarted)],
            "running 0-1000",
        ),
    ] {
        assert_eq!(lane(&events, &running), expected, "{story}");
    }
}

#[test]
fn a_stop_on_purpose_whose_end_is_not_told_ends_within_its_grace() {
    let asleep = [now(Phase::Stopped, 2000)];
    let idle = [(-50, InstanceRunning), (300, InstanceIdle), (300, InstanceStopping)];
    assert_eq!(lane(&idle, &asleep), "running 0-300, stopping 300-320, stopped 320-1000");
    let woken = [&idle[..], &[(310, InstanceStarting), (311, InstanceRunning)]].concat();
    assert_eq!(lane(&woken, &asleep), "running 0-300, stopping 300-310, starting 310-311, running 311-1000");
    assert_eq!(lane(&idle, &[now(Phase::Stopped, 301)]), "running 0-300, stopping 300-301, stopped 301-1000");
    assert_eq!(lane(&[(-50, InstanceStopping)], &asleep), "stopped 0-1000");
}

#[test]
fn where_the_events_end_the_present_goes_on() {
    for (story, events, present, expected) in [
        (
            "backoff ends without an event",
            vec![(100, ContainerFailed)],
            now(Phase::Running, 400),
            "absent 0-100, backoff 100-400, running 400-1000",
        ),
        (
            "the present is older than the last event",
            vec![(100, ContainerFailed)],
            now(Phase::Running, 50),
            "absent 0-100, backoff 100-1000",
        ),
        (
            "later than the window",
            vec![(100, ContainerFailed)],
            now(Phase::Running, 3000),
            "absent 0-100, backoff 100-1000",
        ),
        (
            "a crash loop",
            vec![(-5, ContainerStarted), (100, ContainerCrashLoop)],
            now(Phase::Stopped, 101),
            "running 0-100, stopped 100-1000",
        ),
    ] {
        assert_eq!(lane(&events, &[present]), expected, "{story}");
    }
}

#[test]
fn what_was_forgotten_is_unknown_unless_the_present_reaches_back() {
    let forgotten = PastEvents { oldest: 500, oldest_at: Some(at(-10)), ..PastEvents::default() };
    for (since, expected) in [
        (-9000, vec![Phase::Running]),
        (600, vec![Phase::Unknown, Phase::Running]),
        (2000, vec![Phase::Unknown]),
    ] {
        let told = told(&forgotten, &[now(Phase::Running, since)]);
        let phases: Vec<Phase> = told.items[0].spans.iter().map(|span| span.phase).collect();
        assert_eq!(phases, expected, "since {since}");
        assert_eq!(told.expired_before, Some(at(-10)));
    }
    let whole = PastEvents { oldest: 1, oldest_at: Some(at(-10)), ..PastEvents::default() };
    let told = told(&whole, &[now(Phase::Running, 600)]);
    assert_eq!(told.items[0].spans[0].phase, Phase::Absent);
    assert_eq!(told.expired_before, None);
}

#[test]
fn nothing_is_claimed_for_a_time_in_which_nobody_looked() {
    let docker = [(-50, ContainerStarted), (200, DockerUnreachable), (300, DockerRecovered)];
    assert_eq!(lane(&docker, &[]), "running 0-200, unknown 200-300, running 300-1000");
    let open = [(-50, ContainerStarted), (-20, DockerUnreachable)];
    assert_eq!(lane(&open, &[]), "unknown 0-1000");
    let stopped = [
        (-50, ContainerStarted),
        (400, SupervisorStopping),
        (500, SupervisorStarted),
        (501, ContainerStopped),
    ];
    assert_eq!(lane(&stopped, &[]), "running 0-400, unknown 400-500, running 500-501, stopped 501-1000");
    let down_at_the_end = [(-50, ContainerStarted), (400, SupervisorStopping), (5000, SupervisorStarted)];
    assert_eq!(lane(&down_at_the_end, &[]), "running 0-400, unknown 400-1000");
    let both = [
        (-50, ContainerStarted),
        (100, DockerUnreachable),
        (200, SupervisorStopping),
        (300, SupervisorStarted),
    ];
    assert_eq!(lane(&both, &[]), "running 0-100, unknown 100-300, running 300-1000");
    assert_eq!(
        told(&past(&both), &[]).gaps,
        [
            Gap { from: at(100), to: at(300), why: GapCause::DockerUnreachable },
            Gap { from: at(200), to: at(300), why: GapCause::SupervisorDown },
        ]
    );

    let mut killed = past(&[(-50, ContainerStarted), (600, SupervisorStarted)]);
    assert_eq!(told(&killed, &[]).gaps, [], "a first start follows no other");
    killed.within[0].data = json!({ "last_sign_of_life": at(250) });
    let gap = Gap { from: at(250), to: at(600), why: GapCause::SupervisorDown };
    assert_eq!(told(&killed, &[]).gaps, [gap]);
}

#[test]
fn whoever_is_gone_has_a_lane_only_as_long_as_there_was_something() {
    let gone = [(-50, ContainerStarted), (100, AgentDeleted), (105, ContainerRemoved)];
    assert_eq!(lane(&gone, &[]), "running 0-100, removing 100-105, absent 105-1000");
    assert!(told(&past(&gone), &[]).items[0].deleted);
    let long_gone = [(-50, AgentDeleted), (-40, ContainerRemoved)];
    assert_eq!(told(&past(&long_gone[1..]), &[]).items, []);
    let without_container = [(-50, AgentCreated), (100, AgentDeleted)];
    assert_eq!(lane(&without_container, &[]), "creating 0-100, removing 100-120, absent 120-1000");
    let host = Present { agent_type: type_name("host"), ..now(Phase::Host, 2000) };
    assert_eq!(lane(&[], &[host]), "host 0-1000");
}

#[test]
fn marks_are_bounded_and_what_is_left_out_is_counted() {
    let many: Vec<(i64, EventKind)> = (0..250).map(|second| (second, LeaseAcquired)).collect();
    let told = told(&past(&many), &[]);
    let lane = &told.items[0];
    assert_eq!((lane.marks.len(), lane.marks_omitted), (200, 50));
    assert_eq!((lane.marks[0].seq, lane.marks[199].seq), (51, 250), "the newest, oldest first");
    assert_eq!(lane.agent_type, Some(type_name("dev")));
}

#[test]
fn a_timeline_is_json_of_this_shape() {
    let events = [(-50, ContainerStarted), (300, ContainerStopped), (400, DockerUnreachable)];
    insta::assert_json_snapshot!(told(&past(&events), &[now(Phase::Unknown, 400)]));
}

fn any_events() -> impl Strategy<Value = Vec<(i64, EventKind)>> {
    let kinds: Vec<EventKind> = EventKind::iter().collect();
    prop::collection::vec((-100_i64..1100, prop::sample::select(kinds)), 0..40)
}

fn any_present() -> impl Strategy<Value = Vec<Present>> {
    let phases: Vec<Phase> = Phase::iter().collect();
    let one = (prop::sample::select(phases), prop::option::of(-200_i64..1200));
    let one = one.prop_map(|(phase, since)| Present { since: since.map(at), ..now(phase, 0) });
    prop::collection::vec(one, 0..2)
}

proptest! {
    #[test]
    fn whatever_the_events_are_spans_are_in_order_adjoin_and_cover_the_window(
        events in any_events(),
        sorted in any::<bool>(),
        forgotten in any::<bool>(),
        present in any_present(),
    ) {
        let mut events = events;
        if sorted {
            events.sort_by_key(|(second, _)| *second);
        }
        let mut past = past(&events);
        past.oldest += u64::from(forgotten);
        let told = told(&past, &present);
        for lane in &told.items {
            let spans = &lane.spans;
            prop_assert_eq!(spans.first().map(|span| span.from), Some(told.from));
            prop_assert_eq!(spans.last().map(|span| span.to), Some(told.to));
            for span in spans {
                prop_assert!(span.from < span.to, "{:?}", lane);
            }
            for pair in spans.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert_ne!(pair[0].phase, pair[1].phase);
            }
            for gap in &told.gaps {
                let claimed = |span: &&Span| span.phase != Phase::Unknown && span.from < gap.to && gap.from < span.to;
                prop_assert!(!spans.iter().any(|span| claimed(&span)), "{:?} {:?}", gap, lane);
            }
        }
        for gap in &told.gaps {
            prop_assert!(told.from <= gap.from && gap.from < gap.to && gap.to <= told.to);
        }
    }
}
