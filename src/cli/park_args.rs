//! What may be typed to park agents.

use clap::Args;
use claude_hooks_actors::model::{InstanceName, ParkKind};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

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
    /// The body of `POST agents/{name}/park`.
    pub(super) fn body(&self) -> Value {
        let mut members = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| value.map(|value| members.insert(key.to_owned(), value));
        put("kind", Some(json!(self.kind)));
        put("until", self.until.map(|until| json!(until)));
        put("for_s", self.length.map(|length| json!(length)));
        put("reason", self.reason.as_ref().map(|reason| json!(reason)));
        put("scope", self.account.then(|| json!("account")));
        put("holder", self.holder.as_ref().map(|holder| json!(holder)));
        members.into()
    }
}

#[derive(Args, Debug)]
pub(super) struct NeedHumanArgs {
    /// The agent
    pub(super) name: InstanceName,
    /// What the person is to do
    #[arg(long, value_name = "TEXT", required_unless_present = "done", conflicts_with = "done")]
    reason: Option<String>,
    /// The person was there
    #[arg(long)]
    pub(super) done: bool,
}

impl NeedHumanArgs {
    /// The body of the request.
    pub(super) fn body(&self) -> Value {
        match &self.reason {
            Some(reason) => json!({ "reason": reason }),
            None => json!({}),
        }
    }
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
