//! The declared types, and how a row and its type become what is desired.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{
    Agent, ContainerSpec, FleetPrefix, HealthPolicy, InstanceName, Lifecycle, Limits, Mount, MountError,
    Overrides, Power, PullPolicy, RUNNER_VERSION, SpecHash, TypeName,
};

/// One kind of agent, as the config declares it, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentType {
    pub name: TypeName,
    pub lifecycle: Lifecycle,
    /// How long a lazy instance stays up without work.
    pub idle_timeout: Duration,
    pub health: HealthPolicy,
    /// Bytes that the state of one instance should not exceed. Told, not enforced: docker cannot hold a volume to a size.
    pub state_limit: Option<u64>,
    /// `None`: host mode, rows without containers.
    pub container: Option<ContainerTemplate>,
    /// Host path of the credentials file, `~` already resolved.
    pub credentials: Option<PathBuf>,
    /// Variable that receives the type's token.
    pub token_env: Option<String>,
    /// Names what its agents sign in with, where that is not told by the credentials.
    pub account: Option<String>,
}

impl AgentType {
    /// What its agents sign in with: the name that the config gives it, their credentials file, or the type's own token.
    pub fn account_key(&self) -> Option<String> {
        let credentials = self.credentials.as_ref().map(|path| path.display().to_string());
        let token = self.token_env.as_ref().map(|_| format!("the token of {}", self.name));
        self.account.clone().or(credentials).or(token)
    }
}

/// What the containers of a type have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerTemplate {
    pub image: String,
    pub command: Vec<String>,
    pub user: Option<String>,
    pub env: BTreeMap<String, String>,
    pub mounts: Vec<Mount>,
    pub network: String,
    pub limits: Limits,
    pub pull: PullPolicy,
    /// A socket in each container, by which the agent tells of itself.
    pub agent_socket: bool,
}

/// All declared types of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    pub prefix: FleetPrefix,
    pub types: BTreeMap<TypeName, AgentType>,
    /// Roots under which the API may mount; empty: none.
    pub mount_roots: Vec<PathBuf>,
}

