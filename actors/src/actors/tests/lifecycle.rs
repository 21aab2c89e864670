use std::time::Duration;

use super::world::{World, agent, condition, new, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::{Command, FleetError};
use crate::model::EventKind::{
    ContainerCrashLoop, ContainerCreated, ContainerFailed, ContainerMissing, ContainerOom,
    ContainerRecreateFailed, ContainerRecreated, ContainerRemoved, ContainerStarted, ContainerStopped,
    InstanceRunning, InstanceStarting, InstanceStopping, NameConflict, StateLost,
};
use crate::model::{ConditionType, ContainerState, OurLabels, Outcome, Overrides, Phase, RestartPolicy};
use crate::ports::RuntimeError;
use crate::testing::{DockerdRestart, Foreign, Verb, name};

#[test]
fn rows_become_containers_and_a_second_pass_changes_nothing() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "lazy"), ("c", "host")]).await;
        let handle = world.start().await;
        let report = handle.boot().await.expect("docker answers");
        assert_eq!(report.created, [name("a"), name("b")]);
        assert_eq!(report.unchanged, [name("c")]);
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        assert_eq!(world.state("b"), Some(ContainerState::Created));
        assert_eq!(world.events(&handle, "a").await, [ContainerCreated, ContainerStarted]);
        assert_eq!(world.events(&handle, "b").await, [ContainerCreated]);
        assert_eq!(world.events(&handle, "c").await, []);
        assert_eq!(agent(&handle, "c").observed.phase, Phase::Host);

        pass(1).await;
        let mark = world.docker.mark();
        let second = handle.reconcile_all(false).await.expect("docker answers");
        assert_eq!(second.unchanged, [name("a"), name("b"), name("c")]);
        let calls = world.docker.calls_since(mark);
        assert_eq!(calls.len(), 1, "one look at the whole fleet: {calls:?}");
        world.docker.assert_invariants();
    });
}

#[test]
fn a_hot_instance_removed_by_hand_is_missing_then_recreated_on_its_volume() {
    for (follow_events, patience) in [(true, 2), (false, 61)] {
        virtually(async move {
            let mut world = World::with(&[("a", "dev")]).await;
            world.follow_events = follow_events;
            let handle = world.boot().await;
            let volume = world.docker.volume("claude-hooks-a-state");
            pass(1).await;
            world.docker.remove_by_hand("claude-hooks-a");
            pass(patience).await;
            assert_eq!(world.state("a"), Some(ContainerState::Running), "events: {follow_events}");
            let events = world.full_events(&handle, "a").await;
            let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
            assert_eq!(
                kinds,
                [ContainerCreated, ContainerStarted, ContainerMissing, ContainerRecreated, ContainerStarted]
            );
            assert_eq!(events[3].caused_by, Some(events[2].seq));
            assert_eq!(world.docker.volume("claude-hooks-a-state"), volume);
        });
    }
}

#[test]
fn a_lazy_instance_removed_by_hand_is_recreated_stopped_and_never_reported_stopped() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.remove_by_hand("claude-hooks-b");
        pass(2).await;
        assert_eq!(world.state("b"), Some(ContainerState::Created));
        assert_eq!(
            world.events(&handle, "b").await,
            [ContainerCreated, ContainerMissing, ContainerRecreated]
        );
        pass(600).await;
        assert_eq!(world.events(&handle, "b").await.len(), 3, "sleeping is no event");
    });
}

#[test]
fn a_hot_instance_stopped_by_hand_is_reported_once_and_comes_back() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.stop_by_hand("claude-hooks-a");
        pass(3).await;
        assert_eq!(world.state("a"), Some(ContainerState::Exited), "docker's own policy has the first go");
        pass(5).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        let kinds = world.events(&handle, "a").await;
        assert_eq!(kinds, [ContainerCreated, ContainerStarted, ContainerStopped, ContainerStarted]);
    });
}

