//! What may be typed to park agents.

use clap::Args;
use claude_hooks_actors::model::{InstanceName, ParkKind};
use claude_hooks_web::wire::{Park, ParkScope};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::lease_args::seconds;

#[derive(Args, Debug)]
pub(super) struct ParkArgs {
    /// The agent
    pub(super) name: InstanceName,
    /// auth: its account cannot sign in; quota: it has used up what it may; other: see the reason
    #[arg(value_name = "KIND", value_parser = kind)]
    kind: ParkKind,
    /// Until when, such as 2026-01-31T12:00:00Z, or 2026-01-31T12:00 in this machine's time; without an end, until `agents
    /// reopen`
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
    /// For how long from now, such as 30m
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, conflicts_with = "until")]
    length: Option<u64>,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// All agents that sign in as this one does
    #[arg(long)]
    account: bool,
    /// Park it in the name of this dispatcher
    #[arg(long, value_name = "NAME")]
    holder: Option<String>,
}

impl ParkArgs {
    /// What is asked of the daemon.
    pub(super) fn park(&self) -> Park {
        Park {
            kind: self.kind,
            reason: self.reason.clone(),
            until: self.until,
            for_s: self.length,
            holder: self.holder.clone(),
            scope: self.account.then_some(ParkScope::Account),
        }
    }
}

#[derive(Args, Debug)]
pub(super) struct NeedHumanArgs {
    /// The agent
    pub(super) name: InstanceName,
    /// What the person is to do
    #[arg(long, value_name = "TEXT", required_unless_present = "done", conflicts_with = "done")]
    pub(super) reason: Option<String>,
    /// The person was there
    #[arg(long)]
    done: bool,
}

pub(crate) fn kind(text: &str) -> Result<ParkKind, String> {
    text.parse().map_err(|_| format!("{text:?} is none of auth, quota and other"))
}

/// With its offset, or as the clock of this machine shows it.
fn moment(text: &str) -> Result<Timestamp, String> {
    let refused = || format!("{text:?} is not a time such as 2026-01-31T12:00:00Z or 2026-01-31T12:00");
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let local: DateTime = text.parse().map_err(|_| refused())?;
    local.to_zoned(TimeZone::system()).map(|zoned| zoned.timestamp()).map_err(|_| refused())
}

#[cfg(test)]
mod tests;
