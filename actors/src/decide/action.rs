//! What can be done about an instance.

use super::Request;
use crate::model::{ContainerId, Outcome, RestartPolicy, StopReason};

/// Why a container is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum RecreateCause {
    /// Its spec hash is not the row's.
    Drift,
    /// An operator asked, to adopt a new image.
    Requested,
    /// An operator hands a container that is not ours over to us.
    Adopted,
    /// A rollout tries another image.
    Rollout,
    /// The image that a rollout tried is given up for the one before.
    Rollback,
}

/// One effect on docker, or none.
#[derive(Clone, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    None,
    /// Look again before judging: nothing is done because of one look.
    LookAgain,
    Create {
        start: bool,
    },
    Start {
        id: ContainerId,
    },
    Unpause {
        id: ContainerId,
    },
    Stop {
        reason: StopReason,
    },
    Restart {
        reason: StopReason,
    },
    Recreate {
        old: ContainerId,
        cause: RecreateCause,
        start: bool,
    },
    /// Stops and removes all containers of the instance; the volume stays.
    Remove,
    /// Removes by force a container that docker left half-removed.
    Clear {
        id: ContainerId,
    },
    /// Removes what an interrupted recreate left beside the container.
    RemoveExtra,
    RenameBack {
        id: ContainerId,
    },
    SetPolicy {
        id: ContainerId,
        policy: RestartPolicy,
    },
    /// Takes docker's own restarting off a container in a crash loop.
    Calm {
        id: ContainerId,
    },
    /// Finishes or undoes a recreate that was interrupted.
    Replay,
    /// Writes the volume that the container holds into the row.
    RememberVolume,
    /// Lets the row forget the volume that is lost, because an operator accepted it.
    AcceptLoss,
}

impl Action {
    /// What a success of this action is reported as.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Create { .. } => Outcome::Created,
            Self::Start { .. } | Self::Unpause { .. } | Self::Restart { .. } => Outcome::Started,
            Self::Recreate { .. } | Self::Replay => Outcome::Recreated,
            Self::Remove => Outcome::Removed,
            Self::None
            | Self::LookAgain
            | Self::Stop { .. }
            | Self::Clear { .. }
            | Self::RemoveExtra
            | Self::RenameBack { .. }
            | Self::SetPolicy { .. }
            | Self::Calm { .. }
            | Self::RememberVolume
            | Self::AcceptLoss => Outcome::Unchanged,
        }
    }

    /// Whether it may end something that runs.
    pub fn cuts(&self) -> bool {
        match self {
            Self::Remove
            | Self::Recreate { .. }
            | Self::RemoveExtra
            | Self::Stop { .. }
            | Self::Restart { .. } => true,
            Self::None
            | Self::LookAgain
            | Self::Create { .. }
            | Self::Start { .. }
            | Self::Unpause { .. }
            | Self::Clear { .. }
            | Self::RenameBack { .. }
            | Self::SetPolicy { .. }
            | Self::Calm { .. }
            | Self::Replay
            | Self::RememberVolume
            | Self::AcceptLoss => false,
        }
    }

    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Whether its success is all that `request` asked for. What only clears the way for it is not.
    pub fn fulfils(&self, request: Request) -> bool {
        let starts = match self {
            Self::Start { .. } | Self::Unpause { .. } | Self::Restart { .. } => true,
            Self::Create { start } | Self::Recreate { start, .. } => *start,
            Self::None
            | Self::LookAgain
            | Self::Stop { .. }
            | Self::Remove
            | Self::Clear { .. }
            | Self::RemoveExtra
            | Self::RenameBack { .. }
            | Self::SetPolicy { .. }
            | Self::Calm { .. }
            | Self::Replay
            | Self::RememberVolume
            | Self::AcceptLoss => false,
        };
        let makes = matches!(self, Self::Create { .. } | Self::Recreate { .. });
        match request {
            Request::Start => starts,
            Request::Stop => matches!(self, Self::Stop { .. }),
            Request::Restart => starts && (makes || matches!(self, Self::Restart { .. })),
            Request::Recreate | Request::Adopt => makes,
            Request::Recover => matches!(self, Self::AcceptLoss),
        }
    }
}
