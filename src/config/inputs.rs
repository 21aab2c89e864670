//! All layers merged: every key has one value and the place it comes from.

use std::io;
use std::path::{Path, PathBuf};

use super::file::{self, Layer, line_of};
use super::raw::RawSettings;
use super::{ConfigError, DEFAULT_SETTINGS, Origin, Sources, env, paths};

/// A value and where it was said.
#[derive(Clone, Debug)]
pub(super) struct Sourced<T> {
    pub(super) value: T,
    pub(super) origin: Origin,
}

/// What the layers say together, still unchecked.
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    /// The config file that was read.
    pub(super) file: Option<PathBuf>,
    pub(super) listen: Sourced<String>,
    pub(super) socket: Sourced<String>,
    pub(super) drain_s: Sourced<i64>,
    pub(super) data_dir: Sourced<String>,
    pub(super) prefix: Sourced<String>,
    pub(super) types: Sourced<String>,
    pub(super) mount_roots: Sourced<Vec<String>>,
    pub(super) binary: Sourced<String>,
    pub(super) host: Sourced<String>,
    pub(super) parallel: Sourced<i64>,
    pub(super) docker_events: Sourced<bool>,
    pub(super) interval_s: Sourced<i64>,
    pub(super) limits_interval_s: Sourced<i64>,
    pub(super) health_restarts: Sourced<i64>,
    pub(super) health_window_s: Sourced<i64>,
    pub(super) keep_days: Sourced<i64>,
    pub(super) keep_count: Sourced<i64>,
    pub(super) log_level: Sourced<String>,
    pub(super) log_format: Sourced<String>,
}

impl Inputs {
    pub(super) fn gather(sources: &Sources) -> Result<Self, ConfigError> {
        let defaults = file::parse(DEFAULT_SETTINGS, |_| Origin::Default)?;
        let found = read_config(sources)?;
        let from_file = match &found {
            Some((path, text)) => file::parse(text, line_of(path))?,
            None => Layer::default(),
        };
        let layers = [defaults, from_file, env::parse(&sources.env)?, flags(sources)];
        Ok(Self::merge(&layers, found.map(|(path, _)| path)))
    }

    fn merge(layers: &[Layer], file: Option<PathBuf>) -> Self {
        Self {
            file,
            listen: pick(layers, "server.listen", |raw| raw.server.listen.clone()),
            socket: pick(layers, "server.socket", |raw| raw.server.socket.clone()),
            drain_s: pick(layers, "server.drain_s", |raw| raw.server.drain_s),
            data_dir: pick(layers, "data.dir", |raw| raw.data.dir.clone()),
            prefix: pick(layers, "fleet.prefix", |raw| raw.fleet.prefix.clone()),
            types: pick(layers, "fleet.types", |raw| raw.fleet.types.clone()),
            mount_roots: pick(layers, "fleet.mount_roots", |raw| raw.fleet.mount_roots.clone()),
            binary: pick(layers, "docker.binary", |raw| raw.docker.binary.clone()),
            host: pick(layers, "docker.host", |raw| raw.docker.host.clone()),
            parallel: pick(layers, "docker.parallel", |raw| raw.docker.parallel),
            docker_events: pick(layers, "docker.events", |raw| raw.docker.events),
            interval_s: pick(layers, "watchdog.interval_s", |raw| raw.watchdog.interval_s),
            limits_interval_s: pick(layers, "limits.interval_s", |raw| raw.limits.interval_s),
            health_restarts: pick(layers, "health.restarts", |raw| raw.health.restarts),
            health_window_s: pick(layers, "health.window_s", |raw| raw.health.window_s),
            keep_days: pick(layers, "events.keep_days", |raw| raw.events.keep_days),
            keep_count: pick(layers, "events.keep_count", |raw| raw.events.keep_count),
            log_level: pick(layers, "log.level", |raw| raw.log.level.clone()),
            log_format: pick(layers, "log.format", |raw| raw.log.format.clone()),
        }
    }
}

fn pick<T>(layers: &[Layer], key: &str, get: impl Fn(&RawSettings) -> Option<T>) -> Sourced<T> {
    let said = layers.iter().rev().find_map(|layer| Some((get(&layer.raw)?, layer)));
    let (value, layer) = said.expect("a test shows that config/default.toml says every key");
    let origin = layer.origins.get(key).cloned().unwrap_or(Origin::Default);
    Sourced { value, origin }
}

/// A file that was named must be there; the usual places may be empty.
fn read_config(sources: &Sources) -> Result<Option<(PathBuf, String)>, ConfigError> {
    if let Some(given) = &sources.config {
        let path = sources.working_dir.join(given);
        let text = read(&path, "name an existing file with --config")?;
        return Ok(Some((path, text)));
    }
    for dir in paths::config_dirs(sources) {
        let path = dir.join("claude-hooks.toml");
        match read(&path, "mend its permissions, or name another file with --config") {
            Ok(text) => return Ok(Some((path, text))),
            Err(ConfigError::Unreadable { source, .. }) if is_absent(&source) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

pub(super) fn read(path: &Path, help: &'static str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        help,
        source,
    })
}

fn flags(sources: &Sources) -> Layer {
    let mut layer = Layer::default();
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    let flags = &sources.flags;
    let raw = &mut layer.raw;
    raw.data.dir = flags.data_dir.as_ref().map(text);
    raw.server.socket = flags.socket.as_ref().map(text);
    raw.server.listen.clone_from(&flags.listen);
    raw.log.level.clone_from(&flags.log_level);
    raw.log.format = flags.log_format.map(|format| format.to_string());
    for (key, flag) in [
        ("data.dir", "--data-dir"),
        ("server.socket", "--socket"),
        ("server.listen", "--listen"),
        ("log.level", "--log-level"),
        ("log.format", "--log-format"),
    ] {
        layer.origins.insert(key.to_owned(), Origin::Flag(flag));
    }
    layer
}
