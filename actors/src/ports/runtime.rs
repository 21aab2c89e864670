//! The port to docker, in the verbs that the domain uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::mpsc;

use crate::model::{
    ContainerId, ContainerSpec, ContainerStats, DiskState, FleetObservation, InstanceName, ObservedContainer,
    ObservedSpec, ObservedVolume, OurLabels, PullPolicy, RestartPolicy, TypeName,
};

/// Everything that can go wrong with docker, classified once, in the adapter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    #[error("docker does not answer: {detail}")]
    Unreachable { detail: String },
    #[error("no permission to talk to docker: {detail}")]
    Permission { detail: String },
    #[error("{what} does not exist")]
    NotFound { what: String },
    #[error("docker refuses because of what is already there: {detail}")]
    Conflict { detail: String },
    #[error("there is no image {image} here: {detail}")]
    NoSuchImage { image: String, detail: String },
    #[error("the disk of docker is full: {detail}")]
    NoSpace { detail: String },
    #[error("docker {verb} did not finish within {after:?}; it may still have worked")]
    Timeout { verb: &'static str, after: Duration },
    #[error("docker {verb} printed something that cannot be understood: {detail}")]
    Garbled { verb: &'static str, detail: String },
    /// Refused here, before docker was called: a missing token or credentials file, a mount that leads to the host.
    #[error("{reason}")]
    Refused { reason: String },
    #[error("docker {verb} failed ({code}): {stderr}")]
    Other { verb: &'static str, code: String, stderr: String },
}

impl RuntimeError {
    /// Docker as a whole cannot be asked: nothing is known about any container.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Permission { .. } => true,
            Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::NoSuchImage { .. }
            | Self::NoSpace { .. }
            | Self::Timeout { .. }
            | Self::Garbled { .. }
            | Self::Refused { .. }
            | Self::Other { .. } => false,
        }
    }

    /// A word for events and metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Permission { .. } => "permission",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::NoSuchImage { .. } => "no_such_image",
            Self::NoSpace { .. } => "no_space",
            Self::Timeout { .. } => "timeout",
            Self::Garbled { .. } => "garbled",
            Self::Refused { .. } => "refused",
            Self::Other { .. } => "other",
        }
    }
}

/// An instance to look at, with the ids under which it was last known (it may have been renamed).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: InstanceName,
    pub known: Vec<ContainerId>,
}

/// What `docker create` is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRequest {
    pub instance: InstanceName,
    /// Finds the token file of the type.
    pub agent_type: TypeName,
    pub container_name: String,
    pub volume_name: String,
    pub spec: ContainerSpec,
    pub labels: OurLabels,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVolume {
    pub name: String,
    pub labels: OurLabels,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageInfo {
    /// Full id, `sha256:…`.
    pub id: String,
}

/// One line of a pull: docker's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullProgress {
    pub line: String,
}

/// A hint that something happened to a container; never a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeEvent {
    /// From our instance label.
    pub instance: InstanceName,
    pub container: Option<ContainerId>,
    /// `start`, `die`, `oom`, `destroy`, …
    pub action: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// How many of the last lines.
    pub tail: u32,
    pub follow: bool,
    pub timestamps: bool,
}

/// What a container leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastWords {
    pub log_tail: String,
    /// `None` where the disk is not this machine's.
    pub disk: Option<DiskState>,
}

/// Whose logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTarget(pub ContainerId);

/// A piece of a container's output, as it came; neither whole lines nor valid UTF-8 are promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub stderr: bool,
    pub bytes: Bytes,
}

pub type EventStream = BoxStream<'static, Result<RuntimeEvent, RuntimeError>>;
pub type LogStream = BoxStream<'static, Result<LogLine, RuntimeError>>;

/// The container engine. Every call ends within the deadline of DESIGN ("Failure rules"), streams excepted.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::runtime`:
/// - A call that fails or times out may still have worked. Look before you try again.
/// - `start` of a running and `stop` of a stopped container succeed; `remove` of a missing one succeeds.
/// - A container, volume or image that does not exist is `NotFound` or `None`, never `Other`.
#[async_trait]
pub trait ContainerRuntime: Debug + Send + Sync {
    /// Looks at the whole fleet with one list and one batched inspect, whatever its size.
    ///
    /// Returns every container with our fleet's label and every one whose name is of our form. Each of `expected` that
    /// is not in the result was confirmed absent by inspect. An error voids the whole look.
    async fn observe_fleet(&self, expected: &[Target]) -> Result<FleetObservation, RuntimeError>;

    /// Looks at a few instances with one inspect, by name and by known ids. Absent ones are confirmed absent.
    async fn observe(&self, targets: &[Target]) -> Result<FleetObservation, RuntimeError>;

