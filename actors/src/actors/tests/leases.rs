use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::LocalSet;

use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::{Command, FleetError};
use crate::model::{
    ClaimRequest, ClaimTarget, ConditionType, ContainerState, EventKind, LeaseView, Outcome, Overrides, Phase,
};
use crate::ports::{Clock as _, LeaseError, RuntimeError};
use crate::testing::{Verb, name, type_name};

fn of_type(agent_type: &str, holder: &str) -> ClaimRequest {
    ClaimRequest::new(ClaimTarget::Type(type_name(agent_type)), holder)
}

fn of(instance: &str, holder: &str) -> ClaimRequest {
    ClaimRequest::new(ClaimTarget::Instance(name(instance)), holder)
}

async fn acquire(handle: &FleetHandle, request: ClaimRequest) -> LeaseView {
    handle.acquire(request).await.expect("somebody is free")
}

fn is_stale<T: std::fmt::Debug>(result: &Result<T, FleetError>) -> bool {
    matches!(result, Err(FleetError::Lease(LeaseError::Stale { .. })))
}

#[test]
fn two_hundred_claims_of_five_are_served_in_order_and_never_twice_at_once() {
    virtually(async {
        let rows = [("a", "dev"), ("b", "dev"), ("c", "dev"), ("d", "dev"), ("e", "dev")];
        let world = World::with(&rows).await;
        let handle = world.boot().await;
        let served = Rc::new(RefCell::new(Vec::new()));
        let holding = Rc::new(RefCell::new(Vec::<LeaseView>::new()));
        let everybody = LocalSet::new();
        for number in 0..200 {
            let (handle, served, holding) = (handle.clone(), served.clone(), holding.clone());
            everybody.spawn_local(async move {
                let request = ClaimRequest {
                    wait: Duration::from_mins(10),
                    ..of_type("dev", &format!("holder {number}"))
                };
                let lease = acquire(&handle, request).await;
                served.borrow_mut().push(number);
                assert!(!holding.borrow().iter().any(|other| other.instance == lease.instance), "{lease:?}");
                holding.borrow_mut().push(lease.clone());
                tokio::time::sleep(Duration::from_millis(200 + number % 7)).await;
                holding.borrow_mut().retain(|other| other.id != lease.id);
                handle.release(lease.id, lease.fence).await.expect("it is held");
            });
        }
        everybody.await;
        let served = served.take();
        assert_eq!(served.len(), 200, "none was lost");
        // Five are served at once, and among those the order of their answers is free.
        let early = served.iter().enumerate().filter(|(place, number)| **number > *place as u64 + 5);
        assert_eq!(early.count(), 0, "{served:?}");
        assert!(handle.leases().await.expect("it answers").is_empty());
    });
}

#[test]
fn a_holder_that_dies_loses_its_lease_after_the_ttl_and_its_late_write_is_refused() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let lease = acquire(&handle, of("a", "first")).await;
        for _ in 0..5 {
            pass(10).await;
            handle.renew(lease.id, lease.fence).await.expect("it is renewed in time");
        }
        let refused = handle.acquire(of("a", "second")).await;
        let Err(FleetError::NobodyFree { occupied, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(occupied[0].holder.as_deref(), Some("first"));
        let waiting = ClaimRequest { wait: Duration::from_secs(20), ..of("a", "second") };
        let next = acquire(&handle, waiting).await;
        assert!(next.fence > lease.fence);
        assert!(is_stale(&handle.renew(lease.id, lease.fence).await));
        assert!(is_stale(&handle.release(lease.id, lease.fence).await));
        assert!(is_stale(&handle.renew(next.id, lease.fence).await));
        assert_eq!(agent(&handle, "a").lease.as_ref().map(|lease| lease.holder.as_str()), Some("second"));
        let kinds = world.events(&handle, "a").await;
        let count = |kind| kinds.iter().filter(|k| **k == kind).count();
        assert_eq!((count(EventKind::LeaseAcquired), count(EventKind::LeaseExpired)), (2, 1));
    });
}

#[test]
fn a_sleeping_instance_is_woken_by_a_claim_and_sleeps_again_after_its_idle_time() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        assert_eq!(world.state("b"), Some(ContainerState::Created));
        let lease = acquire(&handle, of_type("lazy", "somebody")).await;
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        for _ in 0..400 {
            pass(10).await;
            handle.renew(lease.id, lease.fence).await.expect("it is held");
        }
        assert_eq!(
            world.state("b"),
            Some(ContainerState::Running),
            "nobody sleeps while somebody works with it"
        );
        handle.release(lease.id, lease.fence).await.expect("it is held");
        pass(29 * 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        pass(2 * 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Exited));
        let expected = [
            EventKind::ContainerCreated,
            EventKind::LeaseAcquired,
            EventKind::InstanceWaking,
            EventKind::InstanceStarting,
            EventKind::InstanceRunning,
            EventKind::ContainerStarted,
            EventKind::LeaseReleased,
            EventKind::InstanceIdle,
            EventKind::InstanceStopping,
        ];
        assert_eq!(world.events(&handle, "b").await, expected);
    });
}

