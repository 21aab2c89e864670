//! Problem documents (RFC 9457), as whoever asks reads them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What every `type` begins with; the rest is the kind's stable name.
pub const PROBLEM_PREFIX: &str = "urn:claude-hooks:problem:";

/// Names of the kinds that mean "docker cannot be asked".
const OUTAGES: [&str; 2] = ["docker-unreachable", "docker-permission"];

/// A refusal or failure (RFC 9457), as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// The kind, for programs: never renamed, never reused.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The status of the answer once more.
    pub status: u16,
    /// What happened this time, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// Path of the offending member, parameter or header of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub help: Option<String>,
    /// Further members, for programs, by kind: `nearest`, `known`, `current_generation`, `occupied`, `limit_bytes`, …
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Problem {
    /// The stable end of the kind, such as `agent-not-found`.
    pub fn name(&self) -> &str {
        self.kind.strip_prefix(PROBLEM_PREFIX).unwrap_or(&self.kind)
    }

    /// Docker as a whole cannot be asked.
    pub fn is_docker_outage(&self) -> bool {
        OUTAGES.contains(&self.name())
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
