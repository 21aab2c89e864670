//! `tasks`: work that agents were given.

use std::io::Write as _;

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{TaskId, TaskState};
use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::context::Asking;
use super::failure::{Exit, Failure};
use super::show::Facts;
use super::table::table;
use super::task_args::{TasksListArgs, TasksVerb};
use super::text::{age, moment, plain};
use crate::client::TaskQuery;

pub(super) async fn run(asking: &mut Asking, verb: TasksVerb) -> Result<(), Failure> {
    match verb {
        TasksVerb::List(args) => list(asking, &args).await,
        TasksVerb::Show { id } => {
            let answer = asking.client.task(id, None).await?;
            if asking.context.json {
                return asking.context.document(answer.json());
            }
            let task = answer.read()?;
            asking.context.line(shown(&task, (asking.context.now)()))
        }
        TasksVerb::Output { id, follow, mut offset } => output(asking, id, &mut offset, follow).await,
        TasksVerb::Cancel { ids } => cancel(asking, &ids).await,
    }
}

async fn list(asking: &mut Asking, args: &TasksListArgs) -> Result<(), Failure> {
    let TasksListArgs { instance, states, limit } = args;
    let (instance, states) = (instance.clone(), states.clone());
    let query = TaskQuery { instance, states, before: None, limit: Some(*limit) };
    let answer = asking.client.tasks(&query).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let tasks = answer.read()?.items;
    if tasks.is_empty() {
        asking.context.aside("no task to show");
        return Ok(());
    }
    let text = listed(&tasks, (asking.context.now)(), asking.context.terminal);
    asking.context.line(text)
}

/// Prints what a task printed, byte for byte; `offset` follows what was printed, also if the connection breaks.
pub(super) async fn output(
    asking: &mut Asking,
    id: TaskId,
    offset: &mut u64,
    follow: bool,
) -> Result<(), Failure> {
    let mut bytes = asking.client.task_output(id, *offset, follow).await?;
    while let Some(piece) = bytes.next().await {
        let piece = piece?;
        asking.context.out.write_all(&piece)?;
        asking.context.out.flush()?;
        *offset += piece.len() as u64;
    }
    Ok(())
}

async fn cancel(asking: &mut Asking, ids: &[TaskId]) -> Result<(), Failure> {
    let (mut answers, mut failed) = (Vec::new(), false);
    for id in ids {
        match asking.client.cancel_task(*id).await {
            Ok(answer) => {
                let task = answer.read()?;
                if !asking.context.json {
                    let said =
                        if task.state.is_final() { task.state.to_string() } else { "cancelling".into() };
                    asking.context.line(format!("{id}: {said}"))?;
                }
                answers.push(answer.into_json());
            }
            Err(error) if error.is_unreachable() || ids.len() == 1 => return Err(error.into()),
            Err(error) => {
                failed = true;
                asking.context.aside(format!("{id}: {}", plain(&error.to_string())));
            }
        }
    }
    asking.context.answers(answers, ids.len())?;
    if failed { Err(Failure::Told(Exit::Failed)) } else { Ok(()) }
}

fn listed(tasks: &[TaskView], now: Timestamp, terminal: bool) -> String {
    let headers = ["ID", "STATE", "AGENT", "EXIT", "QUEUED", "TOOK", "COMMAND"];
    let row = |task: &TaskView| {
        vec![
            task.id.to_string(),
            state(task),
            task.instance.as_ref().map_or_else(|| format!("any {}", task.agent_type), ToString::to_string),
            task.exit_code.map(|code| code.to_string()).unwrap_or_default(),
            format!("{} ago", age(now, task.queued_at)),
            took(task, now).unwrap_or_default(),
            task.argv.join(" "),
        ]
    };
    table(&headers, tasks.iter().map(row).collect(), terminal)
}

/// `running`, `running (cancelling)`, `failed (oom)`.
fn state(task: &TaskView) -> String {
    let cause = task.cause.as_deref().filter(|cause| {
        let said = task.state.to_string();
        task.state != TaskState::Succeeded && *cause != "exited" && *cause != said
    });
    match cause {
        _ if task.cancelling => format!("{} (cancelling)", task.state),
        Some(cause) => format!("{} ({cause})", task.state),
        None => task.state.to_string(),
    }
}

fn took(task: &TaskView, now: Timestamp) -> Option<String> {
    Some(age(task.ended_at.unwrap_or(now), task.started_at?))
}

fn shown(task: &TaskView, now: Timestamp) -> String {
    let mut facts = Facts::default();
    facts.add("task", task.id.to_string());
    facts.add("state", state(task));
    facts.maybe("waits for", task.waiting_for.as_deref());
    facts.maybe("exit code", task.exit_code.map(|code| code.to_string()));
    facts.maybe("detail", task.detail.as_deref());
    facts.add("type", &task.agent_type);
    facts.maybe("agent", task.instance.as_ref());
    facts.add("command", task.argv.join(" "));
    facts.maybe("attempt", (task.attempt > 1).then(|| task.attempt.to_string()));
    let at = |at: Timestamp| format!("{} ({} ago)", moment(at), age(now, at));
    facts.add("queued", at(task.queued_at));
    facts.maybe("started", task.started_at.map(at));
    facts.maybe("ended", task.ended_at.map(at));
    facts.maybe("took", took(task, now));
    if task.state.is_final() {
        let cut = if task.truncated { ", of which the beginning is kept" } else { "" };
        facts.add("printed", format!("{} bytes{cut}", task.output_bytes));
    }
    facts.done()
}
