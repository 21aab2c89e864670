//! What operators, and whoever works with an agent, do to a rollout.

use super::*;
use crate::model::ClaimTarget;
use crate::ports::RuntimeError;
use crate::testing::Verb;

#[test]
fn a_member_is_waited_for_until_whoever_works_with_it_is_done() {
    virtually(async {
        let world = World::with(&POOL[..1]).await;
        let handle = world.boot().await;
        world.docker.retag("agent:1");
        let task = submit(&handle, sleeping("a", 120)).await;
        super::super::tasks::in_state(&handle, task, TaskState::Running).await;
        let rollout = begin(&handle, "dev", quick()).await;
        pass(100).await;
        assert_eq!(states(&handle.rollout(rollout.id).await.expect("known")), [MemberState::Draining]);
        let queued = submit(&handle, sleeping("a", 1)).await;
        assert_eq!(done(&handle, task).await.state, TaskState::Succeeded);
        assert_eq!(ended(&handle, rollout.id).await.state, RolloutState::Done);
        assert_eq!(done(&handle, queued).await.state, TaskState::Succeeded);
    });
}

#[test]
fn a_drain_that_takes_too_long_pauses_and_gives_the_member_back() {
    virtually(async {
        let world = World::with(&POOL[..1]).await;
        let handle = world.boot().await;
        world.docker.retag("agent:1");
        let task = submit(&handle, sleeping("a", 120)).await;
        super::super::tasks::in_state(&handle, task, TaskState::Running).await;
        let rollout = begin(&handle, "dev", Strategy { drain_s: Some(10), ..quick() }).await;
        let paused = rollout_is(&handle, rollout.id, |r| r.state == RolloutState::Paused).await;
        assert_eq!(states(&paused), [MemberState::Pending]);
        assert!(
            paused.reason.is_some_and(|reason| reason.contains("somebody still worked with it after 10 s"))
        );
        pass(1).await;
        assert_eq!(condition(&handle, "a", ConditionType::Cordoned), None);
        done(&handle, task).await;
        handle.resume_rollout(rollout.id).await.expect("it is paused");
        assert_eq!(ended(&handle, rollout.id).await.state, RolloutState::Done);
        for kind in [EventKind::RolloutPaused, EventKind::RolloutResumed] {
            assert_eq!(world.fleet_events(&handle, kind).await, 1);
        }
    });
}

#[test]
fn an_operators_cordon_stays_and_nobody_gets_the_member_meanwhile() {
    virtually(async {
        let world = World::with(&POOL[..1]).await;
        let handle = world.boot().await;
        handle.cordon(&name("a"), true).await.expect("it is there");
        world.docker.retag("agent:1");
        let rollout = begin(&handle, "dev", quick()).await;
        assert_eq!(ended(&handle, rollout.id).await.state, RolloutState::Done);
        let cordoned = condition(&handle, "a", ConditionType::Cordoned).expect("it stays");
        assert!(cordoned.reason.contains("operator"));
        let claim = crate::model::ClaimRequest::new(ClaimTarget::Instance(name("a")), "me");
        assert!(matches!(handle.acquire(claim).await, Err(FleetError::NobodyFree { .. })));
    });
}

#[test]
fn trouble_after_the_canary_pauses_and_a_resume_tries_once_more() {
    virtually(async {
        let world = World::with(&POOL[..3]).await;
        let handle = world.boot().await;
        let newer = world.docker.retag("agent:1");
        let rollout = begin(&handle, "dev", quick()).await;
        rollout_is(&handle, rollout.id, member_is("a", MemberState::Done)).await;
        let full = RuntimeError::NoSpace { detail: "no space left on device".into() };
        world.docker.fail_next(Verb::Start, full);
        let paused = rollout_is(&handle, rollout.id, |r| r.state == RolloutState::Paused).await;
        assert!(paused.reason.as_ref().is_some_and(|reason| reason.contains("no space left")), "{paused:?}");
        rollout_is(&handle, rollout.id, member_is("b", MemberState::RolledBack)).await;
        pass(60).await;
        assert_eq!(
            states(&handle.rollout(rollout.id).await.expect("known")),
            [MemberState::Done, MemberState::RolledBack, MemberState::Pending]
        );
        assert!(agent(&handle, "b").pin.as_ref().is_some_and(|pin| pin.reason.is_some()));
        handle.resume_rollout(rollout.id).await.expect("it is paused");
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!((rollout.state, states(&rollout)), (RolloutState::Done, vec![MemberState::Done; 3]));
        for instance in ["a", "b", "c"] {
            assert_eq!(
                (image_of(&world, instance), agent(&handle, instance).pin.clone()),
                (newer.clone(), None)
            );
        }
        world.docker.assert_invariants();
    });
}

