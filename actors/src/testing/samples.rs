//! Small valid values to begin a test with.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{
    AgentType, Catalog, ContainerId, ContainerSpec, ContainerState, ContainerTemplate, FleetId, FleetPrefix,
    HealthPolicy, InstanceName, Lifecycle, Limits, ObservedContainer, OurLabels, PullPolicy, RUNNER_VERSION,
    RestartPolicy, TypeName,
};
use crate::ports::CreateRequest;

/// An instance name from a literal.
pub fn name(text: &str) -> InstanceName {
    InstanceName::parse(text).expect("the test gives a valid instance name")
}

/// A type name from a literal.
pub fn type_name(text: &str) -> TypeName {
    TypeName::parse(text).expect("the test gives a valid type name")
}

/// A type with containers of image `agent:1`.
pub fn agent_type(text: &str, lifecycle: Lifecycle) -> AgentType {
    AgentType {
        name: type_name(text),
        lifecycle,
        idle_timeout: Duration::from_mins(30),
        health: HealthPolicy::default(),
        state_limit: None,
        container: Some(ContainerTemplate {
            image: "agent:1".into(),
            command: vec!["sleep".into(), "infinity".into()],
            user: None,
            env: BTreeMap::from([("A".into(), "type".into())]),
            mounts: Vec::new(),
            network: "none".into(),
            limits: Limits { memory_bytes: Some(64 << 20), milli_cpus: Some(500), pids: Some(64) },
            pull: PullPolicy::Never,
            agent_socket: false,
        }),
        credentials: None,
        token_env: None,
        account: None,
    }
}

/// Types `dev` (hot), `lazy` (lazy) and `host` (host mode).
pub fn catalog() -> Catalog {
    let host = AgentType { container: None, ..agent_type("host", Lifecycle::Hot) };
    let types = [agent_type("dev", Lifecycle::Hot), agent_type("lazy", Lifecycle::Lazy), host];
    Catalog {
        prefix: FleetPrefix::parse("claude-hooks").expect("a valid prefix"),
        types: types.into_iter().map(|t| (t.name.clone(), t)).collect(),
        mount_roots: Vec::new(),
    }
}

/// A full container id that ends in `n`.
pub fn container_id(n: u64) -> ContainerId {
    ContainerId::parse(&format!("{n:064x}")).expect("64 hexadecimal digits")
}

/// A container of no fleet in `state`, started at a time made of `life` (0: never).
pub fn container(n: u64, state: ContainerState, life: u32) -> ObservedContainer {
    let started_at =
        if life == 0 { "0001-01-01T00:00:00Z".to_owned() } else { format!("2026-01-01T00:00:{life:02}Z") };
    ObservedContainer {
        id: container_id(n),
        name: "claude-hooks-a".into(),
        labels: OurLabels::default(),
        state,
        started_at,
        finished_at: String::new(),
        exit_code: 0,
        oom_killed: false,
        error: String::new(),
        restart_count: 0,
        restart_policy: RestartPolicy::UnlessStopped,
        image_id: "sha256:1".into(),
        image: "agent:1".into(),
        health: None,
        state_volume: Some("claude-hooks-a-state".into()),
        limits: Limits::default(),
    }
}

/// A container of type `dev` with the names and labels that the fleet gives it, but no network and no limits.
pub fn create_request(
    fleet: FleetId,
    prefix: &FleetPrefix,
    instance: &InstanceName,
    lifecycle: Lifecycle,
    image: &str,
    command: Vec<String>,
) -> CreateRequest {
    let spec = ContainerSpec {
        lifecycle,
        image: image.to_owned(),
        command,
        user: None,
        env: BTreeMap::new(),
        mounts: Vec::new(),
        network: "none".into(),
        limits: Limits::default(),
        credentials: None,
        token_env: None,
        runner: RUNNER_VERSION,
        agent_socket: false,
    };
    let labels = OurLabels {
        fleet: Some(fleet.to_string()),
        instance: Some(instance.to_string()),
        agent_type: Some("dev".into()),
        spec: Some(spec.hash().to_string()),
        lifecycle: Some(lifecycle.to_string()),
        volume: None,
    };
    CreateRequest {
        instance: instance.clone(),
        agent_type: type_name("dev"),
        container_name: prefix.container(instance),
        volume_name: prefix.volume(instance),
        spec,
        labels,
    }
}
