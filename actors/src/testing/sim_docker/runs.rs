//! Runs of tasks: what their processes do, in the engine's time, and the records that stay on the volumes.
//!
//! A run lives as long as the life of the container in which it began. One whose container is paused is not frozen.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::SimDocker;
use super::life::TERM_TAKES;
use super::state::State;
use crate::model::{ContainerId, ContainerState, RunCause, RunId, RunRecord, RunState};
use crate::ports::{RunRequest, RuntimeError};

/// A short process.
const MOMENT: Duration = Duration::from_millis(10);
/// Of a run that took too long, as the runner has it.
const TIMEOUT_GRACE: Duration = Duration::from_secs(10);
/// How much of an output is kept.
const KEPT_MOST: usize = 64 << 20;

/// What the process of a run does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunScript {
    /// Printed when it begins.
    pub prints: Bytes,
    /// Ends by itself so long after its beginning; `None`: never.
    pub takes: Option<Duration>,
    pub cause: RunCause,
    pub exit_code: i64,
    /// Only SIGKILL ends it.
    pub ignores_term: bool,
}

impl Default for RunScript {
    fn default() -> Self {
        let (cause, prints) = (RunCause::Exited, Bytes::new());
        Self { prints, takes: Some(MOMENT), cause, exit_code: 0, ignores_term: false }
    }
}

impl RunScript {
    /// What the usual words mean: `true`, `exit <code>`, `sleep <seconds>`, `print <bytes>`, `cat`, `hang`, `stubborn` (hangs,
    /// ignores SIGTERM, and prints that it is ready). Everything else is a program that is not there.
    pub(super) fn of(argv: &[String], stdin: &Bytes) -> Self {
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        let usual = Self::default();
        let number = |text: &str| text.parse::<u32>().expect("the test gives a number");
        match words.as_slice() {
            ["true"] => usual,
            ["exit", code] => Self { exit_code: number(code).into(), ..usual },
            ["sleep", seconds] => Self { takes: Some(Duration::from_secs(number(seconds).into())), ..usual },
            ["print", bytes] => Self { prints: vec![b'x'; number(bytes) as usize].into(), ..usual },
            ["cat"] => Self { prints: stdin.clone(), ..usual },
            ["hang"] => Self { takes: None, ..usual },
            ["stubborn"] => {
                Self { prints: Bytes::from_static(b"ready\n"), takes: None, ignores_term: true, ..usual }
            }
            _ => Self { cause: RunCause::NotStarted, exit_code: 127, ..usual },
        }
    }
}

/// A run that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BegunRun {
    /// Name of the container.
    pub container: String,
    pub request: RunRequest,
    /// Since the engine was made.
    pub at: Duration,
}

/// Where records lie: on a volume, by the number that stands for its data.
pub(super) type RunKey = (u64, RunId);

#[derive(Debug)]
pub(super) struct Run {
    container: ContainerId,
    /// Of the container.
    life: u64,
    script: RunScript,
    started_at: Timestamp,
    end: Option<RunState>,
    /// Its runner was killed alone, and whether what it began lives on.
    orphaned: Option<bool>,
}

#[derive(Debug, Default)]
pub(super) struct Runs {
    all: HashMap<RunKey, Run>,
    begun: Vec<BegunRun>,
    scripts: BTreeMap<Vec<String>, RunScript>,
}

/// How a run ends when its time has come.
#[derive(Debug)]
pub(super) struct RunEnd {
    key: RunKey,
    cause: RunCause,
    exit_code: i64,
}

impl State {
    /// `docker exec`: only in a running container.
    pub(super) fn need_exec(&mut self, id: &ContainerId) -> Result<(), RuntimeError> {
        let detail = match self.find(id)?.seen.state {
            ContainerState::Running => return Ok(()),
            ContainerState::Paused => format!("Container {id} is paused, unpause the container before exec"),
            ContainerState::Restarting => {
                format!("Container {id} is restarting, wait until the container is running")
            }
            ContainerState::Created
            | ContainerState::Exited
            | ContainerState::Dead
            | ContainerState::Removing => format!("Container {id} is not running"),
        };
        Err(RuntimeError::Conflict { detail })
    }