    /// The image that `reference` means now, if it is here.
    async fn image(&self, reference: &str) -> Result<Option<ImageInfo>, RuntimeError>;

    /// Fetches an image; progress lines go to `progress` as far as somebody takes them.
    async fn pull(
        &self,
        reference: &str,
        policy: PullPolicy,
        progress: mpsc::Sender<PullProgress>,
    ) -> Result<(), RuntimeError>;

    /// Gives an image another name, `repository:tag`. `NoSuchImage` if it is not here.
    async fn tag_image(&self, image: &str, name: &str) -> Result<(), RuntimeError>;

    /// Takes a name away, also one that is gone already. An image that nothing else names or uses goes with it; if it has no
    /// other name and a container uses it, that is a `Conflict`, and the name stays.
    async fn untag_image(&self, name: &str) -> Result<(), RuntimeError>;

    /// All tags under a repository of this engine.
    async fn image_tags(&self, repository: &str) -> Result<Vec<String>, RuntimeError>;

    /// The volumes of `names` that exist.
    async fn volumes(&self, names: &[String]) -> Result<Vec<ObservedVolume>, RuntimeError>;

    /// Every volume with our fleet's label.
    async fn fleet_volumes(&self) -> Result<Vec<ObservedVolume>, RuntimeError>;

    /// How many bytes the files in each volume of the engine take, as far as it tells. It walks through all of them, which
    /// may take longer than the deadline allows.
    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>, RuntimeError>;

    /// Room on the disks of those volumes of `names` that exist. One whose disk is not this machine's, or not to be looked
    /// at by this user, is left out.
    async fn volume_disks(&self, names: &[String]) -> Result<BTreeMap<String, DiskState>, RuntimeError>;

    /// How many bytes the files in this volume take, by a walk through it that ends in time. `None` where that cannot be
    /// told: not this machine's, not to be looked at by this user, too many files, or no such volume.
    async fn volume_size(&self, name: &str) -> Result<Option<u64>, RuntimeError>;

    /// Makes a volume. Docker succeeds in silence if one of the name exists, so look afterwards.
    async fn create_volume(&self, volume: &NewVolume) -> Result<(), RuntimeError>;

    /// Hands the root of a volume to `user` (`name`, `uid` or `uid:gid`) by a one-off run of our own program in `image`.
    async fn hand_over_volume(&self, volume: &str, image: &str, user: &str) -> Result<(), RuntimeError>;

    /// Removes a volume for ever; one in use is a `Conflict`, a missing one `NotFound`.
    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError>;

    /// Ids of all containers, running or not, that mount the volume.
    async fn volume_users(&self, name: &str) -> Result<Vec<ContainerId>, RuntimeError>;

    /// Creates a container without starting it; never pulls. A taken name is a `Conflict`.
    async fn create(&self, request: &CreateRequest) -> Result<ContainerId, RuntimeError>;

    async fn start(&self, id: &ContainerId) -> Result<(), RuntimeError>;

    /// Stops with `grace` before the kill; the deadline is the grace plus 15 s.
    async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), RuntimeError>;

    /// Removes; `force` also a running or dead one. Named volumes stay. Returns once the container is gone.
    async fn remove(&self, id: &ContainerId, force: bool) -> Result<(), RuntimeError>;

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), RuntimeError>;

    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), RuntimeError>;

    async fn unpause(&self, id: &ContainerId) -> Result<(), RuntimeError>;

    /// Follows what happens to the containers of our fleet, from the moment of asking until docker goes away.
    async fn events(&self) -> Result<EventStream, RuntimeError>;

    /// What can be saved of a container that has ended: the last lines of its present or last life up to `ended_at`
    /// (docker's text), and the disk of its state volume.
    async fn last_words(&self, container: &ObservedContainer) -> Result<LastWords, RuntimeError>;

    /// What a container was made of; `None` if it is gone. Of variables, values are told of those in `shown` only; `token`
    /// is the variable of the type's token, whose value is never told.
    async fn container_spec(
        &self,
        id: &ContainerId,
        shown: &BTreeSet<String>,
        token: Option<&str>,
    ) -> Result<Option<ObservedSpec>, RuntimeError>;

    /// What those of `ids` use that run, measured over a moment; the others are left out, as is one that has no reading yet.
    async fn stats(&self, ids: &[ContainerId]) -> Result<Vec<ContainerStats>, RuntimeError>;

    /// Reads a container's output. Dropping the stream ends the reading.
    async fn logs(&self, target: &LogTarget, options: LogOptions) -> Result<LogStream, RuntimeError>;
}
