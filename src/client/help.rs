//! What to do about a problem, in the words of the command line: the daemon speaks to those who use its API.

use super::Problem;

/// Nothing where the problem itself says it already.
pub(super) fn in_words(problem: &Problem) -> Option<String> {
    let help = match problem.name() {
        "agent-not-found" => Some("`claude-hooks agents list` shows the agents"),
        "agent-exists" => Some("choose another name, or change it with `claude-hooks agents update`"),
        "generation-mismatch" => Some("look at it as it is now, and repeat the change"),
        "unknown-type" if problem.help.is_none() => Some("`claude-hooks check-config` shows the types"),
        "docker-failed" | "docker-conflict" => {
            Some("`claude-hooks why NAME` shows what was seen; the agent is retried by itself")
        }
        "nobody-free" => Some("`claude-hooks leases` shows who holds what; --wait TIME waits in the queue"),
        "not-awake" => {
            Some("its start goes on: claim again shortly; `claude-hooks why NAME` says what it waits for")
        }
        "lease-not-found" => Some("`claude-hooks leases` shows the leases that stand"),
        "lease-stale" => Some("it has ended, and the agent may be somebody else's by now: claim again"),
        _ => problem.help.as_deref(),
    };
    help.filter(|help| !problem.detail.as_ref().is_some_and(|detail| detail.contains(help))).map(Into::into)
}
