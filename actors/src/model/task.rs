//! Tasks: one command run inside an instance, and what became of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::lease::id_type;
use super::{ClaimTarget, Incarnation, InstanceName, LeaseId, TypeName};

/// Longest that all words of a command may be together, in bytes: one argument holds 131,071, and prompts go through stdin.
const ARGV_MOST: usize = 100 * 1024;
/// Largest input of a task, in bytes.
pub const STDIN_MOST: usize = 8 * 1024 * 1024;
/// Largest environment of a task, names and values together, in bytes.
const ENV_MOST: usize = 256 * 1024;
/// Longest that a task may take.
pub const TASK_TIMEOUT_MOST: Duration = Duration::from_hours(24 * 7);
/// Longest idempotency key, in characters.
const KEY_MOST: usize = 200;

id_type!(
    /// Names one task for ever.
    TaskId
);

/// Where a task is in its life.
///
/// ```text
/// queued ─▶ waking ─▶ running ─▶ succeeded | failed | timed_out | cancelled | lost
///    ▲                   │
///    └── (retry) ◀─ interrupted
/// ```
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TaskState {
    /// Waits for an instance.
    Queued,
    /// Has a lease; its instance is not running yet.
    Waking,
    /// The runner was told to run it.
    Running,
    /// Ended with exit code 0.
    Succeeded,
    /// Ended otherwise: `cause` and `exit_code` say how.
    Failed,
    TimedOut,
    Cancelled,
    /// Its container went away under it; it waits to be run once more.
    Interrupted,
    /// Nobody can tell what became of it.
    Lost,
}

impl TaskState {
    /// Nothing more will happen to it.
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Waking | Self::Running | Self::Interrupted => false,
            Self::Succeeded | Self::Failed | Self::TimedOut | Self::Cancelled | Self::Lost => true,
        }
    }
}

/// The part of a task that may be shown and stored: no value of its environment, no byte of its input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// The command and its arguments; no shell is involved.
    pub argv: Vec<String>,
    /// `None`: where the container starts.
    pub workdir: Option<String>,
    /// `None`: as long as it takes.
    pub timeout: Option<Duration>,
    /// Run it once more if its container vanishes under it.
    pub retry: bool,
}

/// The part of a task that is kept out of the database, of events and of arguments.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskInput {
    /// May hold secrets.
    pub env: BTreeMap<String, String>,
    pub stdin: Bytes,
}

impl TaskInput {
    pub fn is_empty(&self) -> bool {
        self.env.is_empty() && self.stdin.is_empty()
    }
}

/// Names and sizes only: what is printed of it may end in a log.
impl fmt::Debug for TaskInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.env.keys().collect();
        f.debug_struct("TaskInput").field("env", &names).field("stdin_bytes", &self.stdin.len()).finish()
    }
}

/// What a dispatcher asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub target: ClaimTarget,
    /// Run it under this lease, which its caller holds, instead of one of its own.
    pub lease: Option<(LeaseId, u64)>,
    pub spec: TaskSpec,
    pub input: TaskInput,
    /// A second task with the same key is the first one.
    pub idempotency_key: Option<String>,
}

