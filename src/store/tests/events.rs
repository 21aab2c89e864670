use std::time::Duration;

use claude_hooks_actors::model::{ContainerId, EventFilter, EventKind, Incarnation, LocalEventId, NewEvent};
use claude_hooks_actors::ports::EventRetention;
use jiff::Timestamp;
use serde_json::json;

use super::*;

const FOR_EVER: Duration = Duration::MAX;

fn event(kind: EventKind) -> NewEvent {
    NewEvent::new(kind, Timestamp::now())
}

fn of(kind: EventKind, instance: &str, agent_type: &str) -> NewEvent {
    event(kind).instance(&name(instance)).agent_type(&type_name(agent_type))
}

async fn append(fixture: &Fixture, count: usize) {
    let events: Vec<NewEvent> = (0..count).map(|_| event(EventKind::ReconcileFinished)).collect();
    fixture.store.append_events(&events).await.expect("stored");
}

async fn numbers(fixture: &Fixture, after: u64, limit: u32, filter: &EventFilter) -> Vec<u64> {
    let page = fixture.store.events_after(after, limit, filter).await.expect("readable");
    page.items.iter().map(|event| event.seq).collect()
}

#[tokio::test]
async fn an_event_comes_back_as_it_was_stored() {
    let fixture = Fixture::new();
    let container = ContainerId::parse(&"a".repeat(64)).expect("64 digits");
    let full = of(EventKind::ContainerStopped, "a", "dev")
        .incarnation(Incarnation { container, started_at: "then".into() })
        .cause("oom")
        .detail("it was \"too\" big\n")
        .data(json!({ "exit_code": 137, "list": [null, 1.5] }));
    let stored = fixture.store.append_events(&[full, event(EventKind::ClockJumped)]).await.expect("stored");
    let page = fixture.store.events_after(0, 10, &EventFilter::default()).await.expect("readable");
    assert_eq!(page.items, stored);
    assert_eq!((page.oldest, page.newest), (1, 2));
    assert_eq!(stored[0].data["exit_code"], 137);
}

#[tokio::test]
async fn a_cause_is_found_in_the_same_call_in_an_earlier_one_and_nowhere_else() {
    let fixture = Fixture::new();
    let first = event(EventKind::ContainerMissing);
    let never: LocalEventId = event(EventKind::ContainerMissing).id;
    let cause = first.id;
    let second = event(EventKind::ContainerRecreated).caused_by(Some(cause));
    let stored = fixture.store.append_events(&[first, second]).await.expect("stored");
    assert_eq!(stored[1].caused_by, Some(stored[0].seq));
    let later = event(EventKind::ContainerStarted).caused_by(Some(cause));
    let unknown = event(EventKind::ContainerStarted).caused_by(Some(never));
    let stored_later = fixture.store.append_events(&[later, unknown]).await.expect("stored");
    assert_eq!(stored_later[0].caused_by, Some(stored[0].seq));
    assert_eq!(stored_later[1].caused_by, None);
    let page = fixture.store.latest_events(2, &EventFilter::default()).await.expect("readable");
    assert_eq!(page.items, stored_later);
}

#[test]
fn causes_are_remembered_for_a_while_only() {
    let mut recent = events::Recent::default();
    for seq in 0..10_000 {
        recent.remember(event(EventKind::ReconcileFinished).id, seq);
    }
    let debug = format!("{recent:?}");
    assert!(debug.matches("LocalEventId").count() <= 2 * 4096, "it must stay bounded");
}

