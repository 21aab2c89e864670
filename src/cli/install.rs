//! `install` and `uninstall`: the program, its units and its config in their places, for the system or for one user.
//!
//! Safe to repeat. What an operator edits (config) is never overwritten and only removed while it is as it was installed;
//! what is ours (program, units) is. Data is made by the daemon and never touched here.

mod files;
mod layout;
mod service_manager;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use crate::config::Sources;

use files::{Disk, Removal};
use layout::{Item, Layout, Paths};
use service_manager::Systemd;

#[derive(Args, Clone, Debug)]
pub(super) struct InstallArgs {
    /// For the user who runs this, instead of the whole system
    #[arg(long, conflicts_with = "prefix")]
    user: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Put everything below this directory and leave the running system alone; for packages
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Where program and units go; a package says /usr
    #[arg(long, value_name = "DIR", default_value = "/usr/local")]
    prefix: PathBuf,
}

/// What was done, or would be, about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Step {
    did: &'static str,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Step {
    fn new(did: &'static str, what: impl Into<String>) -> Self {
        Self { did, what: what.into(), why: None }
    }

    fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

pub(super) fn install(context: &mut Context, sources: &Sources, args: &InstallArgs) -> Result<(), Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::Said(format!("cannot find the program's own file: {error}")))?;
    let layout = args.layout(sources)?;
    let disk = args.disk();
    let mut report = Report::new(context, args.dry_run);
    for item in &layout.items {
        let step = match item {
            Item::Program { to } => disk.place_program(&program, to),
            Item::Ours { to, text } => disk.place(to, text.as_bytes(), 0o644),
            Item::Config { to, text } => disk.place_if_missing(to, text.as_bytes()),
        };
        report.tell(step?)?;
    }
    let systemd = args.systemd(sources);
    for command in systemd.after_install(&layout) {
        report.tell(systemd.run(&command)?)?;
    }
    report.end(&layout.next)
}

pub(super) fn uninstall(context: &mut Context, sources: &Sources, args: &InstallArgs) -> Result<(), Failure> {
    let layout = args.layout(sources)?;
    let (disk, systemd) = (args.disk(), args.systemd(sources));
    let mut report = Report::new(context, args.dry_run);
    if let Some(command) = systemd.before_uninstall(&layout) {
        report.tell(systemd.run(&command)?)?;
    }
    for item in layout.items.iter().rev() {
        let removed = match item {
            Item::Program { to } | Item::Ours { to, .. } => disk.remove(to, Removal::Always)?,
            Item::Config { to, text } => disk.remove(to, Removal::IfStill(text.as_bytes()))?,
        };
        if let Some(step) = removed {
            report.tell(step)?;
        }
    }
    for dir in &layout.config_dirs {
        if let Some(step) = disk.remove_empty(dir)? {
            report.tell(step)?;
        }
    }
    if let Some(step) = disk.kept(&layout.data_dir, "the data: agents, events, tokens of the API") {
        report.tell(step)?;
    }
    if let Some(command) = systemd.reload() {
        report.tell(systemd.run(&command)?)?;
    }
    report.end("containers and their volumes were not touched")
}

impl InstallArgs {
    fn layout(&self, sources: &Sources) -> Result<Layout, Failure> {
        if self.user {
            return Ok(layout::of_user(&Paths::of_user(sources).map_err(Failure::Said)?));
        }
        if self.root.is_none() && !self.dry_run && !rustix::process::geteuid().is_root() {
            let help =
                "this concerns the whole system: run it as root (sudo), or with --user for yourself alone";
            return Err(Failure::Said(help.to_owned()));
        }
        layout::of_system(&self.prefix).map_err(Failure::Usage)
    }

    fn disk(&self) -> Disk {
        Disk {
            root: self.root.clone().unwrap_or_else(|| PathBuf::from("/")),
            dry_run: self.dry_run,
            dir_mode: (!self.user).then_some(0o755),
        }
    }

    fn systemd(&self, sources: &Sources) -> Systemd {
        let runtime = sources.env.get("XDG_RUNTIME_DIR").map(PathBuf::from);
        let running = match (&self.root, self.user) {
            (Some(_), _) => None,
            (None, true) => Some(runtime.is_some_and(|dir| dir.join("systemd").is_dir())),
            (None, false) => Some(Path::new("/run/systemd/system").is_dir()),
        };
        Systemd { running, user: self.user, dry_run: self.dry_run }
    }
}

/// Says each step as it is done, so that a failure shows how far it came.
struct Report<'a> {
    context: &'a mut Context,
    dry_run: bool,
    steps: Vec<Step>,
}

impl<'a> Report<'a> {
    fn new(context: &'a mut Context, dry_run: bool) -> Self {
        Self { context, dry_run, steps: Vec::new() }
    }

    fn tell(&mut self, step: Step) -> Result<(), Failure> {
        if !self.context.json {
            let would = if self.dry_run { "(dry run) " } else { "" };
            let why = step.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            self.context.line(format!("{would}{:<9} {}{why}", step.did, step.what))?;
        }
        self.steps.push(step);
        Ok(())
    }

    fn end(self, last: &str) -> Result<(), Failure> {
        if self.context.json {
            return self.context.document(&json!({ "dry_run": self.dry_run, "steps": self.steps }));
        }
        self.context.line(last)
    }
}

#[cfg(test)]
mod tests;