impl NewTask {
    /// What is wrong with it, and in which field of the REST body.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let TaskSpec { argv, workdir, timeout, .. } = &self.spec;
        let has_nul = |text: &String| text.contains('\0');
        if argv.first().is_none_or(String::is_empty) {
            return Err(("argv", "must name a command: [\"program\", \"argument\", …]".into()));
        }
        if argv.iter().any(has_nul) {
            return Err(("argv", "must not hold a NUL character".into()));
        }
        if argv.iter().map(|word| word.len() + 1).sum::<usize>() > ARGV_MOST {
            return Err((
                "argv",
                format!("holds more than {ARGV_MOST} bytes: pass a long text through stdin"),
            ));
        }
        if workdir.as_ref().is_some_and(|dir| !dir.starts_with('/') || has_nul(dir)) {
            return Err(("workdir", "must be an absolute path inside the container".into()));
        }
        if timeout.is_some_and(|timeout| timeout.is_zero() || timeout > TASK_TIMEOUT_MOST) {
            return Err((
                "timeout_s",
                format!("must lie between 1 and {} seconds", TASK_TIMEOUT_MOST.as_secs()),
            ));
        }
        self.check_input()?;
        let odd_key = |key: &String| {
            key.is_empty() || key.chars().count() > KEY_MOST || key.chars().any(char::is_control)
        };
        if self.idempotency_key.as_ref().is_some_and(odd_key) {
            return Err(("idempotency_key", format!("must be 1 to {KEY_MOST} printable characters")));
        }
        Ok(())
    }

    fn check_input(&self) -> Result<(), (&'static str, String)> {
        let TaskInput { env, stdin } = &self.input;
        if stdin.len() > STDIN_MOST {
            return Err(("stdin", format!("must be at most {STDIN_MOST} bytes")));
        }
        for (name, value) in env {
            if name.is_empty() || name.contains(['=', '\0']) || name.chars().any(char::is_whitespace) {
                return Err(("env", format!("{name:?} is not a name of a variable")));
            }
            if value.contains('\0') {
                return Err(("env", format!("the value of {name} must not hold a NUL character")));
            }
        }
        if env.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>() > ENV_MOST {
            return Err(("env", format!("holds more than {ENV_MOST} bytes")));
        }
        Ok(())
    }
}

/// One task as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub state: TaskState,
    pub target: ClaimTarget,
    pub agent_type: TypeName,
    pub spec: TaskSpec,
    pub idempotency_key: Option<String>,
    /// The lease that its caller holds, if it was given one.
    pub lease: Option<LeaseId>,
    /// Where it runs or ran.
    pub instance: Option<InstanceName>,
    pub incarnation: Option<Incarnation>,
    /// Which state volume the agent had when it began; on another one a missing record proves nothing.
    pub volume: Option<String>,
    /// It has an environment or stdin of its own.
    pub has_input: bool,
    /// 1 for the first run.
    pub attempt: u32,
    /// A cancel was asked for and not carried out yet.
    pub cancelling: bool,
    /// A word of the field: `exited`, `signalled`, `oom`, `timeout`, `cancelled`, `vanished`, …
    pub cause: Option<String>,
    /// A sentence for people.
    pub detail: Option<String>,
    pub exit_code: Option<i64>,
    pub queued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// All that it printed, kept or not.
    pub output_bytes: u64,
    /// Not all of it was kept.
    pub truncated: bool,
}

/// One run of a task, as the runner in the container knows it: an id is run once, so each attempt has its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    pub fn new(task: TaskId, attempt: u32) -> Self {
        Self(format!("{task}.{attempt}"))
    }

    /// Takes what [`RunId::new`] made and nothing else: it is the name of a directory.
    pub fn parse(text: &str) -> Option<Self> {
        let (task, attempt) = text.split_once('.')?;
        let attempt = attempt.parse::<u32>().ok()?;
        let run = Self::new(TaskId(Uuid::parse_str(task).ok()?), attempt);
        (run.0 == text).then_some(run)
    }
}

impl AsRef<str> for RunId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a run ended, as the runner saw it.
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
    strum::EnumIter,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunCause {
    /// The process ended by itself; the exit code is its own.
    Exited,
    /// A signal that was not the runner's ended it; the exit code is 128 and the signal.
    Signalled,
    /// The kernel killed it for memory.
    Oom,
    TimedOut,
    Cancelled,
    /// There is no such program, or it cannot be run: 127 or 126, as in a shell.
    NotStarted,
}

/// What the runner recorded about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    pub run: RunId,
    pub state: RunState,
    pub started_at: Timestamp,
    /// All that it printed so far.
    pub output_bytes: u64,
    /// How much of that, from the beginning, is kept.
    pub kept_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    Running,
    Ended {
        cause: RunCause,
        exit_code: i64,
        /// What the system said, where it did not start.
        detail: Option<String>,
        ended_at: Timestamp,
    },
    /// The runner is gone and recorded no end: the container went away under it, or it was killed.
    Vanished,
}
