//! What the handle is asked and what it answers.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{
    AgentView, HealthPolicyView, Incarnation, InstanceName, Lifecycle, Outcome, Task, TaskId, TaskState,
    TypeName,
};

/// What an operator asks of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Runs it; clears a crash loop and a hold. A lazy one is started once.
    Start,
    /// Stops it; a hot one stays down until `Start`.
    Stop,
    /// Stops and starts the same container: the image stays.
    Restart,
    /// Replaces the container, adopting what the image's tag means now.
    Recreate,
    /// Goes on after `state_lost`, with an empty volume; refused unless the loss is accepted.
    Recover { accept_state_loss: bool },
    /// Takes over a foreign container of the instance's name, with its volume.
    Adopt,
}

/// What became of one instance after a change or a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reconciled {
    pub name: InstanceName,
    pub outcome: Outcome,
    /// Why it failed, or why nothing was done where that may surprise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Absent when the row is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Arc<AgentView>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypeView {
    #[serde(rename = "type")]
    pub name: TypeName,
    pub lifecycle: Lifecycle,
    pub host_mode: bool,
    pub image: Option<String>,
    pub idle_timeout_s: u64,
    pub health: HealthPolicyView,
    /// How many rows the type has.
    pub count: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScaleReport {
    pub created: Vec<Reconciled>,
    pub removed: Vec<Reconciled>,
    pub unchanged: usize,
}

/// What `wipe` destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wiped {
    pub volume: String,
}

/// When each loop of the supervisor last moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    pub registry_answers: bool,
    pub event_log_answers: bool,
    pub store_answers: bool,
    /// Seconds since the watchdog last finished a round.
    pub watchdog_age_s: u64,
    /// Whether that is within three intervals.
    pub watchdog_moves: bool,
}

impl Health {
    pub fn is_alive(&self) -> bool {
        self.registry_answers && self.event_log_answers && self.store_answers && self.watchdog_moves
    }
}

/// A task as the API shows it: nothing of its environment and input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskView {
    pub id: TaskId,
    pub state: TaskState,
    pub cause: Option<String>,
    /// A sentence for people.
    pub detail: Option<String>,
    pub exit_code: Option<i64>,
    pub instance: Option<InstanceName>,
    pub incarnation: Option<Incarnation>,
    #[serde(rename = "type")]
    pub agent_type: TypeName,
    pub argv: Vec<String>,
    pub attempt: u32,
    /// A cancel was asked for and is not carried out yet.
    pub cancelling: bool,
    /// Of one that has no running agent yet, in words: what is the matter with each that it could have.
    #[serde(default)]
    pub waiting_for: Option<String>,
    pub queued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub output_bytes: u64,
    /// Not all that it printed was kept.
    pub truncated: bool,
}

impl From<&Task> for TaskView {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id,
            state: task.state,
            cause: task.cause.clone(),
            detail: task.detail.clone(),
            exit_code: task.exit_code,
            instance: task.instance.clone(),
            incarnation: task.incarnation.clone(),
            agent_type: task.agent_type.clone(),
            argv: task.spec.argv.clone(),
            attempt: task.attempt,
            cancelling: task.cancelling && !task.state.is_final(),
            waiting_for: None,
            queued_at: task.queued_at,
            started_at: task.started_at,
            ended_at: task.ended_at,
            output_bytes: task.output_bytes,
            truncated: task.truncated,
        }
    }
}
