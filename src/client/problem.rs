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
    pub help: Option<String>,
}

impl Problem {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Docker as a whole cannot be asked.
    pub fn is_docker_outage(&self) -> bool {
        OUTAGES.iter().any(|ending| self.kind.ends_with(ending))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => f.write_str(detail)?,
            None => f.write_str(&self.title)?,
        }
        match &self.field {
            Some(field) => write!(f, " (field {field})"),
            None => Ok(()),
        }
    }
}
