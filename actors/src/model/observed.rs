//! What docker said, and whose it is.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{FleetId, FleetPrefix, InstanceName, Limits};

/// Docker's full 64-character id of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContainerId(String);

impl ContainerId {
    /// Takes a full id: 64 lowercase hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// The first 12 digits, as docker shows them to people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl AsRef<str> for ContainerId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One life of one container: its id and when it was started (docker's own text, unchanged).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Incarnation {
    pub container: ContainerId,
    pub started_at: String,
}

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.container, self.started_at)
    }
}

impl From<Incarnation> for String {
    fn from(incarnation: Incarnation) -> String {
        incarnation.to_string()
    }
}

impl TryFrom<String> for Incarnation {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (id, started_at) = text.split_once('@').ok_or("an incarnation is <container id>@<StartedAt>")?;
        let container = ContainerId::parse(id).ok_or("an incarnation begins with a full container id")?;
        Ok(Self { container, started_at: started_at.to_owned() })
    }
}

/// `State.Status` of docker.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContainerState {
    Created,
    Running,
    Paused,
    Restarting,
    Exited,
    Dead,
    Removing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum RestartPolicy {
    No,
    UnlessStopped,
    Always,
    OnFailure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Health {
    Starting,
    Healthy,
    Unhealthy,
}

/// Our labels as they stand on a container or volume; absent or empty ones are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OurLabels {
    pub fleet: Option<String>,
    pub instance: Option<String>,
    pub agent_type: Option<String>,
    pub spec: Option<String>,
    pub lifecycle: Option<String>,
    pub volume: Option<String>,
}

/// One container as `docker inspect` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedContainer {
    pub id: ContainerId,
    /// Without docker's leading slash.
    pub name: String,
    pub labels: OurLabels,
    pub state: ContainerState,
    /// Docker's text; `0001-01-01T00:00:00Z` for one that never started.
    pub started_at: String,
    pub finished_at: String,
    pub exit_code: i64,
    pub oom_killed: bool,
    /// What docker says went wrong when it started the container; often empty.
    pub error: String,
    pub restart_count: u64,
    pub restart_policy: RestartPolicy,
    /// Full id (`sha256:…`) of the image it was made from.
    pub image_id: String,
    /// The image as it was named at creation.
    pub image: String,
    pub health: Option<Health>,
    /// Name of the volume mounted at `/state`.
    pub state_volume: Option<String>,
    /// What docker holds it to, also where other hands changed it.
    #[serde(default)]
    pub limits: Limits,
}

impl ObservedContainer {
    pub fn incarnation(&self) -> Incarnation {
        Incarnation { container: self.id.clone(), started_at: self.started_at.clone() }
    }

    /// True while a process of the container exists or docker is about to start one again.
    pub fn is_up(&self) -> bool {
        match self.state {
            ContainerState::Running | ContainerState::Paused | ContainerState::Restarting => true,
            ContainerState::Created
            | ContainerState::Exited
            | ContainerState::Dead
            | ContainerState::Removing => false,
        }
    }

    pub fn ever_started(&self) -> bool {
        !self.started_at.starts_with("0001-")
    }

    pub fn belongs_to(&self, fleet: FleetId) -> bool {
        self.labels.fleet.as_deref() == Some(fleet.to_string().as_str())
    }
}

/// One volume as `docker volume inspect` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedVolume {
    pub name: String,
    /// Docker's text.
    pub created_at: String,
    pub labels: OurLabels,
}

/// What one look at docker showed: every container of our fleet or with a name of our form.
///
/// An instance that was asked for and has none here is confirmed absent: `inspect` said so, not just a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetObservation {
    pub containers: Vec<ObservedContainer>,
}

/// The containers of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceObservation {
    /// Ours, under the right name; or, if none has the right name, the one that was renamed away.
    pub main: Option<ObservedContainer>,
    /// Ours for the same instance beside `main`: what an interrupted recreate left.
    pub extra: Vec<ObservedContainer>,
    /// Not ours, but under the name that this instance needs.
    pub foreign: Option<ObservedContainer>,
    /// When it was looked at.
    pub at: Option<Timestamp>,
}

impl InstanceObservation {
    pub fn is_absent(&self) -> bool {
        self.main.is_none() && self.extra.is_empty() && self.foreign.is_none()
    }

    /// What has the name and is not this fleet's; a container of ours that was renamed to it comes back by itself.
    pub fn stranger(&self, fleet: FleetId) -> Option<&ObservedContainer> {
        self.foreign.as_ref().filter(|container| !container.belongs_to(fleet))
    }
}

/// Sorts containers by the instance that they belong to, by label first and by exact name second.
///
/// Containers of other fleets under names that no instance of ours needs are nobody's and are left out.
pub fn assign(
    prefix: &FleetPrefix,
    fleet: FleetId,
    seen: &FleetObservation,
    at: Timestamp,
) -> BTreeMap<InstanceName, InstanceObservation> {
    let mut by_instance: BTreeMap<InstanceName, InstanceObservation> = BTreeMap::new();
    for container in &seen.containers {
        let by_name = prefix.instance_of_container(&container.name);
        if container.belongs_to(fleet) {
            let label = container.labels.instance.as_deref().and_then(|text| InstanceName::parse(text).ok());
            let Some(instance) = label else { continue };
            let slot = by_instance.entry(instance.clone()).or_default();
            if by_name.as_ref() == Some(&instance) {
                if let Some(misnamed) = slot.main.replace(container.clone()) {
                    slot.extra.push(misnamed);
                }
            } else if slot.main.is_none() {
                slot.main = Some(container.clone());
            } else {
                slot.extra.push(container.clone());
            }
            // Ours by label, but it sits on the name of another instance: that one cannot be made.
            if let Some(other) = by_name.filter(|other| *other != instance) {
                by_instance.entry(other).or_default().foreign = Some(container.clone());
            }
        } else if let Some(instance) = by_name {
            by_instance.entry(instance).or_default().foreign = Some(container.clone());
        }
    }
    for slot in by_instance.values_mut() {
        slot.extra.sort_by(|a, b| a.id.cmp(&b.id));
        slot.at = Some(at);
    }
    by_instance
}
