//! What the instances use: sampled while somebody looks, and never otherwise.

use std::time::Duration;

use super::world::{World, pass, virtually};
use crate::ports::RuntimeError;
use crate::testing::Verb;

fn samples(world: &World) -> usize {
    world.docker.journal().iter().filter(|call| call.verb == Verb::Stats).count()
}

#[test]
fn docker_is_asked_only_while_somebody_looks_and_once_for_all_who_do() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev"), ("c", "lazy")]).await;
        let handle = world.boot().await;
        pass(600).await;
        assert_eq!(samples(&world), 0);
        let (mut one, mut other) = (handle.read_stats(), handle.read_stats());
        let first = one.next().await.expect("a sample").expect("docker answers");
        assert_eq!(other.next().await.expect("a sample").expect("docker answers"), first);
        let names: Vec<&str> = first.items.iter().map(|item| item.instance.as_ref()).collect();
        assert_eq!(names, ["a", "b"], "who sleeps uses nothing");
        for _ in 0..10 {
            one.next().await.expect("a sample").expect("docker answers");
        }
        assert_eq!(samples(&world), 11);
        drop((one, other));
        pass(600).await;
        assert_eq!(samples(&world), 11);
        let again = handle.stats().await.expect("docker answers");
        assert!(again.at > first.at, "nothing old is shown to whoever comes later");
        assert_eq!(samples(&world), 12);
    });
}

#[test]
fn a_slow_docker_is_asked_once_at_a_time_and_a_call_ends_with_its_last_reader() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.hang(Verb::Stats);
        let reader = handle.read_stats();
        pass(8).await;
        let others = [handle.read_stats(), handle.read_stats()];
        assert_eq!((samples(&world), world.docker.hanging(Verb::Stats)), (1, 1));
        drop((reader, others));
        pass(1).await;
        assert_eq!(world.docker.hanging(Verb::Stats), 0);
        let hung = handle.stats().await;
        assert!(hung.is_err(), "the call has a deadline: {hung:?}");
        world.docker.release(Verb::Stats);
        pass(1).await;
        handle.stats().await.expect("docker answers again");
    });
}

#[test]
fn nothing_is_asked_and_nothing_shown_while_docker_is_away() {
    virtually(async {
        let mut world = World::with(&[("a", "dev")]).await;
        world.interval = Duration::from_secs(5);
        let handle = world.boot().await;
        let mut reader = handle.read_stats();
        reader.next().await.expect("a sample").expect("docker answers");
        world.docker.unreachable(true);
        pass(30).await;
        let asked = samples(&world);
        let away = reader.next().await.expect("a word");
        assert!(matches!(away, Err(RuntimeError::Unreachable { .. })), "{away:?}");
        pass(60).await;
        assert_eq!(samples(&world), asked);
        world.docker.unreachable(false);
        while reader.next().await.expect("a sample").is_err() {}
        assert!(samples(&world) > asked);
    });
}
