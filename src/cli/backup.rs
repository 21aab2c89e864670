//! `backup`: the database as one file, taken from the data directory itself, so that it works whether a daemon runs or not.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::BackupArgs;
use super::context::Context;
use super::failure::Failure;
use super::show::Facts;
use super::text::bytes;
use crate::config::{ClientSettings, Sources};
use crate::data_dir::DataPaths;
use crate::store::{Contents, SqliteStore};

/// Said with every backup, because it is noticed only when it is needed.
const NOT_IN_IT: &str = "configuration and types, API token and sessions, inputs of tasks, and what the agents keep \
                         in their state volumes";

pub(super) fn run(context: &mut Context, sources: &Sources, args: BackupArgs) -> Result<(), Failure> {
    let paths = ClientSettings::load(sources)?.data;
    let to = match args.file {
        Some(file) => file,
        None => beside(&paths, context)?,
    };
    let contents = SqliteStore::back_up(&paths, &to, args.force)?;
    if context.json {
        return context.document(&json!({ "file": to, "contents": contents }));
    }
    let mut facts = Facts::default();
    facts.add("backup", to.display().to_string());
    describe(&mut facts, &contents);
    facts.add("not in it", NOT_IN_IT);
    context.line(facts.done())
}

/// Where backups go that nobody named: where those before a migration are too.
fn beside(paths: &DataPaths, context: &Context) -> Result<PathBuf, Failure> {
    let name = format!("agents-{}.db", (context.now)().strftime("%Y%m%dT%H%M%S%.6fZ"));
    Ok(SqliteStore::backups(paths)?.join(Path::new(&name)))
}

pub(super) fn describe(facts: &mut Facts, contents: &Contents) {
    let Contents { fleet, schema, agents, events, last_event_at, tasks, open_tasks, leases, bytes: size } =
        contents;
    facts.add("fleet", fleet.to_string());
    facts.add("schema", schema.to_string());
    facts.add("agents", agents.to_string());
    let last = last_event_at.as_ref().map(|at| format!(", the last of {at}")).unwrap_or_default();
    facts.add("events", format!("{events}{last}"));
    facts.add("tasks", format!("{tasks}, {open_tasks} of them not done"));
    facts.add("leases", leases.to_string());
    facts.add("size", bytes(*size));
}
