use std::collections::BTreeSet;
use std::time::Duration;

use claude_hooks_actors::model::{Lease, LeaseEnd, LeaseId};
use claude_hooks_actors::ports::{LeaseError, LeaseStore, WantedLease};
use jiff::{SignedDuration, Timestamp};

use super::*;

fn wanted(holder: &str) -> WantedLease {
    let acquired_at = Timestamp::now();
    let expires_at = acquired_at + SignedDuration::from_secs(15);
    WantedLease {
        id: LeaseId::random(),
        holder: holder.into(),
        ttl: Duration::from_secs(15),
        acquired_at,
        expires_at,
    }
}

async fn claim(store: &SqliteStore, candidates: &[InstanceName]) -> Option<Lease> {
    store.claim(&wanted("h"), candidates).await.expect("the store answers")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_claims_on_a_pool_of_five_exactly_five_are_granted() {
    let fixture = Fixture::new();
    let pool: Vec<InstanceName> = (1..=5).map(|n| name(&format!("dev-{n}"))).collect();
    for instance in &pool {
        fixture.insert(instance.as_ref()).await;
    }
    let claims: Vec<_> = (0..200)
        .map(|n| {
            let (store, mut candidates) = (fixture.store.clone(), pool.clone());
            candidates.rotate_left(n % 5);
            tokio::spawn(async move { claim(&store, &candidates).await })
        })
        .collect();
    let mut granted = Vec::new();
    for claim in claims {
        granted.extend(claim.await.expect("no panic"));
    }
    assert_eq!(granted.len(), 5);
    let instances: BTreeSet<_> = granted.iter().map(|lease| lease.instance.clone()).collect();
    assert_eq!(instances, pool.into_iter().collect());
    let fences: BTreeSet<_> = granted.iter().map(|lease| lease.fence).collect();
    assert_eq!(fences, (1..=5).collect(), "a refused claim uses up no fence");
}

#[tokio::test]
async fn a_fence_is_never_given_again_after_a_restart_and_a_prune() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let lease = claim(&fixture.store, &[name("a")]).await.expect("it is free");
    let late = Timestamp::now() + SignedDuration::from_hours(1);
    fixture.store.end_lease(lease.id, None, LeaseEnd::Expired, Timestamp::now()).await.expect("it is open");
    assert_eq!(fixture.store.prune_leases(late).await.expect("pruned"), 1);
    let fixture = fixture.restart();
    fixture.by_hand().execute_batch("VACUUM").expect("vacuumed");
    let next = claim(&fixture.store, &[name("a")]).await.expect("it is free");
    assert_eq!((lease.fence, next.fence), (1, 2));
}

#[tokio::test]
async fn nothing_about_leases_is_promised_by_a_database_that_was_replaced() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let lease = claim(&fixture.store, &[name("a")]).await.expect("it is free");
    fs::remove_file(fixture.dir.paths().database()).expect("removed");
    let (store, now) = (&fixture.store, Timestamp::now());
    let refused = [
        store.claim(&wanted("h"), &[name("a")]).await.map(|_| ()),
        store.set_cordoned(&name("a"), true).await.map(|_| ()),
        store.set_hold(&name("a"), None).await.map(|_| ()),
        store.prune_leases(now).await.map(|_| ()),
    ];
    for result in refused {
        assert!(matches!(result, Err(StoreError::Replaced { .. })), "{result:?}");
    }
    let refused = [
        store.renew(lease.id, lease.fence, now).await,
        store.end_lease(lease.id, None, LeaseEnd::Expired, now).await,
    ];
    for result in refused {
        assert!(matches!(result, Err(LeaseError::Store(StoreError::Replaced { .. }))), "{result:?}");
    }
}

