//! `agents-sync`: one reconcile, by the running daemon or, if none runs, by ourselves.

use claude_hooks_actors::model::{Plan, ReconcileReport};

use super::args::SyncArgs;
use super::context::Context;
use super::failure::{Exit, Failure};
use super::show;
use super::text::plain;
use crate::client::{Client, ClientError};
use crate::config::{ClientSettings, Settings, Sources};
use crate::daemon::{self, SyncOptions, SyncResult};

pub(super) async fn run(context: &mut Context, sources: &Sources, args: SyncArgs) -> Result<(), Failure> {
    let settings = ClientSettings::load(sources)?;
    // A socket may be open although no daemon runs: a service manager that starts the daemon when somebody connects would
    // have us wait for what it starts after us. A socket that was named is another matter: its data may be elsewhere.
    let result = if settings.data.is_idle() && sources.flags.socket.is_none() {
        alone(sources, args).await?
    } else {
        match through_daemon(&Client::new(&settings.socket), args).await {
            // Only when nobody listens: a daemon that hangs still holds the data.
            Err(error) if error.is_absent() => alone(sources, args).await?,
            result => result?,
        }
    };
    match result {
        SyncResult::Plan(plan) => tell_plan(context, &plan),
        SyncResult::Report(report) => tell_report(context, &report),
    }
}

async fn alone(sources: &Sources, args: SyncArgs) -> Result<SyncResult, Failure> {
    let options = SyncOptions { dry_run: args.dry_run, adopt: args.adopt };
    Ok(daemon::sync_alone(&Settings::load(sources)?, options).await?)
}

async fn through_daemon(client: &Client, args: SyncArgs) -> Result<SyncResult, ClientError> {
    if args.dry_run {
        let items = client.plan().await?.read()?.items;
        return Ok(SyncResult::Plan(Plan { items }));
    }
    client.reconcile(args.adopt).await?.read().map(SyncResult::Report)
}

fn tell_plan(context: &mut Context, plan: &Plan) -> Result<(), Failure> {
    if context.json {
        return context.document(plan);
    }
    let text = show::plan(&plan.items, context.terminal);
    context.line(text)
}

fn tell_report(context: &mut Context, report: &ReconcileReport) -> Result<(), Failure> {
    if context.json {
        context.document(report)?;
    } else {
        for line in report.lines() {
            context.line(line)?;
        }
    }
    for (name, reason) in &report.reasons {
        context.aside(format!("[agents-sync] {name}: {}", plain(reason)));
    }
    if report.failed.is_empty() { Ok(()) } else { Err(Failure::Told(Exit::Failed)) }
}

#[cfg(test)]
mod tests;
