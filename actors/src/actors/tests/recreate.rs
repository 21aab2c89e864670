use std::future::Future;
use std::time::Duration;

use tokio::task::LocalSet;

use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::Command;
use crate::model::EventKind::{
    ContainerCreated, ContainerRecreateFailed, ContainerRecreated, ContainerStarted,
};
use crate::model::{ConditionType, ContainerState, Lifecycle, Outcome, Overrides, Phase, RestartPolicy};
use crate::ports::{ContainerRuntime as _, RecreateStep, RuntimeError};
use crate::testing::{Foreign, Verb, name};

#[test]
fn a_change_of_lifecycle_recreates_with_the_other_policy_and_back() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let policy = || world.docker.container("claude-hooks-a").map(|c| (c.restart_policy, c.state));
        for (lifecycle, expected) in [
            (Lifecycle::Lazy, (RestartPolicy::No, ContainerState::Created)),
            (Lifecycle::Hot, (RestartPolicy::UnlessStopped, ContainerState::Running)),
        ] {
            let row = handle.row(&name("a")).await.expect("it is there");
            let overrides = Overrides { lifecycle: Some(lifecycle), ..Overrides::default() };
            let done = handle
                .update(&name("a"), row.generation, overrides)
                .await
                .expect("the row is as it was read");
            assert_eq!(done.outcome, Outcome::Recreated, "{done:?}");
            assert_eq!(policy(), Some(expected));
        }
        let kinds = world.events(&handle, "a").await;
        assert_eq!(
            kinds,
            [ContainerCreated, ContainerStarted, ContainerRecreated, ContainerRecreated, ContainerStarted]
        );
        assert_eq!(world.docker.containers().len(), 1);
        world.docker.assert_invariants();
    });
}

#[test]
fn a_recreate_whose_new_container_dies_puts_the_old_one_back() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").expect("it runs");
        world.docker.add_image("bad:1");
        world.docker.exits_at_once("bad:1", 3);
        let overrides = Overrides { image: Some("bad:1".into()), ..Overrides::default() };
        let done = handle.update(&name("a"), 1, overrides).await.expect("the row is as it was read");
        assert_eq!(done.outcome, Outcome::Failed, "{done:?}");
        let after = world.docker.container("claude-hooks-a").expect("the old one is back");
        assert_eq!((after.id, after.state), (before.id, ContainerState::Running));
        assert!(world.events(&handle, "a").await.contains(&ContainerRecreateFailed));
        let failing = condition(&handle, "a", ConditionType::EffectFailing).expect("it is shown");
        assert!(failing.next_retry_at.is_some());
        assert!(failing.reason.contains("exit code 3"), "{}", failing.reason);
        world.docker.assert_invariants();
    });
}

#[test]
fn a_recreate_of_a_missing_image_leaves_the_old_container_alone() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").expect("it runs");
        let overrides = Overrides { image: Some("none:1".into()), ..Overrides::default() };
        let done = handle.update(&name("a"), 1, overrides).await.expect("the row is as it was read");
        assert_eq!(done.outcome, Outcome::Failed);
        assert_eq!(world.docker.container("claude-hooks-a"), Some(before));
        world.docker.add_image("none:1");
        pass(120).await;
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.image).as_deref(), Some("none:1"));
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
        assert_eq!(condition(&handle, "a", ConditionType::EffectFailing), None);
    });
}

/// Gives `a` another image, without waiting for what comes of it.
fn change_image(handle: &FleetHandle) {
    let handle = handle.clone();
    tokio::task::spawn_local(async move {
        let overrides = Overrides { image: Some("agent:2".into()), ..Overrides::default() };
        // The daemon may be killed before it answers.
        drop(handle.update(&name("a"), 1, overrides).await);
    });
}

/// Runs a daemon until `story` ends, and kills it.
async fn killed_after(story: impl Future<Output = ()>) {
    let daemon = LocalSet::new();
    daemon.run_until(story).await;
    drop(daemon);
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// Exactly one container, running, under the right name, and never two on its volume.
fn assert_one_runs(world: &World) {
    let containers: Vec<_> = world.docker.containers().into_iter().map(|c| (c.name, c.state)).collect();
    assert_eq!(containers, [("claude-hooks-a".to_owned(), ContainerState::Running)]);
    world.docker.assert_invariants();
}

#[test]
fn a_new_container_that_is_renamed_before_it_has_proven_itself_never_runs_beside_the_old_one() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.add_image("agent:2");
        killed_after(async {
            let handle = world.boot().await;
            change_image(&handle);
            while world.docker.container("claude-hooks-a").is_none_or(|c| c.image != "agent:2" || !c.is_up())
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            world.docker.rename_by_hand("claude-hooks-a", "elsewhere").expect("the name is free");
        })
        .await;
        let handle = world.boot().await;
        until(&handle, "a", Phase::Running).await;
        pass(120).await;
        assert_one_runs(&world);
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.image).as_deref(), Some("agent:2"));
    });
}