    /// Where the records of a container's runs are.
    pub(super) fn run_key(&mut self, id: &ContainerId, run: &RunId) -> Result<RunKey, RuntimeError> {
        let volume = self.find(id)?.seen.state_volume.clone();
        let volume = volume.and_then(|name| self.volumes.get(&name));
        let stderr = "the container has no state volume".to_owned();
        let none = || RuntimeError::Other { verb: "exec", code: "exit code 1".into(), stderr };
        volume.map(|volume| (volume.serial, run.clone())).ok_or_else(none)
    }

    /// Begins a run, unless it was begun before.
    pub(super) fn begin_run(
        &mut self,
        id: &ContainerId,
        request: &RunRequest,
    ) -> Result<RunKey, RuntimeError> {
        self.need_exec(id)?;
        let key = self.run_key(id, &request.run)?;
        if self.runs.all.contains_key(&key) {
            return Ok(key);
        }
        let container = self.find(id)?;
        let (name, life, stopping) = (container.seen.name.clone(), container.life, container.stopped_by_hand);
        if stopping {
            let text = format!("run {} began in {name}, which was being stopped", request.run);
            self.violations.push(text);
        }
        if let Some(beside) = self.orphan_of(&request.run) {
            self.violations.push(format!("run {} began beside what {beside} left behind", request.run));
        }
        let script = self.runs.scripts.get(&request.spec.argv).cloned();
        let script = script.unwrap_or_else(|| RunScript::of(&request.spec.argv, &request.input.stdin));
        let at = self.elapsed();
        self.runs.begun.push(BegunRun { container: name, request: request.clone(), at });
        if let Some(takes) = script.takes {
            let (cause, exit_code) = (script.cause, script.exit_code);
            self.end_run_after(takes, id, RunEnd { key: key.clone(), cause, exit_code });
        }
        let ignores_term = script.ignores_term;
        let started_at = self.stamp();
        let run = Run { container: id.clone(), life, script, started_at, end: None, orphaned: None };
        self.runs.all.insert(key.clone(), run);
        if let Some(timeout) = request.spec.timeout {
            let (cause, end) = (RunCause::TimedOut, dies(ignores_term, TIMEOUT_GRACE));
            self.end_run_after(timeout + end.0, id, RunEnd { key: key.clone(), cause, exit_code: end.1 });
        }
        Ok(key)
    }

    /// An earlier run of the same task whose processes live on.
    fn orphan_of(&self, run: &RunId) -> Option<RunId> {
        let task = |run: &RunId| run.as_ref().split('.').next().map(str::to_owned);
        let lives = |earlier: &Run| {
            let container = self.containers.get(&earlier.container);
            container.is_some_and(|container| container.life == earlier.life && container.is_up())
        };
        let left = |(key, earlier): &(&RunKey, &Run)| {
            earlier.orphaned == Some(true) && lives(earlier) && task(&key.1) == task(run)
        };
        self.runs.all.iter().find(left).map(|(key, _)| key.1.clone())
    }

    /// A run that was cancelled before it began has ended when it comes.
    pub(super) fn cancel_run(
        &mut self,
        id: &ContainerId,
        run: &RunId,
        grace: Duration,
    ) -> Result<(), RuntimeError> {
        self.need_exec(id)?;
        let key = self.run_key(id, run)?;
        let record = self.run_record(&key);
        let cause = RunCause::Cancelled;
        match record.map(|record| record.state) {
            None => {
                let (started_at, life) = (self.stamp(), self.find(id)?.life);
                let detail = Some("it was cancelled before it began".into());
                let end = RunState::Ended { cause, exit_code: 143, detail, ended_at: started_at };
                let script = RunScript::default();
                let run =
                    Run { container: id.clone(), life, script, started_at, end: Some(end), orphaned: None };
                self.runs.all.insert(key, run);
            }
            Some(RunState::Running) => {
                let ignores_term = self.runs.all.get(&key).is_some_and(|run| run.script.ignores_term);
                let (delay, exit_code) = dies(ignores_term, grace);
                self.end_run_after(delay, id, RunEnd { key, cause, exit_code });
            }
            Some(RunState::Vanished) => {
                if let Some(orphaned) = self.runs.all.get_mut(&key).and_then(|run| run.orphaned.as_mut()) {
                    *orphaned = false;
                }
            }
            Some(RunState::Ended { .. }) => {}
        }
        Ok(())
    }

