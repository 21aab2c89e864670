//! Containers: what is there, and whose it is.

use futures_util::future::join_all;

use super::RuntimeWorld;
use super::scene::Scene;
use crate::model::{ContainerId, ContainerState, Lifecycle, OurLabels, RestartPolicy};
use crate::ports::{RuntimeError, Target};
use crate::testing::name;

/// A reference that no engine has and no registry could.
const NO_IMAGE: &str = "claude-hooks-contract/there-is-no-such-image:0";

fn nobody() -> ContainerId {
    ContainerId::parse(&"0123456789abcdef".repeat(4)).expect("64 hexadecimal digits")
}

pub async fn an_absent_container_is_confirmed_absent(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "absent");
    let expected = [scene.known(&nobody())];
    assert_eq!(scene.look_for(&expected).await, []);
    let fleet = scene.docker.observe_fleet(&expected).await.expect("an absent container is no error");
    assert!(fleet.containers.iter().all(|seen| seen.name != scene.container()), "{fleet:?}");
}

pub async fn a_created_container_is_seen_as_it_was_ordered(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "ordered");
    scene.make_volume("ordered").await;
    let order = scene.order(Lifecycle::Hot, world.staying());
    let id = scene.made(order.clone()).await;
    let seen = scene.seen().await;
    assert_eq!((&seen.id, &seen.name), (&id, &scene.container()));
    assert_eq!(seen.labels, OurLabels { volume: None, ..order.labels });
    assert_eq!(seen.state, ContainerState::Created);
    assert!(!seen.ever_started(), "{seen:?}");
    assert_eq!(seen.restart_policy, RestartPolicy::UnlessStopped);
    assert_eq!(seen.restart_count, 0);
    assert_eq!(seen.state_volume, Some(scene.volume()));
    assert_eq!(seen.image, order.spec.image);
    let image = scene.docker.image(&order.spec.image).await.expect("docker answers");
    assert_eq!(Some(&seen.image_id), image.as_ref().map(|image| &image.id));
    let fleet = scene.fleet().await;
    assert_eq!(fleet.into_iter().find(|other| other.id == id), Some(seen));
}

pub async fn a_lazy_container_has_no_restart_policy(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "no-policy");
    scene.created(Lifecycle::Lazy).await;
    assert_eq!(scene.seen().await.restart_policy, RestartPolicy::No);
}

pub async fn a_taken_name_is_a_conflict(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "taken");
    let id = scene.created(Lifecycle::Hot).await;
    let again = scene.docker.create(&scene.order(Lifecycle::Lazy, world.staying())).await;
    assert!(matches!(again, Err(RuntimeError::Conflict { .. })), "{again:?}");
    let seen = scene.seen().await;
    assert_eq!((seen.id, seen.restart_policy), (id, RestartPolicy::UnlessStopped));
}

pub async fn of_parallel_creates_exactly_one_wins(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "parallel");
    let order = scene.order(Lifecycle::Hot, world.staying());
    let results = join_all((0..4).map(|_| scene.docker.create(&order))).await;
    let won: Vec<&ContainerId> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(won, [&scene.seen().await.id], "{results:?}");
    let lost = results.iter().filter(|result| matches!(result, Err(RuntimeError::Conflict { .. }))).count();
    assert_eq!(lost, 3, "{results:?}");
}

pub async fn a_missing_image_is_said_to_be_missing(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "no-image");
    assert_eq!(scene.docker.image(NO_IMAGE).await, Ok(None));
    let mut order = scene.order(Lifecycle::Hot, world.staying());
    NO_IMAGE.clone_into(&mut order.spec.image);
    let refused = scene.docker.create(&order).await;
    assert!(
        matches!(&refused, Err(RuntimeError::NoSuchImage { image, .. }) if image == NO_IMAGE),
        "{refused:?}"
    );
    assert_eq!(scene.look().await, None);
}

pub async fn an_image_is_known_by_its_full_id(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "image");
    let image = scene.docker.image(&world.staying().image).await.expect("docker answers");
    let id = image.expect("the world has this image").id;
    let hex = id.strip_prefix("sha256:").unwrap_or_else(|| panic!("{id} is a full id"));
    assert_eq!((hex.len(), hex.bytes().all(|b| b.is_ascii_hexdigit())), (64, true), "{id}");
}

/// Docker's inspect of several things exits with an error as soon as one of them is missing.
pub async fn one_look_tells_the_present_from_the_absent(world: &dyn RuntimeWorld) {
    let (first, second) = (Scene::new(world, "several-1"), Scene::new(world, "several-2"));
    let mut present = [first.created(Lifecycle::Hot).await, second.created(Lifecycle::Lazy).await];
    let absent = Target { name: name("several-absent"), known: vec![nobody()] };
    let seen = first.look_for(&[first.target(), absent, second.target()]).await;
    let mut seen: Vec<ContainerId> = seen.into_iter().map(|seen| seen.id).collect();
    seen.sort();
    present.sort();
    assert_eq!(seen, present);
    assert_eq!(first.look_for(&[]).await, []);
}

