//! Volumes, in which the agents' state lives.

use super::RuntimeWorld;
use super::scene::Scene;
use crate::model::{Lifecycle, OurLabels};
use crate::ports::RuntimeError;

pub async fn a_missing_volume_is_not_listed(world: &dyn RuntimeWorld) {
    let (there, missing) = (Scene::new(world, "volume-there"), Scene::new(world, "volume-missing"));
    there.make_volume("there").await;
    let names = [missing.volume(), there.volume()];
    let found = there.docker.volumes(&names).await.expect("a missing one is no error");
    assert_eq!(found.iter().map(|volume| &volume.name).collect::<Vec<_>>(), [&there.volume()]);
    assert_eq!(there.docker.volumes(&[]).await, Ok(Vec::new()));
}

pub async fn a_volume_keeps_its_labels_and_its_time(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "volume-kept");
    scene.make_volume("kept").await;
    let before = scene.look_at_volume().await.expect("it was made");
    assert_eq!(before.labels, scene.volume_labels("kept"));
    assert_ne!(before.created_at, "");
    let id = scene.created(Lifecycle::Lazy).await;
    scene.docker.remove(&id, true).await.expect("it can be removed");
    let after = scene.look_at_volume().await.expect("it outlives its container");
    assert_eq!(after.labels, before.labels);
}

pub async fn making_a_volume_again_is_silent_and_changes_nothing(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "volume-twice");
    scene.make_volume("first").await;
    let first = scene.look_at_volume().await;
    assert_eq!(first.as_ref().and_then(|volume| volume.labels.volume.as_deref()), Some("first"));
    // Longer than the seconds in which docker tells the time of a volume.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    scene.make_volume("second").await;
    assert_eq!(scene.look_at_volume().await, first);
}

pub async fn a_missing_volume_is_made_in_silence_without_labels(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "volume-silent");
    scene.created(Lifecycle::Lazy).await;
    let made = scene.look_at_volume().await.expect("docker made it");
    assert_eq!(made.labels, OurLabels::default());
}

pub async fn a_volume_in_use_cannot_be_removed(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "volume-used");
    scene.make_volume("used").await;
    let id = scene.created(Lifecycle::Lazy).await;
    let refused = scene.docker.remove_volume(&scene.volume()).await;
    assert!(matches!(refused, Err(RuntimeError::Conflict { .. })), "{refused:?}");
    scene.docker.remove(&id, true).await.expect("it can be removed");
    scene.docker.remove_volume(&scene.volume()).await.expect("nobody uses it any more");
    assert_eq!(scene.look_at_volume().await, None);
    let missing = scene.docker.remove_volume(&scene.volume()).await;
    assert!(matches!(missing, Err(RuntimeError::NotFound { .. })), "{missing:?}");
}

pub async fn the_users_of_a_volume_are_known_running_or_not(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "volume-users");
    let volume = scene.volume();
    assert_eq!(scene.docker.volume_users(&volume).await, Ok(Vec::new()), "of a missing one there are none");
    let first = scene.created(Lifecycle::Lazy).await;
    assert_eq!(scene.docker.volume_users(&volume).await, Ok(vec![first.clone()]));
    // A renamed container goes on using its volume, and a second one is let in without complaint.
    let away = format!("elsewhere-{}", scene.container());
    scene.docker.rename(&first, &away).await.expect("the name is free");
    let second = scene.running(Lifecycle::Lazy).await;
    let mut users = scene.docker.volume_users(&volume).await.expect("docker answers");
    let mut expected = [first, second];
    users.sort();
    expected.sort();
    assert_eq!(users, expected);
}

pub async fn a_volume_handed_over_stays_the_same_volume(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "volume-handed");
    scene.make_volume("handed").await;
    let image = world.staying().image;
    scene.docker.hand_over_volume(&scene.volume(), &image, "1000:1000").await.expect("it can be handed over");
    let after = scene.look_at_volume().await.expect("it stays");
    assert_eq!(after.labels, scene.volume_labels("handed"));
    assert_eq!(scene.docker.volume_users(&scene.volume()).await, Ok(Vec::new()), "the one-off run is gone");
    assert_eq!(scene.look().await, None);
}

pub async fn the_volumes_of_the_fleet_are_found_by_their_label_and_measured(world: &dyn RuntimeWorld) {
    let (ours, foreign) = (Scene::new(world, "volume-found"), Scene::new(world, "volume-foreign"));
    ours.make_volume("found").await;
    // One that docker made in silence has no label.
    foreign.created(Lifecycle::Lazy).await;
    let found = ours.docker.fleet_volumes().await.expect("docker answers");
    let seen = found.iter().find(|volume| volume.name == ours.volume());
    assert_eq!(seen, ours.look_at_volume().await.as_ref());
    assert!(found.iter().all(|volume| volume.name != foreign.volume()), "{found:?}");
    match ours.docker.volume_sizes().await {
        Ok(sizes) => assert!(sizes.contains_key(&ours.volume()), "{sizes:?}"),
        // Not every engine tells; the deadline may pass on one that is full.
        Err(error) => {
            assert!(matches!(error, RuntimeError::Refused { .. } | RuntimeError::Timeout { .. }), "{error}");
        }
    }
}

pub async fn the_room_on_the_disk_of_a_volume_is_told_where_it_can_be(world: &dyn RuntimeWorld) {
    let (there, missing) = (Scene::new(world, "disk-there"), Scene::new(world, "disk-missing"));
    there.make_volume("there").await;
    let names = [missing.volume(), there.volume()];
    let rooms = there.docker.volume_disks(&names).await.expect("a missing one is no error");
    assert!(!rooms.contains_key(&missing.volume()), "{rooms:?}");
    // An engine elsewhere, or one whose directories are closed to this user, tells nothing.
    if let Some(room) = rooms.get(&there.volume()) {
        assert!(room.total > 0 && room.free <= room.total, "{room:?}");
        assert!(room.files.is_none_or(|files| files.free <= files.total), "{room:?}");
    }
    // Its one directory takes something, or nothing.
    let size = there.docker.volume_size(&there.volume()).await.expect("docker answers");
    assert!(size.is_none_or(|bytes| bytes < 1 << 20), "{size:?}");
    assert_eq!(there.docker.volume_size(&missing.volume()).await, Ok(None));
    assert!(there.docker.volume_disks(&[]).await.expect("docker is not asked").is_empty());
}
