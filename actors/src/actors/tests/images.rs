//! Freshness: what an image's name means now, and what the containers are made of.

use super::world::{World, agent, condition, pass, until, virtually};
use crate::handle::Command;
use crate::model::{ConditionType, EventKind, Phase};
use crate::testing::name;

fn is_stale(handle: &crate::FleetHandle, instance: &str) -> bool {
    condition(handle, instance, ConditionType::Stale).is_some()
}

#[test]
fn a_name_that_means_another_image_makes_hot_and_sleeping_ones_stale_and_is_told_once() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("z", "lazy")]).await;
        let handle = world.boot().await;
        pass(120).await;
        assert!(!is_stale(&handle, "a") && !is_stale(&handle, "z"));
        world.docker.retag("agent:1");
        pass(600).await;
        assert!(is_stale(&handle, "a") && is_stale(&handle, "z"));
        pass(1200).await;
        for instance in ["a", "z"] {
            let kinds = world.events(&handle, instance).await;
            assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::ContainerStale).count(), 1);
        }
        handle.stop().await;
    });
}

#[test]
fn another_daemon_sees_at_its_start_what_is_stale_and_does_not_tell_it_again() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.retag("agent:1");
        pass(600).await;
        handle.stop().await;
        let handle = world.boot().await;
        pass(15).await;
        assert!(is_stale(&handle, "a"));
        let kinds = world.events(&handle, "a").await;
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::ContainerStale).count(), 1);
    });
}

#[test]
fn neither_a_restart_nor_a_start_changes_the_image_and_a_recreate_does() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let before = agent(&handle, "a").observed.image_id.clone();
        let newer = world.docker.retag("agent:1");
        pass(600).await;
        for command in [Command::Restart, Command::Stop, Command::Start] {
            handle.command(&name("a"), command, false).await.expect("it is there");
        }
        until(&handle, "a", Phase::Running).await;
        assert_eq!(agent(&handle, "a").observed.image_id, before);
        assert!(is_stale(&handle, "a"));
        handle.command(&name("a"), Command::Recreate, false).await.expect("it is there");
        assert_eq!(agent(&handle, "a").observed.image_id, Some(newer));
        assert!(!is_stale(&handle, "a"));
        pass(15).await;
        assert!(!is_stale(&handle, "a"));
    });
}
