use super::world::{World, agent, condition, pass, virtually};
use crate::model::{ConditionType, ContainerState, OurLabels, VolumeRecord};
use crate::ports::AgentStore as _;
use crate::testing::{Verb, name};

#[test]
fn a_new_agent_costs_four_docker_calls_between_the_looks_at_containers() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let mark = world.docker.mark();
        world.boot().await;
        let calls = world.docker.calls_since(mark).into_iter().map(|call| call.verb);
        let looks = [Verb::ObserveFleet, Verb::Observe, Verb::Events];
        let calls: Vec<Verb> = calls.filter(|verb| !looks.contains(verb)).collect();
        assert_eq!(calls, [Verb::CreateVolume, Verb::Volumes, Verb::Create, Verb::Start]);
    });
}

#[test]
fn a_volume_of_somebody_else_under_the_name_is_left_as_it_is_and_not_used() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        world.docker.create_volume_by_hand("claude-hooks-a-state", OurLabels::default());
        let theirs = world.docker.volume("claude-hooks-a-state");
        let handle = world.boot().await;
        pass(300).await;
        assert_eq!(world.state("a"), None);
        assert!(condition(&handle, "a", ConditionType::NameConflict).is_some(), "{:?}", agent(&handle, "a"));
        assert_eq!(world.docker.volume("claude-hooks-a-state"), theirs);

        world.docker.remove_volume_by_hand("claude-hooks-a-state").expect("nobody uses it");
        handle.reconcile_one(&name("a")).await.expect("it is known");
        assert_eq!(world.state("a"), Some(ContainerState::Running), "the name is free");
        world.docker.assert_invariants();
    });
}

#[test]
fn a_volume_in_use_is_recorded_also_where_another_one_was_about_to_be_made() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let volume = world.docker.volume("claude-hooks-a-state").expect("it was made");
        handle.stop().await;
        let other = VolumeRecord::Pending { uuid: "never made".into() };
        world.store.set_volume(&name("a"), Some(&other)).await.expect("the row is there");

        world.boot().await;
        pass(1).await;
        let row = world.store.agent(&name("a")).await.expect("the store answers").expect("the row is there");
        let uuid = volume.labels.volume.expect("a volume of ours has a uuid");
        assert_eq!(row.volume, Some(VolumeRecord::Ours { uuid }), "so that its loss would be noticed");
    });
}
