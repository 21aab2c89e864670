//! The streams: what happens to containers, and what they say.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::timeout;

use super::RuntimeWorld;
use super::scene::{PATIENCE, Scene, eventually};
use crate::model::{ContainerId, ContainerState, Lifecycle};
use crate::ports::{EventStream, LogOptions, LogStream, LogTarget, RuntimeError};

/// What happens after this returned is told, however late the stream itself begins.
async fn listen(scene: &Scene<'_>) -> EventStream {
    scene.docker.events().await.expect("docker answers")
}

/// Actions that were told of each container until `id` was destroyed.
async fn actions_until_destroyed(events: &mut EventStream, id: &ContainerId) -> Vec<(ContainerId, String)> {
    let mut told = Vec::new();
    let listening = timeout(PATIENCE, async {
        while let Some(event) = events.next().await {
            let event = event.expect("docker is there");
            let Some(of) = event.container else { continue };
            let end = of == *id && event.action == "destroy";
            told.push((of, event.action));
            if end {
                return;
            }
        }
        panic!("the stream ended");
    });
    let ended = listening.await;
    assert!(ended.is_ok(), "the end of {id} was not told within {PATIENCE:?}: {told:?}");
    told
}

pub async fn what_happens_to_ours_is_told(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "told");
    let mut events = listen(&scene).await;
    let id = scene.running(Lifecycle::Hot).await;
    world.kill_by_hand(&scene.container()).await;
    scene.until(ContainerState::Exited).await;
    world.remove_by_hand(&scene.container()).await;
    let told = actions_until_destroyed(&mut events, &id).await;
    let actions: BTreeSet<&str> =
        told.iter().filter(|(of, _)| *of == id).map(|(_, action)| action.as_str()).collect();
    for action in ["create", "start", "die", "destroy"] {
        assert!(actions.contains(action), "{action} is told: {actions:?}");
    }
}

pub async fn what_happens_to_foreign_ones_is_not_told(world: &dyn RuntimeWorld) {
    let (foreign, ours) = (Scene::new(world, "untold"), Scene::new(world, "untold-ours"));
    let mut events = listen(&ours).await;
    world.run_foreign(&foreign.container()).await;
    let stranger = foreign.seen().await.id;
    world.remove_by_hand(&foreign.container()).await;
    let id = ours.created(Lifecycle::Lazy).await;
    ours.docker.remove(&id, false).await.expect("it is at rest");
    let told = actions_until_destroyed(&mut events, &id).await;
    assert!(told.iter().all(|(of, _)| *of != stranger), "{told:?}");
}

async fn read(mut logs: LogStream) -> String {
    let reading = timeout(PATIENCE, async {
        let mut bytes = Vec::new();
        while let Some(piece) = logs.next().await {
            bytes.extend_from_slice(&piece.expect("docker is there").bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    });
    reading.await.expect("the logs end")
}

pub async fn what_a_container_said_can_be_read(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "logs");
    let id = scene.made(scene.order(Lifecycle::Lazy, world.ending())).await;
    let target = LogTarget(id.clone());
    let all = LogOptions { tail: 100, follow: false, timestamps: false };
    assert_eq!(read(scene.docker.logs(&target, all).await.expect("docker answers")).await, "");
    for _ in 0..2 {
        scene.docker.start(&id).await.expect("it starts before it ends");
        scene.until(ContainerState::Exited).await;
    }
    let text = eventually("both lines are there", async || {
        let text = read(scene.docker.logs(&target, all).await.expect("docker answers")).await;
        (text.lines().count() >= 2).then_some(text)
    });
    assert_eq!(text.await, "hello\nhello\n");
    let last = LogOptions { tail: 1, follow: false, timestamps: true };
    let text = read(scene.docker.logs(&target, last).await.expect("docker answers")).await;
    let (stamp, line) = text.split_once(' ').expect("a time stands before the line");
    assert!(stamp.parse::<jiff::Timestamp>().is_ok(), "{text}");
    assert_eq!(line, "hello\n");
}

pub async fn what_a_container_said_last_can_be_saved_when_it_has_ended(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "last-words");
    let id = scene.made(scene.order(Lifecycle::Lazy, world.ending())).await;
    scene.docker.start(&id).await.expect("it starts before it ends");
    scene.until(ContainerState::Exited).await;
    let seen = scene.look().await.expect("it is there");
    let words = eventually("its line is there", async || {
        let words = scene.docker.last_words(&seen).await.expect("docker answers");
        (!words.log_tail.is_empty()).then_some(words)
    });
    assert_eq!(words.await.log_tail, "hello");
    world.remove_by_hand(&scene.container()).await;
    let gone = scene.docker.last_words(&seen).await;
    assert!(matches!(gone, Err(RuntimeError::NotFound { .. })), "{gone:?}");
}

pub async fn following_ends_when_the_container_does(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "follow");
    let id = scene.running(Lifecycle::Lazy).await;
    let follow = LogOptions { tail: 10, follow: true, timestamps: false };
    let mut logs = scene.docker.logs(&LogTarget(id), follow).await.expect("docker answers");
    let quiet = timeout(Duration::from_millis(300), logs.next()).await;
    assert!(quiet.is_err(), "it is open and has nothing to say: {quiet:?}");
    world.kill_by_hand(&scene.container()).await;
    read(logs).await;
}

/// At once, or as the first thing that the stream says.
pub async fn the_logs_of_a_missing_container_are_not_found(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "logs-missing");
    let id = scene.created(Lifecycle::Lazy).await;
    world.remove_by_hand(&scene.container()).await;
    let options = LogOptions { tail: 10, follow: false, timestamps: false };
    let error = match scene.docker.logs(&LogTarget(id), options).await {
        Err(error) => error,
        Ok(mut logs) => {
            let first = timeout(PATIENCE, logs.next()).await.expect("it says something");
            first.expect("it does not just end").expect_err("there is nothing to read")
        }
    };
    assert!(matches!(error, RuntimeError::NotFound { .. }), "{error:?}");
}
