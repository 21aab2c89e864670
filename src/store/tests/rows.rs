use std::collections::BTreeMap;
use std::time::Duration;

use claude_hooks_actors::model::{
    AgentChange, ContainerId, Incarnation, InstanceMemory, LastStop, Lifecycle, Limits, Mount, Power,
    RestartPolicy, StopCause, StopIntent, StopReason, VolumeRecord,
};
use claude_hooks_actors::ports::{RecreateJournal, RecreateStep};

use super::*;

fn container(digit: &str) -> ContainerId {
    ContainerId::parse(&digit.repeat(64)).expect("64 digits")
}

fn full() -> Overrides {
    Overrides {
        lifecycle: Some(Lifecycle::Lazy),
        image: Some("host:5000/a@sha256:0".into()),
        command: Some(vec!["sh".into(), "-c".into(), "echo 'ü\"\\' \u{1f980}".into()]),
        env: BTreeMap::from([("A".into(), "1 = 2".into()), ("B".into(), String::new())]),
        mounts: vec![Mount { source: "/srv/ä".into(), target: "/w".into(), read_only: true }],
        network: Some("none".into()),
        limits: Limits {
            memory_bytes: Some(u64::try_from(i64::MAX).expect("it fits")),
            milli_cpus: Some(u32::MAX),
            pids: Some(1),
        },
    }
}

#[tokio::test]
async fn everything_that_a_row_says_comes_back() {
    let fixture = Fixture::new();
    let agent = NewAgent { overrides: full(), ..new("a") };
    let inserted = fixture.store.insert_agents(&[agent]).await.expect("the name is free");
    assert_eq!(inserted[0].overrides, full());
    let fixture = fixture.restart();
    assert_eq!(fixture.store.agents().await.expect("readable"), inserted);
    assert_eq!(inserted[0].created_at, inserted[0].updated_at);
    // An empty command is not no command.
    let empty = Overrides { command: Some(Vec::new()), ..Overrides::default() };
    let change = AgentChange { overrides: Some(empty.clone()), power: None };
    let changed = fixture.store.update_agent(&name("a"), Some(1), &change).await.expect("changed");
    assert_eq!(changed.overrides, empty);
}

#[tokio::test]
async fn several_rows_are_written_together_or_not_at_all() {
    let fixture = Fixture::new();
    fixture.insert("b").await;
    for batch in [["a", "b"], ["c", "c"]] {
        let result = fixture.store.insert_agents(&batch.map(new)).await;
        assert!(matches!(result, Err(StoreError::AlreadyExists(taken)) if taken == name(batch[1])));
    }
    assert_eq!(fixture.names().await, [name("b")]);
}

#[tokio::test]
async fn a_value_beyond_the_table_is_refused_and_named() {
    let fixture = Fixture::new();
    let limits = Limits { memory_bytes: Some(u64::MAX), ..Limits::default() };
    let agent = NewAgent { overrides: Overrides { limits, ..Overrides::default() }, ..new("a") };
    let error = fixture.store.insert_agents(&[agent]).await.expect_err("it does not fit").to_string();
    assert!(error.contains("memory_bytes"), "{error}");
}

#[tokio::test]
async fn what_is_not_there_can_neither_be_changed_nor_deleted() {
    let fixture = Fixture::new();
    let (a, store) = (name("a"), &fixture.store);
    let change = AgentChange { power: Some(Power::Off), overrides: None };
    assert!(matches!(store.update_agent(&a, None, &change).await, Err(StoreError::NotFound(_))));
    assert!(matches!(store.delete_agent(&a, None).await, Err(StoreError::NotFound(_))));
    assert!(matches!(store.set_volume(&a, None).await, Err(StoreError::NotFound(_))));
    assert!(store.tombstones().await.expect("readable").is_empty());
    fixture.insert("a").await;
    let stale = store.delete_agent(&a, Some(7)).await;
    assert!(matches!(stale, Err(StoreError::GenerationMismatch { expected: 7, current: 1, .. })));
    store.delete_agent(&a, Some(1)).await.expect("deleted");
    assert_eq!(store.tombstones().await.expect("readable"), [name("a")]);
    store.clear_tombstone(&a).await.expect("cleared");
    assert!(store.tombstones().await.expect("readable").is_empty());
}

