//! What was called through the port, and what must never have happened.

use std::time::Duration;

use super::SimDocker;
use super::state::{SimVolume, State};
use crate::model::{ContainerId, FleetId};
use crate::ports::RuntimeError;

/// A verb of the port.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum Verb {
    ObserveFleet,
    Observe,
    Image,
    Pull,
    TagImage,
    UntagImage,
    ImageTags,
    Volumes,
    CreateVolume,
    HandOverVolume,
    RemoveVolume,
    VolumeUsers,
    FleetVolumes,
    VolumeSizes,
    VolumeDisks,
    VolumeSize,
    Create,
    Start,
    Stop,
    Remove,
    Rename,
    SetRestartPolicy,
    Unpause,
    Events,
    LastWords,
    Stats,
    ContainerSpec,
    Logs,
    Run,
    FollowRun,
    RunRecord,
    CancelRun,
    RunOutput,
    Probe,
    LastOutput,
}

impl Verb {
    /// Whether it may change anything in docker.
    pub fn changes(self) -> bool {
        match self {
            Self::ObserveFleet
            | Self::Observe
            | Self::Image
            | Self::ImageTags
            | Self::Volumes
            | Self::VolumeUsers
            | Self::FleetVolumes
            | Self::VolumeSizes
            | Self::VolumeDisks
            | Self::VolumeSize
            | Self::Events
            | Self::LastWords
            | Self::Stats
            | Self::ContainerSpec
            | Self::Logs
            | Self::FollowRun
            | Self::RunRecord
            | Self::RunOutput
            | Self::Probe
            | Self::LastOutput => false,
            Self::Pull
            | Self::TagImage
            | Self::UntagImage
            | Self::CreateVolume
            | Self::HandOverVolume
            | Self::RemoveVolume
            | Self::Create
            | Self::Start
            | Self::Stop
            | Self::Remove
            | Self::Rename
            | Self::SetRestartPolicy
            | Self::Unpause
            | Self::Run
            | Self::CancelRun => true,
        }
    }
}

/// One call through the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Since the engine was made.
    pub at: Duration,
    pub fleet: FleetId,
    pub verb: Verb,
    /// Name of the container, volume or image that it is about.
    pub subject: String,
    /// Whether the verb is one that changes something.
    pub changes: bool,
    /// It came back with success. A call still under way, or dropped by its caller, is not `ok` and has no `error`.
    pub ok: bool,
    pub error: Option<RuntimeError>,
}

impl SimDocker {
    /// Every call so far, oldest first, of all fleets.
    pub fn journal(&self) -> Vec<Call> {
        self.look(|state| state.journal.clone())
    }

    /// The place in the journal where the next call will stand.
    pub fn mark(&self) -> usize {
        self.look(|state| state.journal.len())
    }

    pub fn calls_since(&self, mark: usize) -> Vec<Call> {
        self.look(|state| state.journal[mark.min(state.journal.len())..].to_vec())
    }

    /// How many calls since `mark` may have changed something.
    pub fn count_changing_calls(&self, mark: usize) -> usize {
        self.calls_since(mark).iter().filter(|call| call.changes).count()
    }

    /// Names of the volumes that were removed through the port, whether allowed or not.
    pub fn volumes_removed_by_api(&self) -> Vec<String> {
        self.look(|state| state.volumes_removed.clone())
    }

    pub fn volume_ever_removed_by_api(&self) -> bool {
        !self.volumes_removed_by_api().is_empty()
    }

    /// From now on the container of this name may be changed through the port although it is foreign: it is adopted.
    pub fn permit_adoption(&self, container: &str) {
        self.with(|state| {
            let id = state.by_name(container).map(|c| c.seen.id.clone());
            state.adoptable.extend(id);
        });
    }

    /// From now on this volume may be removed through the port: it is wiped.
    pub fn permit_volume_removal(&self, volume: &str) {
        self.with(|state| state.removable.insert(volume.to_owned()));
    }

    /// What must never have happened and did.
    pub fn violations(&self) -> Vec<String> {
        self.look(|state| state.violations.clone())
    }

    /// Panics if a call of the port ever changed a foreign container or volume, removed a volume that was not permitted,
    /// or let two containers of one instance run on one volume.
    pub fn assert_invariants(&self) {
        let violations = self.violations();
        if violations.is_empty() {
            return;
        }
        let journal: Vec<String> =
            self.journal().iter().rev().take(40).rev().map(ToString::to_string).collect();
        panic!("{}\nthe latest calls:\n{}", violations.join("\n"), journal.join("\n"));
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>12.3?} {} {}", self.at, self.verb, self.subject)?;
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None if self.ok => Ok(()),
            None => write!(f, ": unfinished"),
        }
    }
}

impl State {
    /// Notes it when a verb of `fleet` is about to change somebody else's container.
    pub(super) fn guard(&mut self, fleet: FleetId, verb: Verb, id: &ContainerId) {
        let Some(container) = self.containers.get(id) else { return };
        if !container.seen.belongs_to(fleet) && !self.adoptable.contains(id) {
            let owner = container.seen.labels.fleet.as_deref().unwrap_or("nobody");
            let text = format!("{verb} of the foreign container {} (of {owner})", container.seen.name);
            self.violations.push(text);
        }
    }

    /// The same for a volume that is about to be handed to a user; one without an owner is nobody's.
    pub(super) fn guard_volume(&mut self, fleet: FleetId, verb: Verb, name: &str) {
        let owner = self.volumes.get(name).and_then(|volume| volume.labels.fleet.clone());
        if owner.is_some_and(|owner| owner != fleet.to_string()) {
            self.violations.push(format!("{verb} of the foreign volume {name}"));
        }
    }

    /// Notes the removal of a volume, and whether it was permitted.
    pub(super) fn volume_was_removed(&mut self, fleet: FleetId, volume: &SimVolume) {
        let name = &volume.name;
        self.volumes_removed.push(name.clone());
        if !self.removable.contains(name) {
            self.violations.push(format!("removal of volume {name} by {fleet}, which nobody permitted"));
        }
    }
}
