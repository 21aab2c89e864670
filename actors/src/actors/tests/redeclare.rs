use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::FleetError;
use crate::model::{
    AgentType, Catalog, ClaimRequest, ClaimTarget, ConditionType, ContainerState, EventKind, FleetPrefix,
    Lifecycle, NewAgent, Outcome, Overrides, Phase,
};
use crate::testing::{agent_type, catalog, name, type_name};

/// The usual types, `dev` with another image.
fn with_image(image: &str) -> Catalog {
    let mut dev = agent_type("dev", Lifecycle::Hot);
    if let Some(container) = &mut dev.container {
        container.image = image.to_owned();
    }
    with(dev)
}

fn with(declared: AgentType) -> Catalog {
    let mut catalog = catalog();
    catalog.types.insert(declared.name.clone(), declared);
    catalog
}

fn image_of(world: &World, instance: &str) -> String {
    world.docker.container(&format!("claude-hooks-{instance}")).expect("it is there").image
}

async fn reconcile(handle: &FleetHandle) -> Vec<(Outcome, Vec<String>)> {
    let report = handle.reconcile_all(false).await.expect("docker answers");
    let words = |names: &[crate::model::InstanceName]| names.iter().map(ToString::to_string).collect();
    let buckets = report.buckets().into_iter();
    buckets.filter(|(_, names)| !names.is_empty()).map(|(outcome, names)| (outcome, words(names))).collect()
}

#[test]
fn a_changed_type_replaces_its_containers_and_no_others() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev"), ("c", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.add_image("agent:2");
        handle.redeclare(with_image("agent:2")).await;
        reconcile(&handle).await;
        assert_eq!(["a", "b", "c"].map(|name| image_of(&world, name)), ["agent:2", "agent:2", "agent:1"]);
        for instance in ["a", "b"] {
            until(&handle, instance, Phase::Running).await;
            let kinds = world.events(&handle, instance).await;
            assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::ContainerRecreated).count(), 1);
        }
        assert_eq!(
            reconcile(&handle).await,
            [(Outcome::Unchanged, ["a", "b", "c"].map(String::from).into())]
        );
        world.docker.assert_invariants();
    });
}

#[test]
fn types_that_are_declared_as_before_change_nothing() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("b", "dev")]).await;
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").expect("it runs");
        handle.redeclare(catalog()).await;
        reconcile(&handle).await;
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.id), Some(before.id));
    });
}

#[test]
fn whoever_works_with_an_agent_is_not_cut_off_by_a_changed_type() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let claim = ClaimRequest::new(ClaimTarget::Instance(name("a")), "me");
        let lease = handle.acquire(claim).await.expect("it is free");
        world.docker.add_image("agent:2");
        handle.redeclare(with_image("agent:2")).await;
        reconcile(&handle).await;
        assert_eq!(image_of(&world, "a"), "agent:1");
        assert!(condition(&handle, "a", ConditionType::Draining).is_some());
        handle.release(lease.id, lease.fence).await.expect("it stands");
        reconcile(&handle).await;
        assert_eq!(image_of(&world, "a"), "agent:2");
    });
}

#[test]
fn agents_of_a_type_that_is_declared_no_more_run_on_and_say_so() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let mut fewer = catalog();
        fewer.types.remove(&type_name("dev"));
        handle.redeclare(fewer).await;
        reconcile(&handle).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        assert!(condition(&handle, "a", ConditionType::Unresolvable).is_some(), "{:?}", agent(&handle, "a"));
        let new = |agent_type: &str| NewAgent {
            name: name("b"),
            agent_type: type_name(agent_type),
            overrides: Overrides::default(),
        };
        let refused = handle.create(new("dev")).await;
        assert!(matches!(refused, Err(FleetError::Invalid(_))), "{refused:?}");

        handle.redeclare(with(agent_type("new", Lifecycle::Lazy))).await;
        reconcile(&handle).await;
        assert!(condition(&handle, "a", ConditionType::Unresolvable).is_none());
        let made = handle.create(new("new")).await.expect("the type is declared now");
        assert_eq!(made.outcome, Outcome::Created);
    });
}

#[test]
fn types_that_are_declared_anew_are_listed_at_once_and_under_another_generation() {
    virtually(async {
        let world = World::with(&[]).await;
        let handle = world.boot().await;
        let before = handle.snapshot().generation;
        handle.redeclare(with(agent_type("new", Lifecycle::Lazy))).await;
        assert!(handle.types().iter().any(|shown| shown.name == type_name("new")));
        assert!(handle.snapshot().generation > before);
    });
}

#[test]
fn while_docker_is_away_types_are_taken_over_and_followed_when_it_is_back() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        world.docker.add_image("agent:2");
        world.docker.unreachable(true);
        handle.redeclare(with_image("agent:2")).await;
        assert!(handle.reconcile_all(false).await.is_err());
        world.docker.unreachable(false);
        pass(30).await;
        assert_eq!(image_of(&world, "a"), "agent:2");
    });
}

#[test]
fn the_prefix_of_a_running_fleet_never_changes() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let other = FleetPrefix::parse("other").expect("a valid prefix");
        handle.redeclare(Catalog { prefix: other, ..catalog() }).await;
        let plan = handle.plan().await.expect("docker answers");
        assert_eq!(plan.items.len(), 1, "{plan:?}");
        reconcile(&handle).await;
        assert_eq!(world.docker.containers().len(), 1);
    });
}
