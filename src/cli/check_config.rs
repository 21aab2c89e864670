//! `check-config`: what holds, and where each value comes from.

use claude_hooks_actors::model::{AgentType, HealthPolicyView, Limits};
use serde_json::{Value, json};

use super::context::Context;
use super::failure::Failure;
use super::table::table;
use super::text::span;
use crate::config::{Settings, SettingsRow, Sources};

pub(super) fn run(context: &mut Context, sources: &Sources, quiet: bool) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    if quiet {
        return Ok(());
    }
    if context.json {
        return context.document(&document(&settings));
    }
    let file = settings.config_file.as_ref().map(|path| path.display().to_string());
    context.line(format!("config file: {}", file.as_deref().unwrap_or("none found, the defaults hold")))?;
    let rows = settings.rows();
    let row = |row: &SettingsRow| vec![row.key.to_owned(), row.value.clone(), row.origin.to_string()];
    let text = table(&["KEY", "VALUE", "FROM"], rows.iter().map(row).collect(), context.terminal);
    context.line(format!("\n{text}"))?;
    let types = settings.fleet.catalog.types.values().map(type_row).collect();
    let headers = ["TYPE", "LIFECYCLE", "IDLE AFTER", "IMAGE", "LIMITS", "CREDENTIALS", "TOKEN IN"];
    let text = table(&headers, types, context.terminal);
    context.line(format!("\n{text}"))?;
    context.line(format!("\ntokens are read from {}", settings.fleet.tokens_dir.display()))
}

fn type_row(declared: &AgentType) -> Vec<String> {
    let container = declared.container.as_ref();
    vec![
        declared.name.to_string(),
        declared.lifecycle.to_string(),
        span(i64::try_from(declared.idle_timeout.as_secs()).unwrap_or(i64::MAX)),
        container.map_or_else(|| "(host mode)".to_owned(), |container| container.image.clone()),
        container.map(|container| limits(&container.limits)).unwrap_or_default(),
        declared.credentials.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
        declared.token_env.clone().unwrap_or_default(),
    ]
}

fn limits(limits: &Limits) -> String {
    let memory = limits.memory_bytes.map(|bytes| format!("{} MiB", bytes >> 20));
    let cpus = limits.milli_cpus.map(|milli| format!("{} cpus", f64::from(milli) / 1000.0));
    let pids = limits.pids.map(|pids| format!("{pids} pids"));
    memory.into_iter().chain(cpus).chain(pids).collect::<Vec<_>>().join(", ")
}

fn document(settings: &Settings) -> Value {
    let rows = settings.rows();
    let values: serde_json::Map<String, Value> = rows
        .into_iter()
        .map(|row| (row.key.to_owned(), json!({ "value": row.value, "from": row.origin.to_string() })))
        .collect();
    let types: serde_json::Map<String, Value> = settings
        .fleet
        .catalog
        .types
        .values()
        .map(|declared| {
            let container = declared.container.as_ref();
            let value = json!({
                "lifecycle": declared.lifecycle,
                "idle_timeout_s": declared.idle_timeout.as_secs(),
                "health": HealthPolicyView::from(&declared.health),
                "host_mode": container.is_none(),
                "image": container.map(|container| &container.image),
                "limits": container.map(|container| &container.limits),
                "credentials": declared.credentials,
                "token_env": declared.token_env,
            });
            (declared.name.to_string(), value)
        })
        .collect();
    json!({
        "config_file": settings.config_file,
        "settings": values,
        "types": types,
        "tokens_dir": settings.fleet.tokens_dir,
    })
}
