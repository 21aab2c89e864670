use super::*;
use crate::model::InstanceName;

fn catalog() -> Catalog {
    crate::testing::catalog()
}

fn agent(agent_type: &str, overrides: Overrides) -> Agent {
    Agent {
        name: InstanceName::parse("a").expect("valid"),
        agent_type: TypeName::parse(agent_type).expect("valid"),
        overrides,
        power: Power::On,
        generation: 1,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: jiff::Timestamp::UNIX_EPOCH,
        volume: None,
        broken: None,
    }
}

#[test]
fn a_row_wins_over_its_type_and_everything_else_follows_the_type() {
    let overrides = Overrides {
        lifecycle: Some(Lifecycle::Lazy),
        env: BTreeMap::from([("A".into(), "row".into())]),
        ..Overrides::default()
    };
    let Desired::Container(desired) = catalog().resolve(&agent("dev", overrides)) else {
        panic!("dev has containers")
    };
    assert_eq!(desired.spec.lifecycle, Lifecycle::Lazy);
    assert_eq!(desired.spec.env["A"], "row");
    assert_eq!(desired.spec.image, "agent:1");
}

#[test]
fn any_change_of_the_spec_changes_the_hash_and_power_does_not() {
    let catalog = catalog();
    let hash = |agent: &Agent| match catalog.resolve(agent) {
        Desired::Container(desired) => desired.spec_hash,
        other => panic!("{other:?}"),
    };
    let base = agent("dev", Overrides::default());
    let variants = [
        Overrides { lifecycle: Some(Lifecycle::Lazy), ..Overrides::default() },
        Overrides { image: Some("agent:2".into()), ..Overrides::default() },
        Overrides { command: Some(vec!["x".into()]), ..Overrides::default() },
        Overrides { network: Some("other".into()), ..Overrides::default() },
        Overrides { limits: Limits { pids: Some(7), ..Limits::default() }, ..Overrides::default() },
        Overrides { env: BTreeMap::from([("B".into(), "1".into())]), ..Overrides::default() },
    ];
    for overrides in variants {
        assert_ne!(hash(&agent("dev", overrides.clone())), hash(&base), "{overrides:?}");
    }
    let Desired::Container(desired) = catalog.resolve(&base) else { panic!("dev has containers") };
    assert_eq!(desired.spec.runner, RUNNER_VERSION);
    let mut before_runners = desired.spec;
    before_runners.runner = 0;
    assert_ne!(before_runners.hash(), hash(&base));
    let mut off = base.clone();
    off.power = Power::Off;
    assert_eq!(hash(&off), hash(&base));
}

#[test]
fn an_unknown_type_is_unresolvable_and_names_the_nearest() {
    let Desired::Unresolvable { reason } = catalog().resolve(&agent("dve", Overrides::default())) else {
        panic!("dve is no type")
    };
    assert!(reason.contains("did you mean \"dev\"?"), "{reason}");
}

#[test]
fn a_row_that_cannot_be_understood_is_unresolvable_whatever_else_it_says() {
    let mut broken = agent("dev", Overrides::default());
    broken.broken = Some("env.A: not a text".into());
    assert_eq!(
        catalog().resolve(&broken),
        Desired::Unresolvable { reason: "env.A: not a text".into() },
        "a half-read row must not become a container"
    );
}

#[test]
fn values_that_docker_would_misread_are_refused_with_their_field() {
    let with_env = |key: &str, value: &str| Overrides {
        env: BTreeMap::from([(key.to_owned(), value.to_owned())]),
        ..Overrides::default()
    };
    let cases = [
        (with_env("A B", "1"), "env.A B"),
        (with_env("1A", "1"), "env.1A"),
        (with_env("", "1"), "env."),
        (with_env("A", "1\n2"), "env.A"),
        (Overrides { image: Some("--privileged".into()), ..Overrides::default() }, "image"),
        (Overrides { image: Some("a b".into()), ..Overrides::default() }, "image"),
        (Overrides { network: Some("host".into()), ..Overrides::default() }, "network"),
        (
            Overrides {
                limits: Limits { memory_bytes: Some(1), ..Limits::default() },
                ..Overrides::default()
            },
            "limits.memory",
        ),
    ];
    let dev = TypeName::parse("dev").expect("valid");
    for (overrides, field) in cases {
        match catalog().check(&dev, &overrides, true) {
            Err(CatalogError::BadValue { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[test]
fn a_host_mode_type_takes_no_overrides() {
    let host = TypeName::parse("host").expect("valid");
    let overrides = Overrides { image: Some("x".into()), ..Overrides::default() };
    assert!(matches!(catalog().check(&host, &overrides, true), Err(CatalogError::HostMode(..))));
    assert_eq!(catalog().resolve(&agent("host", Overrides::default())), Desired::Host);
}

/// An upgrade must leave running containers as they are.
#[test]
fn a_spec_without_a_socket_of_its_own_has_the_hash_that_it_had_before_there_were_any() {
    let mut catalog = catalog();
    let hash = |catalog: &Catalog| match catalog.resolve(&agent("dev", Overrides::default())) {
        Desired::Container(desired) => desired.spec_hash.to_string(),
        other => panic!("{other:?}"),
    };
    let before = "f42d9fc3ad183faab499384d72e45956faecc73040b35da955f73c1d687b6fa3";
    assert_eq!(hash(&catalog), before, "the SHA-256 of the JSON that version 0.1.0 made of it");
    let dev =
        catalog.types.values_mut().find(|declared| declared.name.as_ref() == "dev").expect("it is there");
    dev.container.as_mut().expect("it has containers").agent_socket = true;
    assert_ne!(hash(&catalog), before, "with one it is another");
}
