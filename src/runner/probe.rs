//! The verb for health checks: one command, ended after its time, and nothing of it is kept or left behind.

use std::time::Duration;

use claude_hooks_actors::model::{ProbeEnd, RunCause, RunId, TaskId, TaskInput, TaskSpec};
use claude_hooks_actors::ports::{ProbeRequest, RunRequest};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, set_child_subreaper, wait};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::attend::{DRAIN, Wakes, code, own_pid};
use super::ending::{LOOK_AGAIN, signal_all};
use super::spawn::{NotStarted, Spawned, spawn};
use super::{Order, RunnerError};

/// How much of the end of what it printed is told.
const TAIL_MOST: usize = 1024;
/// Bytes read at once.
const PIECE: usize = 4096;
/// How long a process may outlive SIGKILL (in a system call that does not return) before it is told without it.
const GIVE_UP: Duration = Duration::from_secs(5);

/// What the daemon writes: an order like another, whose name nobody will ask for.
pub(crate) fn order(request: &ProbeRequest) -> Vec<u8> {
    let ProbeRequest { argv, timeout } = request.clone();
    Order::encode(&RunRequest {
        run: RunId::new(TaskId::random(), 1),
        spec: TaskSpec { argv, workdir: None, timeout: Some(timeout), retry: false },
        input: TaskInput::default(),
    })
}

/// Runs the order to its end. Whoever waits for it may be gone: it ends in its time all the same.
pub(super) fn run(order: &Order) -> Result<ProbeEnd, RunnerError> {
    let timeout = order.timeout.ok_or_else(|| RunnerError::Order("a probe needs a timeout".into()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Orphans come to us, so that all that it began can be ended.
    set_child_subreaper(Some(rustix::process::getpid())).map_err(std::io::Error::from)?;
    runtime.block_on(async {
        let signals = Wakes::new()?;
        Ok(match spawn(order) {
            Ok(spawned) => Probe::new(spawned).go_on_to_the_end(order, timeout, signals).await,
            Err(NotStarted { exit_code, detail }) => {
                ProbeEnd { cause: RunCause::NotStarted, exit_code, output: detail }
            }
        })
    })
}

/// A probe under way.
struct Probe {
    pid: Pid,
    /// `None` once every writer has closed it.
    output: Option<pipe::Receiver>,
    piece: Vec<u8>,
    tail: Vec<u8>,
    exit: Option<WaitStatus>,
}

impl Probe {
    /// It has no input: the pipe is closed here.
    fn new(Spawned { pid, stdin: _, output }: Spawned) -> Self {
        Self { pid, output: Some(output), piece: vec![0; PIECE], tail: Vec::new(), exit: None }
    }

    async fn go_on_to_the_end(mut self, order: &Order, timeout: Duration, mut signals: Wakes) -> ProbeEnd {
        let deadline = Instant::now() + timeout;
        let mut in_time = true;
        while self.exit.is_none() && in_time {
            tokio::select! {
                () = signals.next() => self.reap(),
                () = self.read() => {}
                () = sleep_until(deadline) => {
                    // What has ended by now was in time.
                    self.reap();
                    in_time = self.exit.is_some();
                }
            }
        }
        self.drain().await;
        self.end_all(order, &mut signals).await;
        let cause = match self.exit {
            _ if !in_time => RunCause::TimedOut,
            Some(exit) if exit.terminating_signal().is_some() => RunCause::Signalled,
            Some(_) | None => RunCause::Exited,
        };
        ProbeEnd { cause, exit_code: code(self.exit), output: self.told() }
    }

    /// Nothing of it lives on, whether it passed or not: every check would leave another one.
    async fn end_all(&mut self, order: &Order, signals: &mut Wakes) {
        let until = Instant::now() + GIVE_UP;
        while signal_all(&order.run, own_pid(), Signal::KILL) > 0 && Instant::now() < until {
            // Not waited for: reaping is only how the next look sees them gone.
            drop(timeout_at(Instant::now() + LOOK_AGAIN, signals.next()).await);
            self.reap();
        }
        self.reap();
    }

    /// Takes one piece of the output; never comes back once there is no more.
    async fn read(&mut self) {
        let Some(output) = &mut self.output else { return std::future::pending().await };
        match output.read(&mut self.piece).await {
            Ok(0) | Err(_) => self.output = None,
            Ok(count) => {
                self.tail.extend_from_slice(&self.piece[..count]);
                let extra = self.tail.len().saturating_sub(TAIL_MOST);
                self.tail.drain(..extra);
            }
        }
    }

    async fn drain(&mut self) {
        let until = Instant::now() + DRAIN;
        while self.output.is_some() && timeout_at(until, self.read()).await.is_ok() {
            if Instant::now() >= until {
                return;
            }
        }
    }

    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.pid {
                self.exit = Some(status);
            }
        }
    }

    fn told(&self) -> String {
        String::from_utf8_lossy(&self.tail).trim().to_owned()
    }
}