#[test]
fn an_operators_stop_holds_a_hot_instance_down_until_start_also_over_a_restart_of_the_daemon() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let stopped = handle.command(&name("a"), Command::Stop, false).await.expect("it runs");
        assert_eq!(stopped.outcome, Outcome::Unchanged);
        assert_eq!(world.state("a"), Some(ContainerState::Exited));
        let events = world.full_events(&handle, "a").await;
        assert_eq!(events.last().and_then(|event| event.cause.clone()).as_deref(), Some("requested"));
        handle.stop().await;

        let handle = world.boot().await;
        pass(600).await;
        assert_eq!(world.state("a"), Some(ContainerState::Exited));
        assert!(condition(&handle, "a", ConditionType::HeldDown).is_some());
        let started = handle.command(&name("a"), Command::Start, false).await.expect("it is there");
        assert_eq!(started.outcome, Outcome::Started);
        assert_eq!(world.state("a"), Some(ContainerState::Running));
    });
}

#[test]
fn a_lazy_instance_is_started_and_stopped_on_request_without_an_event_of_a_stop() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        let started = handle.command(&name("b"), Command::Start, false).await.expect("it is there");
        assert_eq!((started.outcome, world.state("b")), (Outcome::Started, Some(ContainerState::Running)));
        pass(300).await;
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        handle.command(&name("b"), Command::Stop, false).await.expect("it runs");
        assert_eq!(world.state("b"), Some(ContainerState::Exited));
        let told = [ContainerCreated, InstanceStarting, InstanceRunning, ContainerStarted, InstanceStopping];
        assert_eq!(world.events(&handle, "b").await, told);
    });
}

#[test]
fn a_change_that_fails_is_tried_once_and_then_waits_its_turn() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let overrides = Overrides { image: Some("none:1".into()), ..Overrides::default() };
        let done = handle.update(&name("a"), 1, overrides).await.expect("the row is as it was read");
        assert_eq!(done.outcome, Outcome::Failed);
        let tries = || async {
            world
                .events(&handle, "a")
                .await
                .into_iter()
                .filter(|kind| *kind == ContainerRecreateFailed)
                .count()
        };
        assert_eq!(tries().await, 1);
        pass(2).await;
        assert_eq!(tries().await, 2, "the next one comes after a pause");
    });
}

#[test]
fn what_fails_in_a_pass_over_the_fleet_is_tried_once_in_it() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.remove_image("agent:1");
        let tries = async |handle: &FleetHandle| {
            world.events(handle, "a").await.into_iter().filter(|kind| *kind == ContainerFailed).count()
        };
        let handle = world.start().await;
        let report = handle.boot().await.expect("docker answers");
        assert_eq!((report.failed, tries(&handle).await), (vec![name("a")], 1));
        let report = handle.reconcile_all(false).await.expect("docker answers");
        assert_eq!((report.failed, tries(&handle).await), (vec![name("a")], 2), "whoever asks gets a try");
    });
}

#[test]
fn a_failing_recreate_of_a_missing_container_backs_off_visibly_and_heals() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let refused = RuntimeError::NoSpace { detail: "no space left on device".into() };
        world.docker.fail_always(Verb::Create, refused);
        world.docker.remove_by_hand("claude-hooks-a");
        until(&handle, "a", Phase::Backoff).await;
        let failing = condition(&handle, "a", ConditionType::EffectFailing).expect("it is shown");
        assert!(failing.reason.contains("no space left"), "{}", failing.reason);
        let mark = world.docker.mark();
        pass(600).await;
        let tries = world.docker.calls_since(mark).iter().filter(|call| call.verb == Verb::Create).count();
        assert!(
            (9..=20).contains(&tries),
            "1 s doubling to 60 s makes about 14 tries in ten minutes, not {tries}"
        );
        world.docker.clear(Verb::Create);
        pass(80).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        let kinds = world.events(&handle, "a").await;
        assert_eq!(kinds.iter().filter(|kind| **kind == ContainerMissing).count(), 1);
        assert!(kinds.ends_with(&[ContainerRecreated, ContainerStarted]), "{kinds:?}");
    });
}

#[test]
fn a_crash_loop_outlives_the_daemon_but_not_a_change_of_its_row() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.exits_at_once("agent:1", 1);
        let handle = world.boot().await;
        pass(120).await;
        handle.stop().await;
        let handle = world.boot().await;
        pass(5).await;
        assert!(condition(&handle, "a", ConditionType::CrashLoop).is_some(), "nothing has changed");
        let mark = world.docker.mark();
        pass(3600).await;
        let calls = world.docker.calls_since(mark);
        let starts = calls.iter().filter(|call| call.verb == Verb::Start).count();
        assert!((10..=13).contains(&starts), "one try every five minutes, not {starts} an hour");
        let kinds = world.events(&handle, "a").await;
        assert_eq!(
            kinds.iter().filter(|kind| **kind == ContainerCrashLoop).count(),
            1,
            "told once: {kinds:?}"
        );

        world.docker.behave("agent:1", crate::testing::Behaviour::default());
        let overrides = Overrides { command: Some(vec!["mended".into()]), ..Overrides::default() };
        handle.update(&name("a"), 1, overrides).await.expect("the row is as it was read");
        pass(5).await;
        assert_eq!(condition(&handle, "a", ConditionType::CrashLoop), None);
    });
}

