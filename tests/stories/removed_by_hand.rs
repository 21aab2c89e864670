//! A container that vanishes is missed at once and comes back on its state.

use std::time::{Duration, Instant};

use claude_hooks_actors::model::{ConditionType, Event, EventKind, Phase};

use crate::harness::{Fault, Fleet, On, SOON, engine, hot, lazy};

/// From `docker rm -f` to the event on the stream, with docker's events on.
const REACTION: Duration = Duration::from_secs(2);

#[test]
fn a_removed_container_is_missed_and_recreated_within_two_seconds() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.exec("dev-default", &["write", "/state/note", "kept"]);
    let stream = fleet.stream("");
    let mut best = Duration::MAX;
    // The best of three: other stories use the same engine and the same two cores.
    for _ in 0..3 {
        let (before, old) = (fleet.last_seq(), fleet.id("dev-default"));
        engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
        let begin = Instant::now();
        let missing = stream.wait_after(before, EventKind::ContainerMissing, "dev-default", SOON);
        let recreated = stream.wait_after(before, EventKind::ContainerRecreated, "dev-default", SOON);
        best = best.min(begin.elapsed());
        assert!(missing.seq < recreated.seq, "{missing:?} comes before {recreated:?}");
        assert_eq!(recreated.caused_by, Some(missing.seq), "{recreated:?}");
        fleet.wait_phase("dev-default", Phase::Running, SOON);
        assert_ne!(fleet.id("dev-default"), old);
        assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "kept");
        if best <= REACTION {
            break;
        }
    }
    assert!(best <= REACTION, "the best of three took {best:?}");
}

#[test]
fn without_docker_events_the_next_round_notices() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.with_faults();
    fleet.without_docker_events(3);
    fleet.start();
    let (stream, old) = (fleet.stream(""), fleet.id("dev-default"));
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    fleet.faults().reset();
    stream.wait_for(EventKind::ContainerMissing, "dev-default", SOON);
    stream.wait_for(EventKind::ContainerRecreated, "dev-default", SOON);
    assert_ne!(fleet.id("dev-default"), old);
    // Counted in rounds, not in seconds: one list of the fleet was enough. Another round may have begun before the
    // event was here.
    let calls = fleet.faults().calls();
    let rounds = calls.iter().filter(|call| call.class == "list" && !call.args.contains(&"--filter".into()));
    assert!((1..=2).contains(&rounds.count()), "{calls:?}");
    assert!(calls.iter().all(|call| call.class != "events"), "docker's events are off: {calls:?}");
    assert_eq!(stream.count(EventKind::ContainerMissing, "dev-default"), 1);
}

#[test]
fn what_happened_while_dockers_events_were_cut_off_is_seen_when_they_are_back() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.with_faults();
    // Only docker's events can tell: no round comes in the time of this story.
    fleet.set("watchdog", "interval_s", 3600);
    fleet.start();
    let stream = fleet.stream("");
    fleet.faults().reset();
    fleet.faults().set(&[(On::Class("events"), Fault::Fail("unexpected EOF"))]);
    fleet.faults().cut_events();
    fleet.eventually("it is followed again", SOON, || {
        fleet.faults().calls().iter().any(|call| call.class == "events").then_some(())
    });
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    fleet.faults().clear();
    let missing = stream.wait_for(EventKind::ContainerMissing, "dev-default", Duration::from_secs(90));
    stream.wait_after(missing.seq, EventKind::ContainerRecreated, "dev-default", SOON);
    // And the connection is a live one again.
    let last = stream.events().last().map_or(0, |event| event.seq);
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    stream.wait_after(last, EventKind::ContainerMissing, "dev-default", SOON);
}

#[test]
fn a_lazy_one_is_recreated_stopped() {
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    let stream = fleet.stream("");
    engine::docker_ok(&["rm", "-f", &fleet.container("reviewer-default")]);
    let missing = stream.wait_for(EventKind::ContainerMissing, "reviewer-default", SOON);
    stream.wait_after(missing.seq, EventKind::ContainerRecreated, "reviewer-default", SOON);
    assert_eq!(fleet.status("reviewer-default"), "created");
    fleet.wait_phase("reviewer-default", Phase::Stopped, SOON);
    assert_eq!(stream.count(EventKind::ContainerStopped, "reviewer-default"), 0);
}

#[test]
fn one_that_vanished_while_the_daemon_was_down_is_missed_at_the_next_start() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    let before = fleet.last_seq();
    fleet.kill9();
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    fleet.start();
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    let kinds: Vec<EventKind> =
        fleet.stored().into_iter().filter(|event| event.seq > before).map(|event| event.kind).collect();
    let place = |kind: EventKind| kinds.iter().position(|seen| *seen == kind);
    assert!(place(EventKind::ContainerMissing).is_some(), "{kinds:?}");
    assert!(place(EventKind::ContainerMissing) < place(EventKind::ContainerRecreated), "{kinds:?}");
}

