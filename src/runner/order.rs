//! What `run` is told on its standard input: one line of JSON, then the bytes for the process.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::time::Duration;

use bytes::Bytes;
use claude_hooks_actors::model::{RunId, STDIN_MOST};
use claude_hooks_actors::ports::RunRequest;
use serde::{Deserialize, Serialize};

/// The longest first line: what a task may have of words and environment, each byte escaped, fits four times.
const LINE_MOST: u64 = 8 << 20;

/// An order for one run.
#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    pub(super) run: RunId,
    pub(super) argv: Vec<String>,
    /// May hold secrets, as may `stdin`.
    pub(super) env: BTreeMap<String, String>,
    pub(super) workdir: Option<String>,
    pub(super) timeout: Option<Duration>,
    pub(super) stdin: Bytes,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    run: RunId,
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    workdir: Option<String>,
    timeout: Option<Duration>,
    stdin_bytes: usize,
}

impl Order {
    /// What the daemon writes.
    pub fn encode(request: &RunRequest) -> Vec<u8> {
        let head = Head {
            run: request.run.clone(),
            argv: request.spec.argv.clone(),
            env: request.input.env.clone(),
            workdir: request.spec.workdir.clone(),
            timeout: request.spec.timeout,
            stdin_bytes: request.input.stdin.len(),
        };
        let mut bytes = serde_json::to_vec(&head).expect("an order has only string keys and plain values");
        bytes.push(b'\n');
        bytes.extend_from_slice(&request.input.stdin);
        bytes
    }

    /// Reads it whole: the daemon may die while it writes, and half an order must not be carried out.
    ///
    /// No error repeats what was read.
    pub(super) fn read(mut input: impl BufRead) -> Result<Self, String> {
        let mut line = Vec::new();
        let cannot = |error: std::io::Error| format!("it cannot be read: {error}");
        input.by_ref().take(LINE_MOST).read_until(b'\n', &mut line).map_err(cannot)?;
        if line.last() != Some(&b'\n') {
            return Err("its first line was cut off".into());
        }
        let head: Head = serde_json::from_slice(&line)
            .map_err(|error| format!("its first line is not understood ({:?})", error.classify()))?;
        if RunId::parse(head.run.as_ref()).is_none() {
            return Err("its run is not the name of one".into());
        }
        if head.argv.is_empty() || head.stdin_bytes > STDIN_MOST {
            return Err("it names no command, or has too much input".into());
        }
        let mut stdin = vec![0; head.stdin_bytes];
        input.read_exact(&mut stdin).map_err(|error| format!("its input was cut off: {error}"))?;
        Ok(Self {
            run: head.run,
            argv: head.argv,
            env: head.env,
            workdir: head.workdir,
            timeout: head.timeout,
            stdin: stdin.into(),
        })
    }
}

#[cfg(test)]
mod tests;