#[test]
fn a_start_by_hand_counts_as_activity() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        handle.command(&name("b"), Command::Start, false).await.expect("it is there");
        pass(29 * 60).await;
        handle.command(&name("b"), Command::Start, false).await.expect("it is there");
        pass(29 * 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        pass(2 * 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Exited));
    });
}

#[test]
fn no_claim_ever_gets_an_instance_that_is_falling_asleep() {
    virtually(async {
        let mut world = World::empty().await;
        if let Some(lazy) = world.catalog.types.get_mut(&type_name("lazy")) {
            lazy.idle_timeout = Duration::from_secs(1);
        }
        let handle = world.boot().await;
        handle.create(super::world::new("b", "lazy")).await.expect("the name is free");
        for round in 0..1000_u64 {
            // The claims come at every moment around the stop.
            tokio::time::sleep(Duration::from_millis(900 + round % 250)).await;
            let lease = acquire(&handle, of("b", "somebody")).await;
            assert_eq!(world.state("b"), Some(ContainerState::Running), "round {round}");
            tokio::time::sleep(Duration::from_millis(150)).await;
            assert_eq!(world.state("b"), Some(ContainerState::Running), "round {round}");
            handle.release(lease.id, lease.fence).await.expect("it is held");
        }
        let kinds = world.events(&handle, "b").await;
        assert!(kinds.contains(&EventKind::InstanceIdle) && !kinds.contains(&EventKind::ContainerStopped));
        world.docker.assert_invariants();
    });
}

#[test]
fn whoever_waits_for_an_instance_that_does_not_start_hears_why_and_the_start_goes_on() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        let full = RuntimeError::NoSpace { detail: "no space left on device".into() };
        world.docker.fail_always(Verb::Start, full);
        let asleep = handle.acquire(of("b", "somebody")).await;
        let Err(FleetError::NotAwake { phase, pending, .. }) = asleep else { panic!("{asleep:?}") };
        assert_eq!(phase, Phase::Backoff);
        assert!(pending.contains("no space left"), "{pending}");
        world.docker.clear(Verb::Start);
        until(&handle, "b", Phase::Running).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
    });
}

#[test]
fn many_who_wait_for_the_same_sleeper_start_it_once() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        let mark = world.docker.mark();
        let everybody = LocalSet::new();
        for number in 0..20 {
            let handle = handle.clone();
            everybody.spawn_local(async move {
                let request =
                    ClaimRequest { wait: Duration::from_mins(5), ..of("b", &format!("holder {number}")) };
                let lease = acquire(&handle, request).await;
                handle.release(lease.id, lease.fence).await.expect("it is held");
            });
        }
        everybody.await;
        let starts = world
            .docker
            .calls_since(mark)
            .into_iter()
            .filter(|call| call.to_string().contains("start "))
            .count();
        assert_eq!(starts, 1);
    });
}

#[test]
fn a_caller_that_hangs_up_holds_nothing() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let lease = acquire(&handle, of("a", "first")).await;
        let waiting = tokio::task::spawn_local({
            let handle = handle.clone();
            let request = ClaimRequest { wait: Duration::from_mins(5), ..of("a", "gone") };
            async move { handle.acquire(request).await }
        });
        pass(1).await;
        waiting.abort();
        handle.release(lease.id, lease.fence).await.expect("it is held");
        pass(1).await;
        acquire(&handle, of("a", "second")).await;
        let kinds = world.events(&handle, "a").await;
        let granted = kinds.iter().filter(|kind| **kind == EventKind::LeaseAcquired).count();
        assert_eq!(granted, 2, "who has gone is not in the queue any more");
    });
}

#[test]
fn a_caller_that_hangs_up_while_an_instance_wakes_holds_nothing_and_it_wakes() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.fail_always(Verb::Start, RuntimeError::NoSpace { detail: "no space left".into() });
        let waiting = tokio::task::spawn_local({
            let handle = handle.clone();
            async move { handle.acquire(of("b", "gone")).await }
        });
        pass(5).await;
        assert_eq!(handle.leases().await.expect("it answers").len(), 1);
        waiting.abort();
        pass(1).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
        world.docker.clear(Verb::Start);
        until(&handle, "b", Phase::Running).await;
    });
}

