//! The database as a whole: whose it is, whether it was begun, who else writes.

use super::StoreWorld;
use super::samples::row;
use crate::ports::StoreError;
use crate::testing::name;

pub async fn the_identity_is_made_once(world: &mut dyn StoreWorld) {
    let first = world.store().identity().await.expect("the store answers");
    assert!(!first.seeded);
    assert_eq!(world.store().identity().await.expect("the store answers"), first);
    world.reopen().await;
    assert_eq!(world.store().identity().await.expect("the store answers"), first);
}

pub async fn seeding_happens_once(world: &mut dyn StoreWorld) {
    let store = world.store();
    let written =
        store.seed(&[row("dev-default"), row("boss-default")]).await.expect("an empty store is seeded");
    assert_eq!(written.len(), 2);
    assert!(store.identity().await.expect("the store answers").seeded);
    for agent in written {
        store.delete_agent(&agent.name, None).await.expect("the row is there");
    }
    drop(store);
    world.reopen().await;
    let again = world.store().seed(&[row("dev-default")]).await.expect("a second seed is no error");
    assert_eq!(again, []);
    assert_eq!(world.store().agents().await.expect("the store answers"), []);
}

pub async fn a_store_with_rows_is_marked_but_not_seeded(world: &mut dyn StoreWorld) {
    let store = world.store();
    store.insert_agents(&[row("mine")]).await.expect("the name is free");
    assert!(!store.identity().await.expect("the store answers").seeded);
    assert_eq!(store.seed(&[row("dev-default")]).await.expect("it is no error"), []);
    assert!(store.identity().await.expect("the store answers").seeded);
    assert_eq!(store.agents().await.expect("the store answers").len(), 1);
}

pub async fn a_seed_with_a_name_twice_writes_nothing(world: &mut dyn StoreWorld) {
    let store = world.store();
    let refused = store.seed(&[row("dev-default"), row("dev-default")]).await;
    assert!(matches!(refused, Err(StoreError::AlreadyExists(_))), "{refused:?}");
    assert_eq!(store.agents().await.expect("the store answers"), []);
    assert!(!store.identity().await.expect("the store answers").seeded, "a failed seed may be tried again");
}

pub async fn what_another_process_writes_is_told_once(world: &mut dyn StoreWorld) {
    let store = world.store();
    store.changed_elsewhere().await.expect("the store answers");
    store.insert_agents(&[row("ours")]).await.expect("the name is free");
    assert!(!store.changed_elsewhere().await.expect("the store answers"), "our own writes do not count");
    world.insert_elsewhere(&name("theirs")).await;
    assert!(store.changed_elsewhere().await.expect("the store answers"));
    assert!(!store.changed_elsewhere().await.expect("the store answers"), "it was told");
    let theirs = store.agent(&name("theirs")).await.expect("the store answers").expect("it was inserted");
    assert_eq!(theirs.agent_type, row("theirs").agent_type);
    assert_eq!(theirs.overrides, row("theirs").overrides);
}

pub async fn a_replaced_database_is_noticed(world: &mut dyn StoreWorld) {
    let store = world.store();
    store.verify().await.expect("nobody replaced it");
    world.replace().await;
    let noticed = store.verify().await;
    assert!(matches!(noticed, Err(StoreError::Replaced { .. })), "{noticed:?}");
}