#[test]
fn a_crash_loop_is_called_out_and_tried_calmly_and_forgiven_by_a_start() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.exits_at_once("agent:1", 1);
        let handle = world.boot().await;
        pass(120).await;
        let kinds = world.events(&handle, "a").await;
        assert_eq!(kinds.iter().filter(|kind| **kind == ContainerCrashLoop).count(), 1, "{kinds:?}");
        let looping = condition(&handle, "a", ConditionType::CrashLoop).expect("it is shown");
        assert!(looping.next_retry_at.is_some());
        let starts = |from| {
            let calls = world.docker.calls_since(from);
            calls.iter().filter(|call| call.verb == Verb::Start).count()
        };
        let mark = world.docker.mark();
        pass(3600).await;
        assert!(
            (10..=13).contains(&starts(mark)),
            "one try every five minutes, not {} an hour",
            starts(mark)
        );
        let container = world.docker.container("claude-hooks-a").expect("it is kept");
        assert_eq!(container.restart_policy, RestartPolicy::No);

        world.docker.behave("agent:1", crate::testing::Behaviour::default());
        handle.command(&name("a"), Command::Start, false).await.expect("it is there");
        pass(5).await;
        assert_eq!(condition(&handle, "a", ConditionType::CrashLoop), None);
        let container = world.docker.container("claude-hooks-a").expect("it runs");
        assert_eq!(
            (container.state, container.restart_policy),
            (ContainerState::Running, RestartPolicy::UnlessStopped)
        );
    });
}

#[test]
fn an_oom_is_named_as_the_cause() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.oom("claude-hooks-a");
        pass(10).await;
        let events = world.full_events(&handle, "a").await;
        let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
        assert!(kinds.contains(&ContainerOom), "{kinds:?}");
        let stopped = events.iter().find(|event| event.kind == ContainerStopped).expect("it stopped");
        assert_eq!(stopped.cause.as_deref(), Some("oom"));
    });
}

#[test]
fn a_foreign_container_is_reported_and_only_adopted_on_request() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.create_volume_by_hand("handmade", OurLabels::default());
        let foreign = Foreign { volume: Some("handmade".into()), ..Foreign::named("claude-hooks-a") };
        let id = world.docker.run_foreign_with(foreign);
        let handle = world.start().await;
        let report = handle.boot().await.expect("docker answers");
        assert_eq!(report.failed, [name("a")]);
        pass(300).await;
        assert_eq!(world.events(&handle, "a").await, [NameConflict]);
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.id), Some(id.clone()));
        world.docker.assert_invariants();

        world.docker.permit_adoption("claude-hooks-a");
        let adopted = handle.command(&name("a"), Command::Adopt, false).await.expect("it is there");
        assert_eq!(adopted.outcome, Outcome::Recreated, "{adopted:?}");
        let container = world.docker.container("claude-hooks-a").expect("it is ours");
        assert_eq!(container.state_volume.as_deref(), Some("handmade"));
        assert_ne!(container.id, id);
        assert_eq!(world.docker.containers().len(), 1);
    });
}

#[test]
fn a_stranger_under_our_prefix_is_told_once_and_planned_to_be_left_alone() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.run_foreign("claude-hooks-stranger", OurLabels::default());
        world.docker.run_foreign("somebody-else", OurLabels::default());
        let handle = world.boot().await;
        pass(300).await;
        assert_eq!(world.events(&handle, "stranger").await, [NameConflict]);
        assert_eq!(world.fleet_events(&handle, NameConflict).await, 1);
        let plan = handle.plan().await.expect("docker answers");
        let planned: Vec<(&str, &str)> =
            plan.items.iter().map(|item| (item.instance.as_ref(), item.rule.as_str())).collect();
        assert_eq!(planned, [("a", "as_desired"), ("stranger", "stranger")]);
        assert_eq!(world.docker.containers().len(), 3);
        world.docker.assert_invariants();
    });
}

