use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::timeout;

use super::{DEV, IMAGE, request, running, sim};
use crate::model::{ContainerState, Lifecycle};
use crate::ports::{ContainerRuntime, LogOptions, LogTarget, RuntimeError, Target};
use crate::testing::{SimDocker, Verb, name};

fn other() -> RuntimeError {
    RuntimeError::Other { verb: "create", code: "1".into(), stderr: "no".into() }
}

fn target() -> Target {
    Target { name: name("dev-default"), known: Vec::new() }
}

async fn count(sim: &SimDocker, expected: &[Target]) -> usize {
    sim.observe_fleet(expected).await.expect("docker answers").containers.len()
}

#[tokio::test(start_paused = true)]
async fn a_failed_create_made_nothing_and_the_next_one_works() {
    let sim = sim();
    sim.fail_next(Verb::Create, other());
    assert_eq!(sim.create(&request(&sim, Lifecycle::Hot)).await, Err(other()));
    assert_eq!(sim.containers(), []);
    sim.create(&request(&sim, Lifecycle::Hot)).await.expect("only one was to fail");
}

#[tokio::test(start_paused = true)]
async fn a_create_can_work_and_still_time_out() {
    let sim = sim();
    let late = RuntimeError::Timeout { verb: "create", after: Duration::from_secs(30) };
    sim.work_but_fail_next(Verb::Create, late.clone());
    assert_eq!(sim.create(&request(&sim, Lifecycle::Hot)).await, Err(late));
    assert_eq!((sim.containers().len(), sim.elapsed().as_secs()), (1, 30));
}

