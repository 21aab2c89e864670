//! What every [`LeaseStore`](crate::ports::LeaseStore) must do.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::store::{Point, StoreWorld, check, row};
use crate::model::{HumanNeed, InstanceName, Lease, LeaseEnd, LeaseId, ParkKind, Parked, SaidBy, Standing};
use crate::ports::{LeaseError, StoreError, WantedLease};
use crate::testing::name;

points![
    a_lease_comes_back_as_it_was_granted,
    the_first_free_candidate_is_taken,
    what_has_no_row_is_not_leased,
    a_cordoned_instance_is_not_leased_and_keeps_its_lease,
    of_parallel_claims_each_instance_is_granted_once,
    a_fence_is_larger_than_all_before_it,
    a_renewed_lease_ends_later,
    whoever_has_another_fence_changes_nothing,
    what_has_ended_is_stale,
    a_lease_that_never_was_is_unknown,
    we_end_a_lease_without_its_fence,
    the_end_of_a_lease_is_when_its_instance_was_last_used,
    a_standing_is_changed_part_by_part,
    a_parked_instance_is_not_leased_until_it_is_reopened,
    a_standing_needs_a_row,
    a_new_row_of_an_old_name_has_no_standing,
    pruning_forgets_what_ended_long_ago,
    pruning_forgets_standings_without_a_row,
    leases_are_not_what_another_process_wrote,
];

/// Checks every point, each in a new world.
pub async fn all<W: StoreWorld>(world: impl FnMut() -> W) {
    check("leases", POINTS, world).await;
}

fn names(texts: &[&str]) -> Vec<InstanceName> {
    texts.iter().map(|text| name(text)).collect()
}

fn wanted(world: &dyn StoreWorld, holder: &str) -> WantedLease {
    let acquired_at = world.now();
    WantedLease {
        id: LeaseId::random(),
        holder: holder.into(),
        ttl: Duration::from_millis(15_250),
        acquired_at,
        expires_at: acquired_at + SignedDuration::from_millis(15_250),
    }
}

async fn insert(world: &dyn StoreWorld, texts: &[&str]) {
    let rows: Vec<_> = texts.iter().map(|text| row(text)).collect();
    world.store().insert_agents(&rows).await.expect("the names are free");
}

async fn claim(world: &dyn StoreWorld, candidates: &[&str]) -> Option<Lease> {
    let wanted = wanted(world, "somebody");
    world.leases().claim(&wanted, &names(candidates)).await.expect("the store answers")
}

async fn leases(world: &dyn StoreWorld) -> Vec<Lease> {
    world.leases().leases().await.expect("the store answers")
}

async fn standings(world: &dyn StoreWorld) -> Vec<(InstanceName, Standing)> {
    world.leases().standings().await.expect("the store answers").into_iter().collect()
}

async fn end(world: &dyn StoreWorld, lease: &Lease, at: Timestamp) {
    let ended = world.leases().end_lease(lease.id, Some(lease.fence), LeaseEnd::Released, at).await;
    assert_eq!(&ended.expect("it is held"), lease, "as it was");
}

pub async fn a_lease_comes_back_as_it_was_granted(world: &mut dyn StoreWorld) {
    insert(world, &["dev-2"]).await;
    let wanted = wanted(world, "a \"holder\" with 'quotes' and ünïcode");
    let granted = world.leases().claim(&wanted, &names(&["dev-2"])).await;
    let granted = granted.expect("the store answers").expect("it is free");
    let WantedLease { id, holder, ttl, acquired_at, expires_at } = wanted;
    let (instance, fence) = (name("dev-2"), granted.fence);
    assert_eq!(granted, Lease { id, instance, fence, holder, ttl, acquired_at, expires_at });
    world.reopen().await;
    assert_eq!(leases(world).await, [granted]);
}

