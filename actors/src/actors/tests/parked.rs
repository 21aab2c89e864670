use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::tasks::{done, in_state, in_type, submit};
use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::{Command, FleetError, ParkEnd, ParkRequest};
use crate::model::{
    ClaimRequest, ClaimTarget, ConditionType, ContainerState, EventKind, ParkKind, Phase, SaidBy, TaskState,
};
use crate::ports::{Clock as _, LeaseStore as _};
use crate::testing::{Verb, name, type_name};

fn of_type(agent_type: &str) -> ClaimRequest {
    ClaimRequest::new(ClaimTarget::Type(type_name(agent_type)), "somebody")
}

fn of(instance: &str) -> ClaimRequest {
    ClaimRequest::new(ClaimTarget::Instance(name(instance)), "somebody")
}

fn waiting(seconds: u64, request: ClaimRequest) -> ClaimRequest {
    ClaimRequest { wait: Duration::from_secs(seconds), ..request }
}

fn from_now(world: &World, seconds: i64) -> Timestamp {
    world.clock.wall().checked_add(SignedDuration::from_secs(seconds)).expect("a time")
}

fn quota(until: Option<Timestamp>, by: SaidBy) -> ParkRequest {
    let (reason, end) = ("weekly limit".to_owned(), until.map_or(ParkEnd::Open, ParkEnd::At));
    ParkRequest { kind: ParkKind::Quota, reason, end, by, holder: None, whole_account: false }
}

async fn park(handle: &FleetHandle, instance: &str, until: Option<Timestamp>) {
    handle.park(&name(instance), quota(until, SaidBy::Operator)).await.expect("it can be parked");
}

fn retry_at<T: std::fmt::Debug>(refused: &Result<T, FleetError>) -> Option<Timestamp> {
    let Err(FleetError::Parked { retry_at, .. }) = refused else { panic!("{refused:?}") };
    *retry_at
}

#[test]
fn claims_of_a_parked_one_are_refused_at_once_and_served_when_it_is_reopened() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let end = from_now(&world, 60);
        park(&handle, "a", Some(end)).await;
        let shown = agent(&handle, "a").parked.clone().expect("the picture shows it");
        assert_eq!((shown.kind, shown.until, shown.by), (ParkKind::Quota, Some(end), SaidBy::Operator));
        let condition_of_it = condition(&handle, "a", ConditionType::Parked).expect("it is one");
        assert_eq!(condition_of_it.next_retry_at, Some(end));
        let before = world.clock.now();
        for request in [of("a"), of_type("dev"), waiting(30, of("a"))] {
            assert_eq!(retry_at(&handle.acquire(request).await), Some(end));
        }
        assert!(world.clock.now() - before < Duration::from_secs(1), "nobody waited for what cannot come");
        let lease = handle.acquire(waiting(90, of_type("dev"))).await.expect("it is reopened in time");
        assert_eq!(world.clock.wall().duration_since(end).as_secs(), 0);
        assert!(agent(&handle, "a").parked.is_none());
        handle.release(lease.id, lease.fence).await.expect("it is held");
        let told = world.events(&handle, "a").await;
        let told: Vec<_> = told
            .into_iter()
            .filter(|kind| matches!(kind, EventKind::AgentParked | EventKind::AgentReopened))
            .collect();
        assert_eq!(told, [EventKind::AgentParked, EventKind::AgentReopened]);
    });
}

#[test]
fn of_a_pool_the_parked_ones_are_passed_over() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        park(&handle, "a", None).await;
        let lease = handle.acquire(of_type("dev")).await.expect("the other one is free");
        assert_eq!(lease.instance, name("b"));
        let refused = handle.acquire(of_type("dev")).await;
        let Err(FleetError::NobodyFree { occupied, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(occupied[0].parked, Some(ParkKind::Quota), "and who waits may get the one that works");
        park(&handle, "b", None).await;
        assert_eq!(retry_at(&handle.acquire(waiting(60, of_type("dev"))).await), None);
        handle.renew(lease.id, lease.fence).await.expect("who works with it goes on");
        handle.reopen(&name("a"), SaidBy::Operator).await.expect("it is parked");
        assert_eq!(handle.acquire(of_type("dev")).await.expect("it is free").instance, name("a"));
    });
}

