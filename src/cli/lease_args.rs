//! `leases …`: what may be typed.

use clap::{Args, Subcommand};
use claude_hooks_actors::model::{InstanceName, LeaseId, TypeName};

use crate::client::wire::{Change, Claim};

#[derive(Debug, Subcommand)]
pub(super) enum LeasesVerb {
    /// The leases that stand
    #[command(visible_alias = "ls")]
    List,
    /// Claim an agent, waking it if it sleeps
    Claim(ClaimArgs),
    /// Keep a lease for another TTL
    Renew(LeaseArgs),
    /// Give a lease back
    Release(LeaseArgs),
}

#[derive(Args, Debug)]
pub(super) struct ClaimArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Who claims it, in your own words; shown to others
    #[arg(long, value_name = "NAME")]
    holder: String,
    /// How long the lease lives without being renewed, such as 15s or 10m [default: 15s]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    ttl: Option<u64>,
    /// Wait so long in the queue while nobody is free [default: not at all]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    wait: Option<u64>,
    /// Wait so long until the agent runs [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    wake: Option<u64>,
    /// Do not wait until the agent runs; it is woken all the same
    #[arg(long, conflicts_with = "wake")]
    asleep: bool,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct TargetArgs {
    /// Any agent of this type
    #[arg(long = "type", value_name = "TYPE")]
    agent_type: Option<TypeName>,
    /// This agent and no other
    #[arg(long, value_name = "NAME")]
    instance: Option<InstanceName>,
}

#[derive(Args, Debug)]
pub(super) struct LeaseArgs {
    /// The lease
    #[arg(value_parser = lease_id)]
    pub(super) id: LeaseId,
    /// The number that came with it
    #[arg(long, value_name = "NUMBER")]
    pub(super) fence: u64,
}

impl ClaimArgs {
    pub(super) fn claim(&self) -> Claim {
        Claim {
            instance: self.target.instance.clone(),
            agent_type: self.target.agent_type.clone(),
            holder: self.holder.clone(),
            ttl_s: self.ttl,
            wait_s: self.wait,
            wake_s: if self.asleep { Change::Unset } else { self.wake.into() },
        }
    }
}

fn lease_id(text: &str) -> Result<LeaseId, String> {
    LeaseId::parse(text)
        .ok_or_else(|| "not the id of a lease, such as `claude-hooks leases` shows".to_owned())
}

/// A time in seconds: `90s`, `30m`, `2h`, `1d`, or a bare number of seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len());
    let factor = match unit {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let number: Option<u64> = number.parse().ok();
    let seconds = number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    seconds.ok_or_else(|| format!("{text:?} is not a time such as 90s, 30m, 2h or 1d"))
}