pub async fn the_first_free_candidate_is_taken(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b", "c"]).await;
    let mut granted = Vec::new();
    for _ in 0..4 {
        granted.push(claim(world, &["c", "a", "b"]).await.map(|lease| lease.instance));
    }
    assert_eq!(granted, [Some(name("c")), Some(name("a")), Some(name("b")), None]);
    assert_eq!(claim(world, &[]).await, None, "of nobody, nobody is free");
    let open: Vec<_> = leases(world).await.into_iter().map(|lease| lease.instance).collect();
    assert_eq!(open, names(&["c", "a", "b"]), "the oldest first");
}

pub async fn what_has_no_row_is_not_leased(world: &mut dyn StoreWorld) {
    insert(world, &["gone", "there"]).await;
    world.store().delete_agent(&name("gone"), None).await.expect("the row is there");
    assert_eq!(claim(world, &["never", "gone"]).await, None);
    let granted = claim(world, &["never", "gone", "there"]).await.expect("one is free");
    assert_eq!(granted.instance, name("there"));
}

pub async fn a_cordoned_instance_is_not_leased_and_keeps_its_lease(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b"]).await;
    let lease = claim(world, &["a"]).await.expect("it is free");
    for instance in ["a", "b"] {
        world.leases().set_cordoned(&name(instance), true).await.expect("the row is there");
    }
    assert_eq!(claim(world, &["a", "b"]).await, None);
    assert_eq!(leases(world).await, [lease]);
    world.leases().set_cordoned(&name("b"), false).await.expect("the row is there");
    assert_eq!(claim(world, &["a", "b"]).await.map(|lease| lease.instance), Some(name("b")));
}

pub async fn of_parallel_claims_each_instance_is_granted_once(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b", "c"]).await;
    let world = &*world;
    let claims = join_all((0..24).map(|_| claim(world, &["a", "b", "c"]))).await;
    let granted: Vec<Lease> = claims.into_iter().flatten().collect();
    assert_eq!(granted.len(), 3, "{granted:?}");
    let instances: BTreeSet<_> = granted.iter().map(|lease| lease.instance.clone()).collect();
    assert_eq!(instances.into_iter().collect::<Vec<_>>(), names(&["a", "b", "c"]));
}

pub async fn a_fence_is_larger_than_all_before_it(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b"]).await;
    let mut last = 0;
    for round in 0..6 {
        for instance in ["a", "b"] {
            let lease = claim(world, &[instance]).await.expect("it is free");
            assert!(lease.fence > last, "{} after {last}", lease.fence);
            last = lease.fence;
            end(world, &lease, world.now()).await;
        }
        if round % 2 == 0 {
            let later = world.now() + SignedDuration::from_hours(1);
            assert_eq!(world.leases().prune_leases(later).await.expect("the store answers"), 2);
        }
        world.reopen().await;
        if round % 2 == 1 {
            let later = world.now() + SignedDuration::from_hours(1);
            assert_eq!(world.leases().prune_leases(later).await.expect("the store answers"), 2);
        }
    }
}

pub async fn a_renewed_lease_ends_later(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    let lease = claim(world, &["a"]).await.expect("it is free");
    let expires_at = lease.expires_at + SignedDuration::from_secs(15);
    let renewed = world.leases().renew(lease.id, lease.fence, expires_at).await.expect("it is held");
    assert_eq!(renewed, Lease { expires_at, ..lease });
    world.reopen().await;
    assert_eq!(leases(world).await, [renewed]);
}

fn assert_stale<T: std::fmt::Debug>(result: &Result<T, LeaseError>, wanted: LeaseId, with: u64) {
    let stale = matches!(result, Err(LeaseError::Stale { id, fence }) if (*id, *fence) == (wanted, with));
    assert!(stale, "{result:?}");
}

pub async fn whoever_has_another_fence_changes_nothing(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    let lease = claim(world, &["a"]).await.expect("it is free");
    for fence in [lease.fence - 1, lease.fence + 1, u64::MAX] {
        let renewed = world.leases().renew(lease.id, fence, world.now()).await;
        assert_stale(&renewed, lease.id, fence);
        let ended = world.leases().end_lease(lease.id, Some(fence), LeaseEnd::Released, world.now()).await;
        assert_stale(&ended, lease.id, fence);
    }
    assert_eq!(leases(world).await, [lease]);
    assert_eq!(standings(world).await, []);
}

