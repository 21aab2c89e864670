//! What containers use.

use super::RuntimeWorld;
use super::scene::Scene;
use crate::model::{ContainerId, Lifecycle, Limits};

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
    let stats = scene.docker.stats(&[stopped.clone(), nobody.clone(), id.clone()]).await;
    let [stats] = &stats.expect("docker answers")[..] else { panic!("one of them runs") };
    assert_eq!((&stats.container, stats.memory_limit_bytes), (&id, 64 << 20));
    assert!(stats.memory_bytes > 0 && stats.memory_bytes < 64 << 20, "{stats:?}");
    assert!(stats.cpu_percent >= 0.0 && stats.pids > 0, "{stats:?}");
    assert!(stats.pids_refused.is_none_or(|times| times == 0), "{stats:?}");
    assert_eq!(scene.docker.stats(&[stopped, nobody]).await, Ok(vec![]));
    assert_eq!(scene.docker.stats(&[]).await, Ok(vec![]));
}
