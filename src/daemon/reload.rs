//! SIGHUP: the types and the log level as the config says them now. A config that cannot be read changes nothing.

use std::path::PathBuf;

use claude_hooks_actors::FleetHandle;
use claude_hooks_actors::model::Catalog;

use crate::config::{ConfigError, Settings, SettingsRow, Sources, TypesSource};
use crate::logging;

/// Keys that a reload takes over; the others hold until the next start.
const LIVE: [&str; 3] = ["fleet.types", "fleet.mount_roots", "log.level"];

#[derive(Debug)]
pub(super) struct Reloader {
    sources: Sources,
    catalog: Catalog,
    types: TypesSource,
    /// What this process was started with and keeps.
    fixed: Vec<SettingsRow>,
}

impl Reloader {
    pub(super) fn new(sources: Sources, settings: &Settings) -> Self {
        let catalog = settings.fleet.catalog.clone();
        Self { sources, catalog, types: settings.fleet.types_source.clone(), fixed: fixed(settings) }
    }

    /// Where types are to be declared, while there is none.
    pub(super) fn types_wanted(&self) -> Option<PathBuf> {
        match &self.types {
            TypesSource::File(file) if self.catalog.types.is_empty() => Some(file.clone()),
            TypesSource::File(_) | TypesSource::BuiltIn => None,
        }
    }

    /// Takes over what changed and logs it. Instances follow by themselves; nobody waits for them here.
    pub(super) async fn reload(&mut self, fleet: &FleetHandle) -> Result<(), ConfigError> {
        let settings = Settings::load(&self.sources).inspect_err(|error| {
            log::error!("the config is not reloaded, the old one holds: {error}");
        })?;
        if let Err(error) = logging::set_level(&settings.log.level) {
            log::error!("the log level stays as it is: {error}");
        }
        for (key, value) in waiting(&self.fixed, &fixed(&settings)) {
            log::warn!("{key} is now {value}, which holds from the next start on");
        }
        let changes = changes(&self.catalog, &settings.fleet.catalog);
        log::info!("the config is reloaded: {changes}");
        self.catalog = settings.fleet.catalog;
        self.types = settings.fleet.types_source;
        fleet.redeclare(self.catalog.clone()).await;
        Ok(())
    }
}

fn fixed(settings: &Settings) -> Vec<SettingsRow> {
    settings.rows().into_iter().filter(|row| !LIVE.contains(&row.key)).collect()
}

/// Keys whose new value needs a restart.
fn waiting(running: &[SettingsRow], now: &[SettingsRow]) -> Vec<(&'static str, String)> {
    let differs =
        |row: &&SettingsRow| !running.iter().any(|old| old.key == row.key && old.value == row.value);
    now.iter().filter(differs).map(|row| (row.key, row.value.clone())).collect()
}

/// What is different about the types, in words.
fn changes(old: &Catalog, new: &Catalog) -> String {
    let list = |word: &str, names: Vec<&str>| {
        (!names.is_empty()).then(|| format!("{word} types: {}", names.join(", ")))
    };
    let only = |these: &Catalog, those: &Catalog| -> Vec<String> {
        these.types.keys().filter(|name| !those.types.contains_key(*name)).map(ToString::to_string).collect()
    };
    let (added, gone) = (only(new, old), only(old, new));
    let changed =
        new.types.iter().filter(|(name, now)| old.types.get(*name).is_some_and(|then| then != *now));
    let told: Vec<String> = [
        list("new", added.iter().map(String::as_str).collect()),
        list("changed", changed.map(|(name, _)| name.as_ref()).collect()),
        list("removed", gone.iter().map(String::as_str).collect()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if told.is_empty() { "the types are as before".to_owned() } else { told.join("; ") }
}

#[cfg(test)]
mod tests;