#[test]
fn a_paused_rollout_stands_still_also_under_another_daemon_and_an_abort_leaves_all_as_it_is() {
    virtually(async {
        let world = World::with(&POOL[..3]).await;
        let handle = world.boot().await;
        let old = image_of(&world, "c");
        world.docker.retag("agent:1");
        let rollout = begin(&handle, "dev", quick()).await;
        rollout_is(&handle, rollout.id, member_is("a", MemberState::Watching)).await;
        let paused = handle.pause_rollout(rollout.id).await.expect("it runs");
        assert_eq!(paused.state, RolloutState::Paused);
        pass(60).await;
        handle.stop().await;
        let handle = world.boot().await;
        pass(60).await;
        let now = handle.rollout(rollout.id).await.expect("known");
        assert_eq!(now.state, RolloutState::Paused);
        assert_eq!(states(&now), [MemberState::Done, MemberState::Pending, MemberState::Pending]);
        handle.resume_rollout(rollout.id).await.expect("it is paused");
        rollout_is(&handle, rollout.id, member_is("b", MemberState::Watching)).await;
        let aborted = handle.abort_rollout(rollout.id).await.expect("it runs");
        assert_eq!((aborted.state, aborted.ended_at.is_some()), (RolloutState::Aborted, true));
        assert_eq!(states(&aborted), [MemberState::Done, MemberState::Done, MemberState::Pending]);
        pass(5).await;
        assert_eq!(image_of(&world, "c"), old);
        for (instance, _) in &POOL[..3] {
            assert_eq!(agent(&handle, instance).pin, None);
            assert_eq!(condition(&handle, instance, ConditionType::Cordoned), None);
        }
        assert_eq!(names(&aborted), [name("a"), name("b"), name("c")]);
    });
}

#[test]
fn while_docker_is_away_nothing_moves_and_nothing_is_blamed() {
    virtually(async {
        let world = World::with(&POOL[..2]).await;
        let handle = world.boot().await;
        world.docker.retag("agent:1");
        let rollout = begin(&handle, "dev", quick()).await;
        rollout_is(&handle, rollout.id, member_is("a", MemberState::Recreating)).await;
        world.docker.unreachable(true);
        pass(300).await;
        assert!(!handle.rollout(rollout.id).await.expect("known").state.has_ended());
        world.docker.unreachable(false);
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!(rollout.state, RolloutState::Done, "{rollout:#?}");
        world.docker.assert_invariants();
    });
}

#[test]
fn a_width_lets_several_be_out_after_the_canary() {
    virtually(async {
        let world = World::with(&POOL).await;
        let handle = world.boot().await;
        world.docker.retag("agent:1");
        let rollout = begin(&handle, "dev", Strategy { width: 2, ..quick() }).await;
        let mut most = 0;
        let rollout = loop {
            let now = handle.rollout(rollout.id).await.expect("known");
            let out = now.members.iter().filter(|member| member.state.is_out()).count();
            let canary_done = now.members.iter().any(|m| m.canary && m.state == MemberState::Done);
            assert!(out <= if canary_done { 2 } else { 1 }, "{now:#?}");
            most = out.max(most);
            if now.state.has_ended() {
                break now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!((rollout.state, most), (RolloutState::Done, 2));
    });
}
