//! Parked: an agent that is given no work and is not started for a time, and what else it says of itself.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest that a reason or a word of progress may be, in characters; what is longer is cut.
pub const SAID_MOST: usize = 300;

/// Why an agent is parked, for programs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ParkKind {
    /// Its account cannot sign in.
    Auth,
    /// Its account has used up what it may use for now.
    Quota,
    /// Whatever the reason says.
    Other,
}

/// Who said it. The later ones may not undo what the earlier ones said.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SaidBy {
    Operator,
    Dispatcher,
    /// The agent itself, from inside its container.
    Agent,
}

/// A parked agent: no claims, no starts, until it is reopened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parked {
    pub kind: ParkKind,
    pub reason: String,
    /// The end that was asked for; `None`: until somebody reopens it.
    pub until: Option<Timestamp>,
    /// When it is reopened: `until`, or a little later where agents of one account would all begin at once.
    pub reopens_at: Option<Timestamp>,
    pub since: Timestamp,
    pub by: SaidBy,
    /// The name that the dispatcher gave itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// What its type signs in with; agents that share it are reopened one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl fmt::Display for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is parked ({}) ", self.kind)?;
        match self.reopens_at {
            // For people: the fields have the fraction.
            Some(at) => write!(f, "until {at:.0}")?,
            None => f.write_str("until somebody reopens it")?,
        }
        if self.reason.is_empty() { Ok(()) } else { write!(f, ": {}", self.reason) }
    }
}

/// It cannot go on without a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HumanNeed {
    pub reason: String,
    pub since: Timestamp,
    pub by: SaidBy,
}

/// What an agent last said of its work. Not stored: after a restart it says it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    pub text: String,
    pub at: Timestamp,
}

/// One line of what somebody said: control characters and those that turn the direction of text become spaces, and what is
/// longer than [`SAID_MOST`] is cut. It is shown in terminals and logs.
pub fn one_line_of(said: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    let inert = |c: char| if c.is_control() || turns(c) || breaks(c) { ' ' } else { c };
    let plain: String = said.chars().map(inert).take(SAID_MOST * 4).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= SAID_MOST {
        return line;
    }
    let mut cut: String = line.chars().take(SAID_MOST - 1).collect();
    cut.push('…');
    cut
}

/// Between two agents of one account that are reopened.
const APART: SignedDuration = SignedDuration::from_secs(10);
/// Longest that one is reopened later than was asked for; where more share the time, they come closer together.
pub const STAGGER_MOST: SignedDuration = SignedDuration::from_mins(5);
/// Closer than this is at once.
const APART_LEAST: SignedDuration = SignedDuration::from_millis(100);

/// When an agent is reopened whose end is `until`, while others of its account are reopened at `taken`: the first time from
/// `until` on that is far enough from all of them.
pub fn reopening(until: Timestamp, taken: &[Timestamp]) -> Timestamp {
    let mut taken = taken.to_vec();
    taken.sort_unstable();
    let mut apart = APART;
    while apart >= APART_LEAST {
        let near = |at: Timestamp, other: &Timestamp| other.duration_since(at).abs() < apart;
        let behind = |other: &Timestamp| other.checked_add(apart).unwrap_or(Timestamp::MAX);
        let at = taken.iter().fold(until, |at, other| if near(at, other) { behind(other) } else { at });
        if at.duration_since(until) <= STAGGER_MOST {
            return at;
        }
        apart /= 2;
    }
    until
}

#[cfg(test)]
mod tests;