    /// The first end that comes is the one.
    pub(super) fn end_run(&mut self, end: &RunEnd) {
        let ended_at = self.stamp();
        let Some(run) = self.runs.all.get_mut(&end.key) else { return };
        if run.end.is_none() {
            let words = "No such file or directory (os error 2)".to_owned();
            let detail = Some(words).filter(|_| end.cause == RunCause::NotStarted);
            let (cause, exit_code) = (end.cause, end.exit_code);
            run.end = Some(RunState::Ended { cause, exit_code, detail, ended_at });
        }
    }

    /// What is recorded now.
    pub(super) fn run_record(&self, key: &RunKey) -> Option<RunRecord> {
        let run = self.runs.all.get(key)?;
        let container = self.containers.get(&run.container);
        let lives = container.is_some_and(|container| container.life == run.life && container.is_up());
        let state = match &run.end {
            _ if run.orphaned.is_some() => RunState::Vanished,
            Some(end) => end.clone(),
            None if lives => RunState::Running,
            None => RunState::Vanished,
        };
        let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let printed = run.script.prints.len();
        Some(RunRecord {
            run: key.1.clone(),
            state,
            started_at: run.started_at,
            output_bytes: size(printed),
            kept_bytes: size(printed.min(KEPT_MOST)),
        })
    }

    pub(super) fn run_runs(&self, key: &RunKey) -> bool {
        self.run_record(key).is_some_and(|record| record.state == RunState::Running)
    }

    /// What is kept of the output, from byte `offset` on.
    pub(super) fn run_output(&self, key: &RunKey, offset: u64) -> Bytes {
        let Some(run) = self.runs.all.get(key) else { return Bytes::new() };
        let kept = run.script.prints.slice(..run.script.prints.len().min(KEPT_MOST));
        kept.slice(usize::try_from(offset).unwrap_or(usize::MAX).min(kept.len())..)
    }
}

/// How long after SIGTERM a process is gone, and its code.
fn dies(ignores_term: bool, grace: Duration) -> (Duration, i64) {
    if ignores_term { (grace, 137) } else { (TERM_TAKES.min(grace), 143) }
}

/// What a test says and sees of runs.
impl SimDocker {
    /// What this command does from its next run on, whatever its words would mean.
    pub fn script_run(&self, argv: &[&str], script: RunScript) {
        let argv = argv.iter().map(|&word| word.into()).collect();
        self.with(|state| state.runs.scripts.insert(argv, script));
    }

    /// Every run that was begun, in order; none is ever there twice.
    pub fn begun_runs(&self) -> Vec<BegunRun> {
        self.look(|state| state.runs.begun.clone())
    }

    /// The runner of a run is killed alone: nothing is recorded, and what it began lives on.
    pub fn kill_runner(&self, run: &RunId) {
        self.with(|state| {
            let mut runs = state.runs.all.iter_mut().filter(|(key, _)| key.1 == *run);
            let (_, run) = runs.next().unwrap_or_else(|| panic!("the test kills the runner of {run}"));
            run.orphaned = Some(true);
        });
    }

    /// The process of a run that goes on ends now, by itself.
    pub fn end_run(&self, run: &RunId, exit_code: i64) {
        self.with(|state| {
            let keys = state.runs.all.keys().filter(|(_, of)| of == run).cloned().collect::<Vec<_>>();
            let key = keys.into_iter().find(|key| state.run_runs(key));
            let key = key.unwrap_or_else(|| panic!("the test ends {run}, which does not run"));
            state.end_run(&RunEnd { key, cause: RunCause::Exited, exit_code });
        });
    }
}
