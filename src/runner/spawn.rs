//! How a task's process begins.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use rustix::process::Pid;
use tokio::net::unix::pipe;

use super::{Order, TAG, oom};

/// What a shell says of a program that is not there, and of one that cannot be run.
const NOT_FOUND: i64 = 127;
const NOT_EXECUTABLE: i64 = 126;

/// A process that was begun, and our ends of its pipes.
#[derive(Debug)]
pub(super) struct Spawned {
    pub(super) pid: Pid,
    pub(super) stdin: pipe::Sender,
    /// Both of its outputs, in the order in which it wrote.
    pub(super) output: pipe::Receiver,
}

/// Why there is no process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotStarted {
    pub(super) exit_code: i64,
    pub(super) detail: String,
}

impl NotStarted {
    fn because(what: &str, error: &io::Error) -> Self {
        let exit_code = if error.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE };
        Self { exit_code, detail: format!("{what}: {error}") }
    }
}

/// Begins the process in a group of its own, with none of our descriptors. The environment is that of the container's
/// `docker exec` and what the order adds.
pub(super) fn spawn(order: &Order) -> Result<Spawned, NotStarted> {
    if let Some(dir) = &order.workdir {
        // Told here: the system says the same of a missing directory as of a missing program.
        let error = match Path::new(dir).metadata() {
            Ok(found) if found.is_dir() => None,
            Ok(_) => Some(io::ErrorKind::NotADirectory.into()),
            Err(error) => Some(error),
        };
        if let Some(error) = error {
            let not_started = NotStarted::because(&format!("working directory {dir}"), &error);
            return Err(NotStarted { exit_code: NOT_EXECUTABLE, ..not_started });
        }
    }
    let program = order.argv.first().map(String::as_str).unwrap_or_default();
    let pipes = || -> io::Result<_> { Ok((io::pipe()?, io::pipe()?)) };
    let no_pipe = |error: io::Error| NotStarted::because("a pipe", &error);
    let ((stdin, our_stdin), (our_output, output)) = pipes().map_err(no_pipe)?;
    let stdin_end = pipe::Sender::from_owned_fd(OwnedFd::from(our_stdin)).map_err(no_pipe)?;
    let output_end = pipe::Receiver::from_owned_fd(OwnedFd::from(our_output)).map_err(no_pipe)?;
    let mut command = Command::new(program);
    command
        .args(order.argv.iter().skip(1))
        .envs(&order.env)
        .env(TAG, order.run.as_ref())
        .stdin(stdin)
        .stdout(output.try_clone().map_err(no_pipe)?)
        .stderr(output)
        .process_group(0);
    if let Some(dir) = &order.workdir {
        command.current_dir(dir);
    }
    let child = oom::with_task_score(|| command.spawn()).map_err(|e| NotStarted::because(program, &e))?;
    // Waited for together with the orphans that we adopt, not through `Child`.
    let pid = Pid::from_child(&child);
    Ok(Spawned { pid, stdin: stdin_end, output: output_end })
}