#[test]
fn a_cordoned_instance_gets_no_new_lease_until_it_is_uncordoned() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        let lease = acquire(&handle, of("a", "first")).await;
        handle.cordon(&name("a"), true).await.expect("it is there");
        assert!(condition(&handle, "a", ConditionType::Cordoned).is_some());
        handle.renew(lease.id, lease.fence).await.expect("a lease that stands is left alone");
        handle.release(lease.id, lease.fence).await.expect("it is held");
        assert_eq!(acquire(&handle, of_type("dev", "second")).await.instance, name("b"));
        let refused = handle.acquire(of_type("dev", "third")).await;
        assert!(
            matches!(&refused, Err(FleetError::NobodyFree { occupied, .. }) if occupied.len() == 2),
            "{refused:?}"
        );
        handle.cordon(&name("a"), false).await.expect("it is there");
        assert_eq!(acquire(&handle, of_type("dev", "third")).await.instance, name("a"));
        let unknown = handle.cordon(&name("nobody"), true).await;
        assert!(matches!(unknown, Err(FleetError::NotFound(_))), "{unknown:?}");
    });
}

#[test]
fn a_hold_wakes_and_keeps_awake_until_it_ends_or_a_stop_by_hand() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        handle.hold(&name("b"), Some(Duration::from_hours(3))).await.expect("it is lazy");
        until(&handle, "b", Phase::Running).await;
        pass(3 * 3600 - 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        pass(60 + 30 * 60 + 5).await;
        assert_eq!(world.state("b"), Some(ContainerState::Exited));
        handle.hold(&name("b"), Some(Duration::from_hours(3))).await.expect("it is lazy");
        until(&handle, "b", Phase::Running).await;
        handle.command(&name("b"), Command::Stop, false).await.expect("it is there");
        pass(600).await;
        assert_eq!(world.state("b"), Some(ContainerState::Exited));
    });
}

#[test]
fn what_would_cut_a_leased_instance_waits_for_its_holder() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.add_image("agent:2");
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").map(|c| c.id);
        let lease = acquire(&handle, of("a", "first")).await;
        let overrides = Overrides { image: Some("agent:2".into()), ..Overrides::default() };
        let waits = handle.update(&name("a"), 1, overrides).await.expect("the row is as it was read");
        assert_eq!(waits.outcome, Outcome::Unchanged);
        assert!(waits.reason.is_some_and(|reason| reason.contains("somebody works with it")));
        assert!(condition(&handle, "a", ConditionType::Draining).is_some());
        pass(10).await;
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.id), before);
        handle.release(lease.id, lease.fence).await.expect("it is held");
        pass(5).await;
        let after = world.docker.container("claude-hooks-a").expect("it was replaced");
        assert_eq!(after.image, "agent:2");
        let lease = acquire(&handle, of("a", "second")).await;
        let waits = handle.command(&name("a"), Command::Recreate, false).await.expect("it is there");
        assert_eq!(waits.outcome, Outcome::Unchanged);
        handle.release(lease.id, lease.fence).await.expect("it is held");
        pass(5).await;
        assert_ne!(world.docker.container("claude-hooks-a").map(|c| c.id), Some(after.id));
        let lease = acquire(&handle, of("a", "third")).await;
        handle.delete(&name("a"), None).await.expect("it is there");
        pass(10).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        handle.release(lease.id, lease.fence).await.expect("it is held");
        pass(5).await;
        assert_eq!(world.state("a"), None);
    });
}

#[test]
fn force_takes_the_instance_from_its_holder() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").map(|c| c.id);
        let lease = acquire(&handle, of("a", "first")).await;
        let done = handle.command(&name("a"), Command::Recreate, true).await.expect("it is there");
        assert_eq!(done.outcome, Outcome::Recreated);
        assert_ne!(world.docker.container("claude-hooks-a").map(|c| c.id), before);
        assert!(is_stale(&handle.renew(lease.id, lease.fence).await));
    });
}

#[test]
fn a_lease_outlives_the_daemon_and_its_holder_has_the_whole_ttl_to_renew_it() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let daemon = LocalSet::new();
        let lease = daemon.run_until(async { acquire(&world.boot().await, of("b", "somebody")).await }).await;
        drop(daemon);
        pass(60).await;
        let handle = world.boot().await;
        let now = world.clock.wall();
        assert!(handle.leases().await.expect("it answers").iter().all(|lease| lease.expires_at > now));
        pass(10).await;
        handle.renew(lease.id, lease.fence).await.expect("it stands");
        let refused = handle.acquire(of("b", "another")).await;
        assert!(matches!(refused, Err(FleetError::NobodyFree { .. })), "{refused:?}");
        pass(20).await;
        assert!(is_stale(&handle.renew(lease.id, lease.fence).await));
        let next = acquire(&handle, of("b", "another")).await;
        assert!(next.fence > lease.fence);
    });
}

