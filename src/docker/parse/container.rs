//! `docker inspect` of containers: only the fields that are needed, so that a fleet's answer is never held as a tree.

use claude_hooks_actors::model::{
    ContainerId, ContainerState, Health, ObservedContainer, OurLabels, RestartPolicy, STATE_DIR,
};
use claude_hooks_actors::ports::RuntimeError;
use serde::Deserialize;

use super::{full_image_id, garbled, limits};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    id: String,
    name: String,
    image: String,
    #[serde(default)]
    restart_count: u64,
    state: RawState,
    config: RawConfig,
    host_config: RawHostConfig,
    #[serde(default)]
    mounts: Vec<RawMount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawState {
    status: String,
    started_at: String,
    finished_at: String,
    exit_code: i64,
    #[serde(rename = "OOMKilled", default)]
    oom_killed: bool,
    #[serde(default)]
    error: String,
    health: Option<RawHealth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHealth {
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawConfig {
    image: String,
    labels: Option<RawLabels>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHostConfig {
    restart_policy: Option<RawPolicy>,
    #[serde(default)]
    memory: i64,
    #[serde(default)]
    nano_cpus: i64,
    pids_limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawPolicy {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawMount {
    #[serde(default)]
    r#type: String,
    name: Option<String>,
    destination: String,
}

/// The labels of ours; the names are those of `model::labels`, which a test holds.
#[derive(Default, Deserialize)]
pub(in super::super) struct RawLabels {
    #[serde(rename = "claude-hooks.fleet")]
    fleet: Option<String>,
    #[serde(rename = "claude-hooks.instance")]
    instance: Option<String>,
    #[serde(rename = "claude-hooks.type")]
    agent_type: Option<String>,
    #[serde(rename = "claude-hooks.spec")]
    spec: Option<String>,
    #[serde(rename = "claude-hooks.lifecycle")]
    lifecycle: Option<String>,
    #[serde(rename = "claude-hooks.volume")]
    volume: Option<String>,
}

impl RawLabels {
    pub(in super::super) fn ours(self) -> OurLabels {
        let full = |label: Option<String>| label.filter(|text| !text.is_empty());
        OurLabels {
            fleet: full(self.fleet),
            instance: full(self.instance),
            agent_type: full(self.agent_type),
            spec: full(self.spec),
            lifecycle: full(self.lifecycle),
            volume: full(self.volume),
        }
    }
}

/// What `inspect --type container` prints.
pub(in super::super) fn containers(stdout: &[u8]) -> Result<Vec<ObservedContainer>, RuntimeError> {
    let raw: Vec<Raw> =
        serde_json::from_slice(stdout).map_err(|error| garbled("inspect", format!("its JSON: {error}")))?;
    raw.into_iter().map(observed).collect()
}

fn observed(raw: Raw) -> Result<ObservedContainer, RuntimeError> {
    let odd = |what: &str, found: &str| garbled("inspect", format!("{what} {found:?} of {}", raw.name));
    let id = ContainerId::parse(&raw.id).ok_or_else(|| odd("the id", &raw.id))?;
    let state = state(&raw.state.status).ok_or_else(|| odd("the state", &raw.state.status))?;
    let policy = raw.host_config.restart_policy.as_ref().map_or("", |policy| &policy.name);
    let restart_policy = match policy {
        "" => RestartPolicy::No,
        name => name.parse().map_err(|_| odd("the restart policy", name))?,
    };
    let health = raw.state.health.as_ref().map_or("", |health| &health.status);
    let health = match health {
        // podman says "" where docker leaves the field out or says "none".
        "" | "none" => None,
        word => Some(word.parse::<Health>().map_err(|_| odd("the health", word))?),
    };
    let image_id = full_image_id(&raw.image).ok_or_else(|| odd("the image id", &raw.image))?;
    let state_volume = raw
        .mounts
        .into_iter()
        .find(|mount| mount.r#type == "volume" && mount.destination == STATE_DIR)
        .and_then(|mount| mount.name);
    let host = &raw.host_config;
    Ok(ObservedContainer {
        id,
        name: raw.name.strip_prefix('/').map(Into::into).unwrap_or(raw.name),
        labels: raw.config.labels.unwrap_or_default().ours(),
        state,
        started_at: raw.state.started_at,
        finished_at: raw.state.finished_at,
        exit_code: raw.state.exit_code,
        oom_killed: raw.state.oom_killed,
        error: raw.state.error,
        restart_count: raw.restart_count,
        restart_policy,
        image_id,
        image: raw.config.image,
        health,
        state_volume,
        limits: limits(host.memory, host.nano_cpus, host.pids_limit),
    })
}

/// Docker's seven words, and podman's for the same things.
fn state(word: &str) -> Option<ContainerState> {
    match word {
        "configured" | "initialized" => Some(ContainerState::Created),
        "stopping" => Some(ContainerState::Running),
        "stopped" => Some(ContainerState::Exited),
        word => word.parse().ok(),
    }
}
