//! `exec` and `tasks`: what may be typed.

use clap::{ArgGroup, Args, Subcommand};
use claude_hooks_actors::model::{InstanceName, TaskId, TaskState, TypeName};

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("target").required(true).args(["name", "agent_type"]))]
#[command(
    after_help = "Exit codes: those of the command; 124 it took too long, 130 it was cancelled, 1 it did not run."
)]
pub(super) struct ExecArgs {
    /// The agent
    pub(super) name: Option<InstanceName>,
    /// Any agent of this type that is free, instead of a certain one
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) agent_type: Option<TypeName>,
    /// A variable, or the name of one that is taken from this command's own environment; may be repeated
    #[arg(short, long = "env", value_name = "KEY[=VALUE]")]
    pub(super) env: Vec<String>,
    /// Where to run it inside the container
    #[arg(short, long, value_name = "PATH")]
    pub(super) workdir: Option<String>,
    /// End it after so long
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: Option<u64>,
    /// Give it what comes on this command's standard input
    #[arg(short = 'i', long)]
    pub(super) stdin: bool,
    /// Run it once more if its container vanishes under it
    #[arg(long)]
    pub(super) retry: bool,
    /// The command and its arguments; no shell is involved
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(super) argv: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum TasksVerb {
    /// The newest tasks
    #[command(visible_alias = "ls")]
    List(TasksListArgs),
    /// Everything about one task
    Show {
        /// The task
        #[arg(value_parser = task_id)]
        id: TaskId,
    },
    /// What a task printed
    Output {
        /// The task
        #[arg(value_parser = task_id)]
        id: TaskId,
        /// Go on until it ends
        #[arg(short, long)]
        follow: bool,
        /// Begin at this byte
        #[arg(long, value_name = "BYTES", default_value_t = 0)]
        offset: u64,
    },
    /// End tasks, with everything they started
    Cancel {
        /// The tasks
        #[arg(value_name = "ID", required = true, value_parser = task_id)]
        ids: Vec<TaskId>,
    },
}

#[derive(Args, Debug)]
pub(super) struct TasksListArgs {
    /// Only tasks of this agent
    #[arg(long, value_name = "NAME")]
    pub(super) instance: Option<InstanceName>,
    /// Only tasks in this state; may be repeated
    #[arg(long = "state", value_name = "STATE")]
    pub(super) states: Vec<TaskState>,
    /// At most so many
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) limit: u32,
}

fn task_id(text: &str) -> Result<TaskId, String> {
    TaskId::parse(text)
        .ok_or_else(|| "it is not the id of a task; `claude-hooks tasks list` shows them".to_owned())
}
