//! How all processes of a run are ended.

use std::thread;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{RunId, RunState};
use rustix::process::{Pid, Signal, kill_process};

use super::RunnerError;
use super::procfs::processes_of;
use super::records::Tasks;

/// Between two looks whether any are left.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a process may outlive SIGKILL (in a system call that does not return) before the run is ended without it.
pub(super) const GIVE_UP: Duration = Duration::from_secs(30);

/// Those processes of a run that this runner attends and that live. One that has just gone is no failure.
pub(super) fn signal_all(run: &RunId, runner: Option<i32>, signal: Signal) -> usize {
    let left = processes_of(run, runner);
    for pid in &left {
        let _ = kill_process(*pid, signal);
    }
    left.len()
}

/// The verb: returns once the run's runner knows, or nothing is left to end.
pub(super) fn cancel(tasks: &Tasks, run: &RunId, grace: Duration) -> Result<(), RunnerError> {
    // Twice: it may begin between the look and the attempt to be before it.
    for _ in 0..2 {
        match tasks.record(run)?.map(|record| record.state) {
            None if tasks.forestall(run)? => return Ok(()),
            None => {}
            Some(RunState::Ended { .. }) => return Ok(()),
            Some(RunState::Running) => return tell_runner(tasks, run, grace),
            Some(RunState::Vanished) => {
                // Nobody is left who could wait out a grace.
                kill_orphans(run);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The request is in a file; the signal only says that there is one, and harms nobody: the runner is known by its start.
fn tell_runner(tasks: &Tasks, run: &RunId, grace: Duration) -> Result<(), RunnerError> {
    tasks.ask_to_cancel(run, grace)?;
    let runner = tasks.start(run)?.and_then(|start| start.living());
    if let Some(pid) = runner.and_then(|runner| Pid::from_raw(runner.pid)) {
        // Gone just now: then the run has ended.
        let _ = kill_process(pid, Signal::TERM);
    }
    Ok(())
}

fn kill_orphans(run: &RunId) {
    let until = Instant::now() + GIVE_UP;
    while signal_all(run, None, Signal::KILL) > 0 && Instant::now() < until {
        thread::sleep(LOOK_AGAIN);
    }
}
