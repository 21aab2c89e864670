//! What systemd is told of an install or uninstall. Where it does not run, that is said instead.

use std::path::PathBuf;
use std::process::{self, Stdio};

use super::super::failure::Failure;
use super::Step;
use super::layout::Layout;

#[derive(Clone, Debug)]
pub(super) struct Systemd {
    /// `None`: the files are for another system, so this one is not concerned.
    pub(super) running: Option<bool>,
    pub(super) user: bool,
    pub(super) dry_run: bool,
}

/// Program and arguments.
type Command = Vec<String>;

impl Systemd {
    /// To be run once the files are there, each only after the one before has succeeded.
    pub(super) fn after_install(&self, layout: &Layout) -> Vec<Command> {
        if self.running.is_none() {
            return Vec::new();
        }
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let sysusers = layout.sysusers.iter().map(|conf| vec!["systemd-sysusers".to_owned(), path(conf)]);
        let tmpfiles = layout
            .tmpfiles
            .iter()
            .map(|conf| vec!["systemd-tmpfiles".to_owned(), "--create".to_owned(), path(conf)]);
        sysusers.chain(tmpfiles).chain(self.reload()).collect()
    }

    /// To be run while the files are still there. Containers run on.
    pub(super) fn before_uninstall(&self, layout: &Layout) -> Option<Command> {
        let units: Vec<&str> = layout.units.iter().copied().filter(|unit| self.knows(unit)).collect();
        if units.is_empty() {
            return None;
        }
        self.systemctl(["disable", "--now"].into_iter().chain(units))
    }

    pub(super) fn reload(&self) -> Option<Command> {
        self.systemctl(["daemon-reload"])
    }

    fn systemctl<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Option<Command> {
        self.running?;
        let user = self.user.then_some("--user");
        Some(["systemctl"].into_iter().chain(user).chain(words).map(ToOwned::to_owned).collect())
    }

    fn knows(&self, unit: &str) -> bool {
        let mut command = process::Command::new("systemctl");
        if self.user {
            command.arg("--user");
        }
        command.args(["cat", "--", unit]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running == Some(true) && command.status().is_ok_and(|status| status.success())
    }

    pub(super) fn run(&self, command: &[String]) -> Result<Step, Failure> {
        let words = command.join(" ");
        if self.running == Some(false) && command.first().is_some_and(|program| program == "systemctl") {
            return Ok(Step::new("skipped", words).because("systemd does not run here"));
        }
        if self.dry_run {
            return Ok(Step::new("run", words));
        }
        let (program, args) = command.split_first().expect("a command has a first word");
        let output = process::Command::new(program).args(args).stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => Ok(Step::new("ran", words)),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(Failure::Said(format!("{words} failed ({}): {}", output.status, said.trim())))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Step::new("skipped", words).because("there is no such program"))
            }
            Err(error) => Err(Failure::Said(format!("cannot run {words}: {error}"))),
        }
    }
}
