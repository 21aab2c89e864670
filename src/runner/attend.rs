//! One process, from its start to its end.
//!
//! ```text
//! working ──ends by itself──▶ drained for a moment ─▶ recorded         (what it left behind is left alone)
//!    │
//!    └─ cancel, timeout ─▶ ending: SIGTERM to all … grace … SIGKILL to all, until none is left ─▶ recorded
//! ```

use std::time::Duration;

use bytes::Bytes;
use claude_hooks_actors::model::{RunCause, RunRecord, RunState};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, set_child_subreaper, wait};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal as Signals, SignalKind, signal};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::ending::{GIVE_UP, LOOK_AGAIN, signal_all};
use super::keep::Keeper;
use super::procfs::processes_of;
use super::records::OurRun;
use super::spawn::{NotStarted, Spawned, spawn};
use super::{Order, RunnerError, oom};

/// Of a task that takes too long, as `docker stop` has it.
const TIMEOUT_GRACE: Duration = Duration::from_secs(10);
/// How long what the process left behind may still print after it.
pub(super) const DRAIN: Duration = Duration::from_millis(100);
/// Bytes read at once.
const PIECE: usize = 128 << 10;
/// The longest text in a record.
const DETAIL_MOST: usize = 1000;

/// Made before a run is claimed, so that no signal can come too early.
#[derive(Debug)]
pub(super) struct Runner {
    runtime: Runtime,
    signals: Wakes,
}

/// Signals only wake the runner up. Those that would end it (a task may well send them to every process) mean: look
/// whether somebody wrote that it is to end.
#[derive(Debug)]
pub(super) struct Wakes {
    child: Signals,
    terminate: Signals,
    interrupt: Signals,
    hangup: Signals,
}

/// Why all is being ended, and when without mercy.
#[derive(Debug)]
struct Ending {
    cause: RunCause,
    kill_at: Instant,
}

impl Runner {
    pub(super) fn new() -> Result<Self, RunnerError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let signals = runtime.block_on(async { Wakes::new() })?;
        // Orphans come to us, so that all that a task began can be found.
        set_child_subreaper(Some(rustix::process::getpid())).map_err(std::io::Error::from)?;
        Ok(Self { runtime, signals })
    }

    /// Runs the order to its end. The record stands even if it could not be written.
    pub(super) fn run(
        mut self,
        order: Order,
        run: &OurRun,
        keep_bytes: u64,
    ) -> (RunRecord, Result<(), RunnerError>) {
        let mut kept = Keeper::new(run, keep_bytes);
        let state = self.runtime.block_on(attend(order, run, &mut kept, &mut self.signals));
        let record = RunRecord {
            run: run.run.clone(),
            state,
            started_at: run.started_at,
            output_bytes: kept.printed,
            kept_bytes: kept.kept,
        };
        let recorded = run.finish(&record);
        (record, recorded)
    }
}

