//! What a container was really made of.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Limits, Mount, OurLabels, RestartPolicy};

/// What docker's inspect says a container is, in the words of a [`ContainerSpec`](super::ContainerSpec).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedSpec {
    pub labels: OurLabels,
    pub image: String,
    pub image_id: String,
    /// The image's own, where none was given.
    pub command: Vec<String>,
    /// The image's own, where none was given; `None`: root.
    pub user: Option<String>,
    /// What does not come from the image. `None`: the value is not told, it may be a secret.
    pub env: BTreeMap<String, Option<String>>,
    /// Without those of ours. The sources are where links led to when it was made.
    pub mounts: Vec<Mount>,
    pub network: String,
    pub limits: Limits,
    pub restart_policy: RestartPolicy,
    pub credentials: Option<PathBuf>,
    /// Version of the runner that is mounted; `None` if none is, which may also have been copied.
    pub runner: Option<u32>,
    /// A socket of its own is mounted.
    pub agent_socket: bool,
    /// `None`: the image is not here any more.
    pub image_defaults: Option<ImageDefaults>,
}

/// What an image says where a container says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageDefaults {
    pub command: Vec<String>,
    pub user: Option<String>,
}
