//! The state of the fleet in words, for `systemctl status`. Pure.

use std::path::PathBuf;

use claude_hooks_actors::model::{AgentView, FleetSnapshot, Lifecycle, Phase};
use jiff::Timestamp;

/// Longest status in characters: it stands on one line of `systemctl status`.
const LONGEST: usize = 400;

/// Beside what the picture shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Circumstances {
    /// Since when docker cannot be asked.
    pub(super) unreachable_since: Option<Timestamp>,
    /// Why the config that was to be loaded again does not hold.
    pub(super) not_reloaded: Option<String>,
    /// Where types are to be declared, while there is none.
    pub(super) types_wanted: Option<PathBuf>,
}

/// How agents are counted, in the order in which they are told.
const WORDS: [&str; 13] = [
    "running",
    "asleep",
    "starting",
    "stopping",
    "creating",
    "recreating",
    "removing",
    "stopped",
    "absent",
    "failing",
    "of unknown state",
    "not looked at yet",
    "without container",
];

pub(super) fn words(snapshot: &FleetSnapshot, circumstances: &Circumstances) -> String {
    let mut parts = Vec::new();
    if !snapshot.booted {
        parts.push("the first pass over the fleet is under way".to_owned());
    }
    parts.push(agents(snapshot));
    if let Some(file) = &circumstances.types_wanted {
        parts.push(format!("no types: declare them in {}, then restart this service", file.display()));
    }
    if let Some(since) = circumstances.unreachable_since {
        parts.push(format!("docker unreachable since {}", since.strftime("%Y-%m-%d %H:%M:%SZ")));
    }
    if let Some(why) = &snapshot.suspended {
        parts.push(format!("nothing is reconciled: {why}"));
    }
    if let Some(why) = &circumstances.not_reloaded {
        parts.push(format!("config not reloaded, the old one holds: {why}"));
    }
    one_line(&parts.join("; "))
}

fn agents(snapshot: &FleetSnapshot) -> String {
    let total = match snapshot.agents.len() {
        0 => return "no agents".to_owned(),
        1 => "1 agent".to_owned(),
        many => format!("{many} agents"),
    };
    let count = |word: &str| snapshot.agents.values().filter(|agent| self::word(agent) == word).count();
    let counts = WORDS.iter().map(|word| (count(word), word)).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    format!("{total}: {}", counts.join(", "))
}

fn word(agent: &AgentView) -> &'static str {
    match (agent.observed.phase, agent.lifecycle) {
        (Phase::Running, _) => "running",
        (Phase::Stopped, Lifecycle::Lazy) => "asleep",
        (Phase::Stopped, Lifecycle::Hot) => "stopped",
        (Phase::Absent, _) => "absent",
        (Phase::Creating, _) => "creating",
        (Phase::Starting, _) => "starting",
        (Phase::Stopping, _) => "stopping",
        (Phase::Recreating, _) => "recreating",
        (Phase::Removing, _) => "removing",
        (Phase::Backoff, _) => "failing",
        (Phase::Unknown, _) if agent.observed.observed_at.is_none() => "not looked at yet",
        (Phase::Unknown, _) => "of unknown state",
        (Phase::Host, _) => "without container",
    }
}

/// A newline would begin another message to the service manager.
fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST + 1).collect();
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    line
}

#[cfg(test)]
mod tests;
