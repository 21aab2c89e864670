//! What an instance should be made of, what it is made of, and where the two differ, field by field. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{
    DesiredContainer, InstanceName, Lifecycle, Limits, Mount, ObservedSpec, Overrides, RestartPolicy,
};

/// Parts of names whose values are not shown.
const SECRET: [&str; 8] =
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "AUTH", "KEY"];

const OTHER_VERSION: &str = "no field differs: the container was made by another version of the supervisor, which tells \
                             docker other things about it; recreating it ends the difference";

/// One side, as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpecView {
    pub image: String,
    /// What the name means now, or what the container was made from.
    pub image_id: Option<String>,
    pub command: Vec<String>,
    pub user: Option<String>,
    pub lifecycle: Option<Lifecycle>,
    pub restart_policy: RestartPolicy,
    /// Null: the value is not shown.
    pub env: BTreeMap<String, Option<String>>,
    pub mounts: Vec<Mount>,
    pub network: String,
    pub limits: Limits,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub credentials: Option<PathBuf>,
    pub token_env: Option<String>,
    pub runner: Option<u32>,
    #[serde(default)]
    pub agent_socket: bool,
    pub spec_hash: Option<String>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldDrift {
    pub field: String,
    pub desired: Value,
    pub observed: Value,
}

/// An instance's spec from both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentSpec {
    pub instance: InstanceName,
    /// What the row says differently from its type, with null for values that are not shown.
    pub overrides: Value,
    pub desired: Option<SpecView>,
    pub observed: Option<SpecView>,
    pub drift: Vec<FieldDrift>,
    /// Where the fields do not say it themselves.
    pub explanation: Option<String>,
    /// The image's name means another image than the container's by now.
    pub stale: bool,
}

impl AgentSpec {
    /// `image_id`: what the name of the desired image means now.
    pub fn new(
        instance: &InstanceName,
        overrides: &Overrides,
        desired: Result<(&DesiredContainer, Option<String>), String>,
        observed: Option<&ObservedSpec>,
    ) -> Self {
        let (desired, why_not) = match desired {
            Ok(desired) => (Some(desired), None),
            Err(reason) => (None, Some(reason)),
        };
        let mut drift = Vec::new();
        let mut explanation = why_not;
        let mut stale = false;
        if let (Some((desired, image_id)), Some(observed)) = (&desired, observed) {
            drift = differences(desired, observed);
            let hash = desired.spec_hash.as_ref();
            if observed.labels.spec.as_deref() != Some(hash) && drift.is_empty() {
                push(&mut drift, "spec_hash", &hash, &observed.labels.spec);
                explanation = Some(OTHER_VERSION.into());
            }
            let same = desired.spec.image == observed.image || observed.image.starts_with("sha256:");
            stale = same && image_id.as_ref().is_some_and(|now| *now != observed.image_id);
        }
        let token = desired.as_ref().and_then(|(desired, _)| desired.spec.token_env.clone());
        Self {
            instance: instance.clone(),
            overrides: masked_overrides(overrides),
            desired: desired.map(|(desired, image_id)| desired_view(desired, image_id)),
            observed: observed.map(|observed| observed_view(observed, token)),
            drift,
            explanation,
            stale,
        }
    }
}

/// Variables whose values the adapter may tell: they are in our own config or row.
pub(crate) fn plain_names(desired: &DesiredContainer) -> BTreeSet<String> {
    let token = desired.spec.token_env.as_ref();
    desired.spec.env.keys().filter(|name| Some(*name) != token).cloned().collect()
}

