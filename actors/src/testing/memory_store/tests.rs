use std::sync::Arc;

use jiff::SignedDuration;

use super::{MemoryStore, StoreVerb};
use crate::model::{NewAgent, Overrides};
use crate::ports::{AgentStore, Clock, LeaseStore, Store, StoreError, TaskStore};
use crate::testing::{TestClock, name, type_name};

fn row() -> NewAgent {
    NewAgent { name: name("dev-2"), agent_type: type_name("dev"), overrides: Overrides::default() }
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_is_not_there_and_the_next_one_works() {
    let store = MemoryStore::default();
    store.fail_next(StoreVerb::InsertAgents);
    let failed = store.insert_agents(&[row()]).await;
    assert!(matches!(failed, Err(StoreError::Failed { .. })), "{failed:?}");
    assert!(store.rows().agents.is_empty());
    store.insert_agents(&[row()]).await.expect("only one was to fail");
}

#[tokio::test(start_paused = true)]
async fn a_write_can_work_and_still_be_told_as_failed() {
    let store = MemoryStore::default();
    store.work_but_fail_next(StoreVerb::InsertAgents);
    assert!(store.insert_agents(&[row()]).await.is_err());
    assert_eq!(store.rows().agents.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_verb_can_fail_until_it_is_mended() {
    let store = MemoryStore::default();
    store.fail_always(StoreVerb::Agents, true);
    for _ in 0..3 {
        assert!(store.agents().await.is_err());
    }
    store.fail_always(StoreVerb::Agents, false);
    assert_eq!(store.agents().await.expect("it was mended"), []);
}

#[tokio::test(start_paused = true)]
async fn rows_deleted_by_another_process_leave_no_tombstone() {
    let store = MemoryStore::default();
    store.insert_agents(&[row()]).await.expect("the name is free");
    store.write_elsewhere(|rows| rows.agents.clear());
    assert!(store.changed_elsewhere().await.expect("the store answers"));
    assert_eq!(store.agents().await.expect("the store answers"), []);
    assert_eq!(store.tombstones().await.expect("the store answers"), []);
}

#[tokio::test(start_paused = true)]
async fn the_wall_clock_jumps_and_the_monotonic_one_does_not() {
    let clock = TestClock::new();
    let (wall, now) = (clock.wall(), clock.now());
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    clock.clone().jump(SignedDuration::from_mins(-10));
    assert_eq!(clock.wall().duration_since(wall), SignedDuration::from_secs(5 - 600));
    assert_eq!(clock.now() - now, std::time::Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_whole_store_goes_wherever_a_part_of_it_is_wanted() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    store.insert_agents(&[row()]).await.expect("the name is free");
    let (agents, leases, tasks): (Arc<dyn AgentStore>, Arc<dyn LeaseStore>, Arc<dyn TaskStore>) =
        (store.clone(), store.clone(), store);
    assert_eq!(agents.agents().await.expect("the store answers").len(), 1);
    assert_eq!(leases.leases().await.expect("the store answers"), []);
    assert_eq!(tasks.open_tasks().await.expect("the store answers"), []);
}
