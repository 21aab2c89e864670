use std::time::Duration;

use super::world::{World, agent, pass, until, virtually};
use crate::handle::Command;
use crate::model::{EventKind, Phase, StopCause};
use crate::ports::RuntimeError;
use crate::testing::{Verb, name};

#[test]
fn of_an_unasked_end_the_last_lines_are_kept_in_the_event_and_with_the_agent() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.say("claude-hooks-a", "working");
        world.docker.say("claude-hooks-a", "out of ideas");
        world.docker.crash("claude-hooks-a", 3);
        pass(2).await;
        until(&handle, "a", Phase::Running).await;
        let events = world.full_events(&handle, "a").await;
        let stopped =
            events.iter().find(|event| event.kind == EventKind::ContainerStopped).expect("it ended");
        assert_eq!(stopped.data["last_words"]["log_tail"], "working\nout of ideas");
        let stop = agent(&handle, "a").last_stop.clone().expect("it ended");
        let capsule = stop.capsule.expect("it was saved");
        assert_eq!(capsule.log_tail, "working\nout of ideas");
        assert!(!capsule.oom_killed);
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!(why.last_stop.and_then(|stop| stop.capsule), Some(capsule));
    });
}

#[test]
fn an_out_of_memory_is_evidence_and_a_stop_by_us_leaves_nothing() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        world.docker.oom("claude-hooks-a");
        handle.command(&name("b"), Command::Stop, false).await.expect("it is there");
        pass(10).await;
        let stop = |instance: &str| agent(&handle, instance).last_stop.clone().expect("it ended");
        assert_eq!(stop("a").cause, StopCause::Oom);
        assert!(stop("a").capsule.is_some_and(|capsule| capsule.oom_killed));
        assert_eq!(stop("b").capsule, None);
    });
}

/// An engine that is busy can say `oom` after `die`; what it then shows of the container never says it.
#[test]
fn an_out_of_memory_that_docker_tells_late_corrects_the_cause() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        handle.command(&name("b"), Command::Start, false).await.expect("it is there");
        world.docker.crash("claude-hooks-b", 137);
        pass(1).await;
        let cause = || agent(&handle, "b").last_stop.as_ref().map(|stop| stop.cause);
        assert_eq!(cause(), Some(StopCause::Killed));
        world.docker.oom_of_child("claude-hooks-b");
        pass(1).await;
        assert_eq!(cause(), Some(StopCause::Oom));
        let stop = agent(&handle, "b").last_stop.clone().expect("it ended");
        assert!(stop.capsule.is_some_and(|capsule| capsule.oom_killed));
        world.docker.oom_of_child("claude-hooks-b");
        pass(1).await;
        let told = world.full_events(&handle, "b").await;
        let told: Vec<_> = told.iter().filter(|event| event.kind == EventKind::ContainerOom).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].incarnation, Some(stop.incarnation));
    });
}

#[test]
fn a_docker_that_cannot_be_asked_for_them_delays_the_news_only_for_moments() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        world.docker.hang(Verb::LastWords);
        world.docker.crash("claude-hooks-a", 3);
        tokio::time::sleep(Duration::from_secs(6)).await;
        let kinds = world.events(&handle, "a").await;
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::ContainerStopped).count(), 1);
        world.docker.release(Verb::LastWords);
        let gone = RuntimeError::NotFound { what: "the container".into() };
        world.docker.fail_next(Verb::LastWords, gone);
        world.docker.crash("claude-hooks-b", 3);
        pass(2).await;
        let kinds = world.events(&handle, "b").await;
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::ContainerStopped).count(), 1);
    });
}