pub async fn what_has_ended_is_stale(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    let first = claim(world, &["a"]).await.expect("it is free");
    end(world, &first, world.now()).await;
    let second = claim(world, &["a"]).await.expect("it is free again");
    let store = world.leases();
    assert_stale(&store.renew(first.id, first.fence, world.now()).await, first.id, first.fence);
    for fence in [Some(first.fence), None] {
        let again = store.end_lease(first.id, fence, LeaseEnd::Expired, world.now()).await;
        assert_stale(&again, first.id, first.fence);
    }
    assert_eq!(leases(world).await, [second], "another's lease is not touched");
}

pub async fn a_lease_that_never_was_is_unknown(world: &mut dyn StoreWorld) {
    let (store, id) = (world.leases(), LeaseId::random());
    let results = [
        store.renew(id, 1, world.now()).await,
        store.end_lease(id, Some(1), LeaseEnd::Released, world.now()).await,
        store.end_lease(id, None, LeaseEnd::Expired, world.now()).await,
    ];
    for result in results {
        assert!(matches!(&result, Err(LeaseError::Unknown(of)) if *of == id), "{result:?}");
    }
}

pub async fn we_end_a_lease_without_its_fence(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    for how in [LeaseEnd::Released, LeaseEnd::Expired, LeaseEnd::Revoked] {
        let lease = claim(world, &["a"]).await.expect("it is free");
        let ended = world.leases().end_lease(lease.id, None, how, world.now()).await;
        assert_eq!(ended.expect("it is held"), lease);
        assert_eq!(leases(world).await, []);
    }
}

pub async fn the_end_of_a_lease_is_when_its_instance_was_last_used(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b"]).await;
    world.leases().set_cordoned(&name("b"), true).await.expect("the row is there");
    world.leases().set_cordoned(&name("b"), false).await.expect("the row is there");
    let at = world.now() + SignedDuration::from_nanos(123_456_789);
    for at in [world.now(), at] {
        let lease = claim(world, &["a"]).await.expect("it is free");
        end(world, &lease, at).await;
    }
    world.leases().set_cordoned(&name("a"), true).await.expect("the row is there");
    world.reopen().await;
    let a = Standing { cordoned: true, last_used_at: Some(at), ..Standing::default() };
    assert_eq!(standings(world).await, [(name("a"), a)], "of b nothing is remembered");
}

pub async fn a_standing_is_changed_part_by_part(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    let (store, a, until) = (world.leases(), name("a"), world.now() + SignedDuration::from_mins(5));
    let held = store.set_hold(&a, Some(until)).await.expect("the row is there");
    assert_eq!(held, Standing { hold_until: Some(until), ..Standing::default() });
    let both = store.set_cordoned(&a, true).await.expect("the row is there");
    assert_eq!(both, Standing { cordoned: true, ..held });
    drop(store);
    world.reopen().await;
    assert_eq!(standings(world).await, [(a.clone(), both)]);
    let free = world.leases().set_hold(&a, None).await.expect("the row is there");
    assert_eq!(free, Standing { cordoned: true, ..Standing::default() });
    world.leases().set_cordoned(&a, false).await.expect("the row is there");
    assert_eq!(standings(world).await, []);
}