#[test]
fn what_dies_while_it_is_parked_is_started_when_it_is_reopened() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        park(&handle, "a", Some(from_now(&world, 3600))).await;
        pass(1).await;
        world.docker.crash("claude-hooks-a", 1);
        pass(1800).await;
        assert_eq!(world.state("a"), Some(ContainerState::Exited), "nobody starts it");
        assert_eq!(handle.why(&name("a")).await.expect("it is there").rule, "parked");
        let plan = handle.plan().await.expect("docker answers");
        assert_eq!(
            (plan.items[0].action.as_str(), plan.items[0].rule.as_str()),
            ("none", "parked"),
            "{plan:?}"
        );
        let reconciled = handle.reconcile_all(false).await.expect("docker answers");
        assert!(reconciled.started.is_empty(), "{reconciled:?}");
        pass(1801).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        assert!(condition(&handle, "a", ConditionType::Parked).is_none());

        park(&handle, "a", None).await;
        world.docker.crash("claude-hooks-a", 1);
        handle.command(&name("a"), Command::Start, false).await.expect("an operator may");
        until(&handle, "a", Phase::Running).await;
        assert!(condition(&handle, "a", ConditionType::Parked).is_some(), "it is parked still");
        world.docker.assert_invariants();
    });
}

#[test]
fn parking_outlives_the_daemon_and_what_is_overdue_is_reopened_one_after_the_other() {
    virtually(async {
        let mut world = World::with(&[("a", "dev"), ("b", "dev"), ("c", "dev")]).await;
        for declared in world.catalog.types.values_mut() {
            declared.account = Some("shared".into());
        }
        let handle = world.boot().await;
        let end = from_now(&world, 100);
        for instance in ["a", "b", "c"] {
            park(&handle, instance, Some(end)).await;
        }
        let reopens = |handle: &FleetHandle, instance: &str| {
            let at = agent(handle, instance).parked.as_ref().and_then(|parked| parked.reopens_at);
            at.map(|at| at.duration_since(end).as_secs())
        };
        assert_eq!(["a", "b", "c"].map(|one| reopens(&handle, one)), [Some(0), Some(10), Some(20)]);
        handle.stop().await;
        let handle = world.boot().await;
        assert_eq!(reopens(&handle, "c"), Some(20));
        handle.stop().await;
        pass(500).await;
        let handle = world.boot().await;
        let open = || ["a", "b", "c"].iter().filter(|one| agent(&handle, one).parked.is_none()).count();
        pass(1).await;
        assert_eq!(open(), 1);
        pass(10).await;
        assert_eq!(open(), 2);
        pass(10).await;
        assert_eq!(open(), 3);
        let standings = world.store.standings().await.expect("the store answers");
        assert!(standings.values().all(|standing| standing.parked.is_none()), "{standings:?}");
    });
}

#[test]
fn an_account_is_parked_as_a_whole() {
    virtually(async {
        let mut world = World::with(&[("a", "dev"), ("b", "lazy"), ("c", "dev")]).await;
        let handle = world.boot().await;
        let account = ParkRequest { whole_account: true, ..quota(None, SaidBy::Operator) };
        let parked = handle.park(&name("a"), account.clone()).await.expect("it is there");
        assert_eq!(parked, [name("a")], "nobody knows what it signs in with");
        for declared in world.catalog.types.values_mut() {
            declared.credentials = Some("/home/somebody/credentials.json".into());
        }
        handle.redeclare(world.catalog.clone()).await;
        let parked = handle.park(&name("a"), account).await.expect("it is there");
        assert_eq!(parked, [name("a"), name("b"), name("c")]);
        assert!(agent(&handle, "b").parked.is_some());
    });
}

