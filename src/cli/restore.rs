//! `restore`: a backup becomes the database. It says what will change, asks, and keeps what it replaces.

use std::path::PathBuf;

use claude_hooks_actors::model::{FleetId, PlanItem};
use serde::Serialize;

use super::args::RestoreArgs;
use super::backup::describe;
use super::context::Context;
use super::failure::Failure;
use super::show::{self, Facts};
use super::text::plain;
use crate::config::{Settings, Sources};
use crate::daemon::{self, DaemonError};
use crate::data_dir::DataDir;
use crate::store::{Contents, Present, Restoration, RowChanges};

/// Whose the present database is, seen from the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kin {
    /// There is no database yet.
    None,
    Same,
    Other(FleetId),
    /// It does not tell.
    Unknown,
}

/// What a start would do to the containers; or why nobody knows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outlook {
    Plan(Vec<PlanItem>),
    Unknown(String),
}

#[derive(Debug, Serialize)]
struct Report {
    backup: Contents,
    /// What is in the database now; null if there is none or it cannot be read.
    present: Option<Contents>,
    /// Why the present database cannot be read.
    unreadable: Option<String>,
    fleet: Kin,
    rows: Option<RowChanges>,
    containers: Outlook,
    restored: bool,
    /// Where the replaced database is now.
    kept: Option<PathBuf>,
}

pub(super) async fn run(context: &mut Context, sources: &Sources, args: &RestoreArgs) -> Result<(), Failure> {
    let settings = Settings::load(sources)?;
    if args.dry_run {
        let restoration = Restoration::tried_out(&settings.data, &args.file)?;
        let report = report(&settings, &restoration).await?;
        return if context.json {
            context.document(&report)
        } else {
            let text = words(&report, context.terminal);
            context.line(text)
        };
    }
    // The lock first, and until the end: whoever holds it has the database open.
    let dir = DataDir::open(settings.data.dir()).map_err(DaemonError::from)?;
    let restoration = Restoration::prepared(&dir, &args.file)?;
    let mut report = report(&settings, &restoration).await?;
    let text = words(&report, context.terminal);
    if context.json {
        context.aside(text);
    } else {
        context.line(text)?;
    }
    confirm(context, report.fleet, args).await?;
    report.kept = restoration.place(&dir)?;
    report.restored = true;
    if context.json {
        return context.document(&report);
    }
    match report.kept {
        Some(kept) => context.line(format!("restored; what was there before is {}", kept.display())),
        None => context.line("restored; there was no database before"),
    }
}

async fn report(settings: &Settings, restoration: &Restoration) -> Result<Report, Failure> {
    let (present, unreadable) = match &restoration.present {
        Present::None => (None, None),
        Present::Sound(contents) => (Some(contents.clone()), None),
        Present::Unreadable { detail, .. } => (None, Some(detail.clone())),
    };
    let fleet = match (&restoration.present, restoration.present.fleet()) {
        (Present::None, _) => Kin::None,
        (Present::Sound(_) | Present::Unreadable { .. }, Some(fleet)) => {
            if fleet == restoration.contents.fleet { Kin::Same } else { Kin::Other(fleet) }
        }
        (Present::Sound(_) | Present::Unreadable { .. }, None) => Kin::Unknown,
    };
    // Docker may be what is broken on this host, which is no reason to keep the rows from coming back.
    let containers = match daemon::plan_over(settings, restoration.store()?).await {
        Ok(plan) => Outlook::Plan(plan.items),
        Err(error) => Outlook::Unknown(error.to_string()),
    };
    Ok(Report {
        backup: restoration.contents.clone(),
        present,
        unreadable,
        fleet,
        rows: restoration.changes.clone(),
        containers,
        restored: false,
        kept: None,
    })
}

fn words(report: &Report, terminal: bool) -> String {
    let mut parts = Vec::new();
    let described = |title: &str, contents: &Contents| {
        let mut facts = Facts::default();
        describe(&mut facts, contents);
        format!("{title}\n{}", facts.done())
    };
    parts.push(described("In the backup:", &report.backup));
    if let Some(present) = &report.present {
        parts.push(described("In the database now, which is replaced:", present));
        if present.open_tasks > 0 {
            parts.push(format!(
                "{} tasks of now are not done; unless the backup knows them, nobody will follow them any more.",
                present.open_tasks
            ));
        }
    }
    if let Some(detail) = &report.unreadable {
        parts.push(format!("The database now cannot be read, so nothing is compared: {detail}"));
    }
    match report.fleet {
        Kin::None => parts.push("There is no database now.".to_owned()),
        Kin::Same => parts.push("It is the same fleet: its containers stay its own.".to_owned()),
        Kin::Other(present) => parts.push(stranger(present, report.backup.fleet)),
        Kin::Unknown => parts.push("Which fleet the database now is of cannot be read.".to_owned()),
    }
    if let Some(rows) = &report.rows {
        parts.push(row_words(rows));
    }
    parts.push(match &report.containers {
        Outlook::Plan(items) if items.is_empty() => {
            "The next start finds no container to care for.".to_owned()
        }
        Outlook::Plan(items) => {
            format!("What the next start does with the containers:\n{}", show::plan(items, terminal))
        }
        Outlook::Unknown(why) => {
            format!("What the next start does with the containers is not known: {}", plain(why))
        }
    });
    parts.join("\n\n")
}

fn stranger(present: FleetId, backup: FleetId) -> String {
    format!(
        "ANOTHER FLEET: the database now is of fleet {present}, the backup of {backup}.\n\
         Every container and volume of the present fleet becomes foreign: what runs goes on running, nobody watches it,\n\
         nothing of it is used or removed, and where it has the name of an agent in the backup that agent stays down\n\
         (name_conflict) until it is adopted or removed by hand."
    )
}

fn row_words(rows: &RowChanges) -> String {
    let mut facts = Facts::default();
    let names = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    facts.add("rows added", names(&rows.added));
    facts.add("rows removed", names(&rows.removed));
    let changed: Vec<String> =
        rows.changed.iter().map(|row| format!("{} ({})", row.name, row.columns.join(", "))).collect();
    facts.add("rows changed", names(&changed));
    facts.add("rows kept", rows.unchanged.to_string());
    facts.done()
}

async fn confirm(context: &mut Context, kin: Kin, args: &RestoreArgs) -> Result<(), Failure> {
    let word = match kin {
        Kin::Other(_) if args.yes && !args.force => {
            let help = "repeat with --force if the containers of the present fleet are to become foreign";
            return Err(Failure::Said(format!(
                "the backup is of another fleet, nothing was changed: {help}"
            )));
        }
        _ if args.yes => return Ok(()),
        Kin::Other(present) if !args.force => {
            let id = present.to_string();
            let word = id.split('-').next().unwrap_or(&id).to_owned();
            context.aside(format!("Type the first part of the present fleet's id ({word}) to give it up:"));
            word
        }
        Kin::None | Kin::Same | Kin::Other(_) | Kin::Unknown => {
            context.aside("Type restore to go on:");
            "restore".to_owned()
        }
    };
    let input = context.input;
    let typed = tokio::task::spawn_blocking(input).await.map_err(std::io::Error::other)??;
    if typed.trim() == word {
        return Ok(());
    }
    Err(Failure::Said("not confirmed: nothing was changed".to_owned()))
}

#[cfg(test)]
mod tests;
