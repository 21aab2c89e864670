//! Processes: how they begin, end and come back.

use std::time::Duration;

use tokio::time::sleep;

use super::RuntimeWorld;
use super::scene::{Scene, eventually};
use crate::model::{ContainerState, Lifecycle};
use crate::ports::RuntimeError;

const GRACE: Duration = Duration::from_secs(5);

pub async fn starting_a_running_container_changes_nothing(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "start-twice");
    let id = scene.running(Lifecycle::Hot).await;
    let before = scene.seen().await;
    assert_eq!((before.state, before.ever_started()), (ContainerState::Running, true));
    scene.docker.start(&id).await.expect("starting a running one succeeds");
    assert_eq!(scene.seen().await, before);
}

pub async fn stopping_keeps_the_incarnation_and_may_be_repeated(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "stop-twice");
    let id = scene.running(Lifecycle::Hot).await;
    let running = scene.seen().await;
    scene.docker.stop(&id, GRACE).await.expect("it can be stopped");
    let stopped = scene.seen().await;
    assert_eq!(stopped.state, ContainerState::Exited);
    assert_eq!(stopped.incarnation(), running.incarnation());
    assert_ne!(stopped.finished_at, running.finished_at);
    assert!(!stopped.oom_killed);
    scene.docker.stop(&id, GRACE).await.expect("stopping a stopped one succeeds");
    assert_eq!(scene.seen().await, stopped);
}

pub async fn one_that_never_ran_can_be_stopped(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "stop-created");
    let id = scene.created(Lifecycle::Lazy).await;
    scene.docker.stop(&id, GRACE).await.expect("there is nothing to stop");
    assert_eq!(scene.seen().await.state, ContainerState::Created);
}

pub async fn every_start_is_another_incarnation(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "incarnations");
    let id = scene.running(Lifecycle::Lazy).await;
    let first = scene.seen().await;
    scene.docker.stop(&id, GRACE).await.expect("it can be stopped");
    scene.docker.start(&id).await.expect("it starts again");
    let second = scene.seen().await;
    assert_eq!((second.state, &second.id), (ContainerState::Running, &first.id));
    assert_ne!(second.started_at, first.started_at);
}

pub async fn one_killed_by_hand_stays_down(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "killed");
    let id = scene.running(Lifecycle::Hot).await;
    world.kill_by_hand(&scene.container()).await;
    scene.until(ContainerState::Exited).await;
    // Ten times the delay of a first restart.
    sleep(Duration::from_secs(1)).await;
    let seen = scene.seen().await;
    assert_eq!((seen.state, seen.exit_code, seen.restart_count), (ContainerState::Exited, 137, 0));
    scene.docker.start(&id).await.expect("it can be started again");
    assert_eq!(scene.seen().await.state, ContainerState::Running);
}

pub async fn one_that_ends_without_a_policy_keeps_its_exit_code(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "exit-code");
    let id = scene.made(scene.order(Lifecycle::Lazy, world.ending())).await;
    scene.docker.start(&id).await.expect("it starts before it ends");
    let seen = scene.until(ContainerState::Exited).await;
    assert_eq!((seen.exit_code, seen.restart_count, seen.ever_started()), (3, 0, true));
}

pub async fn one_that_keeps_ending_is_restarted_and_counted(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "crash-loop");
    let id = scene.made(scene.order(Lifecycle::Hot, world.ending())).await;
    scene.docker.start(&id).await.expect("it starts before it ends");
    eventually("it is restarted", async || (scene.seen().await.restart_count >= 2).then_some(())).await;
    scene.until(ContainerState::Restarting).await;
    let refused = scene.docker.remove(&id, false).await;
    assert!(matches!(refused, Err(RuntimeError::Conflict { .. })), "{refused:?}");
    scene.docker.remove(&id, true).await.expect("force removes it");
    assert_eq!(scene.look().await, None);
}

pub async fn what_cannot_be_started_says_why(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "broken");
    let id = scene.made(scene.order(Lifecycle::Hot, world.broken())).await;
    let refused = scene.docker.start(&id).await;
    assert!(
        matches!(&refused, Err(RuntimeError::Other { verb: "start", stderr, .. }) if !stderr.is_empty()),
        "{refused:?}"
    );
    let seen = scene.seen().await;
    assert_eq!((seen.state, seen.error.is_empty()), (ContainerState::Created, false), "{seen:?}");
    assert_ne!(seen.exit_code, 0);
}

pub async fn a_paused_container_can_go_on(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "paused");
    let id = scene.running(Lifecycle::Hot).await;
    let before = scene.seen().await;
    world.pause_by_hand(&scene.container()).await;
    scene.until(ContainerState::Paused).await;
    scene.docker.unpause(&id).await.expect("it is paused");
    assert_eq!(scene.seen().await, before);
}
