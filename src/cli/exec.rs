//! `exec`: one command inside an agent, as if it ran here.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{TaskId, TaskState};

use super::context::Asking;
use super::failure::{Exit, Failure};
use super::task_args::ExecArgs;
use super::tasks;
use super::text::plain;
use crate::client::ClientError;
use crate::client::wire::NewTask;

/// How often a daemon that went away, for a restart, is looked for: the task goes on without it.
const RECONNECTS: u32 = 60;
/// Pause until a task that has just begun is asked again for what it prints.
const NOT_YET: Duration = Duration::from_millis(200);
/// Longest that the end is waited for at a time, in seconds.
const WAIT_S: u64 = 1;
/// Exit code of what took too long, as `timeout` has it.
const TIMED_OUT: u8 = 124;
/// Exit code of what was interrupted, as a shell has it.
const CANCELLED: u8 = 130;

pub(super) async fn run(asking: &mut Asking, args: ExecArgs) -> Result<(), Failure> {
    let task = new_task(&args, |name| std::env::var(name).ok(), read_stdin)?;
    let id = asking.client.submit(&task).await?.read()?.id;
    let client = asking.client.clone();
    let mut attended = Attended { id, attempt: 1, offset: 0, told: false };
    let followed = attended.follow(asking);
    tokio::pin!(followed);
    let interrupted = tokio::select! {
        task = &mut followed => return end(&task?),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    };
    interrupted?;
    client.cancel_task(id).await?;
    // A second one, or a daemon that is away: whoever asked for it need not wait.
    tokio::select! {
        task = followed => end(&task?),
        _ = tokio::signal::ctrl_c() => Err(Failure::Told(Exit::Task(CANCELLED))),
    }
}

/// What is handed in. Without the command's own environment and input in the way, so that it can be tested.
fn new_task(
    args: &ExecArgs,
    own: impl Fn(&str) -> Option<String>,
    stdin: impl FnOnce() -> io::Result<Vec<u8>>,
) -> Result<NewTask, Failure> {
    let mut env = BTreeMap::new();
    for variable in &args.env {
        let given = variable.split_once('=').map(|(name, value)| (name, value.to_owned()));
        let taken = || Some((variable.as_str(), own(variable)?));
        let missing = || Failure::Usage(format!("{variable} is not set here: give it as {variable}=VALUE"));
        let (name, value) = given.or_else(taken).ok_or_else(missing)?;
        env.insert(name.to_owned(), value);
    }
    let read = || stdin().map_err(|error| Failure::Said(format!("cannot read the standard input: {error}")));
    let bytes = args.stdin.then(read).transpose()?;
    Ok(NewTask {
        argv: args.argv.clone(),
        instance: args.name.clone(),
        agent_type: args.agent_type.clone(),
        env,
        workdir: args.workdir.clone(),
        timeout_s: args.timeout,
        retry: args.retry,
        stdin_base64: bytes.map(|bytes| STANDARD.encode(bytes)),
        ..NewTask::default()
    })
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A task that is followed, and how much of what it printed was printed here.
#[derive(Debug)]
struct Attended {
    id: TaskId,
    attempt: u32,
    offset: u64,
    /// It was said that it waits.
    told: bool,
}

impl Attended {
    /// Until its end; over a daemon that is restarted meanwhile.
    async fn follow(&mut self, asking: &mut Asking) -> Result<TaskView, Failure> {
        let mut failures = 0;
        loop {
            match self.round(asking).await {
                Ok(Some(task)) => return Ok(task),
                Ok(None) => failures = 0,
                Err(Failure::Client(error)) if passes(&error) && failures < RECONNECTS => {
                    if failures == 0 {
                        asking
                            .context
                            .aside(format!("{}; the task goes on, trying again", plain(&error.to_string())));
                    }
                    failures += 1;
                    tokio::time::sleep(asking.context.reconnect_pause).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Prints what there is; the task once it has ended.
    async fn round(&mut self, asking: &mut Asking) -> Result<Option<TaskView>, Failure> {
        let answer = asking.client.task(self.id, Some(WAIT_S)).await?;
        let task = answer.read()?;
        if task.attempt != self.attempt {
            asking.context.aside("its container vanished under it; it is run once more");
            (self.attempt, self.offset) = (task.attempt, 0);
        }
        let ended = task.state.is_final();
        if matches!(task.state, TaskState::Queued | TaskState::Waking) && !self.told {
            let what = task.waiting_for.as_deref().map_or_else(|| task.state.to_string(), plain);
            asking.context.aside(format!("the task {} waits: {what}", self.id));
            self.told = true;
        }
        if !asking.context.json && task.started_at.is_some() && (ended || task.state == TaskState::Running) {
            let printed = tasks::output(asking, self.id, &mut self.offset, !ended).await;
            match printed {
                // Its process is not there yet.
                Err(Failure::Client(ClientError::Refused(_))) if !ended => {
                    tokio::time::sleep(NOT_YET).await;
                }
                // The end is known, and worth more than what was printed before it.
                Err(Failure::Client(error @ ClientError::Refused(_))) => {
                    asking
                        .context
                        .aside(format!("what it printed cannot be read: {}", plain(&error.to_string())));
                }
                printed => printed?,
            }
        }
        if !ended {
            return Ok(None);
        }
        if asking.context.json {
            asking.context.document(answer.json())?;
        } else if let Some(said) = said(&task) {
            asking.context.aside(said);
        }
        Ok(Some(task))
    }
}

/// Whether the daemon may answer later.
fn passes(error: &ClientError) -> bool {
    match error {
        ClientError::NoDaemon { .. } | ClientError::NoAnswer { .. } | ClientError::Broken { .. } => true,
        // It stops, or its docker is away.
        ClientError::Refused(problem) => problem.status == 503,
        ClientError::Permission { .. } | ClientError::Garbled { .. } => false,
    }
}

/// What its output and its exit code do not say by themselves.
fn said(task: &TaskView) -> Option<String> {
    let detail = task.detail.as_deref().map(|detail| format!(": {}", plain(detail))).unwrap_or_default();
    let cause = task.cause.as_deref().unwrap_or("for no known cause");
    let cut = "not all that it printed was kept";
    match task.state {
        TaskState::Succeeded => task.truncated.then(|| cut.to_owned()),
        TaskState::TimedOut => Some(format!("the task took too long and was ended{detail}")),
        TaskState::Cancelled => Some(format!("the task was cancelled{detail}")),
        TaskState::Failed if cause == "exited" => task.truncated.then(|| cut.to_owned()),
        TaskState::Lost => Some(format!("nobody can tell what became of the task{detail}")),
        TaskState::Failed
        | TaskState::Queued
        | TaskState::Waking
        | TaskState::Running
        | TaskState::Interrupted => Some(format!("the task {} ({cause}){detail}", task.state)),
    }
}

/// Never 0 for what did not succeed.
fn end(task: &TaskView) -> Result<(), Failure> {
    let own = task.exit_code.and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0);
    let code = match task.state {
        TaskState::Succeeded => return Ok(()),
        TaskState::TimedOut => TIMED_OUT,
        TaskState::Cancelled => CANCELLED,
        TaskState::Failed
        | TaskState::Lost
        | TaskState::Queued
        | TaskState::Waking
        | TaskState::Running
        | TaskState::Interrupted => own.unwrap_or(1),
    };
    Err(Failure::Told(Exit::Task(code)))
}

#[cfg(test)]
mod tests;