#[test]
fn a_deleted_agent_leaves_its_volume_and_a_new_one_of_its_name_finds_it() {
    virtually(async {
        let world = World::empty().await;
        let handle = world.boot().await;
        let made = handle.create(new("a", "dev")).await.expect("the name is free");
        assert_eq!(made.outcome, Outcome::Created, "{made:?}");
        let again = handle.create(new("a", "dev")).await;
        assert!(matches!(again, Err(FleetError::AlreadyExists(_))), "{again:?}");
        let gone = handle.delete(&name("a"), None).await.expect("it is there");
        assert_eq!(gone.outcome, Outcome::Removed, "{gone:?}");
        assert_eq!(world.state("a"), None);
        assert!(!handle.snapshot().agents.contains_key(&name("a")));
        let volume = world.docker.volume("claude-hooks-a-state").expect("it is kept");
        let made = handle.create(new("a", "dev")).await.expect("the name is free again");
        assert_eq!(made.outcome, Outcome::Created, "{made:?}");
        assert_eq!(world.docker.volume("claude-hooks-a-state"), Some(volume));
        let kinds = world.events(&handle, "a").await;
        assert!(kinds.contains(&ContainerRemoved) && !kinds.contains(&ContainerMissing), "{kinds:?}");
    });
}

#[test]
fn a_lost_volume_halts_the_instance_until_the_loss_is_accepted() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.unreachable(true);
        world.docker.remove_by_hand("claude-hooks-a");
        world.docker.remove_volume_by_hand("claude-hooks-a-state").expect("nobody uses it");
        world.docker.unreachable(false);
        pass(300).await;
        assert_eq!(world.state("a"), None, "an empty state is not begun in silence");
        assert_eq!(world.events(&handle, "a").await.iter().filter(|kind| **kind == StateLost).count(), 1);
        assert!(condition(&handle, "a", ConditionType::StateLost).is_some());
        let refused = handle.command(&name("a"), Command::Recover { accept_state_loss: false }, false).await;
        assert!(matches!(refused, Err(FleetError::Denied { .. })), "{refused:?}");
        let done = handle.command(&name("a"), Command::Recover { accept_state_loss: true }, false).await;
        assert_eq!(done.expect("it is there").outcome, Outcome::Created);
        assert_eq!(world.state("a"), Some(ContainerState::Running));
    });
}

#[test]
fn a_halt_is_tried_again_only_when_somebody_asks_and_told_once() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let volume = world.docker.volume("claude-hooks-a-state").expect("it was made");
        world.docker.unreachable(true);
        world.docker.remove_by_hand("claude-hooks-a");
        world.docker.remove_volume_by_hand("claude-hooks-a-state").expect("nobody uses it");
        world.docker.unreachable(false);
        pass(120).await;
        let asked = handle.reconcile_one(&name("a")).await.expect("it is known");
        assert_eq!(asked.outcome, Outcome::Failed);
        assert_eq!(world.events(&handle, "a").await.iter().filter(|kind| **kind == StateLost).count(), 1);
        world.docker.create_volume_by_hand("claude-hooks-a-state", volume.labels);
        pass(120).await;
        assert_eq!(world.state("a"), None, "nobody asked");
        let asked = handle.reconcile_one(&name("a")).await.expect("it is known");
        assert_eq!(asked.outcome, Outcome::Created, "{asked:?}");
        assert!(condition(&handle, "a", ConditionType::StateLost).is_none());
    });
}

#[test]
fn everything_comes_back_after_dockerd_was_killed() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("a2", "dev"), ("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.restart_dockerd(DockerdRestart::Killed);
        pass(30).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        assert_eq!(world.state("a2"), Some(ContainerState::Running));
        assert_eq!(world.state("b"), Some(ContainerState::Created));
        assert_eq!(agent(&handle, "a").observed.phase, Phase::Running);
    });
}

#[test]
fn a_renamed_container_gets_its_name_back_and_no_second_one_is_made() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let _handle = world.boot().await;
        let id = world.docker.container("claude-hooks-a").map(|c| c.id);
        world.docker.rename_by_hand("claude-hooks-a", "elsewhere").expect("the name is free");
        tokio::time::sleep(Duration::from_secs(70)).await;
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.id), id);
        assert_eq!(world.docker.containers().len(), 1);
    });
}
