//! A dispatcher with the supervisor inside: it claims an agent, works with it, and gives it back.
//!
//! `cargo run --example dispatcher -- CONFIG TYPE COMMAND [ARGUMENT...]`, in place of the daemon: the data directory has
//! one owner at a time. A dispatcher in a process of its own does the same over HTTP: see `dispatcher.sh`.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use claude_hooks::config::{Flags, Settings, Sources};
use claude_hooks::{cli, daemon, runner};
use claude_hooks_actors::FleetHandle;
use claude_hooks_actors::handle::FleetError;
use claude_hooks_actors::model::{
    ClaimRequest, ClaimTarget, LeaseView, NewTask, Task, TaskInput, TaskSpec, TaskState, TypeName,
};
use futures_util::StreamExt as _;

/// A third of a lease's life: two renewals may be lost.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// Pause until output is asked for again of a task that has not begun.
const NOT_YET: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    // Inside of containers this program is the runner, and beside docker it runs itself for a few chores.
    if runner::is_asked_for() {
        return runner::main();
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| ["hand-over-volume", "run-tethered"].contains(&word.as_str())) {
        return cli::main();
    }
    match actix_rt::System::new().block_on(dispatch(&words)) {
        Ok(TaskState::Succeeded) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("dispatcher: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(words: &[String]) -> anyhow::Result<TaskState> {
    let [config, agent_type, argv @ ..] = words else { bail!("usage: dispatcher CONFIG TYPE COMMAND...") };
    let agent_type = TypeName::parse(agent_type).context("the type")?;
    let settings = Settings::load(&Sources::of_process(Some(config.into()), Flags::default()))?;
    // The directory is the lock on the data: kept to the end.
    let (_dir, fleet) = daemon::embed(&settings).await?;
    fleet.boot().await?;

    let mut request = ClaimRequest::new(ClaimTarget::Type(agent_type), "example");
    request.wait = Duration::from_secs(30);
    let lease = fleet.acquire(request).await.context("no agent is free")?;
    eprintln!("{} is ours (fence {}) and awake", lease.instance, lease.fence);
    let task = tokio::select! {
        task = work(&fleet, &lease, argv) => task,
        error = renewing(&fleet, &lease) => Err(error.into()),
    };
    let released = fleet.release(lease.id, lease.fence).await;
    let task = task?;
    released?;
    let cause = task.cause.as_deref().unwrap_or_default();
    eprintln!("{} in {}: {cause}, exit code {:?}", task.state, lease.instance, task.exit_code);
    // What still runs would be left running, and the next start would follow it.
    fleet.stop().await;
    Ok(task.state)
}

/// Only ends if the lease is lost: then somebody else may have the agent.
async fn renewing(fleet: &FleetHandle, lease: &LeaseView) -> FleetError {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        if let Err(error) = fleet.renew(lease.id, lease.fence).await {
            return error;
        }
    }
}

async fn work(fleet: &FleetHandle, lease: &LeaseView, argv: &[String]) -> anyhow::Result<Task> {
    let task = fleet
        .submit(NewTask {
            target: ClaimTarget::Instance(lease.instance.clone()),
            lease: Some((lease.id, lease.fence)),
            spec: TaskSpec {
                argv: argv.to_vec(),
                workdir: None,
                timeout: Some(Duration::from_mins(10)),
                retry: false,
            },
            // What is secret goes here: it is in no argument, log, event or database.
            input: TaskInput::default(),
            idempotency_key: None,
        })
        .await?;
    let (mut out, mut offset) = (std::io::stdout(), 0);
    loop {
        let ended = fleet.task(task.id).await?.state.is_final();
        if let Ok(mut output) = fleet.task_output(task.id, offset, true).await {
            while let Some(Ok(piece)) = output.next().await {
                out.write_all(&piece)?;
                offset += piece.len() as u64;
            }
        }
        if ended {
            // `run_task` is `submit` and this, for whoever wants only the end.
            return Ok(fleet.task_done(task.id, None).await?);
        }
        tokio::time::sleep(NOT_YET).await;
    }
}
