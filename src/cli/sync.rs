//! `agents-sync`: one reconcile, by the running daemon or, if none runs, by ourselves.

use claude_hooks_actors::model::{Plan, PlanItem, ReconcileReport};
use serde::Deserialize;
use serde_json::json;

use super::args::SyncArgs;
use super::context::Context;
use super::failure::{Exit, Failure};
use super::show;
use super::text::plain;
use crate::client::{Client, ClientError};
use crate::config::{ClientSettings, Settings, Sources};
use crate::daemon::{self, SyncOptions, SyncResult};

#[derive(Debug, Deserialize)]
struct PlanPage {
    items: Vec<PlanItem>,
}

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
    let garbled = |error: serde_json::Error| client.garbled(error.to_string());
    if args.dry_run {
        let answer = client.get_slowly("plan").await?;
        let page: PlanPage = serde_json::from_value(answer).map_err(garbled)?;
        return Ok(SyncResult::Plan(Plan { items: page.items }));
    }
    let body = if args.adopt { json!({ "adopt": true }) } else { json!({}) };
    let answer = client.post("reconcile", &body).await?;
    serde_json::from_value(answer).map(SyncResult::Report).map_err(garbled)
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
