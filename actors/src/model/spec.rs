//! What a container must be: the canonical spec, its hash and the labels that carry it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Mount;

/// Labels on every container and volume that we make.
pub mod labels {
    pub const FLEET: &str = "claude-hooks.fleet";
    pub const INSTANCE: &str = "claude-hooks.instance";
    pub const TYPE: &str = "claude-hooks.type";
    pub const SPEC: &str = "claude-hooks.spec";
    pub const LIFECYCLE: &str = "claude-hooks.lifecycle";
    /// On volumes only: the uuid that the row remembers.
    pub const VOLUME: &str = "claude-hooks.volume";
}

/// How long a container lives.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Lifecycle {
    /// Always running, `--restart unless-stopped`.
    Hot,
    /// Exists but stopped, `--restart no`; woken when it is needed.
    Lazy,
}

/// When an image may be fetched from a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullPolicy {
    #[default]
    Never,
    Missing,
    Always,
}

/// Upper bounds of one container; `None` is no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Bytes.
    pub memory_bytes: Option<u64>,
    /// Thousandths of a processor.
    pub milli_cpus: Option<u32>,
    pub pids: Option<u32>,
}

/// Everything that docker is told about a container, apart from its name, its labels and its secrets.
///
/// The order of the fields and the sorted maps make its JSON canonical; [`ContainerSpec::hash`] depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerSpec {
    pub lifecycle: Lifecycle,
    pub image: String,
    /// Empty: what the image says.
    pub command: Vec<String>,
    /// `user`, `uid` or `uid:gid`; `None` is what the image says.
    pub user: Option<String>,
    /// Plain settings; secrets are never here.
    pub env: BTreeMap<String, String>,
    pub mounts: Vec<Mount>,
    pub network: String,
    pub limits: Limits,
    /// Host path of the credentials file, mounted read-only.
    pub credentials: Option<PathBuf>,
    /// Name of the variable that holds the type's token; the token itself is only known to the adapter.
    pub token_env: Option<String>,
    /// [`RUNNER_VERSION`] of the runner that it is given; 0 before there was one.
    pub runner: u32,
    /// It gets a socket of its own, to tell of itself. Left out where it does not: the hash is what it was before there were any.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub agent_socket: bool,
}

/// Raised when the runner behaves otherwise, so that the containers get the new one. A daemon of another version with the same
/// runner is no drift.
pub const RUNNER_VERSION: u32 = 2;

/// Raised when the arguments that are made of a spec change, so that existing containers count as drift.
const SPEC_FORMAT: u32 = 1;

impl ContainerSpec {
    /// SHA-256 over the canonical JSON of the spec and the format number.
    pub fn hash(&self) -> SpecHash {
        let json =
            serde_json::to_vec(&(SPEC_FORMAT, self)).expect("a spec has only string keys and plain values");
        SpecHash(hex::encode(Sha256::digest(&json)))
    }
}

/// SHA-256 of a [`ContainerSpec`] in hexadecimal; another hash on a container is drift.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpecHash(String);

impl AsRef<str> for SpecHash {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SpecHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