#[test]
fn an_old_container_that_was_stopped_in_its_backoff_does_not_come_back_beside_the_new_one() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.add_image("agent:2");
        world.docker.resurrect_stopped_in_backoff(true);
        let handle = world.boot().await;
        // Its restart is due while the new one proves itself.
        for _ in 0..3 {
            world.docker.crash("claude-hooks-a", 1);
            while world.state("a") != Some(ContainerState::Running) {
                pass(1).await;
            }
        }
        world.docker.crash("claude-hooks-a", 1);
        world.docker.stop_by_hand("claude-hooks-a");
        change_image(&handle);
        pass(60).await;
        assert_one_runs(&world);
    });
}

#[test]
fn a_verified_recreate_whose_containers_are_both_lost_is_done_again() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.add_image("agent:2");
        killed_after(async {
            let handle = world.boot().await;
            world.docker.hang(Verb::Remove);
            change_image(&handle);
            while world.store.rows().journals.values().all(|j| j.step != RecreateStep::Verified) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        world.docker.release(Verb::Remove);
        world.docker.clear(Verb::Remove);
        world.docker.fail_removal("claude-hooks-a-prev", 1);
        let old = world.docker.container("claude-hooks-a-prev").expect("it was not removed yet");
        assert!(world.docker.remove(&old.id, true).await.is_err(), "docker leaves it dead");
        world.docker.remove_by_hand("claude-hooks-a");
        let handle = world.boot().await;
        pass(120).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
        assert_one_runs(&world);
    });
}

#[test]
fn a_failed_adoption_gives_the_container_back_as_it_was() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let foreign = Foreign {
            volume: Some("handmade".into()),
            policy: RestartPolicy::Always,
            ..Foreign::named("claude-hooks-a")
        };
        world.docker.run_foreign_with(foreign);
        world.docker.permit_adoption("claude-hooks-a");
        let before = world.docker.container("claude-hooks-a").expect("it runs");
        let handle = world.start().await;
        handle.boot().await.expect("docker answers");
        let full = RuntimeError::NoSpace { detail: "no space left on device".into() };
        world.docker.fail_next(Verb::Start, full);
        let adopted = handle.command(&name("a"), Command::Adopt, false).await.expect("it is there");
        assert_eq!(adopted.outcome, Outcome::Failed, "{adopted:?}");
        let after = world.docker.container("claude-hooks-a").expect("it is back");
        assert_eq!((after.id, after.restart_policy), (before.id, RestartPolicy::Always));
        pass(1).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
    });
}

#[test]
fn a_container_of_another_agent_of_ours_is_not_adopted() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").expect("it runs");
        world.docker.unreachable(true);
        world.docker.remove_by_hand("claude-hooks-b");
        world.docker.rename_by_hand("claude-hooks-a", "claude-hooks-b").expect("the name is free");
        world.docker.unreachable(false);
        let adopted = handle.command(&name("b"), Command::Adopt, false).await.expect("it is there");
        assert_eq!(adopted.outcome, Outcome::Failed, "{adopted:?}");
        assert!(adopted.reason.is_some_and(|reason| reason.contains("the one of a")));
        pass(120).await;
        let after = world.docker.container("claude-hooks-a").expect("it has its name again");
        assert_eq!((after.id, after.state_volume), (before.id, before.state_volume));
        assert_eq!(world.state("b"), Some(ContainerState::Running));
    });
}

#[test]
fn between_an_effect_and_the_look_after_it_no_older_state_is_shown() {
    virtually(async {
        let world = World::with(&[("a", "lazy")]).await;
        world.docker.set_latency(Verb::Observe, Duration::from_millis(400));
        let handle = world.start().await;
        let mut pictures = handle.watch();
        let booting = tokio::task::spawn_local({
            let handle = handle.clone();
            async move { handle.boot().await }
        });
        let mut phases = Vec::new();
        while pictures.changed().await.is_ok() {
            let Some(phase) =
                pictures.borrow_and_update().agents.get(&name("a")).map(|agent| agent.observed.phase)
            else {
                continue;
            };
            if phases.last() != Some(&phase) {
                phases.push(phase);
            }
            if phase == Phase::Stopped {
                break;
            }
        }
        assert_eq!(phases, [Phase::Unknown, Phase::Creating, Phase::Stopped]);
        drop(booting.await);
    });
}
