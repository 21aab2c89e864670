//! Run on a paused clock: fifteen seconds of silence take no time.

use std::cell::RefCell;
use std::rc::Rc;

use claude_hooks_actors::model::{AgentView, EventKind, Phase};
use claude_hooks_actors::testing::name;

use super::*;
use crate::tests::sample::{event, view};

/// A log in memory, with the channels of a fleet.
#[derive(Clone)]
struct Log {
    events: Rc<RefCell<Vec<Event>>>,
    /// Number of the oldest event that is kept.
    oldest: u64,
    live: broadcast::Sender<Arc<Event>>,
    pictures: watch::Sender<Arc<FleetSnapshot>>,
    dropped: Counter,
}

impl Log {
    fn with(count: u64) -> Self {
        let agent = view("dev-2", Phase::Running);
        let other = view("dev-3", Phase::Stopped);
        let agents = [agent, other].map(|agent| (agent.name.clone(), Arc::new(agent)));
        let snapshot = FleetSnapshot { generation: 9, agents: agents.into(), ..FleetSnapshot::default() };
        let events = (1..=count).map(|seq| event(seq, EventKind::ContainerStarted, "dev-2")).collect();
        Self {
            events: Rc::new(RefCell::new(events)),
            oldest: 1,
            live: broadcast::channel(4).0,
            pictures: watch::channel(Arc::new(snapshot)).0,
            dropped: Counter::default(),
        }
    }

    /// Stores an event and tells it, as the event log does.
    fn happen(&self, kind: EventKind, instance: &str) {
        let seq = self.newest() + 1;
        let event = event(seq, kind, instance);
        self.events.borrow_mut().push(event.clone());
        let _ = self.live.send(Arc::new(event));
    }

    fn newest(&self) -> u64 {
        self.events.borrow().last().map_or(0, |event| event.seq)
    }

    fn read(&self, ask: Ask, filter: &EventFilter) -> EventPage {
        let events = self.events.borrow();
        let after = if let Ask::After(after) = ask { after } else { u64::MAX };
        let items = events.iter().filter(|e| e.seq >= self.oldest && e.seq > after && filter.matches(e));
        EventPage {
            items: items.take(PAGE as usize).cloned().collect(),
            oldest: self.oldest,
            newest: self.newest(),
        }
    }

    /// Publishes another picture, as the registry does.
    fn show(&self, change: impl FnOnce(&mut FleetSnapshot)) {
        self.pictures.send_modify(|picture| {
            let picture = Arc::make_mut(picture);
            picture.generation += 1;
            change(picture);
        });
    }

    async fn tail(&self, resume: Resume) -> impl Frames {
        self.tail_of(resume, EventFilter::default()).await
    }

    async fn tail_of(&self, resume: Resume, filter: EventFilter) -> impl Frames + use<> {
        let live = self.live.subscribe();
        let (log, wanted) = (self.clone(), filter.clone());
        let pages = move |ask| {
            let page = log.read(ask, &wanted);
            async move { Ok(page) }
        };
        let tail = Tail::open(pages, filter, self.pictures.subscribe(), live, resume).await;
        tail.expect("the log answers").counting(self.dropped.clone())
    }
}

fn text(frame: &Bytes) -> String {
    String::from_utf8(frame.to_vec()).expect("frames are text")
}

async fn next(tail: &mut impl Frames) -> String {
    text(&tail.next_frame().await.expect("the stream goes on"))
}

/// The ids of the next `count` frames.
async fn ids(tail: &mut impl Frames, count: usize) -> Vec<u64> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let frame = next(tail).await;
        let id = frame.lines().find_map(|line| line.strip_prefix("id: "));
        ids.extend(id.map(|id| id.parse::<u64>().expect("an id is a number")));
    }
    ids
}

/// Runs on a clock that stands still while something can be done, so that a minute takes no time.
fn paused(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(test);
}

#[test]
fn a_fresh_client_gets_a_picture_and_then_what_happens() {
    paused(async {
        let log = Log::with(7);
        let mut tail = log.tail(Resume::Fresh).await;
        log.happen(EventKind::ContainerStopped, "dev-2");
        let mut frames = Vec::new();
        for _ in 0..3 {
            frames.push(next(&mut tail).await);
        }
        insta::assert_snapshot!(frames.concat());
    });
}

#[test]
fn a_picture_shows_only_the_agents_that_were_asked_for() {
    paused(async {
        let filter = EventFilter { instances: vec![name("dev-3")], ..EventFilter::default() };
        let mut tail = Log::with(1).tail_of(Resume::Fresh, filter).await;
        next(&mut tail).await;
        let snapshot = next(&mut tail).await;
        assert!(snapshot.contains("dev-3") && !snapshot.contains("dev-2"), "{snapshot}");
    });
}