#[test]
fn a_host_mode_agent_an_unknown_one_and_an_odd_request_are_refused_in_words() {
    virtually(async {
        let world = World::with(&[("h", "host"), ("a", "dev")]).await;
        let handle = world.boot().await;
        for target in [ClaimTarget::Instance(name("h")), ClaimTarget::Type(type_name("host"))] {
            let refused = handle.acquire(ClaimRequest::new(target, "somebody")).await;
            assert!(
                matches!(&refused, Err(FleetError::Denied { reason, .. }) if reason.contains("host mode")),
                "{refused:?}"
            );
        }
        let unknown = handle.acquire(of("nobody", "somebody")).await;
        assert!(matches!(unknown, Err(FleetError::NotFound(_))), "{unknown:?}");
        let empty = handle.acquire(of_type("lazy", "somebody")).await;
        assert!(
            matches!(&empty, Err(FleetError::Denied { reason, .. }) if reason.contains("no agent of type lazy")),
            "{empty:?}"
        );
        for request in [
            of("a", ""),
            ClaimRequest { ttl: Duration::ZERO, ..of("a", "x") },
            ClaimRequest { wait: Duration::from_hours(1), ..of("a", "x") },
        ] {
            let refused = handle.acquire(request).await;
            assert!(matches!(refused, Err(FleetError::Invalid(_))), "{refused:?}");
        }
    });
}

#[test]
fn a_leased_instance_whose_actor_dies_is_still_leased() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        let lease =
            acquire(&handle, ClaimRequest { ttl: Duration::from_hours(1), ..of("b", "somebody") }).await;
        assert!(handle.inject_panic(&name("b")).await);
        pass(35 * 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        assert_eq!(agent(&handle, "b").lease.as_ref().map(|l| l.id), Some(lease.id));
    });
}

#[test]
fn a_force_meets_no_claim_that_was_just_being_granted() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        // The force comes at every moment of the claim.
        for moments in 0..30 {
            let claiming = tokio::task::spawn_local({
                let handle = handle.clone();
                async move { handle.acquire(of("a", "first")).await }
            });
            for _ in 0..moments {
                tokio::task::yield_now().await;
            }
            let done = handle.command(&name("a"), Command::Recreate, true).await.expect("it is there");
            assert_eq!(done.outcome, Outcome::Recreated, "after {moments}: {done:?}");
            if let Ok(lease) = claiming.await.expect("no panic") {
                // It came before and lost it, or after and has it.
                drop(handle.release(lease.id, lease.fence).await);
            }
        }
        world.docker.assert_invariants();
    });
}

#[test]
fn whoever_waits_for_an_instance_that_is_deleted_or_forced_away_hears_it_at_once() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.fail_always(Verb::Start, RuntimeError::NoSpace { detail: "no space left".into() });
        for (force, word) in [(true, "by force"), (false, "gone")] {
            let waiting = tokio::task::spawn_local({
                let handle = handle.clone();
                async move { handle.acquire(of("b", "somebody")).await }
            });
            pass(5).await;
            if force {
                handle.command(&name("b"), Command::Stop, true).await.expect("it is there");
            } else {
                handle.delete(&name("b"), None).await.expect("it is there");
            }
            pass(5).await;
            assert!(waiting.is_finished(), "the minute of its patience is not over");
            let asleep = waiting.await.expect("no panic");
            let Err(FleetError::NotAwake { pending, .. }) = asleep else { panic!("{asleep:?}") };
            assert!(pending.contains(word), "{pending}");
            assert!(handle.leases().await.expect("it answers").is_empty());
        }
    });
}

#[test]
fn an_agent_that_was_deleted_while_somebody_worked_with_it_can_still_be_taken_by_force() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let lease = acquire(&handle, of("a", "first")).await;
        handle.delete(&name("a"), None).await.expect("it is there");
        let again = handle.delete(&name("a"), None).await;
        assert!(matches!(again, Err(FleetError::NotFound(_))), "{again:?}");
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        let done = handle.forcing(true).delete(&name("a"), None).await.expect("it is still there");
        assert_eq!((done.outcome, world.state("a")), (Outcome::Removed, None));
        assert!(is_stale(&handle.renew(lease.id, lease.fence).await));
        let gone = handle.forcing(true).delete(&name("a"), None).await;
        assert!(matches!(gone, Err(FleetError::NotFound(_))), "{gone:?}");
    });
}
