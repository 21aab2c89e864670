//! Names of images.

use super::RuntimeWorld;
use super::scene::Scene;
use crate::model::Lifecycle;
use crate::ports::RuntimeError;

pub async fn an_image_is_given_another_name_which_is_found_and_taken_away(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "tagged");
    let repository = format!("{}-tagged", world.prefix().as_ref());
    let id =
        scene.docker.image(&world.staying().image).await.expect("docker answers").expect("it is here").id;
    let name = format!("{repository}:{}", id.trim_start_matches("sha256:"));
    assert_eq!(scene.docker.image_tags(&repository).await, Ok(Vec::new()));
    scene.docker.tag_image(&id, &name).await.expect("it is here");
    scene.docker.tag_image(&id, &name).await.expect("again");
    assert_eq!(
        scene.docker.image(&name).await.expect("docker answers").map(|image| image.id),
        Some(id.clone())
    );
    let tag = id.trim_start_matches("sha256:").to_owned();
    assert_eq!(scene.docker.image_tags(&repository).await, Ok(vec![tag]));
    scene.docker.untag_image(&name).await.expect("it has other names");
    scene.docker.untag_image(&name).await.expect("it is gone already");
    assert_eq!(scene.docker.image(&name).await, Ok(None));
    assert_eq!(scene.docker.image(&id).await.expect("docker answers").map(|image| image.id), Some(id));
    let missing = scene.docker.tag_image("claude-hooks-contract/there-is-no-such-image:0", &name).await;
    assert!(matches!(missing, Err(RuntimeError::NoSuchImage { .. })), "{missing:?}");
}

pub async fn the_last_name_of_an_image_in_use_stays(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "last-name");
    let program = world.alone();
    scene.made(scene.order(Lifecycle::Lazy, program.clone())).await;
    let refused = scene.docker.untag_image(&program.image).await;
    assert!(matches!(refused, Err(RuntimeError::Conflict { .. })), "{refused:?}");
    assert!(scene.docker.image(&program.image).await.expect("docker answers").is_some());
}
