//! Differences, one by one.

use super::*;
use crate::model::{Agent, Desired, ImageDefaults, OurLabels, Power};
use crate::testing::{catalog, name, type_name};

fn desired() -> Box<DesiredContainer> {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let agent = Agent {
        name: name("dev-1"),
        agent_type: type_name("dev"),
        overrides: overrides(),
        power: Power::On,
        generation: 1,
        created_at: at,
        updated_at: at,
        volume: None,
        broken: None,
    };
    let mut catalog = catalog();
    let dev = catalog.types.get_mut(&type_name("dev")).expect("declared");
    dev.token_env = Some("AGENT_TOKEN".into());
    match catalog.resolve(&agent) {
        Desired::Container(desired) => desired,
        other => panic!("it has a container: {other:?}"),
    }
}

fn overrides() -> Overrides {
    Overrides { env: [("MY_API_KEY".into(), "s3cret".into())].into(), ..Overrides::default() }
}

/// Made exactly as desired.
fn observed(desired: &DesiredContainer) -> ObservedSpec {
    let spec = &desired.spec;
    ObservedSpec {
        labels: OurLabels {
            spec: Some(desired.spec_hash.to_string()),
            lifecycle: Some("hot".into()),
            ..OurLabels::default()
        },
        image: spec.image.clone(),
        image_id: "sha256:1".into(),
        command: spec.command.clone(),
        user: None,
        env: desired_env(desired),
        mounts: Vec::new(),
        network: spec.network.clone(),
        limits: spec.limits.clone(),
        restart_policy: RestartPolicy::UnlessStopped,
        credentials: None,
        runner: Some(spec.runner),
        agent_socket: spec.agent_socket,
        image_defaults: Some(ImageDefaults { command: spec.command.clone(), user: None }),
    }
}

fn spec_of(desired: &DesiredContainer, observed: &ObservedSpec) -> AgentSpec {
    let desired = Ok((desired, Some("sha256:1".into())));
    AgentSpec::new(&name("dev-1"), &overrides(), desired, Some(observed))
}

#[test]
fn what_was_made_as_desired_has_no_drift_and_no_secret_is_shown() {
    let desired = desired();
    let spec = spec_of(&desired, &observed(&desired));
    assert_eq!((&spec.drift, &spec.explanation, spec.stale), (&vec![], &None, false));
    let text = serde_json::to_string(&spec).expect("plain values");
    assert!(
        !text.contains("s3cret") && text.contains("MY_API_KEY") && text.contains("AGENT_TOKEN"),
        "{text}"
    );
    insta::assert_json_snapshot!(spec, { ".*.spec_hash" => "[hash]" });
}

#[test]
fn every_field_that_differs_is_named_with_both_sides() {
    type Change = fn(&mut ObservedSpec);
    let desired = desired();
    let changes: [(&str, Change); 12] = [
        ("image", |made| made.image = "agent:0".into()),
        ("command", |made| made.command = vec!["true".into()]),
        ("user", |made| made.user = Some("0".into())),
        ("lifecycle", |made| made.labels.lifecycle = Some("lazy".into())),
        ("restart_policy", |made| made.restart_policy = RestartPolicy::No),
        ("env.A", |made| drop(made.env.insert("A".into(), Some("other".into())))),
        ("env.MY_API_KEY", |made| drop(made.env.insert("MY_API_KEY".into(), Some("0ld".into())))),
        ("env.AGENT_TOKEN", |made| drop(made.env.remove("AGENT_TOKEN"))),
        ("env.EXTRA", |made| drop(made.env.insert("EXTRA".into(), None))),
        ("network", |made| made.network = "bridge".into()),
        ("limits.pids", |made| made.limits.pids = None),
        ("runner", |made| made.runner = Some(0)),
    ];
    let mut all = Vec::new();
    for (field, change) in changes {
        let mut made = observed(&desired);
        change(&mut made);
        let spec = spec_of(&desired, &made);
        let fields: Vec<&str> = spec.drift.iter().map(|drift| drift.field.as_str()).collect();
        assert_eq!((fields, &spec.explanation), (vec![field], &None));
        all.extend(spec.drift);
    }
    let text = serde_json::to_string(&all).expect("plain values");
    assert!(!text.contains("s3cret") && !text.contains("0ld"), "{text}");
}

#[test]
fn a_hash_that_no_field_explains_is_explained() {
    let desired = desired();
    let mut made = observed(&desired);
    made.labels.spec = Some("another".into());
    let spec = spec_of(&desired, &made);
    assert_eq!(spec.drift.len(), 1);
    assert_eq!(
        (spec.drift[0].field.as_str(), spec.explanation.as_deref()),
        ("spec_hash", Some(OTHER_VERSION))
    );
    made.limits.pids = Some(1);
    let spec = spec_of(&desired, &made);
    assert_eq!((spec.drift[0].field.as_str(), spec.explanation), ("limits.pids", None));
}

#[test]
fn a_tag_that_means_another_image_is_stale_and_no_drift() {
    let desired = desired();
    let made = ObservedSpec { image_id: "sha256:0".into(), ..observed(&desired) };
    let spec = spec_of(&desired, &made);
    assert!(spec.stale && spec.drift.is_empty(), "{spec:?}");
}