#[tokio::test]
async fn the_first_start_writes_its_rows_once_and_never_over_an_operators() {
    let fixture = Fixture::new();
    assert_eq!(fixture.store.seed(&[new("a")]).await.expect("seeded").len(), 1);
    fixture.store.delete_agent(&name("a"), None).await.expect("deleted");
    let fixture = fixture.restart();
    assert!(fixture.store.seed(&[new("a")]).await.expect("nothing to do").is_empty());
    assert!(fixture.names().await.is_empty());

    let fixture = Fixture::new();
    fixture.by_hand().execute_batch("INSERT INTO agents(name,type) VALUES('own','dev')").expect("inserted");
    assert!(fixture.store.seed(&[new("a")]).await.expect("nothing to do").is_empty());
    assert!(fixture.store.identity().await.expect("readable").seeded);
    assert_eq!(fixture.names().await, [name("own")]);
}

#[tokio::test]
async fn volumes_memories_and_journals_outlive_the_daemon() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let volume = VolumeRecord::Adopted { name: "v".into(), created_at: "then".into() };
    fixture.store.set_volume(&name("a"), Some(&volume)).await.expect("recorded");
    let life = Incarnation { container: container("a"), started_at: "2026-01-01T00:00:00Z".into() };
    let at = "2026-01-01T00:00:00.123456789Z".parse().expect("a time");
    let memory = InstanceMemory {
        container: Some(container("b")),
        running: Some(life.clone()),
        restart_count: 3,
        intent: Some(StopIntent { incarnation: life.clone(), reason: StopReason::Requested, at }),
        last_stop: Some(LastStop {
            incarnation: life,
            at,
            cause: StopCause::Oom,
            exit_code: Some(137),
            detail: None,
            capsule: None,
        }),
        crash_loop_since: Some(at),
        unhealthy: None,
        health_restarts: None,
        pending: None,
        near: None,
        pin: None,
        told_stale: None,
    };
    // An orphan has a memory too.
    fixture.store.save_memory(&name("orphan"), Some(&memory)).await.expect("saved");
    let mut journal = RecreateJournal {
        instance: name("a"),
        old: container("c"),
        old_ran: true,
        old_policy: RestartPolicy::UnlessStopped,
        new: None,
        step: RecreateStep::Begun,
    };
    fixture.store.put_journal(&journal).await.expect("written");
    journal.step = RecreateStep::Verified;
    fixture.store.put_journal(&journal).await.expect("replaced");
    let fixture = fixture.restart();
    let store = &fixture.store;
    assert_eq!(store.agents().await.expect("readable")[0].volume, Some(volume));
    assert_eq!(store.memories().await.expect("readable"), BTreeMap::from([(name("orphan"), memory)]));
    assert_eq!(store.journals().await.expect("readable"), [journal]);
    store.save_memory(&name("orphan"), None).await.expect("forgotten");
    store.clear_journal(&name("a")).await.expect("cleared");
    store.set_volume(&name("a"), None).await.expect("recorded");
    assert!(store.memories().await.expect("readable").is_empty());
    assert!(store.journals().await.expect("readable").is_empty());
}

#[tokio::test]
async fn a_memory_that_cannot_be_understood_is_left_out() {
    let fixture = Fixture::new();
    let sql = "INSERT INTO instance_memory VALUES ('a', '{}'), ('b', '7'), ('c', '{\"container\":\"x!\",\"intent\":1}')";
    fixture.by_hand().execute_batch(sql).expect("inserted");
    let memories = fixture.store.memories().await.expect("the others are readable");
    assert_eq!(memories, BTreeMap::from([(name("a"), InstanceMemory::default())]));
}

#[tokio::test]
async fn times_come_from_the_clock_that_was_given() {
    #[derive(Debug)]
    struct Fixed;
    impl Clock for Fixed {
        fn wall(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH + Duration::from_millis(1_234)
        }
    }
    let store = SqliteStore::open_temporary().expect("a temporary one").with_clock(Arc::new(Fixed));
    let agents = store.insert_agents(&[new("a")]).await.expect("the name is free");
    assert_eq!((agents[0].created_at, agents[0].updated_at), (Fixed.wall(), Fixed.wall()));
}
