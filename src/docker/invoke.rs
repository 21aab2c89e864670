//! Runs the CLI: own process group, chosen environment, bounded output, a deadline.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use claude_hooks_actors::ports::RuntimeError;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command};

use super::environment::Environment;
use super::errors::Exit;
use super::group::Group;
use crate::tether;

/// Standard output of a look; a container takes about 8 KiB, so this is more than 8,000 of them.
const LOOK_STDOUT_MAX: usize = 64 << 20;
/// Standard error of a look: a line for each of 1,500 missing containers fits twenty times.
const LOOK_STDERR_MAX: usize = 4 << 20;
/// Other calls print an id or a name.
const STDOUT_MAX: usize = 1 << 20;
pub(super) const STDERR_MAX: usize = 64 << 10;

/// One run of the CLI.
pub(super) struct Call {
    /// For errors and logs.
    pub(super) verb: &'static str,
    pub(super) args: Vec<String>,
    /// May hold secrets: never logged.
    pub(super) stdin: Option<Vec<u8>>,
    pub(super) deadline: Duration,
    pub(super) stdout_max: usize,
    pub(super) stderr_max: usize,
}

impl Call {
    /// A call that changes something or asks for little.
    pub(super) fn new(verb: &'static str, args: Vec<String>, deadline: Duration) -> Self {
        Self { verb, args, stdin: None, deadline, stdout_max: STDOUT_MAX, stderr_max: STDERR_MAX }
    }

    /// A call that may print the whole fleet.
    pub(super) fn look(verb: &'static str, args: Vec<String>, deadline: Duration) -> Self {
        Self { stdout_max: LOOK_STDOUT_MAX, stderr_max: LOOK_STDERR_MAX, ..Self::new(verb, args, deadline) }
    }
}

/// What a call that ended by itself left.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) exit: Exit,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

/// A call whose output is read while it runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) group: Group,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

/// The CLI program and how it is started.
#[derive(Debug)]
pub(super) struct Cli {
    pub(super) binary: PathBuf,
    /// For streams; calls that end soon have their own.
    pub(super) environment: Environment,
    short_calls: Environment,
    tethered: bool,
    calls: AtomicU64,
}

impl Cli {
    pub(super) fn new(binary: PathBuf, environment: Environment, tethered: bool) -> Self {
        let short_calls = environment.for_short_calls();
        Self { binary, environment, short_calls, tethered, calls: AtomicU64::new(0) }
    }

    /// How many processes were started so far.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Runs a call to its end; past the deadline, or when this future is dropped, its process group is killed.
    pub(super) async fn run(&self, call: Call) -> Result<Finished, RuntimeError> {
        let (verb, began) = (call.verb, Instant::now());
        let result = self.run_to_end(call).await;
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(finished) => {
                log::debug!(verb = verb, ms = millis, exit:% = finished.exit; "docker call ended");
            }
            Err(error) => log::debug!(verb = verb, ms = millis, error = error.word(); "docker call failed"),
        }
        result
    }

    async fn run_to_end(&self, call: Call) -> Result<Finished, RuntimeError> {
        let Call { verb, args, stdin, deadline, stdout_max, stderr_max } = call;
        let (Running { mut group, stdout, stderr }, pipe) =
            self.spawn(Command::new(&self.binary), &args, stdin.is_some(), &self.short_calls)?;
        let work = async {
            let fed = async {
                if let (Some(pipe), Some(bytes)) = (pipe, stdin) {
                    feed(pipe, &bytes).await;
                }
                Ok(())
            };
            // The leader is waited for last: as long as it is not reaped its group can be killed.
            let ((), stdout, stderr) =
                tokio::try_join!(fed, read_all(stdout, stdout_max), read_some(stderr, stderr_max))?;
            Ok((stdout, stderr, group.wait().await?))
        };
        let outcome: Result<io::Result<_>, _> = tokio::time::timeout(deadline, work).await;
        match outcome {
            Ok(Ok((stdout, stderr, status))) => Ok(Finished {
                exit: exit(status),
                stdout,
                stderr: String::from_utf8_lossy(&stderr).into_owned(),
            }),
            Ok(Err(error)) => {
                group.kill().await;
                Err(RuntimeError::Garbled { verb, detail: format!("its output cannot be read: {error}") })
            }
            Err(_elapsed) => {
                group.kill().await;
                Err(RuntimeError::Timeout { verb, after: deadline })
            }
        }
    }

    /// Starts a call whose output the caller reads; dropping the result kills it, and so does the end of this process.
    pub(super) fn stream(
        &self,
        verb: &'static str,
        args: &[String],
        environment: &Environment,
    ) -> Result<Running, RuntimeError> {
        log::debug!(verb = verb; "docker stream begins");
        self.spawn(self.tether(), args, false, environment).map(|(running, _)| running)
    }

    /// The CLI, so started that it does not outlive us.
    fn tether(&self) -> Command {
        if !self.tethered {
            return Command::new(&self.binary);
        }
        let mut command = Command::new(tether::OWN_PROGRAM);
        command.arg(tether::VERB).arg(std::process::id().to_string()).arg(&self.binary);
        command
    }

    fn spawn(
        &self,
        mut command: Command,
        args: &[String],
        stdin: bool,
        environment: &Environment,
    ) -> Result<(Running, Option<ChildStdin>), RuntimeError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut child = command
            .args(args)
            .env_clear()
            .envs(environment.vars.iter().map(|(key, value)| (key, value)))
            .stdin(if stdin { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.cannot_run(&error))?;
        let pipe = child.stdin.take();
        let stdout = child.stdout.take().expect("stdout was piped");
        let stderr = child.stderr.take().expect("stderr was piped");
        Ok((Running { group: Group::new(child), stdout, stderr }, pipe))
    }

    fn cannot_run(&self, error: &io::Error) -> RuntimeError {
        let detail = format!(
            "cannot run {}: {error}; install docker, or name the program in the config ([docker] binary)",
            self.binary.display()
        );
        match error.kind() {
            io::ErrorKind::PermissionDenied => RuntimeError::Permission { detail },
            _ => RuntimeError::Unreachable { detail },
        }
    }
}

pub(super) fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or(0)),
    }
}

/// Writes what the child takes; one that ends without reading says why on stderr.
async fn feed(mut pipe: ChildStdin, bytes: &[u8]) {
    if let Err(error) = pipe.write_all(bytes).await {
        log::debug!(error:% = error; "docker did not read its input");
    }
}

/// Reads to the end; more than `max` bytes is an error.
async fn read_all(pipe: impl AsyncRead + Unpin, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    pipe.take(limit).read_to_end(&mut bytes).await?;
    if bytes.len() > max {
        return Err(io::Error::other(format!("more than {max} bytes")));
    }
    Ok(bytes)
}

/// Reads to the end and keeps the first `max` bytes.
pub(super) async fn read_some(mut pipe: impl AsyncRead + Unpin, max: usize) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let mut piece = vec![0; 4096];
    loop {
        let count = pipe.read(&mut piece).await?;
        if count == 0 {
            return Ok(kept);
        }
        let room = max.saturating_sub(kept.len());
        kept.extend_from_slice(&piece[..count.min(room)]);
    }
}