pub async fn a_parked_instance_is_not_leased_until_it_is_reopened(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b"]).await;
    let (a, since) = (name("a"), world.now());
    let parked = Parked {
        kind: ParkKind::Quota,
        reason: "a \"reason\" with 'quotes' and ünïcode".into(),
        until: Some(since + SignedDuration::from_nanos(123_456_789)),
        reopens_at: Some(since + SignedDuration::from_mins(1)),
        since,
        by: SaidBy::Dispatcher,
        holder: Some("somebody".into()),
        account: None,
    };
    let need = HumanNeed { reason: "sign in".into(), since, by: SaidBy::Agent };
    world.leases().set_parked(&a, Some(&parked)).await.expect("the row is there");
    let both = world.leases().set_needs_human(&a, Some(&need)).await.expect("the row is there");
    let expected = Standing { parked: Some(parked), needs_human: Some(need), ..Standing::default() };
    assert_eq!(both, expected);
    world.reopen().await;
    assert_eq!(standings(world).await, [(a.clone(), expected)]);
    assert_eq!(claim(world, &["a", "b"]).await.expect("b is free").instance, name("b"));
    assert_eq!(claim(world, &["a"]).await, None);
    world.leases().set_needs_human(&a, None).await.expect("the row is there");
    let free = world.leases().set_parked(&a, None).await.expect("the row is there");
    assert_eq!(free, Standing::default());
    assert_eq!(standings(world).await, []);
    assert!(claim(world, &["a"]).await.is_some());
}

pub async fn a_standing_needs_a_row(world: &mut dyn StoreWorld) {
    let (store, nobody) = (world.leases(), name("nobody"));
    let results = [
        store.set_cordoned(&nobody, true).await,
        store.set_hold(&nobody, Some(world.now())).await,
        store.set_parked(&nobody, None).await,
        store.set_needs_human(&nobody, None).await,
    ];
    for result in results {
        assert!(matches!(&result, Err(StoreError::NotFound(of)) if *of == nobody), "{result:?}");
    }
    assert_eq!(standings(world).await, []);
}

pub async fn a_new_row_of_an_old_name_has_no_standing(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    world.leases().set_cordoned(&name("a"), true).await.expect("the row is there");
    world.store().delete_agent(&name("a"), None).await.expect("the row is there");
    world.insert_elsewhere(&name("a")).await;
    assert_eq!(standings(world).await, []);
    assert!(claim(world, &["a"]).await.is_some());
}

pub async fn pruning_forgets_what_ended_long_ago(world: &mut dyn StoreWorld) {
    insert(world, &["a", "b", "c"]).await;
    let (long_ago, before) = (world.now(), world.now() + SignedDuration::from_hours(1));
    let old = claim(world, &["a"]).await.expect("it is free");
    let young = claim(world, &["b"]).await.expect("it is free");
    let open = claim(world, &["c"]).await.expect("it is free");
    end(world, &old, long_ago).await;
    end(world, &young, before).await;
    assert_eq!(world.leases().prune_leases(before).await.expect("the store answers"), 1);
    assert_eq!(world.leases().prune_leases(before).await.expect("the store answers"), 0);
    assert_eq!(leases(world).await, [open]);
    let gone = world.leases().renew(old.id, old.fence, before).await;
    assert!(matches!(gone, Err(LeaseError::Unknown(_))), "{gone:?}");
    assert_stale(&world.leases().renew(young.id, young.fence, before).await, young.id, young.fence);
}

pub async fn pruning_forgets_standings_without_a_row(world: &mut dyn StoreWorld) {
    insert(world, &["gone", "stays"]).await;
    for instance in ["gone", "stays"] {
        world.leases().set_cordoned(&name(instance), true).await.expect("the row is there");
    }
    world.store().delete_agent(&name("gone"), None).await.expect("the row is there");
    world.leases().prune_leases(world.now()).await.expect("the store answers");
    let left: Vec<_> = standings(world).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, [name("stays")]);
}

pub async fn leases_are_not_what_another_process_wrote(world: &mut dyn StoreWorld) {
    insert(world, &["a"]).await;
    world.store().changed_elsewhere().await.expect("the store answers");
    let lease = claim(world, &["a"]).await.expect("it is free");
    world.leases().set_cordoned(&name("a"), true).await.expect("the row is there");
    end(world, &lease, world.now()).await;
    world.leases().prune_leases(world.now()).await.expect("the store answers");
    assert!(!world.store().changed_elsewhere().await.expect("the store answers"));
}