#[tokio::test]
async fn a_lease_with_an_unreadable_time_has_expired_and_hides_no_other() {
    let fixture = Fixture::new();
    fixture.insert("odd").await;
    fixture.insert("good").await;
    let odd = claim(&fixture.store, &[name("odd")]).await.expect("it is free");
    let good = claim(&fixture.store, &[name("good")]).await.expect("it is free");
    let hand = fixture.by_hand();
    // SQLite takes 31 days for every month.
    let sql =
        "UPDATE leases SET expires_at = '2026-02-31T00:00:00Z', holder = CAST(x'ff' AS TEXT) WHERE fence = 1";
    hand.execute_batch(sql).expect("updated");
    let leases = fixture.store.leases().await.expect("one odd row is no reason to fail");
    let holder = char::REPLACEMENT_CHARACTER.to_string();
    assert_eq!(leases, [Lease { expires_at: Timestamp::UNIX_EPOCH, holder, ..odd.clone() }, good]);
    let reason =
        "the row's column holder cannot be understood: invalid utf-8 sequence of 1 bytes from index 0";
    assert!(!fixture.store.shared.odd.tell("the lease with fence 1", reason), "leases() has told it");
    let mended = fixture.store.renew(odd.id, odd.fence, odd.expires_at).await.expect("it is held");
    assert_eq!(mended.expires_at, odd.expires_at);
}

#[tokio::test]
async fn a_lease_of_what_is_no_instance_is_told_and_left_out() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let lease = claim(&fixture.store, &[name("a")]).await.expect("it is free");
    let sql = "INSERT INTO leases (id, instance, holder, ttl_ms, acquired_at, expires_at) \
               SELECT '00000000-0000-0000-0000-000000000000', 'No Name', holder, ttl_ms, acquired_at, expires_at \
               FROM leases";
    fixture.by_hand().execute_batch(sql).expect("inserted");
    assert_eq!(fixture.store.leases().await.expect("readable"), [lease]);
}

#[tokio::test]
async fn an_odd_standing_is_read_as_far_as_it_goes() {
    let fixture = Fixture::new();
    fixture.insert("a").await;
    let sql = "INSERT INTO standing (instance, cordoned, hold_until) VALUES ('a', 1, '2026-02-31T00:00:00Z');
               INSERT INTO standing (instance, cordoned) VALUES ('No Name', 1);";
    fixture.by_hand().execute_batch(sql).expect("inserted");
    let standings = fixture.store.standings().await.expect("readable");
    assert_eq!(standings.len(), 1);
    let a = &standings[&name("a")];
    assert_eq!((a.cordoned, a.hold_until), (true, None));
}

#[test]
fn what_no_lease_may_be_is_refused_in_words() {
    let fixture = Fixture::new();
    let hand = fixture.by_hand();
    let usual = [
        ("fence", "NULL"),
        ("id", "'018f0000-0000-7000-8000-00000000000a'"),
        ("instance", "'a'"),
        ("holder", "'h'"),
        ("ttl_ms", "1"),
        ("acquired_at", "'2026-01-01T00:00:00Z'"),
        ("expires_at", "'2026-01-01T00:00:00Z'"),
        ("ended_at", "NULL"),
        ("ended_by", "NULL"),
    ];
    let columns = usual.map(|(column, _)| column).join(", ");
    let insert = |wrong: &str, value: &str| {
        let values = usual.map(|(column, usual)| if column == wrong { value } else { usual }).join(", ");
        hand.execute(&format!("INSERT INTO leases ({columns}) VALUES ({values})"), [])
    };
    let bad = [
        ("fence", "0"),
        ("id", "'018F0000-0000-7000-8000-00000000000A'"),
        ("id", "'x'"),
        ("id", "NULL"),
        ("ttl_ms", "0"),
        ("acquired_at", "'now'"),
        ("expires_at", "NULL"),
        ("ended_at", "'2026-01-01T00:00:00Z'"),
        ("ended_by", "'expired'"),
        ("ended_by", "'lost'"),
    ];
    for (column, value) in bad {
        let error = insert(column, value).expect_err(value).to_string();
        assert!(error.contains(column), "{column} = {value}: {error}");
    }
    insert("", "").expect("as usual");
    let error = insert("id", "'018f0000-0000-7000-8000-00000000000b'").expect_err("it is leased").to_string();
    assert!(error.contains("leases.instance"), "{error}");
}
