//! A restart or recreate that waits for whoever works with the agent outlives the daemon.

use std::time::Duration;

use tokio::task::LocalSet;

use super::world::{World, agent, condition, pass, virtually};
use crate::FleetHandle;
use crate::handle::Command;
use crate::model::{ClaimRequest, ClaimTarget, ConditionType, LeaseView, Outcome};
use crate::testing::{StoreVerb, name};

async fn lease(handle: &FleetHandle) -> LeaseView {
    let request = ClaimRequest {
        ttl: Duration::from_hours(1),
        ..ClaimRequest::new(ClaimTarget::Instance(name("a")), "somebody")
    };
    handle.acquire(request).await.expect("it is free")
}

#[test]
fn what_waits_for_the_end_of_a_lease_is_done_by_the_next_daemon_and_only_once() {
    for command in [Command::Restart, Command::Recreate] {
        virtually(async move {
            let world = World::with(&[("a", "dev")]).await;
            let daemon = LocalSet::new();
            let (lease, before) = daemon
                .run_until(async {
                    let handle = world.boot().await;
                    let lease = lease(&handle).await;
                    let before = agent(&handle, "a").observed.incarnation.clone();
                    let waits = handle.command(&name("a"), command, false).await.expect("it is there");
                    assert_eq!(waits.outcome, Outcome::Unchanged);
                    (lease, before)
                })
                .await;
            // Killed in the moment of its answer.
            drop(daemon);
            let daemon = LocalSet::new();
            let after = daemon
                .run_until(async {
                    let handle = world.boot().await;
                    world.docker.unreachable(true);
                    pass(100).await;
                    world.docker.unreachable(false);
                    pass(100).await;
                    assert_eq!(agent(&handle, "a").observed.incarnation, before, "{command:?}");
                    assert!(condition(&handle, "a", ConditionType::Draining).is_some(), "{command:?}");
                    handle.release(lease.id, lease.fence).await.expect("it is held");
                    pass(20).await;
                    let after = agent(&handle, "a").observed.incarnation.clone();
                    assert!(after.is_some() && after != before, "{command:?}");
                    let (after_id, before_id) = (
                        after.as_ref().map(|life| &life.container),
                        before.as_ref().map(|life| &life.container),
                    );
                    assert_eq!(after_id == before_id, command == Command::Restart);
                    after
                })
                .await;
            drop(daemon);
            let handle = world.boot().await;
            pass(100).await;
            assert_eq!(agent(&handle, "a").observed.incarnation, after, "{command:?}");
            assert!(world.store.rows().memories.values().all(|memory| memory.pending.is_none()));
            world.docker.assert_invariants();
        });
    }
}

#[test]
fn a_later_wish_takes_the_place_of_one_that_waits() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let daemon = LocalSet::new();
        let lease = daemon
            .run_until(async {
                let handle = world.boot().await;
                let lease = lease(&handle).await;
                for command in [Command::Recreate, Command::Start] {
                    handle.command(&name("a"), command, false).await.expect("it is there");
                }
                pass(1).await;
                lease
            })
            .await;
        drop(daemon);
        let handle = world.boot().await;
        let before = agent(&handle, "a").observed.incarnation.clone();
        handle.release(lease.id, lease.fence).await.expect("it is held");
        pass(100).await;
        assert_eq!(agent(&handle, "a").observed.incarnation, before);
    });
}

#[test]
fn what_waits_and_cannot_be_stored_is_not_promised() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        lease(&handle).await;
        world.store.fail_always(StoreVerb::SaveMemory, true);
        let waits = handle.command(&name("a"), Command::Recreate, false).await.expect("it is there");
        assert_eq!(waits.outcome, Outcome::Failed);
        assert!(waits.reason.is_some_and(|reason| reason.contains("cannot be stored")));
        world.store.work_again();
        pass(10).await;
        let again = handle.command(&name("a"), Command::Recreate, false).await.expect("it is there");
        assert_eq!(again.outcome, Outcome::Unchanged);
    });
}
