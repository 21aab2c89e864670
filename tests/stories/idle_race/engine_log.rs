//! What the engine itself says of the lives of some containers, and of what was executed in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;

use crate::harness::daemon::{self, Daemon};
use crate::harness::{Fleet, engine};

/// How the engine calls it that our runner was told to run something.
const RUN: &str = "exec_start: /.claude-hooks/runner run-task run";

/// The engine's events, followed into a file, so that it is never held up by its reader.
#[derive(Debug)]
pub(super) struct EngineLog {
    path: PathBuf,
    /// Ends with this.
    _follower: Daemon,
}

#[derive(Debug, Deserialize)]
struct Line {
    #[serde(rename = "Action")]
    action: String,
    #[serde(rename = "Actor")]
    actor: Actor,
    #[serde(rename = "timeNano")]
    nanos: i128,
}

#[derive(Debug, Deserialize)]
struct Actor {
    #[serde(rename = "Attributes")]
    attributes: BTreeMap<String, String>,
}

/// A step in the life of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Started,
    /// It was sent a signal.
    Told,
    Ended,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Lives {
    steps: BTreeMap<String, Vec<(Timestamp, Step)>>,
    runs: usize,
    cut_short: Vec<String>,
}

impl EngineLog {
    pub(super) fn open(fleet: &Fleet, containers: &[String]) -> Self {
        let path = fleet.path("engine.log");
        let mut command = daemon::program(&fleet.home());
        command.args(["run-tethered", &std::process::id().to_string()]).arg(engine::binary());
        // The engine sends what it kept from then on: nothing is missed until it listens.
        command.args([
            "events",
            "--format",
            "{{json .}}",
            "--since",
            &Timestamp::now().as_second().to_string(),
        ]);
        command.arg("--filter=type=container");
        command.args(containers.iter().map(|name| format!("--filter=container={name}")));
        let follower = Daemon::spawn(command, &path);
        Self { path, _follower: follower }
    }

    /// All that was told so far.
    pub(super) fn read(&self) -> Lives {
        let text = fs::read_to_string(&self.path).expect("the file was made when it was opened");
        let mut told: Vec<Line> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        told.sort_by_key(|line| line.nanos);
        let mut lives = Lives::default();
        let mut working: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for Line { action, actor: Actor { mut attributes }, nanos } in told {
            let at = Timestamp::from_nanosecond(nanos).expect("the engine's clock is that of this machine");
            let container = attributes.remove("name").expect("every container has a name");
            let exec = attributes.remove("execID");
            let working = working.entry(container.clone()).or_default();
            let steps = lives.steps.entry(container.clone()).or_default();
            let step = match action.as_str() {
                "start" => Step::Started,
                "kill" => Step::Told,
                "die" => Step::Ended,
                "exec_die" => {
                    exec.map(|exec| working.remove(&exec));
                    continue;
                }
                _ if action.starts_with("exec_start") => {
                    working.extend(exec);
                    lives.runs += usize::from(action == RUN);
                    // One that runs already when we begin to listen is up.
                    if steps.last().is_some_and(|(_, step)| *step != Step::Started) {
                        lives.cut_short.push(format!("{at}: {action} in {container}: {steps:?}"));
                    }
                    continue;
                }
                _ => continue,
            };
            if step == Step::Told && !working.is_empty() {
                lives.cut_short.push(format!("{at}: {container} was stopped under {working:?}"));
            }
            steps.push((at, step));
        }
        lives
    }
}

impl Lives {
    /// How often our runner was told to run something.
    pub(super) fn runs(&self) -> usize {
        self.runs
    }

    /// What was executed in a container that was not up, or was told to end meanwhile.
    pub(super) fn cut_short(&self) -> &[String] {
        &self.cut_short
    }

    /// The last step of a container before a moment.
    pub(super) fn before(&self, container: &str, at: Timestamp) -> Option<(Timestamp, Step)> {
        let steps = self.steps.get(container)?;
        steps.iter().rev().find(|(when, _)| *when <= at).copied()
    }

    /// How often a container was told to end.
    pub(super) fn stops(&self) -> usize {
        self.steps.values().flatten().filter(|(_, step)| *step == Step::Ended).count()
    }
}