fn policy(lifecycle: Lifecycle) -> RestartPolicy {
    match lifecycle {
        Lifecycle::Hot => RestartPolicy::UnlessStopped,
        Lifecycle::Lazy => RestartPolicy::No,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET.iter().any(|part| name.contains(part))
}

fn shown(name: &str, value: Option<&String>) -> Option<String> {
    value.filter(|_| !is_secret(name)).cloned()
}

fn masked_overrides(overrides: &Overrides) -> Value {
    let mut masked = json!(overrides);
    masked["env"] =
        overrides.env.iter().map(|(name, value)| (name.clone(), json!(shown(name, Some(value))))).collect();
    masked
}

fn desired_env(desired: &DesiredContainer) -> BTreeMap<String, Option<String>> {
    let spec = &desired.spec;
    let mut env: BTreeMap<String, Option<String>> =
        spec.env.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    // The token wins over a setting of its name.
    env.extend(spec.token_env.clone().map(|name| (name, None)));
    env
}

fn mask(env: BTreeMap<String, Option<String>>) -> BTreeMap<String, Option<String>> {
    env.into_iter()
        .map(|(name, value)| {
            let value = shown(&name, value.as_ref());
            (name, value)
        })
        .collect()
}

fn desired_view(desired: &DesiredContainer, image_id: Option<String>) -> SpecView {
    let spec = &desired.spec;
    SpecView {
        image: spec.image.clone(),
        image_id,
        command: spec.command.clone(),
        user: spec.user.clone(),
        lifecycle: Some(spec.lifecycle),
        restart_policy: policy(spec.lifecycle),
        env: mask(desired_env(desired)),
        mounts: spec.mounts.clone(),
        network: spec.network.clone(),
        limits: spec.limits.clone(),
        credentials: spec.credentials.clone(),
        token_env: spec.token_env.clone(),
        runner: Some(spec.runner),
        agent_socket: spec.agent_socket,
        spec_hash: Some(desired.spec_hash.to_string()),
    }
}

fn observed_view(observed: &ObservedSpec, token: Option<String>) -> SpecView {
    SpecView {
        image: observed.image.clone(),
        image_id: Some(observed.image_id.clone()),
        command: observed.command.clone(),
        user: observed.user.clone(),
        lifecycle: observed.labels.lifecycle.as_deref().and_then(|word| word.parse().ok()),
        restart_policy: observed.restart_policy,
        token_env: token.filter(|name| observed.env.contains_key(name)),
        env: mask(observed.env.clone()),
        mounts: observed.mounts.clone(),
        network: observed.network.clone(),
        limits: observed.limits.clone(),
        credentials: observed.credentials.clone(),
        runner: observed.runner,
        agent_socket: observed.agent_socket,
        spec_hash: observed.labels.spec.clone(),
    }
}

fn push(drift: &mut Vec<FieldDrift>, field: &str, desired: &impl Serialize, observed: &impl Serialize) {
    let (desired, observed) = (json!(desired), json!(observed));
    if desired != observed {
        drift.push(FieldDrift { field: field.to_owned(), desired, observed });
    }
}

fn differences(desired: &DesiredContainer, observed: &ObservedSpec) -> Vec<FieldDrift> {
    let spec = &desired.spec;
    let mut drift = Vec::new();
    let found = &mut drift;
    // Made of the image that it is pinned to, a container of our spec is named by an id.
    let is_ours = observed.labels.spec.as_deref() == Some(desired.spec_hash.as_ref());
    if !(is_ours && observed.image.starts_with("sha256:")) {
        push(found, "image", &spec.image, &observed.image);
    }
    let defaults = observed.image_defaults.as_ref();
    // What the image says holds where nothing is asked for; without the image, it cannot be told.
    if !spec.command.is_empty() || defaults.is_some_and(|defaults| defaults.command != observed.command) {
        push(found, "command", &spec.command, &observed.command);
    }
    if spec.user.is_some() || defaults.is_some_and(|defaults| defaults.user != observed.user) {
        push(found, "user", &spec.user, &observed.user);
    }
    push(found, "lifecycle", &spec.lifecycle, &observed.labels.lifecycle);
    push(found, "restart_policy", &policy(spec.lifecycle), &observed.restart_policy);
    env_differences(found, &desired_env(desired), &observed.env);
    // Links were followed when it was made; a container with our hash got what its spec says.
    if observed.labels.spec.as_deref() != Some(desired.spec_hash.as_ref()) {
        let sorted = |mounts: &[Mount]| mounts.iter().cloned().collect::<BTreeSet<_>>();
        push(found, "mounts", &sorted(&spec.mounts), &sorted(&observed.mounts));
        push(found, "credentials", &spec.credentials, &observed.credentials);
        push(found, "agent_socket", &spec.agent_socket, &observed.agent_socket);
    }
    let network = if observed.network == "default" { "bridge" } else { &observed.network };
    push(found, "network", &spec.network, &network);
    push(found, "limits.memory_bytes", &spec.limits.memory_bytes, &observed.limits.memory_bytes);
    push(found, "limits.milli_cpus", &spec.limits.milli_cpus, &observed.limits.milli_cpus);
    push(found, "limits.pids", &spec.limits.pids, &observed.limits.pids);
    if observed.runner.is_some() {
        push(found, "runner", &Some(spec.runner), &observed.runner);
    }
    drift
}

/// `env.NAME`: what is not shown says so by a word, so that a difference is not null against null.
fn env_differences(
    found: &mut Vec<FieldDrift>,
    desired: &BTreeMap<String, Option<String>>,
    observed: &BTreeMap<String, Option<String>>,
) {
    let names: BTreeSet<&String> = desired.keys().chain(observed.keys()).collect();
    for name in names {
        let (wanted, has) = (desired.get(name), observed.get(name));
        let same = match (wanted, has) {
            (Some(Some(wanted)), Some(Some(has))) => wanted == has,
            // Where a value is not told, the name is all that can be compared.
            (wanted, has) => wanted.is_some() == has.is_some(),
        };
        if same {
            continue;
        }
        let word = |value: Option<&Option<String>>| match value {
            None => Value::Null,
            Some(value) => json!(shown(name, value.as_ref()).unwrap_or_else(|| "(not shown)".into())),
        };
        found.push(FieldDrift { field: format!("env.{name}"), desired: word(wanted), observed: word(has) });
    }
}

#[cfg(test)]
mod tests;
