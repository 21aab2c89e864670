//! What runs inside a container to run one task there: the hidden verb `run-task` of this same program.
//!
//! The result of a task must survive the docker CLI, dockerd and the daemon, and an image need hold no shell. So our own
//! static program is started by `docker exec`, runs the command under itself, and keeps what became of it on the state
//! volume. Everybody else, also a second `docker exec`, reads it there.
//!
//! ```text
//! run      reads an order from stdin, claims the run, attends its process, records, prints the record
//! follow   waits for the end of a run, prints the record
//! record   prints what is recorded now; `null`: it never began
//! cancel   asks the run's own runner to end all of its processes
//! output   prints what the run printed
//! probe    reads an order from stdin, runs it as a health check, prints how it ended; no run, and no files
//! ```
//!
//! - `order`: what comes on stdin. `records`: the files of a run. `clean`: how long they stay.
//! - `found`: the same files, read by the daemon where the container does not run.
//! - `attend`: one process from its start to the end. `spawn`, `ending`, `keep`: its parts. `procfs`: who lives.
//!
//! **Invariant:** a run has its directory, whole, before its process begins, and no two runners make the same one.
//! **Invariant:** no value of the environment and no byte of the input is ever written to a file.

mod attend;
mod clean;
mod ending;
mod found;
mod keep;
mod oom;
mod order;
mod probe;
mod procfs;
mod records;
mod spawn;
mod tail;
mod words;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use claude_hooks_actors::model::RunId;
use serde::Serialize;

pub(crate) use found::{Found, Wanted};
pub use order::Order;
pub(crate) use probe::order as probe_order;
use records::{Claim, Tasks};
use words::{Verb, Words};

/// The verb under which the program finds itself to be the runner.
pub(crate) const VERB: &str = "run-task";
/// Where the records of a container's runs lie, a directory each.
pub(crate) const TASKS_DIR: &str = "/state/.claude-hooks/tasks";
/// Exit code: there is no such run. None that docker itself uses.
pub(crate) const EXIT_NO_RUN: u8 = 3;

/// Names a run in the environment of all its processes.
const TAG: &str = "CLAUDE_HOOKS_RUN";

#[derive(Debug, thiserror::Error)]
enum RunnerError {
    #[error(
        "{0}; usage: {VERB} run | follow RUN | record RUN | cancel RUN --grace-ms N | output RUN [--offset N] [--follow] | probe"
    )]
    Usage(String),
    #[error("the order cannot be used: {0}")]
    Order(String),
    #[error("there is no run {0}")]
    NoRun(RunId),
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the record {} is not one of ours: {detail}", path.display())]
    Garbled { path: PathBuf, detail: String },
    #[error("cannot run a task: {0}")]
    System(#[from] io::Error),
}

impl RunnerError {
    /// For `map_err`: what was tried on which file.
    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }

    fn exit(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::NoRun(_) => EXIT_NO_RUN,
            Self::Order(_) | Self::Io { .. } | Self::Garbled { .. } | Self::System(_) => 1,
        }
    }
}

/// Whether this process was started to be the runner. Asked before anything else, since the rest of the command line
/// takes longer to read than many a task to run.
pub fn is_asked_for() -> bool {
    std::env::args_os().nth(1).is_some_and(|verb| verb == VERB)
}

/// The runner, with the words of this process behind its verb.
pub fn main() -> ExitCode {
    match act(std::env::args_os().skip(2)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The client may be gone; then nobody is to be told.
            let _ = writeln!(io::stderr(), "claude-hooks: {error}");
            ExitCode::from(error.exit())
        }
    }
}

fn act(words: impl Iterator<Item = OsString>) -> Result<(), RunnerError> {
    let Words { verb, dir, keep_bytes } = Words::parse(words)?;
    let tasks = Tasks::new(dir);
    match verb {
        Verb::Run => {
            let order = Order::read(io::stdin().lock()).map_err(RunnerError::Order)?;
            let runner = attend::Runner::new()?;
            match tasks.claim(&order.run)? {
                Claim::Ours(run) => {
                    let cleaning = clean::begin(&tasks, &order.run);
                    let told = run_it(runner, order, &run, keep_bytes);
                    // What is old goes beside the work, and a long cleaning holds up nobody who waits for the record.
                    if let Some(cleaning) = cleaning {
                        drop(cleaning.join());
                    }
                    told
                }
                Claim::Known => print(&tasks.follow(&order.run)?),
            }
        }
        Verb::Probe => {
            let order = Order::read(io::stdin().lock()).map_err(RunnerError::Order)?;
            print(&probe::run(&order)?)
        }
        Verb::Follow { run } => print(&tasks.follow(&run)?),
        Verb::Record { run } => print(&tasks.record(&run)?),
        Verb::Cancel { run, grace } => ending::cancel(&tasks, &run, grace),
        Verb::Output { run, offset, follow } => tail::print(&tasks, &run, offset, follow),
    }
}

/// A record that cannot be written is printed all the same, for a caller who still listens.
fn run_it(
    runner: attend::Runner,
    order: Order,
    run: &records::OurRun,
    keep_bytes: u64,
) -> Result<(), RunnerError> {
    let (record, recorded) = runner.run(order, run, keep_bytes);
    print(&record)?;
    recorded
}

/// One line of JSON, or `null`. That nobody reads it any more is no failure: it is recorded.
fn print(told: &impl Serialize) -> Result<(), RunnerError> {
    let line = serde_json::to_string(told).expect("what is told has only plain values");
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(RunnerError::System(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
