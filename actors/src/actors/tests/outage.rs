use jiff::SignedDuration;

use super::world::{World, agent, condition, new, pass, virtually};
use crate::model::{ConditionType, ContainerState, EventKind, Outcome, Phase};
use crate::ports::RuntimeError;
use crate::testing::{Verb, name};

#[test]
fn an_outage_is_one_event_and_no_touch_and_then_everything_converges() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        world.docker.unreachable(true);
        world.docker.kill("claude-hooks-b");
        pass(600).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Unknown);
        assert!(condition(&handle, "a", ConditionType::DockerUnreachable).is_some());
        assert_eq!(handle.snapshot().docker_reachable, Some(false));
        assert_eq!(world.fleet_events(&handle, EventKind::DockerUnreachable).await, 1);
        let created = handle.create(new("c", "dev")).await.expect("the row stands");
        assert_eq!(created.outcome, Outcome::Failed, "{created:?}");

        world.docker.unreachable(false);
        pass(30).await;
        assert_eq!(world.fleet_events(&handle, EventKind::DockerRecovered).await, 1);
        for instance in ["a", "b", "c"] {
            assert_eq!(world.state(instance), Some(ContainerState::Running), "{instance}");
            assert_eq!(agent(&handle, instance).observed.phase, Phase::Running);
        }
        assert_eq!(world.docker.containers().len(), 3);
    });
}

#[test]
fn a_hung_docker_is_an_outage_too() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        for verb in [Verb::ObserveFleet, Verb::Observe, Verb::Start, Verb::Create] {
            world.docker.hang(verb);
        }
        let mark = world.docker.mark();
        pass(300).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Unknown);
        assert_eq!(world.fleet_events(&handle, EventKind::DockerUnreachable).await, 1);
        assert_eq!(world.docker.count_changing_calls(mark), 0);
        for verb in [Verb::ObserveFleet, Verb::Observe, Verb::Start, Verb::Create] {
            world.docker.release(verb);
        }
        pass(90).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
    });
}

#[test]
fn a_long_outage_is_not_looked_at_over_and_over_because_of_an_old_failure() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let refused = RuntimeError::Conflict { detail: "not now".into() };
        world.docker.fail_next(Verb::Create, refused);
        let handle = world.boot().await;
        pass(60).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running), "the second try worked");

        // A call of an engine that is away takes a moment, so virtual time goes on even if one follows on the other.
        world.docker.set_latency(Verb::Observe, std::time::Duration::from_millis(100));
        world.docker.unreachable(true);
        let mark = world.docker.mark();
        // Past the ten minutes of health after which the failure would be forgotten, if its health could be seen.
        pass(1200).await;
        let looks = world.docker.calls_since(mark).iter().filter(|call| call.verb == Verb::Observe).count();
        assert!(looks <= 40, "{looks} looks in twenty minutes");

        world.docker.unreachable(false);
        pass(90).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
    });
}

#[test]
fn garbled_and_empty_lists_create_and_remove_nothing() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "lazy")]).await;
        let handle = world.boot().await;
        let mark = world.docker.mark();
        world.docker.garble_lists(true);
        pass(300).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Unknown);
        world.docker.garble_lists(false);
        world.docker.empty_lists(true);
        pass(300).await;
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running, "inspect found it all the same");
        assert_eq!(world.docker.count_changing_calls(mark), 0);
    });
}

#[test]
fn a_boot_without_docker_waits_for_it() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.unreachable(true);
        let handle = world.start().await;
        let booting = actix::spawn({
            let handle = handle.clone();
            async move { handle.boot().await }
        });
        pass(120).await;
        assert!(!handle.snapshot().booted);
        world.docker.unreachable(false);
        let report = booting.await.expect("no panic").expect("docker answers by now");
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        assert!(report.failed.is_empty(), "{report:?}");
        assert!(handle.snapshot().booted);
    });
}

#[test]
fn a_call_that_failed_after_it_worked_makes_no_second_container() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let timeout = RuntimeError::Timeout { verb: "create", after: std::time::Duration::from_secs(30) };
        world.docker.work_but_fail_next(Verb::Create, timeout);
        let handle = world.boot().await;
        pass(120).await;
        assert_eq!(world.docker.containers().len(), 1);
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
        world.docker.assert_invariants();
    });
}

#[test]
fn a_jump_of_the_clock_voids_the_round_and_nothing_else() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let mark = world.docker.mark();
        world.clock.jump(SignedDuration::from_hours(5));
        pass(200).await;
        assert_eq!(world.fleet_events(&handle, EventKind::ClockJumped).await, 1);
        assert_eq!(world.docker.count_changing_calls(mark), 0);
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
    });
}

#[test]
fn nothing_that_runs_is_stopped_at_boot_because_of_a_single_look() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        handle.stop().await;
        world.store.write_elsewhere(|rows| rows.agents.remove(&name("b")));
        let handle = world.start().await;
        let mark = world.docker.mark();
        let report = handle.boot().await.expect("docker answers");
        assert_eq!(report.removed, [name("b")]);
        let calls = world.docker.calls_since(mark);
        let looks_before_stop =
            calls.iter().take_while(|call| call.verb != Verb::Stop).filter(|call| !call.changes).count();
        assert!(looks_before_stop >= 2, "{calls:?}");
    });
}