/// What the row asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Desired {
    /// No row: a container of ours is an orphan.
    Gone,
    /// A row whose type has no containers.
    Host,
    /// A row that cannot be resolved; nothing is touched until it can.
    Unresolvable {
        reason: String,
    },
    Container(Box<DesiredContainer>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredContainer {
    pub agent_type: TypeName,
    pub spec: ContainerSpec,
    pub spec_hash: SpecHash,
    pub pull: PullPolicy,
    pub power: Power,
    /// How long a lazy one stays up without work. No part of the spec: a change of it replaces nothing.
    pub idle_timeout: Duration,
    /// No part of the spec either.
    pub health: HealthPolicy,
    /// Bytes that its state should not exceed. No part of the spec either.
    pub state_limit: Option<u64>,
    /// Generation of the row that this was made from.
    pub generation: u64,
}

impl DesiredContainer {
    pub fn lifecycle(&self) -> Lifecycle {
        self.spec.lifecycle
    }
}

/// Why a row does not fit the catalog; `field` is the JSON path in a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    #[error("there is no type {given:?}; declared are: {}{}", known.join(", "), nearest.as_ref().map(|n| format!(" (did you mean {n:?}?)")).unwrap_or_default())]
    UnknownType { given: String, known: Vec<String>, nearest: Option<String> },
    #[error("{field}: {reason}")]
    BadValue { field: String, reason: String },
    #[error("mounts: {0}")]
    Mount(#[from] MountError),
    #[error("type {0} has no containers (host mode), so {1} has no meaning")]
    HostMode(TypeName, &'static str),
}

/// Bytes in one environment variable; above it `--env-file` refuses the line (measured: 64 KiB with the name).
const ENV_MAX: usize = 60 * 1024;

impl Catalog {
    /// Finds a type; the error names the nearest one.
    pub fn find(&self, name: &str) -> Result<&AgentType, CatalogError> {
        if let Some(found) = TypeName::parse(name).ok().and_then(|name| self.types.get(&name)) {
            return Ok(found);
        }
        let known: Vec<String> = self.types.keys().map(ToString::to_string).collect();
        let nearest = known.iter().min_by_key(|k| strsim::damerau_levenshtein(k, name));
        let nearest = nearest.filter(|k| strsim::damerau_levenshtein(k, name) <= 2).cloned();
        Err(CatalogError::UnknownType { given: name.to_owned(), known, nearest })
    }

    /// The type that an instance's name begins with: `dev-2` and `dev` are of `dev`; the longest one wins.
    pub fn type_by_name(&self, name: &InstanceName) -> Option<TypeName> {
        let begins = |candidate: &&TypeName| {
            let rest = name.as_ref().strip_prefix(candidate.as_ref());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.types.keys().filter(begins).max_by_key(|candidate| candidate.as_ref().len()).cloned()
    }

    /// Checks what a request or a hand-written row may say; `from_api` also holds mounts to the allowed roots.
    pub fn check(
        &self,
        agent_type: &TypeName,
        overrides: &Overrides,
        from_api: bool,
    ) -> Result<(), CatalogError> {
        let declared = self.find(agent_type.as_ref())?;
        if declared.container.is_none() && *overrides != Overrides::default() {
            return Err(CatalogError::HostMode(agent_type.clone(), "an override"));
        }
        check_env(&overrides.env)?;
        if let Some(image) = &overrides.image {
            check_image(image)?;
        }
        if let Some(network) = &overrides.network {
            check_network(network)?;
        }
        if let Some(command) = &overrides.command {
            check_command(command)?;
        }
        check_limits(&overrides.limits)?;
        for mount in &overrides.mounts {
            mount.check()?;
            if from_api {
                mount.check_roots(&self.mount_roots)?;
            }
        }
        Ok(())
    }

    /// What `agent` asks for. A row that was written past our checks is `Unresolvable`, never guessed at.
    pub fn resolve(&self, agent: &Agent) -> Desired {
        if let Some(reason) = &agent.broken {
            return Desired::Unresolvable { reason: reason.clone() };
        }
        if let Err(error) = self.check(&agent.agent_type, &agent.overrides, false) {
            return Desired::Unresolvable { reason: error.to_string() };
        }
        let Some(declared) = self.types.get(&agent.agent_type) else {
            return Desired::Unresolvable { reason: format!("type {} is not declared", agent.agent_type) };
        };
        let Some(template) = &declared.container else { return Desired::Host };
        let overrides = &agent.overrides;
        let mut env = template.env.clone();
        env.extend(overrides.env.clone());
        let mut mounts = template.mounts.clone();
        mounts.extend(overrides.mounts.iter().cloned());
        let limits = &overrides.limits;
        let spec = ContainerSpec {
            lifecycle: overrides.lifecycle.unwrap_or(declared.lifecycle),
            image: overrides.image.clone().unwrap_or_else(|| template.image.clone()),
            command: overrides.command.clone().unwrap_or_else(|| template.command.clone()),
            user: template.user.clone(),
            env,
            mounts,
            network: overrides.network.clone().unwrap_or_else(|| template.network.clone()),
            limits: Limits {
                memory_bytes: limits.memory_bytes.or(template.limits.memory_bytes),
                milli_cpus: limits.milli_cpus.or(template.limits.milli_cpus),
                pids: limits.pids.or(template.limits.pids),
            },
            credentials: declared.credentials.clone(),
            token_env: declared.token_env.clone(),
            runner: RUNNER_VERSION,
            agent_socket: template.agent_socket,
        };
        Desired::Container(Box::new(DesiredContainer {
            agent_type: agent.agent_type.clone(),
            spec_hash: spec.hash(),
            spec,
            pull: template.pull,
            power: agent.power,
            idle_timeout: declared.idle_timeout,
            health: declared.health.clone(),
            state_limit: declared.state_limit,
            generation: agent.generation,
        }))
    }
}

fn bad(field: impl Into<String>, reason: impl Into<String>) -> CatalogError {
    CatalogError::BadValue { field: field.into(), reason: reason.into() }
}

/// Keys `[A-Za-z_][A-Za-z0-9_]*`; values on one line: docker's env file makes another variable of a second one.
pub fn check_env(env: &BTreeMap<String, String>) -> Result<(), CatalogError> {
    for (key, value) in env {
        let field = format!("env.{key}");
        let first = key.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        if !first || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(bad(
                field,
                "a variable is named with A-Z, a-z, 0-9 and _, and does not begin with a digit",
            ));
        }
        if value.chars().any(char::is_control) {
            return Err(bad(field, "a value must not hold newlines or other control characters"));
        }
        if key.len() + value.len() > ENV_MAX {
            return Err(bad(field, format!("name and value together hold at most {ENV_MAX} bytes")));
        }
    }
    Ok(())
}

/// An image reference that docker cannot take for an option.
pub fn check_image(image: &str) -> Result<(), CatalogError> {
    let first = image.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/:@".contains(&b);
    if first && image.len() <= 512 && image.bytes().all(plain) {
        return Ok(());
    }
    Err(bad("image", format!("{image:?} is not an image reference such as name:tag or host/name@sha256:…")))
}

/// A network name that docker cannot take for an option; not the host's own nor another container's.
pub fn check_network(network: &str) -> Result<(), CatalogError> {
    if network == "host" || network.starts_with("container:") {
        return Err(bad("network", "an agent must not share the host's or another container's network"));
    }
    let first = network.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if first
        && network.len() <= 128
        && network.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        return Ok(());
    }
    Err(bad("network", format!("{network:?} is not the name of a docker network")))
}

/// No NUL, and no argument longer than Linux takes (131,071 bytes).
pub fn check_command(command: &[String]) -> Result<(), CatalogError> {
    for (index, argument) in command.iter().enumerate() {
        if argument.contains('\0') || argument.len() > 131_071 {
            return Err(bad(format!("command[{index}]"), "an argument has no NUL and at most 131,071 bytes"));
        }
    }
    Ok(())
}

/// Docker's own lower bounds: 6 MiB of memory, a hundredth of a processor, one process.
pub fn check_limits(limits: &Limits) -> Result<(), CatalogError> {
    if limits.memory_bytes.is_some_and(|bytes| bytes < 6 << 20) {
        return Err(bad("limits.memory", "docker takes no less than 6 MiB"));
    }
    if limits.milli_cpus.is_some_and(|milli| milli < 10) {
        return Err(bad("limits.cpus", "docker takes no less than 0.01"));
    }
    if limits.pids == Some(0) {
        return Err(bad("limits.pids", "a container needs at least one process"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
