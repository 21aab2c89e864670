//! The rows of `agents`.

use futures_util::future::join_all;

use super::StoreWorld;
use super::samples::{overrides, row};
use crate::model::{AgentChange, InstanceName, NewAgent, Overrides, Power, VolumeRecord};
use crate::ports::{AgentStore, StoreError};
use crate::testing::name;

async fn names(store: &dyn AgentStore) -> Vec<String> {
    let rows = store.agents().await.expect("the store answers");
    rows.iter().map(|agent| agent.name.to_string()).collect()
}

fn power(power: Power) -> AgentChange {
    AgentChange { overrides: None, power: Some(power) }
}

pub async fn a_row_comes_back_as_it_was_written(world: &mut dyn StoreWorld) {
    let full = NewAgent { overrides: overrides(), ..row("full") };
    let written = world.store().insert_agents(&[row("plain"), full.clone()]).await.expect("both are free");
    assert_eq!(written.iter().map(|agent| agent.name.as_ref()).collect::<Vec<_>>(), ["plain", "full"]);
    assert_eq!((&written[1].agent_type, &written[1].overrides), (&full.agent_type, &full.overrides));
    for agent in &written {
        assert_eq!((agent.power, &agent.volume), (Power::On, &None));
        assert_eq!(agent.created_at, agent.updated_at);
    }
    world.reopen().await;
    for agent in written {
        let read = world.store().agent(&agent.name).await.expect("the store answers");
        assert_eq!(read, Some(agent));
    }
}

pub async fn rows_are_listed_by_name(world: &mut dyn StoreWorld) {
    let store = world.store();
    assert_eq!(store.agents().await.expect("the store answers"), []);
    store.insert_agents(&[row("b"), row("a-2"), row("a-10"), row("1")]).await.expect("all are free");
    assert_eq!(names(&*store).await, ["1", "a-10", "a-2", "b"]);
    assert_eq!(store.agent(&name("c")).await.expect("the store answers"), None);
}

pub async fn a_name_is_taken_once(world: &mut dyn StoreWorld) {
    let store = world.store();
    let first = store.insert_agents(&[row("dev-2")]).await.expect("the name is free");
    let again = NewAgent { overrides: overrides(), ..row("dev-2") };
    let refused = store.insert_agents(&[again]).await;
    assert!(
        matches!(&refused, Err(StoreError::AlreadyExists(taken)) if *taken == name("dev-2")),
        "{refused:?}"
    );
    assert_eq!(store.agents().await.expect("the store answers"), first);
}

pub async fn inserting_is_all_or_nothing(world: &mut dyn StoreWorld) {
    let store = world.store();
    store.insert_agents(&[row("taken")]).await.expect("the name is free");
    let refused = store.insert_agents(&[row("free"), row("taken"), row("also-free")]).await;
    assert!(matches!(&refused, Err(StoreError::AlreadyExists(at)) if *at == name("taken")), "{refused:?}");
    let refused = store.insert_agents(&[row("twice"), row("twice")]).await;
    assert!(matches!(&refused, Err(StoreError::AlreadyExists(at)) if *at == name("twice")), "{refused:?}");
    assert_eq!(names(&*store).await, ["taken"]);
    assert_eq!(store.insert_agents(&[]).await.expect("nothing is no error"), []);
}

