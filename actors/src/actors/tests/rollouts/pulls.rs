//! Images that are fetched: for a rollout, and for a container that is made or replaced.

use super::*;
use crate::model::{Overrides, PullPolicy};
use crate::testing::Verb;

async fn world(pull: PullPolicy) -> World {
    let mut world = World::with(&POOL[..3]).await;
    let declared = world.catalog.types.get_mut(&type_name("dev")).expect("it is declared");
    declared.container.as_mut().expect("it has containers").pull = pull;
    world
}

#[test]
fn a_rollout_fetches_first_and_everybody_gets_what_came() {
    virtually(async {
        let world = world(PullPolicy::Never).await;
        let handle = world.boot().await;
        let offered = world.docker.publish("agent:1");
        let rollout = begin(&handle, "dev", Strategy { pull: Some(true), ..quick() }).await;
        assert!(rollout.members.iter().all(|member| member.to_image_id.is_none()));
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!(rollout.state, RolloutState::Done);
        for (instance, _) in &POOL[..3] {
            assert_eq!(image_of(&world, instance), offered);
        }
        assert_eq!(world.fleet_events(&handle, EventKind::ImagePulled).await, 1);
    });
}

#[test]
fn a_rollout_whose_image_cannot_be_fetched_fails_and_touches_nobody() {
    virtually(async {
        let world = world(PullPolicy::Always).await;
        world.docker.publish("agent:1");
        let handle = world.boot().await;
        let before = world.docker.containers();
        world.docker.fail_always(
            Verb::Pull,
            crate::ports::RuntimeError::Other {
                verb: "pull",
                code: "exit code 1".into(),
                stderr: "connection refused".into(),
            },
        );
        let rollout = begin(&handle, "dev", quick()).await;
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!((rollout.state, states(&rollout)), (RolloutState::Failed, vec![MemberState::Pending; 3]));
        assert!(rollout.reason.is_some_and(|reason| reason.contains("connection refused")));
        assert_eq!(world.docker.containers(), before);
    });
}

#[test]
fn several_that_want_the_same_image_wait_for_one_pull() {
    virtually(async {
        let world = world(PullPolicy::Missing).await;
        world.docker.publish("agent:1");
        world.docker.remove_image("agent:1");
        world.docker.set_latency(Verb::Pull, Duration::from_secs(20));
        let handle = world.boot().await;
        for (instance, _) in &POOL[..3] {
            until(&handle, instance, Phase::Running).await;
        }
        let pulls = world.docker.journal().into_iter().filter(|call| call.verb == Verb::Pull).count();
        assert_eq!(pulls, 1);
    });
}

#[test]
fn an_image_that_is_not_here_leaves_its_agents_alone_and_the_others_get_theirs() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        let other = Overrides { image: Some("other:1".into()), ..Overrides::default() };
        world.docker.add_image("other:1");
        handle.update(&name("b"), 1, other).await.expect("the row is as it was read");
        until(&handle, "b", Phase::Running).await;
        let (of_a, of_b) = (image_of(&world, "a"), image_of(&world, "b"));
        world.docker.remove_image("other:1");
        world.docker.retag("agent:1");
        let rollout = ended(&handle, begin(&handle, "dev", quick()).await.id).await;
        assert_eq!(rollout.state, RolloutState::Done, "{rollout:#?}");
        assert_eq!(states(&rollout), [MemberState::Done, MemberState::Skipped]);
        assert!(rollout.members[1].reason.as_ref().is_some_and(|reason| reason.contains("no image other:1")));
        assert!(image_of(&world, "a") != of_a && image_of(&world, "b") == of_b);

        let rollout = begin(&handle, "dev", quick()).await;
        assert_eq!(
            rollout.state,
            RolloutState::Failed,
            "nobody is left who can have his image: {rollout:#?}"
        );
        assert!(rollout.reason.is_some_and(|reason| reason.contains("no image other:1")));
    });
}