#[test]
fn a_recreate_that_fails_is_told_in_dockers_words_and_healed_when_the_cause_goes() {
    const WORDS: &str = "Error response from daemon: out of luck today";
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.with_faults();
    fleet.start();
    fleet.exec("dev-default", &["write", "/state/note", "kept"]);
    let stream = fleet.stream("");
    fleet.faults().set(&[(On::Verb("create"), Fault::Fail(WORDS))]);
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);

    let missing = stream.wait_for(EventKind::ContainerMissing, "dev-default", SOON);
    let mut failures: Vec<Event> = Vec::new();
    for _ in 0..4 {
        let after = failures.last().map_or(missing.seq, |event| event.seq);
        let failed = stream.wait_after(after, EventKind::ContainerRecreateFailed, "dev-default", SOON);
        assert!(failed.detail.as_deref().unwrap_or_default().contains("out of luck today"), "{failed:?}");
        assert_eq!(failed.caused_by, Some(missing.seq), "{failed:?}");
        failures.push(failed);
    }
    // 1 s, 2 s and 4 s, less a quarter of jitter; a busy machine only makes it longer.
    let pauses = failures.windows(2).map(|pair| pair[1].at.duration_since(pair[0].at).as_secs_f64());
    for (pause, least) in pauses.zip([0.75, 1.5, 3.0]) {
        assert!(pause >= least, "{pause} s between two tries, {least} s is the least");
    }
    let agent = fleet.wait_phase("dev-default", Phase::Backoff, SOON);
    let failing = agent.conditions.iter().find(|condition| condition.kind == ConditionType::EffectFailing);
    let failing = failing.expect("a failing effect is a condition");
    assert!(failing.reason.contains("out of luck today"), "{failing:?}");
    let next = failing.next_retry_at.expect("it says when it is tried again");
    let latest = failures[3].at + Duration::from_secs(80);
    assert!(failures[3].at < next && next < latest, "60 s and a quarter is the most: {next}");
    assert_eq!(stream.count(EventKind::ContainerMissing, "dev-default"), 1, "it is missed once");

    fleet.faults().clear();
    let last = stream.events().last().map_or(0, |event| event.seq);
    let back = stream.wait_after(last, EventKind::ContainerRecreated, "dev-default", Duration::from_secs(90));
    assert_eq!(back.caused_by, Some(missing.seq), "{back:?}");
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    assert_eq!(fleet.exec("dev-default", &["cat", "/state/note"]), "kept");
    assert!(fleet.condition("dev-default", ConditionType::EffectFailing).is_none());
}

#[test]
fn an_image_that_is_gone_is_named_and_used_as_soon_as_it_is_back() {
    let Some(mut fleet) = Fleet::new([]) else { return };
    let image = format!("{}-fleeting:1", fleet.prefix);
    engine::docker_ok(&["tag", engine::image(), &image]);
    fleet.declare(lazy("dev").container("image", image.as_str()));
    fleet.start();
    let stream = fleet.stream("");
    engine::docker_ok(&["rmi", &image]);
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    let failed = stream.wait_for(EventKind::ContainerRecreateFailed, "dev-default", SOON);
    assert!(failed.detail.as_deref().unwrap_or_default().contains(&image), "docker's words: {failed:?}");
    engine::docker_ok(&["tag", engine::image(), &image]);
    stream.wait_after(failed.seq, EventKind::ContainerRecreated, "dev-default", Duration::from_secs(90));
    fleet.wait_phase("dev-default", Phase::Stopped, SOON);
}

#[test]
fn a_failed_replacement_gives_the_old_container_back() {
    let Some(mut fleet) = Fleet::new([]) else { return };
    let image = format!("{}-fleeting:1", fleet.prefix);
    engine::docker_ok(&["tag", engine::image(), &image]);
    fleet.declare(hot("dev").container("image", image.as_str()));
    fleet.start();
    let (stream, old) = (fleet.stream(""), fleet.id("dev-default"));
    engine::docker_ok(&["rmi", &image]);
    let answer = fleet.post("/api/v1/agents/dev-default/recreate", &serde_json::json!({}));
    assert!(answer.body.contains("failed") || answer.status >= 400, "{answer:?}");
    stream.wait_for(EventKind::ContainerRecreateFailed, "dev-default", SOON);
    assert_eq!(fleet.id("dev-default"), old);
    assert_eq!(fleet.status("dev-default"), "running");
    assert_eq!(fleet.containers(), [fleet.container("dev-default")]);
}
