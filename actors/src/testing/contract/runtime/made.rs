//! What a container was made of.

use super::RuntimeWorld;
use super::scene::Scene;
use crate::model::{ContainerId, Lifecycle, Limits, RestartPolicy};

pub async fn what_a_container_was_made_of_is_told_without_its_secrets(world: &dyn RuntimeWorld) {
    let scene = Scene::new(world, "made-of");
    let mut order = scene.order(Lifecycle::Lazy, world.staying());
    order.spec.env = [("PLAIN", "a=b c"), ("HIDDEN", "s3cret")].map(|(k, v)| (k.into(), v.into())).into();
    order.spec.limits = Limits { memory_bytes: Some(64 << 20), milli_cpus: Some(250), pids: Some(40) };
    order.spec.user = Some("1000:1000".into());
    let id = scene.made(order.clone()).await;
    let shown = ["PLAIN".to_owned()].into();
    let made = scene.docker.container_spec(&id, &shown, None).await.expect("docker answers");
    let made = made.expect("it is there");
    assert!(!format!("{made:?}").contains("s3cret"), "{made:?}");
    assert_eq!(made.env.get("PLAIN"), Some(&Some("a=b c".to_owned())));
    assert_eq!(made.env.get("HIDDEN"), Some(&None), "its name is told");
    assert_eq!((&made.image, &made.command), (&order.spec.image, &order.spec.command));
    assert_eq!((&made.user, &made.limits), (&order.spec.user, &order.spec.limits));
    assert_eq!((made.network.as_str(), made.restart_policy), ("none", RestartPolicy::No));
    assert_eq!(
        (&made.mounts, &made.credentials),
        (&Vec::new(), &None),
        "the state volume is no mount of the spec"
    );
    assert_eq!(made.labels.spec, order.labels.spec);
    let token = scene.docker.container_spec(&id, &shown, Some("PLAIN")).await.expect("docker answers");
    assert_eq!(token.expect("it is there").env.get("PLAIN"), Some(&None), "a token is never shown");
    let nobody = ContainerId::parse(&"0123456789abcdef".repeat(4)).expect("64 hexadecimal digits");
    assert_eq!(scene.docker.container_spec(&nobody, &shown, None).await, Ok(None));
}
