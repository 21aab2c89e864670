//! Rollouts: a new image for many instances, one after the other.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lease::id_type;
use super::{InstanceName, TypeName};

/// Most members that may be out at a time, and most canaries.
pub const ROLLOUT_WIDTH_MOST: u32 = 1000;
/// Longest that a member is watched, and longest that a drain is waited for, in seconds.
pub const ROLLOUT_WAIT_MOST_S: u64 = 24 * 3600;

id_type!(
    /// Names one rollout for ever.
    RolloutId
);

/// The image that an instance's containers are made of, whatever the name in its row means meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The name that it stands in for; a row that asks for another one is not pinned.
    pub image: String,
    pub rollout: RolloutId,
    #[serde(flatten)]
    pub kind: PinKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PinKind {
    /// A rollout tries `to`, once. If the container cannot be replaced, it stays with `from`.
    Trial { from: String, to: String, failed: Option<String> },
    /// It went back to `to` and stays there.
    Kept { to: String, reason: String },
}

impl Pin {
    /// Full id of the image that its containers are made of.
    pub fn image_id(&self) -> &str {
        match &self.kind {
            PinKind::Trial { from, failed: Some(_), .. } => from,
            PinKind::Trial { to, failed: None, .. } | PinKind::Kept { to, .. } => to,
        }
    }
}

/// A pin as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PinView {
    pub image_id: String,
    pub rollout: RolloutId,
    /// Why it went back; null while a rollout tries the image.
    pub reason: Option<String>,
    /// Why the image that a rollout tries could not be had, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl From<&Pin> for PinView {
    fn from(pin: &Pin) -> Self {
        let (reason, failed) = match &pin.kind {
            PinKind::Trial { failed, .. } => (None, failed.clone()),
            PinKind::Kept { reason, .. } => (Some(reason.clone()), None),
        };
        Self { image_id: pin.image_id().to_owned(), rollout: pin.rollout, reason, failed }
    }
}

/// How far a rollout has come.
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
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RolloutState {
    Running,
    /// By an operator, or because of trouble: nobody else begins. Whoever is under way goes on to the end.
    Paused,
    Done,
    /// A canary did not come up, and has its old image again.
    RolledBack,
    Aborted,
    /// The images could not be fetched, or somebody could not be brought back.
    Failed,
}

impl RolloutState {
    pub fn has_ended(self) -> bool {
        match self {
            Self::Running | Self::Paused => false,
            Self::Done | Self::RolledBack | Self::Aborted | Self::Failed => true,
        }
    }
}

/// How far one member has come.
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
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MemberState {
    Pending,
    /// It gets no new work; whoever works with it may finish.
    Draining,
    Recreating,
    Watching,
    Done,
    RollingBack,
    RolledBack,
    /// It needs nothing, or cannot be replaced.
    Skipped,
    /// It could not be brought back.
    Failed,
}

impl MemberState {
    /// It counts against the width.
    pub fn is_out(self) -> bool {
        match self {
            Self::Draining | Self::Recreating | Self::Watching | Self::RollingBack => true,
            Self::Pending | Self::Done | Self::RolledBack | Self::Skipped | Self::Failed => false,
        }
    }
}

/// How a rollout proceeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Strategy {
    /// Most members that are out at a time.
    pub width: u32,
    /// So many of each type come first, and must be done before another begins.
    pub canary: u32,
    /// Seconds that a member must run before it is done.
    pub watch_s: u64,
    /// Longest wait, in seconds, for whoever works with a member; `None`: for ever.
    pub drain_s: Option<u64>,
    /// Fetch the images first; `None`: as the types say.
    pub pull: Option<bool>,
}

impl Default for Strategy {
    fn default() -> Self {
        Self { width: 1, canary: 1, watch_s: 30, drain_s: None, pull: None }
    }
}

impl Strategy {
    /// What is wrong with it, and in which field of the REST body.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if !(1..=ROLLOUT_WIDTH_MOST).contains(&self.width) {
            return Err(("strategy.width", format!("must lie between 1 and {ROLLOUT_WIDTH_MOST}")));
        }
        if self.canary > ROLLOUT_WIDTH_MOST {
            return Err(("strategy.canary", format!("must be at most {ROLLOUT_WIDTH_MOST}")));
        }
        let longest = format!("must be at most {ROLLOUT_WAIT_MOST_S} seconds");
        if self.watch_s > ROLLOUT_WAIT_MOST_S {
            return Err(("strategy.watch_s", longest));
        }
        if self.drain_s.is_some_and(|drain_s| drain_s > ROLLOUT_WAIT_MOST_S) {
            return Err(("strategy.drain_s", longest));
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutMember {
    pub instance: InstanceName,
    #[serde(rename = "type")]
    pub agent_type: TypeName,
    pub canary: bool,
    pub state: MemberState,
    /// As the row names it.
    pub image: String,
    pub from_image_id: String,
    /// `None` until the images that are fetched first are here.
    pub to_image_id: Option<String>,
    pub reason: Option<String>,
    /// When it came into its state.
    pub since: Timestamp,
}

/// A new image for many instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rollout {
    pub id: RolloutId,
    /// `None`: all types.
    #[serde(rename = "type")]
    pub agent_type: Option<TypeName>,
    pub state: RolloutState,
    pub strategy: Strategy,
    /// Why it is paused, or how it ended where that needs words.
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// In the order in which they are taken.
    pub members: Vec<RolloutMember>,
}

impl Rollout {
    /// Members that need nothing more.
    pub fn done(&self) -> usize {
        let done = |state| matches!(state, MemberState::Done | MemberState::Skipped);
        self.members.iter().filter(|member| done(member.state)).count()
    }

    /// Ids of all images that somebody is to have, or may have to go back to.
    pub fn images(&self) -> impl Iterator<Item = &String> {
        self.members.iter().flat_map(|member| member.to_image_id.iter().chain([&member.from_image_id]))
    }

    /// Whether both are about an agent that may be the same.
    pub fn overlaps(&self, agent_type: Option<&TypeName>) -> bool {
        match (&self.agent_type, agent_type) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, _) | (_, None) => true,
        }
    }
}
