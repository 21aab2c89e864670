use std::env;
use std::process::{Child, Command};

use claude_hooks_actors::model::{AgentChange, EventFilter, EventKind, NewEvent};

use super::*;

/// Tells the test below that it is the second process.
const DATABASE: &str = "CLAUDE_HOOKS_TEST_DATABASE";
const PREFIX: &str = "CLAUDE_HOOKS_TEST_PREFIX";
const EACH: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_inserts_of_one_name_exactly_one_wins() {
    let fixture = Fixture::new();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = fixture.store.clone();
            tokio::spawn(async move { store.insert_agents(&[new("a")]).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(_) => won += 1,
            Err(StoreError::AlreadyExists(taken)) => assert_eq!(taken, name("a")),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((won, fixture.names().await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_changes_at_one_generation_exactly_one_wins() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = fixture.store.clone();
            tokio::spawn(
                async move { store.update_agent(&name("a"), Some(1), &AgentChange::default()).await },
            )
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(agent) => {
                won += 1;
                assert_eq!(agent.generation, 2);
            }
            Err(StoreError::GenerationMismatch { current: 2, .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_of_many_writers_are_numbered_without_a_gap() {
    let fixture = Fixture::new();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = fixture.store.clone();
            let events =
                [(); 5].map(|()| NewEvent::new(EventKind::ReconcileFinished, jiff::Timestamp::now()));
            tokio::spawn(async move { store.append_events(&events).await.expect("stored") })
        })
        .collect();
    for task in tasks {
        let stored = task.await.expect("no panic");
        let first = stored[0].seq;
        let numbers: Vec<u64> = stored.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (first..first + 5).collect::<Vec<_>>(), "one call, one run of numbers");
    }
    let page = fixture.store.events_after(0, 1000, &EventFilter::default()).await.expect("readable");
    let numbers: Vec<u64> = page.items.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rows_of_two_other_processes_and_ours_are_all_kept() {
    if let (Ok(database), Ok(prefix)) = (env::var(DATABASE), env::var(PREFIX)) {
        let hand = by_hand(Path::new(&database));
        for n in 0..EACH {
            hand.execute("INSERT INTO agents(name,type) VALUES(?1,'dev')", [format!("{prefix}-{n}")])
                .expect("it waits for its turn");
        }
        return;
    }
    let fixture = Fixture::new();
    let spawn = |prefix: &str| -> Child {
        Command::new(env::current_exe().expect("this program has a path"))
            .args(["--exact", "store::tests::concurrent::rows_of_two_other_processes_and_ours_are_all_kept"])
            .env(DATABASE, fixture.dir.paths().database())
            .env(PREFIX, prefix)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("it runs")
    };
    let others = [spawn("x"), spawn("y")];
    for n in 0..EACH {
        fixture.insert(&format!("ours-{n}")).await;
    }
    for mut other in others {
        assert!(other.wait().expect("it is ours to reap").success());
    }
    assert_eq!(fixture.names().await.len(), 3 * EACH);
    assert!(fixture.store.changed_elsewhere().await.expect("an answer"));
    fixture.store.verify().await.expect("it is the file that was opened");
}

#[tokio::test]
async fn a_transaction_left_open_by_hand_is_waited_for_and_then_named() {
    let fixture = Fixture::new();
    let hand = fixture.by_hand();
    hand.execute_batch("BEGIN IMMEDIATE").expect("begun");
    let error = fixture.store.insert_agents(&[new("a")]).await.expect_err("it is held").to_string();
    assert!(error.contains("another program holds a transaction open"), "{error}");
    assert!(fixture.store.agents().await.expect("readers never wait").is_empty());
    hand.execute_batch("COMMIT").expect("ended");
    fixture.insert("a").await;
}
