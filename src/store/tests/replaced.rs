use claude_hooks_actors::model::{AgentChange, EventFilter, EventKind, InstanceMemory, NewEvent};

use super::*;

/// Every write that promises something is refused, and `verify` says why.
async fn suspects(fixture: &Fixture, word: &str) {
    let (store, a) = (&fixture.store, name("a"));
    let verified = store.verify().await;
    match &verified {
        Err(StoreError::Replaced { detail }) => assert!(detail.contains(word), "{detail}"),
        other => panic!("{word}: {other:?}"),
    }
    let refused = [
        store.insert_agents(&[new("b")]).await.map(|_| ()),
        store.update_agent(&a, None, &AgentChange::default()).await.map(|_| ()),
        store.delete_agent(&a, None).await,
        store.save_memory(&a, Some(&InstanceMemory::default())).await,
        store.seed(&[new("b")]).await.map(|_| ()),
    ];
    for result in refused {
        assert!(matches!(result, Err(StoreError::Replaced { .. })), "{word}: {result:?}");
    }
}

async fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    fixture.store.verify().await.expect("it is the file that was opened");
    fixture
}

#[tokio::test]
async fn a_deleted_database_takes_no_row_and_still_tells_its_events() {
    let fixture = fixture().await;
    fs::remove_file(fixture.dir.paths().database()).expect("removed");
    suspects(&fixture, "is gone").await;
    let event = NewEvent::new(EventKind::DatabaseSuspect, jiff::Timestamp::now());
    let stored = fixture.store.append_events(&[event]).await.expect("subscribers are to hear of it");
    assert_eq!(stored[0].seq, 1);
    let page = fixture.store.latest_events(1, &EventFilter::default()).await.expect("readable");
    assert_eq!(page.items, stored);
}

#[tokio::test]
async fn a_database_moved_away_and_back_is_the_same_again() {
    let fixture = fixture().await;
    let path = fixture.dir.paths().database();
    let away = path.with_extension("away");
    fs::rename(&path, &away).expect("moved");
    suspects(&fixture, "is gone").await;
    fs::rename(&away, &path).expect("moved back");
    fixture.store.verify().await.expect("it is the file that was opened");
    fixture.insert("b").await;
}

#[tokio::test]
async fn another_file_in_its_place_is_not_read_as_ours() {
    let (ours, other) = (fixture().await, fixture().await);
    other.insert("other").await;
    fs::rename(other.dir.paths().database(), ours.dir.paths().database()).expect("swapped");
    suspects(&ours, "is another file now").await;
    assert_eq!(ours.names().await, [name("a")], "open connections still read what they opened");
}

#[tokio::test]
async fn a_database_emptied_in_place_is_found() {
    let fixture = fixture().await;
    fs::File::options().write(true).truncate(true).open(fixture.dir.paths().database()).expect("emptied");
    suspects(&fixture, "was emptied").await;
}

#[tokio::test]
async fn another_fleet_copied_over_it_in_place_is_found() {
    let (ours, other) = (fixture().await, Fixture::new());
    let fleet = other.store.identity().await.expect("readable").fleet;
    let Fixture { store, dir, temp: _temp } = other;
    drop(store);
    let content = fs::read(dir.paths().database()).expect("readable");
    fs::write(ours.dir.paths().database(), content).expect("overwritten");
    let verified = ours.store.verify().await;
    let Err(StoreError::Replaced { detail }) = verified else { panic!("{verified:?}") };
    assert!(detail.contains(&fleet.to_string()), "{detail}");
}

#[tokio::test]
async fn garbage_written_over_it_in_place_is_found() {
    let fixture = fixture().await;
    let path = fixture.dir.paths().database();
    let length = fs::metadata(&path).expect("it is there").len();
    fs::write(&path, vec![b'x'; usize::try_from(length).expect("small")]).expect("overwritten");
    let verified = fixture.store.verify().await;
    assert!(matches!(verified, Err(StoreError::Replaced { .. })), "{verified:?}");
}

#[tokio::test]
async fn a_fleet_that_lost_its_identity_is_found() {
    let fixture = fixture().await;
    fixture.by_hand().execute_batch("DELETE FROM fleet").expect("deleted");
    let verified = fixture.store.verify().await;
    assert!(matches!(verified, Err(StoreError::Replaced { .. })), "{verified:?}");
}

#[tokio::test]
async fn a_checkpoint_or_a_vacuum_by_hand_is_no_replacement() {
    let fixture = fixture().await;
    let hand = fixture.by_hand();
    hand.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpointed");
    hand.execute_batch("VACUUM").expect("vacuumed");
    fixture.store.verify().await.expect("it is the file that was opened");
    fixture.insert("b").await;
}
