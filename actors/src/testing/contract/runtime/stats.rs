//! What containers use.

use std::time::Duration;

use tokio::time::timeout;

use super::RuntimeWorld;
use super::scene::Scene;
use crate::model::{ContainerId, Lifecycle, Limits};

/// Until the first reading of a container is there.
const PATIENCE: Duration = Duration::from_mins(1);

pub async fn what_running_containers_use_is_measured_and_the_others_are_left_out(world: &dyn RuntimeWorld) {
    let (scene, asleep) = (Scene::new(world, "stats"), Scene::new(world, "stats-asleep"));
    let mut order = scene.order(Lifecycle::Hot, world.staying());
    order.spec.limits = Limits { memory_bytes: Some(64 << 20), milli_cpus: Some(500), pids: Some(40) };
    let limits = order.spec.limits.clone();
    let id = scene.made(order).await;
    scene.docker.start(&id).await.expect("this program starts");
    assert_eq!(scene.seen().await.limits, limits);
    let stopped = asleep.created(Lifecycle::Lazy).await;
    let nobody = ContainerId::parse(&"0123456789abcdef".repeat(4)).expect("64 hexadecimal digits");
    let asked = [stopped.clone(), nobody.clone(), id.clone()];
    let measured = async {
        loop {
            // On a busy machine a container that has just begun has no reading yet.
            let stats = scene.docker.stats(&asked).await.expect("docker answers");
            if !stats.is_empty() {
                break stats;
            }
        }
    };
    let stats = timeout(PATIENCE, measured).await.expect("one of them runs");
    let [stats] = &stats[..] else { panic!("only one of them runs: {stats:?}") };
    assert_eq!((&stats.container, stats.memory_limit_bytes), (&id, 64 << 20));
    assert!(stats.memory_bytes > 0 && stats.memory_bytes < 64 << 20, "{stats:?}");
    assert!(stats.cpu_percent >= 0.0 && stats.pids > 0, "{stats:?}");
    assert!(stats.pids_refused.is_none_or(|times| times == 0), "{stats:?}");
    assert_eq!(scene.docker.stats(&[stopped, nobody]).await, Ok(vec![]));
    assert_eq!(scene.docker.stats(&[]).await, Ok(vec![]));
}
