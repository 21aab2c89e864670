//! What the instances use of what they may use: measured once in a while, told once, and named when it ends one.

use std::time::Duration;

use serde_json::json;

use super::world::{World, agent, condition, pass, virtually};
use crate::FleetHandle;
use crate::model::{ConditionType, DiskState, Event, EventKind, StopCause, Wall};
use crate::testing::{Uses, Verb, name};

async fn minded(rows: &[(&str, &str)]) -> World {
    let mut world = World::with(rows).await;
    for declared in world.catalog.types.values_mut() {
        if let Some(container) = &mut declared.container {
            container.limits.memory_bytes = Some(64 << 20);
            container.limits.pids = Some(64);
        }
    }
    world.limits = Some(Duration::from_mins(1));
    world
}

fn crowded() -> Uses {
    Uses { pids: 60, ..Uses::default() }
}

async fn told(world: &World, handle: &FleetHandle, kind: EventKind) -> Vec<Event> {
    world.full_events(handle, "a").await.into_iter().filter(|event| event.kind == kind).collect()
}

fn samples(world: &World) -> usize {
    world.docker.journal().iter().filter(|call| call.verb == Verb::Stats).count()
}

#[test]
fn a_wall_that_comes_near_is_told_once_and_cleared_once() {
    virtually(async {
        let world = minded(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        pass(300).await;
        assert_eq!(condition(&handle, "a", ConditionType::LimitNear), None);
        world.docker.use_up("claude-hooks-a", crowded());
        pass(600).await;
        let near = condition(&handle, "a", ConditionType::LimitNear).expect("it is near");
        assert_eq!(near.reason, "pids 60 of 64 (94 %)");
        assert_eq!(agent(&handle, "a").near, [Wall::Pids]);
        assert_eq!(condition(&handle, "b", ConditionType::LimitNear), None);
        let events = told(&world, &handle, EventKind::LimitNear).await;
        let [event] = &events[..] else { panic!("told once: {events:?}") };
        assert_eq!(
            (event.cause.as_deref(), event.detail.as_deref()),
            (Some("pids"), Some("pids 60 of 64 (94 %)"))
        );
        assert_eq!(event.data, json!({ "used": 60, "limit": 64, "unit": "pids" }));
        let why = handle.why(&name("a")).await.expect("it answers");
        let used = why.evidence["last_sample"]["used"].as_str().expect("a text");
        assert!(used.contains("pids 60 of 64"), "{used}");
        let metrics = handle.metrics().openmetrics().expect("they can be written");
        for line in [
            r#"claude_hooks_instances_near_limit{type="dev",wall="pids"} 1"#,
            r#"claude_hooks_instances_near_limit{type="dev",wall="disk"} 0"#,
            r#"claude_hooks_instance_limit_ratio{agent="a",type="dev",wall="pids"} 0.9375"#,
        ] {
            assert!(metrics.contains(line), "{line}\n{metrics}");
        }

        world.docker.use_up("claude-hooks-a", Uses::default());
        pass(300).await;
        assert_eq!(condition(&handle, "a", ConditionType::LimitNear), None);
        assert_eq!(told(&world, &handle, EventKind::LimitCleared).await.len(), 1);
        assert_eq!(told(&world, &handle, EventKind::LimitNear).await.len(), 1);
        assert_eq!(told(&world, &handle, EventKind::ContainerStopped).await, [], "a warning stops nothing");
    });
}

#[test]
fn the_next_daemon_does_not_tell_it_again() {
    virtually(async {
        let world = minded(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.use_up("claude-hooks-a", crowded());
        pass(200).await;
        assert_eq!(told(&world, &handle, EventKind::LimitNear).await.len(), 1);
        handle.stop().await;
        let handle = world.boot().await;
        assert!(condition(&handle, "a", ConditionType::LimitNear).is_some());
        pass(300).await;
        assert_eq!(told(&world, &handle, EventKind::LimitNear).await.len(), 1);
    });
}

#[test]
fn with_the_life_its_walls_are_over() {
    virtually(async {
        let world = minded(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.use_up("claude-hooks-a", crowded());
        pass(200).await;
        world.docker.crash("claude-hooks-a", 1);
        pass(5).await;
        assert_eq!(condition(&handle, "a", ConditionType::LimitNear), None);
        let events = told(&world, &handle, EventKind::LimitCleared).await;
        let [event] = &events[..] else { panic!("told once: {events:?}") };
        assert_eq!(event.detail.as_deref(), Some("the life that was near it is over"));
        // What was only likely is told as what it is.
        let stop = agent(&handle, "a").last_stop.clone().expect("it ended");
        let detail = stop.detail.expect("there is evidence");
        assert!(
            detail.starts_with("when last measured, ") && detail.ends_with("pids 60 of 64 (94 %)"),
            "{detail}"
        );
        let capsule = stop.capsule.expect("it was saved");
        assert_eq!((capsule.wall, capsule.usage.map(|usage| usage.pids)), (None, Some(60)));
    });
}

#[test]
fn the_last_words_name_the_wall() {
    virtually(async {
        let world = minded(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let ended = || {
            let stop = agent(&handle, "a").last_stop.clone().expect("it ended");
            (stop.cause, stop.capsule.expect("it was saved").wall, stop.detail.expect("it says why"))
        };
        world.docker.oom("claude-hooks-a");
        pass(200).await;
        let memory = "memory: the limit of 64.0 MiB was reached";
        assert_eq!(ended(), (StopCause::Oom, Some(Wall::Memory), memory.to_owned()));
        // Docker's own event comes first; what is left of the life comes with its end.
        let events = told(&world, &handle, EventKind::ContainerOom).await;
        assert!(
            events.iter().all(|event| event.detail.as_deref().is_some_and(|detail| detail.ends_with(memory)))
        );
        let last = events.last().expect("it was told");
        assert_eq!(
            (last.detail.as_deref(), &last.data["last_words"]["wall"]),
            (Some(memory), &json!("memory"))
        );

        world.docker.use_up("claude-hooks-a", Uses { pids: 64, pids_refused: Some(2), ..Uses::default() });
        pass(200).await;
        world.docker.crash("claude-hooks-a", 1);
        pass(5).await;
        let (cause, wall, detail) = ended();
        assert_eq!((cause, wall), (StopCause::Crashed, Some(Wall::Pids)));
        assert!(detail.contains("at its limit of 64 the kernel refused it a process (2 times"), "{detail}");

        world.docker.use_up("claude-hooks-a", Uses::default());
        pass(200).await;
        world.docker.fill_disk("claude-hooks-a-state", DiskState { free: 0, total: 1 << 30, files: None });
        world.docker.crash("claude-hooks-a", 1);
        pass(5).await;
        assert_eq!(
            (ended().1, ended().2.as_str()),
            (Some(Wall::Disk), "disk: nothing is free where its state is")
        );
    });
}

#[test]
fn one_call_measures_all_and_none_is_made_while_docker_is_away_or_nobody_minds() {
    virtually(async {
        let mut world = minded(&[("a", "dev"), ("b", "dev"), ("c", "lazy")]).await;
        let handle = world.boot().await;
        pass(605).await;
        let disks =
            |world: &World| world.docker.journal().iter().filter(|c| c.verb == Verb::VolumeDisks).count();
        assert_eq!((samples(&world), disks(&world)), (10, 10));
        // A page that looks has it measured anyway.
        let mut reader = handle.read_stats();
        reader.next().await.expect("a sample").expect("docker answers");
        let before = (samples(&world), world.docker.mark());
        pass(300).await;
        let of_page = 300 / 5;
        assert!(samples(&world) - before.0 <= of_page + 1, "{}", samples(&world) - before.0);
        drop(reader);
        pass(60).await;

        world.docker.unreachable(true);
        pass(200).await;
        let asked = samples(&world);
        pass(600).await;
        assert_eq!(samples(&world), asked);
        world.docker.unreachable(false);
        pass(200).await;
        assert!(samples(&world) > asked);
        handle.stop().await;

        world.limits = None;
        let _handle = world.boot().await;
        let asked = samples(&world);
        pass(1000).await;
        assert_eq!(samples(&world), asked);
    });
}

#[test]
fn a_state_that_outgrows_its_type_is_told_and_walked_through_seldom() {
    virtually(async {
        let mut world = minded(&[("a", "dev"), ("b", "dev"), ("c", "lazy")]).await;
        for declared in world.catalog.types.values_mut() {
            declared.state_limit = Some(10 << 30);
        }
        let handle = world.boot().await;
        let walks =
            |world: &World| world.docker.journal().iter().filter(|c| c.verb == Verb::VolumeSize).count();
        pass(3500).await;
        assert_eq!(walks(&world), 2, "each that runs once an hour");
        world.docker.grow("claude-hooks-a-state", 11 << 30);
        pass(3600).await;
        let near = condition(&handle, "a", ConditionType::LimitNear).expect("it is near");
        assert_eq!(near.reason, "state 11.0 of 10.0 GiB (110 %)");
        assert_eq!(agent(&handle, "a").near, [Wall::State]);
        world.docker.grow("claude-hooks-a-state", 1 << 30);
        pass(400).await;
        assert_eq!(
            condition(&handle, "a", ConditionType::LimitNear),
            None,
            "it is looked at sooner while it is near"
        );
        let changed = world.docker.journal().iter().filter(|call| call.verb == Verb::Create).count();
        assert_eq!(changed, 3);
    });
}