#[tokio::test]
async fn pages_are_filtered_by_kind_instance_and_type_together() {
    use EventKind::{ContainerCreated, ContainerStarted};
    let fixture = Fixture::new();
    let all = [
        of(ContainerCreated, "a", "dev"),
        of(ContainerStarted, "a", "dev"),
        of(ContainerCreated, "b", "boss"),
        of(ContainerStarted, "b", "boss"),
        event(ContainerStarted),
    ];
    fixture.store.append_events(&all).await.expect("stored");
    let kinds = |kinds: &[EventKind]| EventFilter { kinds: kinds.to_vec(), ..EventFilter::default() };
    let instances = |texts: &[&str]| EventFilter {
        instances: texts.iter().map(|text| name(text)).collect(),
        ..EventFilter::default()
    };
    let cases = [
        (EventFilter::default(), vec![1, 2, 3, 4, 5]),
        (kinds(&[ContainerStarted]), vec![2, 4, 5]),
        (kinds(&[ContainerStarted, ContainerCreated]), vec![1, 2, 3, 4, 5]),
        (kinds(&[EventKind::StateLost]), vec![]),
        (instances(&["b"]), vec![3, 4]),
        (instances(&["b", "a"]), vec![1, 2, 3, 4]),
        (EventFilter { types: vec![type_name("dev")], ..kinds(&[ContainerCreated]) }, vec![1]),
        (EventFilter { types: vec![type_name("dev")], ..instances(&["b"]) }, vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(numbers(&fixture, 0, 100, &filter).await, expected, "{filter:?}");
        let page = fixture.store.events_after(0, 100, &EventFilter::default()).await.expect("readable");
        let by_model: Vec<u64> =
            page.items.iter().filter(|event| filter.matches(event)).map(|event| event.seq).collect();
        assert_eq!(by_model, expected, "the model filters alike: {filter:?}");
        let latest = fixture.store.latest_events(1, &filter).await.expect("readable");
        assert_eq!(latest.items.first().map(|event| event.seq), expected.last().copied(), "{filter:?}");
    }
    assert_eq!(numbers(&fixture, 2, 2, &EventFilter::default()).await, [3, 4]);
    assert_eq!(numbers(&fixture, u64::MAX, 2, &EventFilter::default()).await, [0; 0]);
    assert_eq!(numbers(&fixture, 0, 0, &EventFilter::default()).await, [0; 0]);
}

#[tokio::test]
async fn numbers_go_on_after_everything_was_pruned_and_after_a_restart() {
    let fixture = Fixture::new();
    append(&fixture, 3).await;
    let nothing = EventRetention { max_age: FOR_EVER, max_count: 0 };
    assert_eq!(fixture.store.prune_events(nothing).await.expect("pruned"), 3);
    let page = fixture.store.events_after(0, 10, &EventFilter::default()).await.expect("readable");
    assert_eq!((page.items.len(), page.oldest, page.newest), (0, 4, 3));
    let fixture = fixture.restart();
    append(&fixture, 1).await;
    assert_eq!(numbers(&fixture, 0, 10, &EventFilter::default()).await, [4]);
}

#[tokio::test]
async fn the_log_is_cut_by_count_and_by_age_at_its_old_end() {
    let fixture = Fixture::new();
    append(&fixture, 10).await;
    let keep = |max_count, max_age| EventRetention { max_age, max_count };
    assert_eq!(fixture.store.prune_events(keep(10, FOR_EVER)).await.expect("pruned"), 0);
    assert_eq!(fixture.store.prune_events(keep(u64::MAX, FOR_EVER)).await.expect("pruned"), 0);
    assert_eq!(fixture.store.prune_events(keep(4, FOR_EVER)).await.expect("pruned"), 6);
    assert_eq!(numbers(&fixture, 0, 10, &EventFilter::default()).await, [7, 8, 9, 10]);

    let now = Timestamp::now();
    let aged = |minutes| NewEvent::new(EventKind::ClockJumped, now - Duration::from_mins(minutes));
    fixture.store.append_events(&[aged(120), aged(59)]).await.expect("stored");
    let hour = keep(u64::MAX, Duration::from_hours(1));
    assert_eq!(fixture.store.prune_events(hour).await.expect("pruned"), 1);
    assert_eq!(numbers(&fixture, 10, 10, &EventFilter::default()).await, [12]);
}

#[tokio::test]
async fn an_event_of_an_unknown_kind_is_passed_over() {
    let fixture = Fixture::new();
    append(&fixture, 1).await;
    let sql = "INSERT INTO events (at, kind) VALUES ('2026-01-01T00:00:00.000000000Z', 'from_the_future')";
    fixture.by_hand().execute_batch(sql).expect("inserted");
    append(&fixture, 1).await;
    let page = fixture.store.events_after(1, 1, &EventFilter::default()).await.expect("readable");
    assert_eq!(page.items[0].seq, 3, "a reader gets past it");
    assert_eq!(
        fixture.store.latest_events(2, &EventFilter::default()).await.expect("readable").items.len(),
        2
    );
}

#[tokio::test]
async fn no_events_are_stored_by_an_empty_call() {
    let fixture = Fixture::new();
    assert!(fixture.store.append_events(&[]).await.expect("nothing to do").is_empty());
    let page = fixture.store.latest_events(5, &EventFilter::default()).await.expect("readable");
    assert_eq!((page.oldest, page.newest), (1, 0));
}
