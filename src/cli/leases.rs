//! `leases …`: who works with which agent.

use claude_hooks_actors::model::LeaseView;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::context::Asking;
use super::failure::Failure;
use super::lease_args::{ClaimArgs, LeaseArgs, LeasesVerb};
use super::show;

#[derive(Debug, Deserialize)]
struct LeaseList {
    items: Vec<LeaseView>,
}

pub(super) async fn run(asking: &mut Asking, verb: LeasesVerb) -> Result<(), Failure> {
    match verb {
        LeasesVerb::List => list(asking).await,
        LeasesVerb::Claim(args) => claim(asking, &args).await,
        LeasesVerb::Renew(args) => renew(asking, &args).await,
        LeasesVerb::Release(args) => release(asking, &args).await,
    }
}

async fn list(asking: &mut Asking) -> Result<(), Failure> {
    let answer = asking.client.get("leases").await?;
    if asking.context.json {
        return asking.context.document(&answer);
    }
    let list: LeaseList = asking.read(&answer)?;
    if list.items.is_empty() {
        asking.context.aside("nobody holds an agent");
        return Ok(());
    }
    let text = show::leases(&list.items, (asking.context.now)(), asking.context.terminal);
    asking.context.line(text)
}

async fn claim(asking: &mut Asking, args: &ClaimArgs) -> Result<(), Failure> {
    let answer = asking.client.post("leases", &args.body()).await?;
    if asking.context.json {
        return asking.context.document(&answer);
    }
    let lease: LeaseView = asking.read(&answer)?;
    let text = show::lease(&lease, (asking.context.now)());
    asking.context.line(text)
}

async fn renew(asking: &mut Asking, LeaseArgs { id, fence }: &LeaseArgs) -> Result<(), Failure> {
    let answer = asking.client.on_lease(Method::PUT, *id, *fence).await?;
    if asking.context.json {
        return asking.context.document(&answer);
    }
    let lease: LeaseView = asking.read(&answer)?;
    let end = show::coming((asking.context.now)(), lease.expires_at);
    asking.context.line(format!("{}: renewed, ends {end}", lease.instance))
}

async fn release(asking: &mut Asking, LeaseArgs { id, fence }: &LeaseArgs) -> Result<(), Failure> {
    asking.client.on_lease(Method::DELETE, *id, *fence).await?;
    if asking.context.json {
        // The daemon has nothing more to say than that it was done.
        return asking.context.document(&json!({ "id": id, "released": true }));
    }
    asking.context.line(format!("{id}: released"))
}

#[cfg(test)]
mod tests;
