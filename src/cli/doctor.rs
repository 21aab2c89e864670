//! `doctor`: is everything there that the daemon needs, and if not, how is it mended.
//!
//! Facts are gathered with IO in [`gather`] and judged without any in [`judge`]. It works beside a running daemon and
//! without one, and changes nothing.

mod facts;
mod files;
mod gather;
mod judge;
mod probe;

use claude_hooks_actors::ports::{Clock as _, SystemClock};
use serde::Serialize;

use super::context::Context;
use super::failure::{Exit, Failure};
use super::text::plain;
use crate::config::Sources;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }
}

/// One judgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: String,
    status: Status,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

#[derive(Debug, Serialize)]
struct Examination {
    ok: bool,
    checks: Vec<Check>,
}

pub(super) async fn run(context: &mut Context, sources: &Sources) -> Result<(), Failure> {
    let facts = gather::gather(sources, SystemClock.wall()).await;
    let checks = judge::judge(&facts);
    let ok = checks.iter().all(|check| check.status != Status::Fail);
    if context.json {
        context.document(&Examination { ok, checks })?;
    } else {
        for line in lines(&checks) {
            context.line(line)?;
        }
    }
    if ok { Ok(()) } else { Err(Failure::Told(Exit::Failed)) }
}

fn lines(checks: &[Check]) -> Vec<String> {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for check in checks {
        let found = plain(&check.found).replace('\n', " ");
        lines.push(format!("{:<5} {:<width$}  {found}", check.status.word(), check.name));
        if let Some(mend) = &check.mend {
            lines.push(format!("{:<5} {:<width$}  -> {}", "", "", plain(mend)));
        }
    }
    lines
}

#[cfg(test)]
mod tests;
