//! What is remembered beside the rows.

use super::StoreWorld;
use super::samples::{container, memory, row};
use crate::model::{InstanceMemory, RestartPolicy};
use crate::ports::{RecreateJournal, RecreateStep};
use crate::testing::name;

pub async fn a_memory_needs_no_row_and_can_be_forgotten(world: &mut dyn StoreWorld) {
    let (full, empty) = (memory(world.now()), InstanceMemory::default());
    let store = world.store();
    store.insert_agents(&[row("dev-2")]).await.expect("the name is free");
    store.save_memory(&name("dev-2"), Some(&empty)).await.expect("it can be remembered");
    store.save_memory(&name("dev-2"), Some(&full)).await.expect("it can be remembered anew");
    store.save_memory(&name("orphan"), Some(&empty)).await.expect("an orphan has a memory too");
    store.save_memory(&name("brief"), Some(&full)).await.expect("it can be remembered");
    store.save_memory(&name("brief"), None).await.expect("it can be forgotten");
    store.save_memory(&name("brief"), None).await.expect("forgetting twice is no error");
    store.delete_agent(&name("dev-2"), None).await.expect("the row is there");
    drop(store);
    world.reopen().await;
    let memories = world.store().memories().await.expect("the store answers");
    let memories: Vec<_> = memories.into_iter().collect();
    assert_eq!(memories, [(name("dev-2"), full), (name("orphan"), empty)]);
}

pub async fn a_journal_is_replaced_step_by_step(world: &mut dyn StoreWorld) {
    let begun = RecreateJournal {
        instance: name("dev-2"),
        old: container('c'),
        old_ran: true,
        old_policy: RestartPolicy::UnlessStopped,
        new: None,
        step: RecreateStep::Begun,
    };
    let verified =
        RecreateJournal { step: RecreateStep::Verified, new: Some(container('d')), ..begun.clone() };
    let other = RecreateJournal { instance: name("other"), old_ran: false, ..begun.clone() };
    for journal in [&begun, &other] {
        world.store().put_journal(journal).await.expect("it can be written");
    }
    world.reopen().await;
    assert_eq!(journals(world).await, [begun, other.clone()]);
    world.store().put_journal(&verified).await.expect("it can be replaced");
    world.reopen().await;
    assert_eq!(journals(world).await, [verified, other.clone()]);
    world.store().clear_journal(&name("dev-2")).await.expect("it is there");
    world.store().clear_journal(&name("dev-2")).await.expect("clearing twice is no error");
    world.reopen().await;
    assert_eq!(journals(world).await, [other]);
}

async fn journals(world: &dyn StoreWorld) -> Vec<RecreateJournal> {
    let mut journals = world.store().journals().await.expect("the store answers");
    journals.sort_by(|a, b| a.instance.cmp(&b.instance));
    journals
}