/// Data of the next frame, which must be of the `picture`.
async fn next_picture(tail: &mut impl Frames) -> serde_json::Value {
    let frame = next(tail).await;
    let data = frame.strip_prefix("event: picture\ndata: ").unwrap_or_else(|| panic!("{frame}"));
    serde_json::from_str(data).expect("its data is JSON")
}

fn put(picture: &mut FleetSnapshot, agent: AgentView) {
    picture.agents.insert(agent.name.clone(), Arc::new(agent));
}

#[test]
fn what_changes_in_the_picture_is_told_although_it_is_no_event() {
    paused(async {
        let log = Log::with(7);
        let mut tail = log.tail(Resume::Fresh).await;
        for _ in ["greeting", "snapshot"] {
            next(&mut tail).await;
        }
        log.show(|picture| put(picture, view("dev-2", Phase::Stopped)));
        insta::assert_snapshot!(next(&mut tail).await);

        log.show(|picture| {
            picture.agents.remove(&name("dev-3"));
        });
        let gone = next_picture(&mut tail).await;
        assert_eq!((&gone["gone"], &gone["agents"]), (&json!(["dev-3"]), &json!([])));

        log.show(|picture| picture.docker_reachable = Some(false));
        let outage = next_picture(&mut tail).await;
        assert_eq!((&outage["docker_reachable"], &outage["agents"]), (&json!(false), &json!([])));
    });
}

#[test]
fn a_picture_behind_its_event_is_made_up_for() {
    paused(async {
        // The log is ahead: the event is stored, the picture that goes with it is not yet published.
        let log = Log::with(7);
        log.happen(EventKind::ContainerStopped, "dev-2");
        let mut tail = log.tail(Resume::Fresh).await;
        next(&mut tail).await;
        let snapshot = next(&mut tail).await;
        assert!(snapshot.starts_with("id: 8\n") && snapshot.contains("\"phase\":\"running\""), "{snapshot}");
        log.show(|picture| put(picture, view("dev-2", Phase::Stopped)));
        let picture = next_picture(&mut tail).await;
        assert_eq!(picture["agents"][0]["observed"]["phase"], "stopped");
    });
}

#[test]
fn a_picture_in_which_nothing_changed_for_the_client_is_not_sent() {
    paused(async {
        let filter = EventFilter { instances: vec![name("dev-3")], ..EventFilter::default() };
        let log = Log::with(1);
        let mut tail = log.tail_of(Resume::Fresh, filter).await;
        for _ in ["greeting", "snapshot"] {
            next(&mut tail).await;
        }
        log.show(|picture| put(picture, view("dev-2", Phase::Stopped)));
        let looked_again = || {
            let mut agent = view("dev-3", Phase::Stopped);
            agent.observed.observed_at = Some(jiff::Timestamp::UNIX_EPOCH);
            agent
        };
        log.show(|picture| put(picture, looked_again()));
        assert_eq!(next(&mut tail).await, ": ping\n\n");
        log.show(|picture| put(picture, view("dev-3", Phase::Running)));
        assert_eq!(next_picture(&mut tail).await["agents"][0]["name"], "dev-3");
    });
}

#[test]
fn a_resumed_client_gets_the_present_picture_after_what_it_missed() {
    paused(async {
        let log = Log::with(3);
        let mut tail = log.tail(Resume::After(1)).await;
        next(&mut tail).await;
        assert_eq!(ids(&mut tail, 2).await, [2, 3]);
        let snapshot = next(&mut tail).await;
        // No id: whoever is cut off now comes back with that of the last event.
        assert!(snapshot.starts_with("event: snapshot\n") && snapshot.contains("\"cursor\":3"), "{snapshot}");
    });
}

#[test]
fn a_resumed_client_misses_nothing_and_sees_nothing_twice() {
    paused(async {
        let log = Log::with(2 * u64::from(PAGE) + 30);
        let mut tail = log.tail(Resume::After(10)).await;
        // These are in the channel and, by the time they are reached, in the store too.
        log.happen(EventKind::ContainerStopped, "dev-2");
        log.happen(EventKind::ContainerStarted, "dev-2");
        let last = log.newest();
        let count = usize::try_from(last - 10).expect("small");
        assert_eq!(ids(&mut tail, count).await, (11..=last).collect::<Vec<_>>());
        log.happen(EventKind::ContainerStopped, "dev-2");
        assert_eq!(ids(&mut tail, 1).await, [last + 1]);
    });
}

#[test]
fn what_happens_while_pages_are_read_is_read_from_the_store_and_drops_nobody() {
    paused(async {
        let log = Log::with(u64::from(PAGE) + 1);
        let mut tail = log.tail(Resume::After(0)).await;
        for _ in 0..20 {
            log.happen(EventKind::ContainerStarted, "dev-2");
        }
        let last = log.newest();
        let count = usize::try_from(last).expect("small");
        assert_eq!(ids(&mut tail, count).await, (1..=last).collect::<Vec<_>>());
    });
}