impl Wakes {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            child: signal(SignalKind::child())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.child.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

async fn attend(order: Order, run: &OurRun, kept: &mut Keeper<'_>, signals: &mut Wakes) -> RunState {
    let kills = oom::kills();
    let Spawned { pid, stdin, output } = match spawn(&order) {
        Ok(spawned) => spawned,
        Err(NotStarted { exit_code, detail }) => {
            return ended(RunCause::NotStarted, exit_code, Some(detail));
        }
    };
    let Order { timeout, stdin: bytes, .. } = order;
    // By itself: a process that does not read must hold up nothing.
    let feeding = tokio::spawn(feed(stdin, bytes));
    let mut work = Work {
        run,
        kept,
        pid,
        output: Some(output),
        piece: vec![0; PIECE],
        timeout_at: timeout.map(|timeout| Instant::now() + timeout),
        exit: None,
        ending: None,
    };
    let detail = work.go_on_to_the_end(signals).await;
    feeding.abort();
    let exit = work.exit.take();
    let was_killed = exit.is_some_and(|exit| exit.terminating_signal() == Some(Signal::KILL.as_raw()));
    let cause = match work.ending {
        Some(Ending { cause, .. }) => cause,
        None if was_killed && oom::kills() > kills => RunCause::Oom,
        None if exit.is_some_and(|exit| exit.terminating_signal().is_some()) => RunCause::Signalled,
        None => RunCause::Exited,
    };
    ended(cause, code(exit), detail)
}

fn ended(cause: RunCause, exit_code: i64, detail: Option<String>) -> RunState {
    let detail = detail.map(|mut text| {
        text.truncate(text.floor_char_boundary(DETAIL_MOST));
        text
    });
    RunState::Ended { cause, exit_code, detail, ended_at: Timestamp::now() }
}

/// As a shell has it; one that even SIGKILL did not end counts as killed.
pub(super) fn code(exit: Option<WaitStatus>) -> i64 {
    let signal = |exit: WaitStatus| exit.terminating_signal().unwrap_or(Signal::KILL.as_raw());
    exit.map_or(128 + 9, |exit| exit.exit_status().map_or_else(|| 128 + i64::from(signal(exit)), i64::from))
}

/// Gives the process its input and closes it. One that does not want it all is no failure.
async fn feed(mut pipe: pipe::Sender, bytes: Bytes) {
    drop(pipe.write_all(&bytes).await);
}

/// A process under way.
struct Work<'a, 'k> {
    run: &'a OurRun,
    kept: &'a mut Keeper<'k>,
    pid: Pid,
    /// `None` once every writer has closed it.
    output: Option<pipe::Receiver>,
    piece: Vec<u8>,
    timeout_at: Option<Instant>,
    /// Of the process itself, once it has ended.
    exit: Option<WaitStatus>,
    ending: Option<Ending>,
}

impl Work<'_, '_> {
    /// Returns what is to be said about it beside its code.
    async fn go_on_to_the_end(&mut self, signals: &mut Wakes) -> Option<String> {
        self.look_for_cancel();
        let timeout_at = self.timeout_at;
        while self.exit.is_none() && self.ending.is_none() {
            tokio::select! {
                () = signals.next() => {
                    self.reap();
                    self.look_for_cancel();
                }
                () = self.read() => {}
                () = at(timeout_at) => {
                    // What has ended by now was in time.
                    self.reap();
                    if self.exit.is_none() {
                        self.end(RunCause::TimedOut, TIMEOUT_GRACE);
                    }
                }
            }
        }
        let detail = if self.ending.is_some() { self.end_all(signals).await } else { None };
        self.drain().await;
        detail
    }

    fn look_for_cancel(&mut self) {
        let Some(grace) = self.run.cancelled() else { return };
        match &mut self.ending {
            // It has ended before anybody asked for it.
            None if self.exit.is_some() => {}
            None => self.end(RunCause::Cancelled, grace),
            // Whoever asks again may be in more of a hurry.
            Some(ending) => ending.kill_at = ending.kill_at.min(Instant::now() + grace),
        }
    }

    fn end(&mut self, cause: RunCause, grace: Duration) {
        self.ending = Some(Ending { cause, kill_at: Instant::now() + grace });
        signal_all(&self.run.run, own_pid(), Signal::TERM);
    }

    /// Until none is left, or one that cannot be ended.
    async fn end_all(&mut self, signals: &mut Wakes) -> Option<String> {
        loop {
            self.reap();
            let now = Instant::now();
            let kill_at = self.ending.as_ref().map_or(now, |ending| ending.kill_at);
            let left = if now >= kill_at {
                signal_all(&self.run.run, own_pid(), Signal::KILL)
            } else {
                processes_of(&self.run.run, own_pid()).len()
            };
            if left == 0 && self.exit.is_some() {
                return None;
            }
            if now >= kill_at + GIVE_UP {
                return Some(format!("{left} of its processes cannot be ended"));
            }
            let again = now + LOOK_AGAIN;
            while Instant::now() < again {
                tokio::select! {
                    () = signals.next() => self.look_for_cancel(),
                    () = self.read() => {}
                    () = sleep_until(again) => {}
                }
            }
        }
    }

    /// Takes one piece of the output; never comes back once there is no more.
    async fn read(&mut self) {
        let Some(output) = &mut self.output else { return std::future::pending().await };
        match output.read(&mut self.piece).await {
            Ok(0) | Err(_) => self.output = None,
            Ok(count) => self.kept.take(&self.piece[..count]),
        }
    }

    /// What is in the pipe, and what still comes within a moment: the process has ended, but not all that it began.
    async fn drain(&mut self) {
        let until = Instant::now() + DRAIN;
        while self.output.is_some() && timeout_at(until, self.read()).await.is_ok() {
            if Instant::now() >= until {
                return;
            }
        }
    }

    /// Of all that has ended, our own and orphans.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if pid == self.pid {
                self.exit = Some(status);
            }
        }
    }
}

pub(super) fn own_pid() -> Option<i32> {
    i32::try_from(std::process::id()).ok()
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
