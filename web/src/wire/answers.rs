//! What answers put around the model's types.

use claude_hooks_actors::handle::{Health, Reconciled, VolumeView};
use claude_hooks_actors::model::{AgentView, Event, InstanceName, Outcome, ReconcileReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Some things, and which picture of the fleet they go with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// Raised with every new picture of the fleet.
    pub generation: u64,
}

/// A page of events, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Events {
    pub items: Vec<Event>,
    pub generation: u64,
    /// Number of the oldest event that is still stored, or of the next one if none is.
    pub oldest: u64,
    /// Number of the newest event, 0 if there never was one.
    pub newest: u64,
}

/// State volumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Volumes {
    pub items: Vec<VolumeView>,
    /// Why the sizes that were asked for are not told.
    pub sizes_unknown: Option<String>,
    pub generation: u64,
}

/// What became of an agent after a change: as it is now, or only its name if its row is gone.
///
/// A failure of docker is in `outcome`, not in the status: what was asked is on record and is retried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Changed {
    Agent(Box<ChangedAgent>),
    Gone(GoneAgent),
}

/// An agent after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedAgent {
    #[serde(flatten)]
    pub agent: AgentView,
    pub outcome: Outcome,
    /// Why it failed, or why nothing was done where that may surprise.
    pub reason: Option<String>,
}

/// An agent whose row is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoneAgent {
    pub name: InstanceName,
    pub outcome: Outcome,
    pub reason: Option<String>,
}

impl Changed {
    pub fn name(&self) -> &InstanceName {
        match self {
            Self::Agent(changed) => &changed.agent.name,
            Self::Gone(gone) => &gone.name,
        }
    }

    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Agent(changed) => changed.outcome,
            Self::Gone(gone) => gone.outcome,
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Agent(changed) => changed.reason.as_deref(),
            Self::Gone(gone) => gone.reason.as_deref(),
        }
    }

    /// `None`: its row is gone.
    pub fn agent(&self) -> Option<&AgentView> {
        match self {
            Self::Agent(changed) => Some(&changed.agent),
            Self::Gone(_) => None,
        }
    }
}

impl From<&Reconciled> for Changed {
    fn from(Reconciled { name, outcome, reason, agent }: &Reconciled) -> Self {
        let (outcome, reason) = (*outcome, reason.clone());
        match agent {
            Some(agent) => {
                Self::Agent(Box::new(ChangedAgent { agent: AgentView::clone(agent), outcome, reason }))
            }
            None => Self::Gone(GoneAgent { name: name.clone(), outcome, reason }),
        }
    }
}

/// What a reconcile did: to the fleet, or to the agent that was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Reconciliation {
    Fleet(ReconcileReport),
    Agent(Changed),
}

/// The state that was waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waited {
    pub name: InstanceName,
    /// The phase, or `gone`.
    pub state: String,
    /// Null: there is no row.
    pub agent: Option<AgentView>,
}

/// Whether every loop of the supervisor moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alive {
    #[serde(flatten)]
    pub health: Health,
    pub alive: bool,
    /// Of the supervisor.
    pub version: String,
}

/// The supervisor can do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ready {
    pub ready: bool,
}

/// Whether whoever asks is let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    pub signed_in: bool,
    /// By what: `socket`, `token` or `session`.
    pub how: Option<String>,
    /// Of the supervisor.
    pub version: String,
}

/// An address that signs one browser in, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    pub url: String,
    pub expires_in_s: u64,
}

/// A parked agent, and all that were parked with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkedAgent {
    #[serde(flatten)]
    pub agent: AgentView,
    /// More than one where all of an account were parked.
    pub parked_agents: Vec<InstanceName>,
}

/// A frame of the picture on a stream: the whole fleet (`snapshot`), or what has changed in it (`picture`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Picture {
    pub generation: u64,
    /// Null until docker was first asked.
    pub docker_reachable: Option<bool>,
    /// What docker said when it could last not be reached.
    pub docker_error: Option<String>,
    /// The first pass is done.
    pub booted: bool,
    /// Why nothing is reconciled although docker answers, if so.
    pub suspended: Option<String>,
    /// All of them, or those that look otherwise than before.
    pub agents: Vec<AgentView>,
    /// Whoever is not there any more; only in `picture`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub gone: Vec<InstanceName>,
    /// Number of the last event that it knows of; only in `snapshot`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cursor: Option<u64>,
}