#[test]
fn only_matching_events_are_sent() {
    paused(async {
        let filter = EventFilter { kinds: vec![EventKind::NameConflict], ..EventFilter::default() };
        let log = Log::with(3);
        let mut tail = log.tail_of(Resume::After(3), filter).await;
        log.happen(EventKind::ContainerStarted, "dev-2");
        log.happen(EventKind::NameConflict, "dev-3");
        assert_eq!(ids(&mut tail, 1).await, [5]);
    });
}

#[test]
fn an_expired_cursor_is_answered_with_resync_and_a_picture() {
    paused(async {
        let deleted = Log { oldest: 5, ..Log::with(7) };
        for (log, resume, said) in [
            (&deleted, Resume::After(3), "were deleted"),
            (&deleted, Resume::After(8), "another one"),
            (&deleted, Resume::Unreadable, "not one of this log"),
            (&Log { oldest: 1, ..Log::with(0) }, Resume::After(1), "another one"),
        ] {
            let mut tail = log.tail(resume).await;
            next(&mut tail).await;
            let resync = next(&mut tail).await;
            assert!(resync.starts_with("event: resync\n") && resync.contains(said), "{resync}");
            let snapshot = next(&mut tail).await;
            assert!(snapshot.starts_with(&format!("id: {}\nevent: snapshot\n", log.newest())), "{snapshot}");
        }
    });
}

#[test]
fn a_cursor_just_before_the_oldest_event_goes_on_without_a_gap() {
    paused(async {
        let log = Log { oldest: 5, ..Log::with(7) };
        let mut tail = log.tail(Resume::After(4)).await;
        assert_eq!(ids(&mut tail, 3).await, [5, 6, 7]);
        let mut tail = log.tail(Resume::After(7)).await;
        log.happen(EventKind::ContainerStopped, "dev-2");
        assert_eq!(ids(&mut tail, 1).await, [8]);
    });
}

#[test]
fn a_client_that_falls_behind_is_told_and_dropped() {
    paused(async {
        let log = Log::with(1);
        let mut tail = log.tail(Resume::After(1)).await;
        log.happen(EventKind::ContainerStarted, "dev-2");
        assert_eq!(ids(&mut tail, 1).await, [2]);
        for _ in 0..20 {
            log.happen(EventKind::ContainerStarted, "dev-2");
        }
        let resync = next(&mut tail).await;
        assert!(resync.starts_with("event: resync\n") && resync.contains("too slow"), "{resync}");
        assert_eq!(tail.next_frame().await, None);
        assert_eq!(log.dropped.get(), 1);
    });
}

#[test]
fn silence_is_broken_every_fifteen_seconds_also_while_other_events_pass() {
    paused(async {
        let filter = EventFilter { kinds: vec![EventKind::NameConflict], ..EventFilter::default() };
        let log = Log::with(1);
        let mut tail = log.tail_of(Resume::After(1), filter).await;
        for _ in ["greeting", "snapshot"] {
            next(&mut tail).await;
        }
        let began = Instant::now();
        let noise = async {
            loop {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                log.happen(EventKind::ContainerStarted, "dev-2");
            }
        };
        tokio::select! {
            () = noise => unreachable!("the noise has no end"),
            frame = next(&mut tail) => assert_eq!(frame, ": ping\n\n"),
        }
        assert_eq!(began.elapsed(), PING_EVERY);
    });
}

#[test]
fn a_store_that_fails_on_the_way_ends_the_stream_with_a_problem() {
    paused(async {
        let log = Log::with(u64::from(PAGE) + 5);
        let pages = {
            let log = log.clone();
            move |ask| {
                let first = ask == Ask::After(0);
                let page = log.read(ask, &EventFilter::default());
                async move { if first { Ok(page) } else { Err(FleetError::Busy("the event log".into())) } }
            }
        };
        let resume = Resume::After(0);
        let opened =
            Tail::open(pages, EventFilter::default(), log.pictures.subscribe(), log.live.subscribe(), resume);
        let mut tail = opened.await.expect("the first page is there");
        ids(&mut tail, PAGE as usize).await;
        let error = next(&mut tail).await;
        assert!(error.starts_with("event: error\n") && error.contains("problem:busy"), "{error}");
        assert_eq!(tail.next_frame().await, None);
    });
}

#[test]
fn a_fleet_that_ends_ends_its_streams() {
    paused(async {
        let log = Log::with(1);
        let mut tail = {
            let (pages, live) = (|_| async { Ok(EventPage::default()) }, broadcast::channel(1).1);
            let opened =
                Tail::open(pages, EventFilter::default(), log.pictures.subscribe(), live, Resume::Fresh);
            opened.await.expect("the log answers")
        };
        next(&mut tail).await;
        next(&mut tail).await;
        assert_eq!(tail.next_frame().await, None);
    });
}
