//! The words behind the verb. Read by hand: the program's whole command line would cost more than a short task.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use claude_hooks_actors::model::RunId;

use super::{RunnerError, TASKS_DIR};

/// How much of what a run prints is kept.
const KEEP_BYTES: u64 = 64 << 20;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Run,
    Probe,
    Follow { run: RunId },
    Record { run: RunId },
    Cancel { run: RunId, grace: Duration },
    Output { run: RunId, offset: u64, follow: bool },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) verb: Verb,
    /// `--dir`, for tests outside of a container.
    pub(super) dir: PathBuf,
    /// `--keep-bytes`, for tests that do not want to print 64 MiB.
    pub(super) keep_bytes: u64,
}

impl Words {
    pub(super) fn parse(words: impl Iterator<Item = OsString>) -> Result<Self, RunnerError> {
        let (mut verb, mut run) = (None, None);
        let (mut dir, mut keep_bytes) = (PathBuf::from(TASKS_DIR), KEEP_BYTES);
        let (mut grace_ms, mut offset, mut follow) = (None, 0, false);
        let mut words = words.map(|word| word.into_string().map_err(|word| usage(&word)));
        while let Some(word) = words.next().transpose()? {
            let mut value = || words.next().transpose()?.ok_or_else(|| usage(&word));
            match word.as_str() {
                "--dir" => dir = value()?.into(),
                "--keep-bytes" => keep_bytes = number(&value()?)?,
                "--grace-ms" => grace_ms = Some(number(&value()?)?),
                "--offset" => offset = number(&value()?)?,
                "--follow" => follow = true,
                _ if verb.is_none() => verb = Some(word),
                _ if run.is_none() => run = Some(RunId::parse(&word).ok_or_else(|| usage(&word))?),
                _ => return Err(usage(&word)),
            }
        }
        let verb = match (verb.as_deref(), run, grace_ms) {
            (Some("run"), None, None) => Verb::Run,
            (Some("probe"), None, None) => Verb::Probe,
            (Some("follow"), Some(run), None) => Verb::Follow { run },
            (Some("record"), Some(run), None) => Verb::Record { run },
            (Some("cancel"), Some(run), Some(ms)) => Verb::Cancel { run, grace: Duration::from_millis(ms) },
            (Some("output"), Some(run), None) => Verb::Output { run, offset, follow },
            (verb, ..) => return Err(usage(&verb.unwrap_or_default())),
        };
        Ok(Self { verb, dir, keep_bytes })
    }
}

fn number(text: &str) -> Result<u64, RunnerError> {
    text.parse().map_err(|_| usage(&text))
}

fn usage(word: &dyn std::fmt::Debug) -> RunnerError {
    RunnerError::Usage(format!("{word:?} does not fit"))
}
