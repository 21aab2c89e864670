//! The event log.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::StoreWorld;
use super::samples::incarnation;
use crate::model::{Event, EventFilter, EventKind, EventPage, NewEvent};
use crate::ports::{AgentStore, EventRetention, PastEvents, PastQuery};
use crate::testing::{name, type_name};

const AN_HOUR: Duration = Duration::from_hours(1);

fn event(world: &dyn StoreWorld) -> NewEvent {
    NewEvent::new(EventKind::ContainerStarted, world.now())
}

fn events(world: &dyn StoreWorld, count: usize) -> Vec<NewEvent> {
    (0..count).map(|_| event(world)).collect()
}

async fn append(store: &dyn AgentStore, events: &[NewEvent]) -> Vec<Event> {
    store.append_events(events).await.expect("events can be stored")
}

async fn after(store: &dyn AgentStore, after: u64) -> EventPage {
    store.events_after(after, 1000, &EventFilter::default()).await.expect("the store answers")
}

fn numbers(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

pub async fn a_log_without_events_has_bounds_too(world: &mut dyn StoreWorld) {
    let empty = EventPage { items: Vec::new(), oldest: 1, newest: 0 };
    assert_eq!(after(&*world.store(), 0).await, empty);
    let latest = world.store().latest_events(10, &EventFilter::default()).await.expect("the store answers");
    assert_eq!(latest, empty);
    assert_eq!(append(&*world.store(), &[]).await, []);
}

pub async fn events_are_numbered_in_their_order(world: &mut dyn StoreWorld) {
    let first = append(&*world.store(), &events(world, 3)).await;
    assert_eq!(numbers(&first), [1, 2, 3]);
    world.reopen().await;
    let second = append(&*world.store(), &events(world, 2)).await;
    assert_eq!(numbers(&second), [4, 5]);
    let page = after(&*world.store(), 0).await;
    assert_eq!((page.oldest, page.newest), (1, 5));
    assert_eq!(page.items, [first, second].concat());
}

pub async fn an_event_comes_back_as_it_was_written(world: &mut dyn StoreWorld) {
    let full = event(world)
        .instance(&name("dev-2"))
        .agent_type(&type_name("dev"))
        .incarnation(incarnation('d'))
        .cause("oom")
        .detail("a sentence with 'quotes' and ünïcode\nin two lines")
        .data(json!({ "exit_code": 137, "nested": { "list": [1, null, "x"] } }));
    let bare = event(world);
    let written = append(&*world.store(), &[full.clone(), bare]).await;
    let [first, second] = &written[..] else { panic!("{written:?}") };
    assert_eq!((first.kind, first.instance.as_ref()), (full.kind, full.instance.as_ref()));
    assert_eq!((&first.agent_type, &first.incarnation), (&full.agent_type, &full.incarnation));
    assert_eq!((&first.cause, &first.detail, &first.data), (&full.cause, &full.detail, &full.data));
    assert_eq!((&second.instance, &second.data, second.caused_by), (&None, &serde_json::Value::Null, None));
    world.reopen().await;
    assert_eq!(after(&*world.store(), 0).await.items, written);
}

pub async fn parallel_appends_share_no_number(world: &mut dyn StoreWorld) {
    let store = world.store();
    let batches: Vec<Vec<NewEvent>> = (0..8).map(|_| events(world, 3)).collect();
    let appended = join_all(batches.iter().map(|batch| append(&*store, batch))).await;
    for batch in &appended {
        let seqs = numbers(batch);
        assert_eq!(seqs, [seqs[0], seqs[0] + 1, seqs[0] + 2], "one call is one transaction");
    }
    let mut all = numbers(&appended.concat());
    all.sort_unstable();
    assert_eq!(all, (1..=24).collect::<Vec<u64>>());
}

pub async fn causes_are_resolved(world: &mut dyn StoreWorld) {
    let store = world.store();
    let (cause, never_stored) = (event(world), event(world));
    let effect = event(world).caused_by(Some(cause.id));
    let orphan = event(world).caused_by(Some(never_stored.id));
    let later = event(world).caused_by(Some(effect.id));
    let first = append(&*store, &[cause, effect, orphan]).await;
    assert_eq!(first.iter().map(|event| event.caused_by).collect::<Vec<_>>(), [None, Some(1), None]);
    let second = append(&*store, &[later]).await;
    assert_eq!(second[0].caused_by, Some(2));
    assert_eq!(after(&*store, 0).await.items, [first, second].concat());
}

pub async fn a_page_begins_after_its_cursor_and_obeys_its_limit(world: &mut dyn StoreWorld) {
    let store = world.store();
    append(&*store, &events(world, 5)).await;
    for (cursor, limit, expected) in
        [(0, 2, vec![1, 2]), (2, 2, vec![3, 4]), (4, 2, vec![5]), (5, 2, vec![]), (99, 2, vec![])]
    {
        let page =
            store.events_after(cursor, limit, &EventFilter::default()).await.expect("the store answers");
        assert_eq!(numbers(&page.items), expected, "after {cursor}");
        assert_eq!((page.oldest, page.newest), (1, 5));
    }
}

pub async fn the_latest_events_come_oldest_first(world: &mut dyn StoreWorld) {
    let store = world.store();
    append(&*store, &events(world, 5)).await;
    for (limit, expected) in [(2, vec![4, 5]), (10, vec![1, 2, 3, 4, 5])] {
        let page = store.latest_events(limit, &EventFilter::default()).await.expect("the store answers");
        assert_eq!(numbers(&page.items), expected);
        assert_eq!((page.oldest, page.newest), (1, 5));
    }
}

pub async fn a_page_ends_before_its_cursor_and_leads_back_to_the_beginning(world: &mut dyn StoreWorld) {
    let store = world.store();
    append(&*store, &events(world, 5)).await;
    for (cursor, limit, expected) in [
        (6, 2, vec![4, 5]),
        (4, 2, vec![2, 3]),
        (2, 2, vec![1]),
        (1, 2, vec![]),
        (0, 2, vec![]),
        (u64::MAX, 9, vec![1, 2, 3, 4, 5]),
    ] {
        let page =
            store.events_before(cursor, limit, &EventFilter::default()).await.expect("the store answers");
        assert_eq!(numbers(&page.items), expected, "before {cursor}");
        assert_eq!((page.oldest, page.newest), (1, 5));
    }
}

pub async fn causes_and_words_narrow_a_page(world: &mut dyn StoreWorld) {
    let store = world.store();
    let stored = [
        event(world).instance(&name("dev-1")).cause("oom").detail("50% of the Memory"),
        event(world).instance(&name("dev-2")).agent_type(&type_name("reviewer")).cause("killed"),
        NewEvent::new(EventKind::DockerUnreachable, world.now()).detail("no_socket \\ there"),
    ];
    append(&*store, &stored).await;
    let text = |text: &str| EventFilter { text: Some(text.into()), ..EventFilter::default() };
    let causes = |causes: &[&str]| EventFilter {
        causes: causes.iter().map(|&cause| cause.into()).collect(),
        ..EventFilter::default()
    };
    for (filter, expected) in [
        (causes(&["oom"]), vec![1]),
        (causes(&["oom", "killed"]), vec![1, 2]),
        (text("MEMORY"), vec![1]),
        (text("dev-"), vec![1, 2]),
        (text("review"), vec![2]),
        (text("kill"), vec![2]),
        (text("unreachable"), vec![3]),
        (text("0%"), vec![1]),
        (text("%"), vec![1]),
        (text("no_s"), vec![3]),
        (text("o_o"), vec![]),
        (text("\\"), vec![3]),
        (EventFilter { text: Some("dev".into()), ..causes(&["killed"]) }, vec![2]),
    ] {
        let page = store.events_before(u64::MAX, 10, &filter).await.expect("the store answers");
        assert_eq!(numbers(&page.items), expected, "{filter:?}");
        let all = after(&*store, 0).await.items;
        let matching: Vec<Event> = all.into_iter().filter(|event| filter.matches(event)).collect();
        assert_eq!(numbers(&matching), expected, "live: {filter:?}");
    }
}

pub async fn filters_narrow_every_page(world: &mut dyn StoreWorld) {
    let store = world.store();
    let of = |kind, instance: &str, agent_type: &str| {
        NewEvent::new(kind, world.now()).instance(&name(instance)).agent_type(&type_name(agent_type))
    };
    let stored = [
        of(EventKind::ContainerStarted, "dev-1", "dev"),
        of(EventKind::ContainerStopped, "dev-1", "dev"),
        of(EventKind::ContainerStarted, "boss-1", "boss"),
        NewEvent::new(EventKind::DockerUnreachable, world.now()),
        of(EventKind::ContainerStarted, "dev-2", "dev"),
    ];
    append(&*store, &stored).await;
    let started = vec![EventKind::ContainerStarted];
    let filter = EventFilter::default;
    let cases = [
        (filter(), vec![1, 2, 3, 4, 5]),
        (EventFilter { kinds: started.clone(), ..filter() }, vec![1, 3, 5]),
        (
            EventFilter {
                kinds: vec![EventKind::DockerUnreachable, EventKind::ContainerStopped],
                ..filter()
            },
            vec![2, 4],
        ),
        (EventFilter { instances: vec![name("dev-1"), name("boss-1")], ..filter() }, vec![1, 2, 3]),
        (EventFilter { types: vec![type_name("dev")], ..filter() }, vec![1, 2, 5]),
        (EventFilter { kinds: started, types: vec![type_name("dev")], ..filter() }, vec![1, 5]),
        (EventFilter { instances: vec![name("nobody")], ..filter() }, vec![]),
    ];
    for (filter, expected) in cases {
        let page = store.events_after(0, 10, &filter).await.expect("the store answers");
        assert_eq!(numbers(&page.items), expected, "{filter:?}");
        assert_eq!((page.oldest, page.newest), (1, 5), "the bounds are those of the log");
        // The limit counts what matches, not what was looked at.
        let last = store.latest_events(1, &filter).await.expect("the store answers");
        assert_eq!(
            numbers(&last.items),
            expected.last().copied().into_iter().collect::<Vec<_>>(),
            "{filter:?}"
        );
        let first = store.events_after(0, 1, &filter).await.expect("the store answers");
        assert_eq!(numbers(&first.items), expected.first().copied().into_iter().collect::<Vec<_>>());
    }
}

pub async fn a_window_has_what_happened_in_it_and_how_it_stood_when_it_began(world: &mut dyn StoreWorld) {
    use EventKind::{
        ContainerOom, ContainerStarted, ContainerStopped, DockerRecovered, DockerUnreachable,
        ReconcileFinished,
    };
    let store = world.store();
    let now = world.now();
    let at = |hours: i64| now - SignedDuration::from_hours(9 - hours);
    let of = |hours, kind, instance: &str| {
        let agent_type = type_name(if instance == "b" { "boss" } else { "dev" });
        NewEvent::new(kind, at(hours))
            .instance(&name(instance))
            .agent_type(&agent_type)
            .data(json!({ "n": 1 }))
    };
    let fleet = |hours, kind| NewEvent::new(kind, at(hours)).data(json!({ "n": 2 }));
    let stored = [
        of(1, ContainerStarted, "a"),
        of(1, ContainerStarted, "b"),
        fleet(1, DockerUnreachable),
        of(2, ContainerStopped, "a"),
        fleet(2, DockerUnreachable),
        of(2, ContainerOom, "a"),
        // The window.
        of(3, ContainerStarted, "a"),
        of(4, ContainerOom, "b"),
        fleet(4, DockerRecovered),
        fleet(4, ReconcileFinished),
        of(5, ContainerStopped, "b"),
        // Behind it.
        of(6, ContainerStarted, "b"),
        fleet(6, DockerUnreachable),
    ];
    append(&*store, &stored).await;
    let query = |from, to, filter| PastQuery {
        from: at(from),
        to: at(to),
        filter,
        phases: vec![ContainerStarted, ContainerStopped],
        fleet: vec![DockerUnreachable, DockerRecovered],
    };
    let all = EventFilter::default;
    let of_b = || EventFilter { instances: vec![name("b")], types: vec![type_name("boss")], ..all() };
    for (query, before, within) in [
        (query(3, 5, all()), vec![2, 4, 5], vec![7, 8, 9, 11, 13]),
        (query(3, 5, of_b()), vec![2, 5], vec![8, 9, 11, 13]),
        (query(0, 1, all()), vec![], vec![1, 2, 3, 5, 9, 13]),
        (query(7, 8, all()), vec![7, 9, 12, 13], vec![]),
    ] {
        let past = store.past_events(&query).await.expect("the store answers");
        assert_eq!((numbers(&past.before), numbers(&past.within)), (before, within), "{query:?}");
        assert_eq!((past.oldest, past.oldest_at), (1, Some(at(1))));
        for event in past.before.iter().chain(&past.within) {
            let expected = if event.instance.is_some() { serde_json::Value::Null } else { json!({ "n": 2 }) };
            assert_eq!(event.data, expected);
        }
    }
    let nothing = EventRetention { max_age: AN_HOUR, max_count: 0 };
    store.prune_events(nothing).await.expect("it can be pruned");
    let past = store.past_events(&query(3, 5, all())).await.expect("the store answers");
    assert_eq!(past, PastEvents { oldest: 14, ..PastEvents::default() });
}

pub async fn pruning_by_count_keeps_the_newest(world: &mut dyn StoreWorld) {
    let store = world.store();
    append(&*store, &events(world, 5)).await;
    let retention = EventRetention { max_age: AN_HOUR, max_count: 2 };
    assert_eq!(store.prune_events(retention).await.expect("it can be pruned"), 3);
    assert_eq!(store.prune_events(retention).await.expect("nothing is over"), 0);
    let page = after(&*store, 0).await;
    assert_eq!((numbers(&page.items), page.oldest, page.newest), (vec![4, 5], 4, 5));
}

pub async fn pruning_by_age_keeps_the_young(world: &mut dyn StoreWorld) {
    let store = world.store();
    let ago = |hours: i64| -> Timestamp { world.now() - SignedDuration::from_hours(hours) };
    let stored = [ago(48), ago(3), ago(0)].map(|at| NewEvent::new(EventKind::ContainerStarted, at));
    append(&*store, &stored).await;
    let retention = EventRetention { max_age: 2 * AN_HOUR, max_count: 1000 };
    assert_eq!(store.prune_events(retention).await.expect("it can be pruned"), 2);
    let page = after(&*store, 0).await;
    assert_eq!((numbers(&page.items), page.oldest, page.newest), (vec![3], 3, 3));
}

pub async fn numbering_goes_on_after_everything_was_pruned(world: &mut dyn StoreWorld) {
    append(&*world.store(), &events(world, 4)).await;
    let nothing = EventRetention { max_age: AN_HOUR, max_count: 0 };
    assert_eq!(world.store().prune_events(nothing).await.expect("it can be pruned"), 4);
    world.reopen().await;
    assert_eq!(after(&*world.store(), 0).await, EventPage { items: Vec::new(), oldest: 5, newest: 4 });
    assert_eq!(numbers(&append(&*world.store(), &events(world, 1)).await), [5]);
    let page = after(&*world.store(), 4).await;
    assert_eq!((numbers(&page.items), page.oldest, page.newest), (vec![5], 5, 5));
}
