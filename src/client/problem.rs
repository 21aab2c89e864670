//! Problem documents (RFC 9457) as the daemon sends them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Endings of the `type`s that mean "docker cannot be asked".
const OUTAGES: [&str; 2] = ["docker-unreachable", "docker-permission"];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[serde(default)]
    pub detail: Option<String>,
    /// The offending member of the request.
    #[serde(default)]
    pub field: Option<String>,
    #[serde(default)]
    help: Option<String>,
}

impl Problem {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// What to do, in the words of the command line: the daemon speaks to those who use its API.
    pub fn help(&self) -> Option<String> {
        let kind = self.kind.rsplit(':').next().unwrap_or_default();
        let help = match kind {
            "agent-not-found" => Some("`claude-hooks agents list` shows the agents"),
            "agent-exists" => Some("choose another name, or change it with `claude-hooks agents update`"),
            "generation-mismatch" => Some("look at it as it is now, and repeat the change"),
            "unknown-type" if self.help.is_none() => Some("`claude-hooks check-config` shows the types"),
            "docker-failed" | "docker-conflict" => {
                Some("`claude-hooks why NAME` shows what was seen; the agent is retried by itself")
            }
            "nobody-free" => {
                Some("`claude-hooks leases` shows who holds what; --wait TIME waits in the queue")
            }
            "not-awake" => {
                Some("its start goes on: claim again shortly; `claude-hooks why NAME` says what it waits for")
            }
            "lease-not-found" => Some("`claude-hooks leases` shows the leases that stand"),
            "lease-stale" => Some("it has ended, and the agent may be somebody else's by now: claim again"),
            _ => self.help.as_deref(),
        };
        help.filter(|help| !self.detail.as_ref().is_some_and(|detail| detail.contains(help))).map(Into::into)
    }

    /// Docker as a whole cannot be asked.
    pub fn is_docker_outage(&self) -> bool {
        OUTAGES.iter().any(|ending| self.kind.ends_with(ending))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.detail.as_ref().unwrap_or(&self.title);
        f.write_str(text)?;
        match &self.field {
            Some(field) if !text.contains(field) => write!(f, " (field {field})"),
            Some(_) | None => Ok(()),
        }
    }
}
