//! Configuration in three steps: raw fragments, merged inputs, validated settings.
//!
//! Layers, each over the one before: `config/default.toml` (built in), one config file, `CLAUDE_HOOKS_<SECTION>_<KEY>`,
//! flags. The embedded default file is also the list of known keys and of their types, so there is no second place to
//! forget. Nothing here reads the process's environment or working directory: [`Sources`] carries both.

mod env;
mod error;
mod file;
mod inputs;
mod json;
mod keys;
mod origin;
mod paths;
mod raw;
mod schema;
mod settings;
mod types;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::logging::LogFormat;

pub use error::ConfigError;
pub use origin::Origin;
pub use schema::{agents_schema, settings_schema};
pub use settings::{
    ClientSettings, DockerSettings, FleetSettings, LogSettings, ServerSettings, Settings, SettingsRow,
    TypesSource,
};

/// The built-in defaults, lowest layer of all.
pub const DEFAULT_SETTINGS: &str = include_str!("../config/default.toml");
/// The built-in types, used where an operator has declared none.
pub const DEFAULT_TYPES: &str = include_str!("../config/agents.json");

/// What flags say about settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
    /// `--socket`
    pub socket: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--log-level`
    pub log_level: Option<String>,
    /// `--log-format`
    pub log_format: Option<LogFormat>,
}

/// Everything that settings are made of.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--config`; must exist if given.
    pub config: Option<PathBuf>,
    pub flags: Flags,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
    pub working_dir: PathBuf,
    /// `/etc`, but for tests.
    pub etc_dir: PathBuf,
}

impl Sources {
    /// The sources of this process; variables that are not UTF-8 are left out, none of ours can be.
    pub fn of_process(config: Option<PathBuf>, flags: Flags) -> Self {
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let working_dir = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        Self { config, flags, env, working_dir, etc_dir: PathBuf::from("/etc") }
    }
}

#[cfg(test)]
mod tests;