#[test]
fn what_an_operator_said_an_agent_cannot_undo() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let a = name("a");
        park(&handle, "a", None).await;
        let own = quota(Some(from_now(&world, 60)), SaidBy::Agent);
        let refused = [
            handle.park(&a, own.clone()).await.map(drop),
            handle.reopen(&a, SaidBy::Agent).await,
            handle.reopen(&a, SaidBy::Dispatcher).await,
        ];
        assert!(refused.iter().all(|one| matches!(one, Err(FleetError::Denied { .. }))), "{refused:?}");
        handle.reopen(&a, SaidBy::Operator).await.expect("it is parked");
        handle.park(&a, own.clone()).await.expect("it may park itself");
        handle.reopen(&a, SaidBy::Agent).await.expect("it parked itself");
        handle.reopen(&a, SaidBy::Agent).await.expect("nothing to do");
        let week = Duration::from_hours(24 * 9);
        let late = ParkEnd::At(from_now(&world, 9 * 86_400));
        let past = ParkEnd::At(from_now(&world, 0));
        for end in [ParkEnd::Open, past, late, ParkEnd::After(week), ParkEnd::After(Duration::ZERO)] {
            let refused = handle.park(&a, ParkRequest { end, ..own.clone() }).await;
            assert!(matches!(refused, Err(FleetError::Invalid(_))), "{end:?}: {refused:?}");
        }
        handle.need_human(&a, "sign in", SaidBy::Operator).await.expect("said");
        assert!(handle.human_came(&a, SaidBy::Agent).await.is_err());
        assert!(condition(&handle, "a", ConditionType::NeedsHuman).is_some());
        handle.human_came(&a, SaidBy::Operator).await.expect("said");
        assert!(condition(&handle, "a", ConditionType::NeedsHuman).is_none());
    });
}

#[test]
fn another_agent_of_an_old_name_is_not_parked() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        park(&handle, "a", None).await;
        handle.progress(&name("a"), "half done").await.expect("it is there");
        handle.delete(&name("a"), None).await.expect("it is there");
        handle.create(super::world::new("a", "dev")).await.expect("the name is free");
        let shown = agent(&handle, "a");
        assert_eq!((&shown.parked, &shown.progress), (&None, &None));
        handle.acquire(of("a")).await.expect("it is free");
    });
}

#[test]
fn every_word_of_progress_is_shown_and_one_in_ten_seconds_is_told() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        for word in 0..35 {
            handle.progress(&name("a"), &format!("step\n{word}")).await.expect("it is there");
            let shown = agent(&handle, "a").progress.clone().expect("it was said");
            assert_eq!(shown.text, format!("step {word}"));
            pass(1).await;
        }
        pass(60).await;
        let events = world.full_events(&handle, "a").await;
        let told = events.into_iter().filter(|event| event.kind == EventKind::AgentProgress);
        let told: Vec<String> = told.filter_map(|event| event.detail).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        assert_eq!((told[0].as_str(), told[4].as_str()), ("step 0", "step 34"));
    });
}

#[test]
fn a_task_of_a_parked_agent_waits_and_is_done_when_it_is_reopened() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        park(&handle, "b", Some(from_now(&world, 7200))).await;
        let id = submit(&handle, in_type("lazy", &["true"])).await;
        pass(3600).await;
        let task = in_state(&handle, id, TaskState::Queued).await;
        let views = handle.task_views(&[task]).await;
        let why = views[0].waiting_for.clone().expect("it waits");
        assert!(why.contains("it is parked (quota) until"), "{why}");
        assert_eq!(done(&handle, id).await.state, TaskState::Succeeded);
    });
}

#[test]
fn a_claim_that_waits_for_a_start_hears_at_once_that_it_was_parked() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.hang(Verb::Start);
        let claims = {
            let handle = handle.clone();
            tokio::spawn(async move { handle.acquire(of("b")).await })
        };
        pass(1).await;
        let began = world.clock.now();
        park(&handle, "b", None).await;
        assert_eq!(retry_at(&claims.await.expect("no panic")), None);
        assert!(world.clock.now() - began < Duration::from_secs(5));
        pass(1).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
    });
}
