//! `leases …`: who works with which agent.

use serde_json::json;

use super::context::Asking;
use super::failure::Failure;
use super::lease_args::{ClaimArgs, LeaseArgs, LeasesVerb};
use super::show;

pub(super) async fn run(asking: &mut Asking, verb: LeasesVerb) -> Result<(), Failure> {
    match verb {
        LeasesVerb::List => list(asking).await,
        LeasesVerb::Claim(args) => claim(asking, &args).await,
        LeasesVerb::Renew(args) => renew(asking, &args).await,
        LeasesVerb::Release(args) => release(asking, &args).await,
    }
}

async fn list(asking: &mut Asking) -> Result<(), Failure> {
    let answer = asking.client.leases().await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let list = answer.read()?;
    if list.items.is_empty() {
        asking.context.aside("nobody holds an agent");
        return Ok(());
    }
    let text = show::leases(&list.items, (asking.context.now)(), asking.context.terminal);
    asking.context.line(text)
}

async fn claim(asking: &mut Asking, args: &ClaimArgs) -> Result<(), Failure> {
    let answer = asking.client.claim(&args.claim()).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let lease = answer.read()?;
    let text = show::lease(&lease, (asking.context.now)());
    asking.context.line(text)
}

async fn renew(asking: &mut Asking, LeaseArgs { id, fence }: &LeaseArgs) -> Result<(), Failure> {
    let answer = asking.client.renew(*id, *fence).await?;
    if asking.context.json {
        return asking.context.document(answer.json());
    }
    let lease = answer.read()?;
    let end = show::coming((asking.context.now)(), lease.expires_at);
    asking.context.line(format!("{}: renewed, ends {end}", lease.instance))
}

async fn release(asking: &mut Asking, LeaseArgs { id, fence }: &LeaseArgs) -> Result<(), Failure> {
    asking.client.release(*id, *fence).await?;
    if asking.context.json {
        // The daemon has nothing more to say than that it was done.
        return asking.context.document(&json!({ "id": id, "released": true }));
    }
    asking.context.line(format!("{id}: released"))
}

#[cfg(test)]
mod tests;