#[tokio::test(start_paused = true)]
async fn a_hung_verb_ends_at_its_deadline_and_goes_on_when_released() {
    let sim = sim();
    sim.hang(Verb::ObserveFleet);
    let hung = sim.observe_fleet(&[]).await;
    let after = Duration::from_secs(10);
    assert_eq!(hung, Err(RuntimeError::Timeout { verb: "observe_fleet", after }));
    assert_eq!(sim.elapsed(), after);

    let waiting = tokio::spawn({
        let sim = sim.clone();
        async move { sim.observe_fleet(&[]).await }
    });
    sim.wait_until_hung(Verb::ObserveFleet).await;
    sim.release(Verb::ObserveFleet);
    waiting.await.expect("it does not panic").expect("it was released");
    assert_eq!(sim.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_call_abandoned_while_docker_hangs_can_still_work_afterwards() {
    let sim = sim();
    sim.hang(Verb::Create);
    assert!(sim.create(&request(&sim, Lifecycle::Hot)).await.is_err());
    sim.release(Verb::Create);
    assert_eq!(sim.containers(), []);

    sim.hang_and_work_late(Verb::Create);
    assert!(sim.create(&request(&sim, Lifecycle::Hot)).await.is_err());
    assert_eq!(sim.containers(), []);
    sim.release(Verb::Create);
    assert_eq!(sim.containers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_hung_after_its_effect_has_worked() {
    let sim = sim();
    sim.hang_after_effect(Verb::Create);
    let hung = tokio::spawn({
        let sim = sim.clone();
        async move { sim.create(&request(&sim, Lifecycle::Hot)).await }
    });
    sim.wait_until_hung(Verb::Create).await;
    hung.abort();
    assert_eq!(sim.containers().len(), 1);
    let call = sim.journal().pop().expect("the call is in the journal");
    assert_eq!((call.verb, call.ok, call.error), (Verb::Create, false, None));
}

#[tokio::test(start_paused = true)]
async fn slower_than_the_deadline_is_a_timeout_that_works_later() {
    let sim = sim();
    sim.set_latency(Verb::Create, Duration::from_secs(45));
    let slow = sim.create(&request(&sim, Lifecycle::Hot)).await;
    assert!(matches!(slow, Err(RuntimeError::Timeout { .. })), "{slow:?}");
    assert_eq!((sim.containers(), sim.elapsed().as_secs()), (vec![], 30));
    tokio::time::sleep(Duration::from_secs(16)).await;
    assert_eq!(sim.containers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_outage_fails_every_call_and_ends_every_stream() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    let mut events = sim.events().await.expect("docker answers");
    let follow = LogOptions { tail: 1, follow: true, timestamps: false };
    let mut logs = sim.logs(&LogTarget(id.clone()), follow).await.expect("docker answers");
    sim.unreachable(true);
    assert!(matches!(events.next().await, Some(Err(RuntimeError::Unreachable { .. }))));
    assert_eq!(events.next().await, None);
    assert!(matches!(logs.next().await, Some(Err(RuntimeError::Unreachable { .. }))));
    assert!(matches!(sim.stop(&id, Duration::ZERO).await, Err(RuntimeError::Unreachable { .. })));
    sim.unreachable(false);
    assert_eq!(sim.container(DEV).map(|c| c.state), Some(ContainerState::Running));
    assert_eq!(count(&sim, &[]).await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_hides_only_what_nobody_expects() {
    let sim = sim();
    running(&sim, Lifecycle::Hot).await;
    sim.empty_lists(true);
    assert_eq!((count(&sim, &[]).await, count(&sim, &[target()]).await), (0, 1));
    sim.garble_lists(true);
    assert!(matches!(sim.observe_fleet(&[]).await, Err(RuntimeError::Garbled { .. })));
    assert_eq!(sim.observe(&[target()]).await.expect("inspect is whole").containers.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn silent_events_stay_silent_and_the_stream_stays_open() {
    let sim = sim();
    let mut events = sim.events().await.expect("docker answers");
    sim.events_off();
    running(&sim, Lifecycle::Hot).await;
    assert!(timeout(Duration::from_hours(1), events.next()).await.is_err(), "nothing is told");
    sim.events_on();
    sim.oom(DEV);
    let told = events.next().await.expect("the stream is open").expect("docker is there");
    assert_eq!((told.action.as_str(), told.instance), ("oom", name("dev-default")));
}

#[tokio::test(start_paused = true)]
async fn restarts_are_told_although_nobody_calls() {
    let sim = sim();
    sim.exits_at_once(IMAGE, 1);
    let id = sim.create(&request(&sim, Lifecycle::Hot)).await.expect("creating works");
    let mut events = sim.events().await.expect("docker answers");
    sim.start(&id).await.expect("it starts");
    let mut actions = Vec::new();
    for _ in 0..6 {
        let event = timeout(Duration::from_secs(5), events.next()).await.expect("it is told in time");
        actions.push(event.expect("the stream is open").expect("docker is there").action);
    }
    assert_eq!(actions, ["start", "die", "start", "die", "start", "die"]);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_fails_the_same_calls() {
    async fn outcomes(seed: u64) -> Vec<bool> {
        let sim = sim();
        sim.chaos(seed, 0.3);
        let mut outcomes = Vec::new();
        for _ in 0..60 {
            outcomes.push(sim.observe_fleet(&[]).await.is_ok());
        }
        outcomes
    }
    let first = outcomes(7).await;
    assert_eq!(first, outcomes(7).await);
    assert_ne!(first, outcomes(8).await);
    let failed = first.iter().filter(|ok| !**ok).count();
    assert!((8..=30).contains(&failed), "{failed} of 60 failed");
}

#[tokio::test(start_paused = true)]
async fn the_journal_tells_changes_from_looks() {
    let sim = sim();
    let mark = sim.mark();
    let id = running(&sim, Lifecycle::Hot).await;
    assert_eq!(count(&sim, &[]).await, 1);
    sim.start(&id).await.expect("it runs");
    let calls: Vec<_> =
        sim.calls_since(mark).into_iter().map(|c| (c.verb, c.subject, c.changes, c.ok)).collect();
    let dev = || DEV.to_owned();
    assert_eq!(
        calls,
        [
            (Verb::Create, dev(), true, true),
            (Verb::Start, dev(), true, true),
            (Verb::ObserveFleet, String::new(), false, true),
            (Verb::Start, dev(), true, true),
        ]
    );
    assert_eq!(sim.count_changing_calls(mark), 3);
}

#[tokio::test(start_paused = true)]
async fn logs_are_followed_until_the_container_stops() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Lazy).await;
    for line in ["one", "two", "three"] {
        sim.say(DEV, line);
    }
    let follow = LogOptions { tail: 2, follow: true, timestamps: false };
    let logs = sim.logs(&LogTarget(id), follow).await.expect("docker answers");
    let reading = tokio::spawn(logs.map(|line| line.expect("docker is there").bytes).collect::<Vec<_>>());
    tokio::time::sleep(Duration::from_secs(1)).await;
    sim.say(DEV, "four");
    sim.kill(DEV);
    let lines = reading.await.expect("it does not panic");
    assert_eq!(lines, ["two\n", "three\n", "four\n"]);
}