pub async fn of_parallel_inserts_exactly_one_wins(world: &mut dyn StoreWorld) {
    let store = world.store();
    let rows = [row("contended")];
    let results = join_all((0..8).map(|_| store.insert_agents(&rows))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let taken = results.iter().filter(|result| matches!(result, Err(StoreError::AlreadyExists(_)))).count();
    assert_eq!(taken, 7, "{results:?}");
}

pub async fn an_update_replaces_only_what_it_names(world: &mut dyn StoreWorld) {
    let store = world.store();
    let before = store.insert_agents(&[row("dev-2"), row("other")]).await.expect("both are free");
    let held = store.update_agent(&name("dev-2"), None, &power(Power::Off)).await.expect("the row is there");
    assert_eq!((held.power, &held.overrides), (Power::Off, &Overrides::default()));
    assert!(held.generation > before[0].generation);
    let change = AgentChange { overrides: Some(overrides()), power: None };
    let changed =
        store.update_agent(&name("dev-2"), Some(held.generation), &change).await.expect("it is current");
    assert_eq!((changed.power, &changed.overrides), (Power::Off, &overrides()));
    assert!(changed.generation > held.generation);
    assert_eq!(changed.created_at, before[0].created_at);
    assert!(changed.updated_at >= held.updated_at);
    drop(store);
    world.reopen().await;
    assert_eq!(world.store().agents().await.expect("the store answers"), [changed, before[1].clone()]);
}

pub async fn a_stale_generation_is_refused_and_told_the_current_one(world: &mut dyn StoreWorld) {
    let store = world.store();
    let old = store.insert_agents(&[row("dev-2")]).await.expect("the name is free").remove(0);
    let new = store.update_agent(&old.name, None, &power(Power::Off)).await.expect("the row is there");
    let stale = Some(old.generation);
    let results = [
        store.update_agent(&old.name, stale, &power(Power::On)).await.map(|_| ()),
        store.delete_agent(&old.name, stale).await,
    ];
    for refused in results {
        let Err(StoreError::GenerationMismatch { name, expected, current }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((&name, expected, current), (&old.name, old.generation, new.generation));
    }
    assert_eq!(store.agents().await.expect("the store answers"), [new]);
    assert_eq!(store.tombstones().await.expect("the store answers"), []);
}

pub async fn of_parallel_updates_of_one_generation_exactly_one_wins(world: &mut dyn StoreWorld) {
    let store = world.store();
    let row = store.insert_agents(&[row("dev-2")]).await.expect("the name is free").remove(0);
    let change = power(Power::Off);
    let updates = (0..8).map(|_| store.update_agent(&row.name, Some(row.generation), &change));
    let results = join_all(updates).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
}

pub async fn what_has_no_row_is_not_found(world: &mut dyn StoreWorld) {
    let store = world.store();
    let nobody = name("nobody");
    let results = [
        ("update", store.update_agent(&nobody, None, &power(Power::Off)).await.map(|_| ())),
        ("update at", store.update_agent(&nobody, Some(1), &power(Power::Off)).await.map(|_| ())),
        ("delete", store.delete_agent(&nobody, None).await),
        ("delete at", store.delete_agent(&nobody, Some(1)).await),
        ("set_volume", store.set_volume(&nobody, None).await),
    ];
    for (verb, result) in results {
        assert!(matches!(&result, Err(StoreError::NotFound(of)) if *of == nobody), "{verb}: {result:?}");
    }
    assert_eq!(store.tombstones().await.expect("the store answers"), []);
}

async fn tombstones(world: &dyn StoreWorld) -> Vec<InstanceName> {
    world.store().tombstones().await.expect("the store answers")
}

pub async fn a_deleted_row_leaves_a_tombstone_until_it_is_cleared(world: &mut dyn StoreWorld) {
    let store = world.store();
    let rows = store.insert_agents(&[row("a"), row("b")]).await.expect("both are free");
    store.delete_agent(&name("a"), Some(rows[0].generation)).await.expect("it is current");
    store.delete_agent(&name("b"), None).await.expect("the row is there");
    drop(store);
    world.reopen().await;
    assert_eq!(names(&*world.store()).await, Vec::<String>::new());
    assert_eq!(tombstones(world).await, [name("a"), name("b")]);
    world.store().clear_tombstone(&name("a")).await.expect("it is there");
    world.store().clear_tombstone(&name("a")).await.expect("clearing twice is no error");
    world.reopen().await;
    assert_eq!(tombstones(world).await, [name("b")]);
}

pub async fn a_new_row_of_a_deleted_name_has_no_tombstone_and_no_past(world: &mut dyn StoreWorld) {
    let store = world.store();
    store.insert_agents(&[row("dev-2")]).await.expect("the name is free");
    let change = AgentChange { overrides: Some(overrides()), power: Some(Power::Off) };
    store.update_agent(&name("dev-2"), None, &change).await.expect("the row is there");
    let volume = VolumeRecord::Ours { uuid: "old".into() };
    store.set_volume(&name("dev-2"), Some(&volume)).await.expect("the row is there");
    store.delete_agent(&name("dev-2"), None).await.expect("the row is there");
    let new = store.insert_agents(&[row("dev-2")]).await.expect("the name is free again").remove(0);
    assert_eq!((new.power, &new.overrides, &new.volume), (Power::On, &Overrides::default(), &None));
    assert_eq!(store.tombstones().await.expect("the store answers"), []);
}

pub async fn the_volume_is_recorded_without_a_new_generation(world: &mut dyn StoreWorld) {
    let store = world.store();
    let before = store.insert_agents(&[row("dev-2")]).await.expect("the name is free").remove(0);
    drop(store);
    let records = [
        Some(VolumeRecord::Pending { uuid: "u".into() }),
        Some(VolumeRecord::Ours { uuid: "u".into() }),
        Some(VolumeRecord::Adopted { name: "v".into(), created_at: "2025-01-01T00:00:00Z".into() }),
        None,
    ];
    for record in records {
        world.store().set_volume(&before.name, record.as_ref()).await.expect("the row is there");
        world.reopen().await;
        let after = world.store().agent(&before.name).await.expect("the store answers");
        let after = after.expect("the row is there");
        assert_eq!((&after.volume, after.generation), (&record, before.generation));
    }
}
