//! Work that comes just when an agent falls asleep: it lands in a container that runs, and never in one being stopped.

mod engine_log;
mod figures;

use std::time::{Duration, Instant};
use std::{env, thread};

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{EventKind, LeaseView, TaskState};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;

use self::engine_log::EngineLog;
use self::figures::{Figures, Met};
use crate::harness::tasks::agent;
use crate::harness::{Fleet, SOON, lazy};

/// How many rounds there are in all, if not so few as in an ordinary run.
const ROUNDS: &str = "CLAUDE_HOOKS_RACE_ROUNDS";
const FEW: u32 = 48;
const AGENTS: u32 = 4;
/// The shortest that there is.
const IDLE: Duration = Duration::from_secs(1);
/// When work comes, reckoned from the end of the one before: from shortly before the stop is decided to after it is over.
const EARLIEST: Duration = Duration::from_millis(800);
const SPAN: Duration = Duration::from_millis(700);
/// Its own, so that no other end can be taken for it.
const CODE: i64 = 3;

/// One piece of work as it was asked for.
#[derive(Clone, Debug)]
struct Round {
    instance: String,
    asked_at: Timestamp,
    /// Until there was an answer that it had an awake agent, or the end of a task.
    took: Duration,
}

fn rounds() -> u32 {
    let given = env::var(ROUNDS).ok();
    given.map_or(FEW, |text| text.parse().unwrap_or_else(|_| panic!("{ROUNDS}={text} is no number")))
}

/// Evenly spread however many there are: each next one lies in the largest gap.
fn offset(round: u32) -> Duration {
    EARLIEST + SPAN.mul_f64((f64::from(round) * 0.618_033_988_75).fract())
}

/// A short task under a lease of its own or its caller's.
fn task(fleet: &Fleet, instance: &str, lease: Option<&LeaseView>) {
    let mut body = json!({ "instance": instance, "argv": agent(&["exit", "3"]) });
    let mut request = fleet.unix(Method::POST, "/api/v1/tasks");
    if let Some(lease) = lease {
        body["lease"] = json!(lease.id);
        request = request.header("Lease-Fence", lease.fence);
    }
    let task: TaskView = fleet.send(request.json(&body)).expect(201).json();
    let ended = fleet.ended(task.id);
    let said = (ended.state, ended.cause.as_deref(), ended.exit_code, ended.attempt);
    assert_eq!(said, (TaskState::Failed, Some("exited"), Some(CODE), 1), "{ended:?}\n{}", fleet.log());
}

/// Whoever has a lease can work at once, past us and with a task.
fn leased(fleet: &Fleet, instance: &str) -> Duration {
    let begin = Instant::now();
    let lease =
        fleet.lease(&json!({ "instance": instance, "holder": "somebody", "ttl_s": 60, "wait_s": 60 }));
    let took = begin.elapsed();
    fleet.exec(instance, &["exit", "0"]);
    task(fleet, instance, Some(&lease));
    fleet.release(&lease).expect(204);
    took
}

fn play(fleet: &Fleet, instance: &str, rounds: u32) -> Vec<Round> {
    task(fleet, instance, None);
    let mut played = Vec::new();
    for round in 0..rounds {
        // It is the moment that is under test.
        thread::sleep(offset(round));
        let (begin, asked_at) = (Instant::now(), Timestamp::now());
        let took = if round % 2 == 0 {
            task(fleet, instance, None);
            begin.elapsed()
        } else {
            leased(fleet, instance)
        };
        played.push(Round { instance: instance.to_owned(), asked_at, took });
    }
    played
}

#[test]
fn no_work_lands_in_a_container_that_is_being_stopped() {
    let sleeper = |name: &str| lazy(name).set("idle_timeout_s", IDLE.as_secs());
    let slow = sleeper("slow").command(&["end-slowly", "300"]);
    let Some(fleet) = Fleet::started([sleeper("quick"), slow]) else { return };
    for agent_type in ["quick", "slow"] {
        fleet.post(&format!("/api/v1/types/{agent_type}/scale"), &json!({ "count": AGENTS / 2 })).expect(200);
    }
    let names: Vec<String> = fleet.agents().iter().map(|agent| agent.name.to_string()).collect();
    let containers: Vec<String> = names.iter().map(|name| fleet.container(name)).collect();
    let log = EngineLog::open(&fleet, &containers);
    let each = rounds().div_ceil(AGENTS);
    let begin = Instant::now();
    let played: Vec<Round> = thread::scope(|scope| {
        let players: Vec<_> = names.iter().map(|name| scope.spawn(|| play(&fleet, name, each))).collect();
        players.into_iter().flat_map(|player| player.join().expect("no round failed")).collect()
    });
    let took = begin.elapsed();

    // One before the first round, and one in each.
    let runs = AGENTS * (1 + each);
    let lives = fleet.eventually("the engine has told all", SOON, || {
        let lives = log.read();
        (lives.runs() >= runs as usize).then_some(lives)
    });
    assert_eq!(lives.cut_short(), [] as [String; 0], "work in a container that was being stopped");
    assert_eq!(lives.runs(), runs as usize, "each was run once");
    let figures =
        Figures::of(&played, &lives, |name| fleet.container(name), |name| decided_to_stop(&fleet, name));
    // Seen with `--nocapture`.
    eprintln!("{} rounds in {took:.0?}: {figures}", played.len());
    assert!(figures.met(Met::Stopping) > 0, "no claim met a stop: the story shows nothing ({figures})");
    for kind in [EventKind::TaskRetried, EventKind::ContainerStopped, EventKind::ContainerMissing] {
        assert_eq!(told(&fleet, kind, "%"), [] as [Timestamp; 0], "{kind}\n{}", fleet.log());
    }
}

fn decided_to_stop(fleet: &Fleet, instance: &str) -> Vec<Timestamp> {
    told(fleet, EventKind::InstanceStopping, instance)
}

/// When events of a kind were told; there may be more than a page of them.
fn told(fleet: &Fleet, kind: EventKind, like: &str) -> Vec<Timestamp> {
    let db = fleet.db();
    let mut query = db
        .prepare("SELECT at FROM events WHERE kind = ?1 AND instance LIKE ?2")
        .expect("the events are there");
    let times = query.query_map([kind.to_string(), like.to_owned()], |row| row.get::<_, String>(0));
    let times = times.expect("the events are there");
    times.map(|at| at.expect("an event has a time").parse().expect("it is a time")).collect()
}
