//! What whoever asks in vain is told, and when.

use std::time::Duration;

use super::tasks::{in_agent, in_state, submit};
use super::world::{World, pass, virtually};
use crate::handle::{Command, FleetError};
use crate::model::{ClaimRequest, ClaimTarget, TaskState};
use crate::testing::{Verb, name};

fn of(instance: &str, holder: &str) -> ClaimRequest {
    ClaimRequest::new(ClaimTarget::Instance(name(instance)), holder)
}

#[test]
fn a_claim_that_waits_for_a_wake_is_answered_as_soon_as_the_supervisor_stops() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.hang(Verb::Start);
        let claim = tokio::spawn({
            let handle = handle.clone();
            async move { handle.acquire(of("b", "somebody")).await }
        });
        pass(1).await;
        let stop = tokio::spawn({
            let handle = handle.clone();
            async move { handle.stop().await }
        });
        let answer = tokio::time::timeout(Duration::from_secs(1), claim).await.expect("at once");
        assert!(matches!(answer, Ok(Err(FleetError::Stopping))), "{answer:?}");
        stop.await.expect("no panic");
        assert!(handle.leases().await.expect("it answers").is_empty(), "nobody holds it");
    });
}

#[test]
fn whoever_finds_nobody_free_is_told_when_that_may_change_if_it_is_known() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("c", "dev")]).await;
        let handle = world.boot().await;
        let held = ClaimRequest { ttl: Duration::from_secs(40), ..of("a", "first") };
        handle.acquire(held).await.expect("it is free");
        let runs = submit(&handle, in_agent("c", &["hang"])).await;
        in_state(&handle, runs, TaskState::Running).await;
        pass(30).await;
        let free_in = async |instance: &str| match handle.acquire(of(instance, "second")).await {
            Err(FleetError::NobodyFree { free_in, .. }) => free_in,
            other => panic!("{other:?}"),
        };
        let left = free_in("a").await.expect("its lease ends");
        assert!((Duration::from_secs(9)..=Duration::from_secs(10)).contains(&left), "{left:?}");
        assert_eq!(free_in("c").await, None, "nobody knows how long a task takes");
    });
}

#[test]
fn a_hold_on_a_hot_agent_is_refused_and_says_what_would_help() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "lazy")]).await;
        let handle = world.boot().await;
        let hour = Some(Duration::from_hours(1));
        let refusal = async || match handle.hold(&name("a"), hour).await {
            Err(FleetError::Denied { reason, help }) => format!("{reason}: {help}"),
            other => panic!("{other:?}"),
        };
        let said = refusal().await;
        assert!(said.contains("it runs anyway") && said.contains("cordon"), "{said}");
        handle.command(&name("a"), Command::Stop, false).await.expect("it is there");
        let said = refusal().await;
        assert!(said.contains("stopped by an operator") && said.contains("agents/a/start"), "{said}");
        handle.hold(&name("a"), None).await.expect("one from when it was lazy can be ended");
        handle.hold(&name("b"), hour).await.expect("it is lazy");
    });
}