pub async fn a_foreign_container_on_a_name_of_ours_is_seen(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "foreign");
    world.run_foreign(&scene.container()).await;
    let seen = scene.seen().await;
    assert_eq!((seen.name.as_str(), &seen.labels), (scene.container().as_str(), &OurLabels::default()));
    assert!(scene.fleet().await.iter().any(|other| other.id == seen.id), "the whole look shows it too");
    let refused = scene.docker.create(&scene.order(Lifecycle::Hot, world.staying())).await;
    assert!(matches!(refused, Err(RuntimeError::Conflict { .. })), "{refused:?}");
}

/// Docker's name filter is an unanchored regular expression.
pub async fn a_name_that_only_contains_ours_is_not_ours(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "contained");
    let name = format!("x-{}", scene.container());
    world.run_foreign(&name).await;
    assert_eq!(scene.look().await, None);
    let fleet = scene.fleet().await;
    assert!(fleet.iter().all(|seen| seen.name != name), "{fleet:?}");
}

pub async fn one_renamed_by_hand_is_found_by_its_id(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "renamed-by-hand");
    let id = scene.created(Lifecycle::Hot).await;
    let away = format!("elsewhere-{}", scene.container());
    world.rename_by_hand(&scene.container(), &away).await;
    assert_eq!(scene.look().await, None);
    let seen = scene.look_for(&[scene.known(&id)]).await;
    assert_eq!(seen.iter().map(|seen| (&seen.id, &seen.name)).collect::<Vec<_>>(), [(&id, &away)]);
    assert!(scene.fleet().await.iter().any(|seen| seen.id == id && seen.name == away));
}

pub async fn a_rename_is_seen_and_a_taken_name_is_a_conflict(world: &dyn RuntimeWorld) {
    let (scene, other) = (Scene::new(world, "renamed"), Scene::new(world, "renamed-to"));
    let id = scene.created(Lifecycle::Hot).await;
    scene.docker.rename(&id, &other.container()).await.expect("the name is free");
    assert_eq!((scene.look().await, other.seen().await.id), (None, id.clone()));
    let second = scene.created(Lifecycle::Hot).await;
    let refused = scene.docker.rename(&second, &other.container()).await;
    assert!(matches!(refused, Err(RuntimeError::Conflict { .. })), "{refused:?}");
    assert_eq!((scene.seen().await.id, other.seen().await.id), (second, id));
}

pub async fn a_changed_restart_policy_is_seen(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "policy");
    let id = scene.created(Lifecycle::Hot).await;
    scene.docker.set_restart_policy(&id, RestartPolicy::No).await.expect("one at rest can be changed");
    assert_eq!(scene.seen().await.restart_policy, RestartPolicy::No);
    scene.docker.start(&id).await.expect("it starts");
    let before = scene.seen().await;
    scene.docker.set_restart_policy(&id, RestartPolicy::UnlessStopped).await.expect("so can a running one");
    let after = scene.seen().await;
    assert_eq!(after.restart_policy, RestartPolicy::UnlessStopped);
    assert_eq!(after.incarnation(), before.incarnation());
}

pub async fn a_running_container_is_removed_only_by_force(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "force");
    let id = scene.running(Lifecycle::Hot).await;
    let refused = scene.docker.remove(&id, false).await;
    assert!(matches!(refused, Err(RuntimeError::Conflict { .. })), "{refused:?}");
    assert_eq!(scene.seen().await.state, ContainerState::Running);
    scene.docker.remove(&id, true).await.expect("force removes it");
    assert_eq!(scene.look_for(&[scene.known(&id)]).await, []);
}

pub async fn removing_a_missing_container_succeeds(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "remove-missing");
    let id = scene.created(Lifecycle::Lazy).await;
    scene.docker.remove(&id, false).await.expect("one at rest needs no force");
    assert_eq!(scene.look().await, None);
    assert_eq!(scene.docker.remove(&id, false).await, Ok(()));
    assert_eq!(scene.docker.remove(&id, true).await, Ok(()));
}

pub async fn one_removed_by_hand_is_absent(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "removed-by-hand");
    let id = scene.running(Lifecycle::Hot).await;
    world.remove_by_hand(&scene.container()).await;
    assert_eq!(scene.look_for(&[scene.known(&id)]).await, []);
    let fleet = scene.docker.observe_fleet(&[scene.known(&id)]).await.expect("docker answers");
    assert!(fleet.containers.iter().all(|seen| seen.id != id));
    assert!(scene.look_at_volume().await.is_some(), "named volumes stay");
}

pub async fn what_is_missing_is_not_found(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "not-found");
    let (docker, id) = (&scene.docker, nobody());
    let results = [
        ("start", docker.start(&id).await),
        ("stop", docker.stop(&id, std::time::Duration::ZERO).await),
        ("rename", docker.rename(&id, &scene.container()).await),
        ("set_restart_policy", docker.set_restart_policy(&id, RestartPolicy::No).await),
        ("unpause", docker.unpause(&id).await),
        ("remove_volume", docker.remove_volume(&scene.volume()).await),
    ];
    for (verb, result) in results {
        assert!(matches!(result, Err(RuntimeError::NotFound { .. })), "{verb}: {result:?}");
    }
}
