//! Validated settings: what the rest of the program is given.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use claude_hooks_actors::model::{Catalog, FleetPrefix, HealthBudget};
use claude_hooks_actors::ports::EventRetention;

use strum::IntoEnumIterator as _;

use super::inputs::{Inputs, Sourced};
use crate::data_dir::DataPaths;
use crate::logging::{self, LogFormat};

use super::{ConfigError, Origin, Sources, paths, types};

#[derive(Clone, Debug)]
pub struct Settings {
    /// The config file that was read, if any.
    pub config_file: Option<PathBuf>,
    pub server: ServerSettings,
    pub data: DataPaths,
    pub fleet: FleetSettings,
    pub docker: DockerSettings,
    /// Between two looks of the watchdog at the whole fleet.
    pub watchdog_interval: Duration,
    /// Between two samples of what the agents use; `None`: never.
    pub limits_interval: Option<Duration>,
    /// Restarts for the sake of health.
    pub health: HealthBudget,
    pub events: EventRetention,
    pub log: LogSettings,
    origins: Vec<(&'static str, Origin)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// `None`: the Unix socket only. Port 0 is any free port.
    pub listen: Option<SocketAddr>,
    pub socket: PathBuf,
    /// How long a stop waits for tasks that run.
    pub drain: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetSettings {
    pub types_source: TypesSource,
    /// Prefix, types and the roots of mounts.
    pub catalog: Catalog,
    /// Holds one token file per type, named like the type.
    pub tokens_dir: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypesSource {
    File(PathBuf),
    /// `config/agents.json` of the program itself: nothing was declared anywhere.
    BuiltIn,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerSettings {
    /// A name to be looked up in PATH, or an absolute path.
    pub binary: PathBuf,
    /// `None`: what `DOCKER_HOST` or docker's context says.
    pub host: Option<String>,
    /// How many calls of bulk work run at once.
    pub parallel: NonZeroUsize,
    /// Whether `docker events` is followed.
    pub events: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// A level, also per module.
    pub level: String,
    pub format: LogFormat,
}

/// What a verb needs that only talks to a running daemon: broken types must not keep it from doing so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    pub data: DataPaths,
    pub socket: PathBuf,
    pub prefix: FleetPrefix,
}

/// One line of `check-config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRow {
    /// `section.key`
    pub key: &'static str,
    /// The value that holds, with paths resolved.
    pub value: String,
    pub origin: Origin,
}

impl Settings {
    /// Reads and checks everything, the types included.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let inputs = Inputs::gather(sources)?;
        let client = ClientSettings::check(&inputs, sources)?;
        let listen = listen(&inputs.listen)?;
        let mount_roots = mount_roots(&inputs.mount_roots, sources)?;
        let docker = docker(&inputs, sources)?;
        let drain_s = within(&inputs.drain_s, "server.drain_s", 0, 3600)?;
        let interval_s = within(&inputs.interval_s, "watchdog.interval_s", 1, 86_400)?;
        let limits_interval_s = within(&inputs.limits_interval_s, "limits.interval_s", 0, 86_400)?;
        let health = health(&inputs)?;
        let keep_days = within(&inputs.keep_days, "events.keep_days", 1, 3650)?;
        let keep_count = within(&inputs.keep_count, "events.keep_count", 1, 10_000_000)?;
        let log = log(&inputs)?;
        let (types_source, types) = types::load(&inputs, sources)?;
        Ok(Self {
            server: ServerSettings { listen, socket: client.socket, drain: Duration::from_secs(drain_s) },
            data: client.data,
            fleet: FleetSettings {
                types_source,
                catalog: Catalog { prefix: client.prefix, types, mount_roots },
                tokens_dir: paths::tokens_dir(sources),
            },
            docker,
            watchdog_interval: Duration::from_secs(interval_s),
            limits_interval: (limits_interval_s > 0).then(|| Duration::from_secs(limits_interval_s)),
            health,
            events: EventRetention {
                max_age: Duration::from_secs(keep_days * 24 * 3600),
                max_count: keep_count,
            },
            log,
            origins: origins(&inputs),
            config_file: inputs.file,
        })
    }

    /// Every key with the value that holds and where it comes from, in the order of the default file.
    pub fn rows(&self) -> Vec<SettingsRow> {
        let value = |key: &str| match key {
            "server.listen" => self.server.listen.map_or("(Unix socket only)".to_owned(), |a| a.to_string()),
            "server.socket" => self.server.socket.display().to_string(),
            "server.drain_s" => self.server.drain.as_secs().to_string(),
            "data.dir" => self.data.dir().display().to_string(),
            "fleet.prefix" => self.fleet.catalog.prefix.to_string(),
            "fleet.types" => match &self.fleet.types_source {
                TypesSource::File(path) => path.display().to_string(),
                TypesSource::BuiltIn => "(built-in example)".to_owned(),
            },
            "fleet.mount_roots" => list(&self.fleet.catalog.mount_roots),
            "docker.binary" => self.docker.binary.display().to_string(),
            "docker.host" => self.docker.host.clone().unwrap_or("(docker's own choice)".to_owned()),
            "docker.parallel" => self.docker.parallel.to_string(),
            "docker.events" => self.docker.events.to_string(),
            "watchdog.interval_s" => self.watchdog_interval.as_secs().to_string(),
            "limits.interval_s" => self.limits_interval.map_or(0, |interval| interval.as_secs()).to_string(),
            "health.restarts" => self.health.restarts.to_string(),
            "health.window_s" => self.health.window.as_secs().to_string(),
            "events.keep_days" => (self.events.max_age.as_secs() / (24 * 3600)).to_string(),
            "events.keep_count" => self.events.max_count.to_string(),
            "log.level" => self.log.level.clone(),
            "log.format" => self.log.format.to_string(),
            other => unreachable!("origins() lists no key {other}"),
        };
        self.origins
            .iter()
            .map(|(key, origin)| SettingsRow { key, value: value(key), origin: origin.clone() })
            .collect()
    }
}

impl ClientSettings {
    /// Reads what a client needs.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Self::check(&Inputs::gather(sources)?, sources)
    }

    fn check(inputs: &Inputs, sources: &Sources) -> Result<Self, ConfigError> {
        let dir = path(&inputs.data_dir, "data.dir", inputs, sources)?;
        let socket = if inputs.socket.value.is_empty() {
            dir.join("claude-hooks.sock")
        } else {
            path(&inputs.socket, "server.socket", inputs, sources)?
        };
        if socket.as_os_str().len() > SOCKET_PATH_MAX {
            let reason = format!(
                "would put the socket at {}, which is longer than the {SOCKET_PATH_MAX} bytes that Linux takes: \
                 give a shorter server.socket",
                socket.display()
            );
            let (key, origin) = match inputs.socket.value.as_str() {
                "" => ("data.dir", &inputs.data_dir.origin),
                _ => ("server.socket", &inputs.socket.origin),
            };
            return Err(bad(origin, key, reason));
        }
        let prefix = FleetPrefix::parse(&inputs.prefix.value).map_err(|error| {
            bad(&inputs.prefix.origin, "fleet.prefix", format!("is not a prefix: {error}"))
        })?;
        Ok(Self { data: DataPaths::new(dir), socket, prefix })
    }
}

/// `sun_path` holds 108 bytes, one of them the closing NUL.
const SOCKET_PATH_MAX: usize = 107;

fn bad(origin: &Origin, key: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::BadValue { at: origin.clone(), key: key.to_owned(), reason: reason.into() }
}

/// A relative path lies beside the file that says it, else below the working directory.
fn path(
    input: &Sourced<String>,
    key: &str,
    inputs: &Inputs,
    sources: &Sources,
) -> Result<PathBuf, ConfigError> {
    let base = base(&input.origin, inputs, sources);
    paths::expand(&input.value, &base, sources).map_err(|reason| bad(&input.origin, key, reason))
}

pub(super) fn base(origin: &Origin, inputs: &Inputs, sources: &Sources) -> PathBuf {
    let beside = match origin {
        Origin::File { path, .. } => path.parent(),
        Origin::Default => inputs.file.as_deref().and_then(Path::parent),
        Origin::Env(_) | Origin::Flag(_) => None,
    };
    beside.map_or_else(|| sources.working_dir.clone(), Path::to_owned)
}

fn listen(input: &Sourced<String>) -> Result<Option<SocketAddr>, ConfigError> {
    if input.value.is_empty() {
        return Ok(None);
    }
    input.value.parse().map(Some).map_err(|_| {
        let reason = format!(
            "must be an IP address and a port such as 127.0.0.1:7117 or [::1]:0, or \"\" for the Unix socket only; \
             not {:?}",
            input.value
        );
        bad(&input.origin, "server.listen", reason)
    })
}

fn mount_roots(input: &Sourced<Vec<String>>, sources: &Sources) -> Result<Vec<PathBuf>, ConfigError> {
    let mut roots = Vec::new();
    for text in &input.value {
        let refuse = |reason: String| bad(&input.origin, "fleet.mount_roots", reason);
        let root = paths::expand(text, Path::new(""), sources).map_err(refuse)?;
        let plain = root.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_)));
        if !root.is_absolute() || !plain {
            return Err(refuse(format!("must hold absolute directories without '..', not {text:?}")));
        }
        if root == Path::new("/") {
            return Err(refuse("must not hold \"/\": that gives every agent the whole host".to_owned()));
        }
        roots.push(root);
    }
    Ok(roots)
}

fn docker(inputs: &Inputs, sources: &Sources) -> Result<DockerSettings, ConfigError> {
    let named = !inputs.binary.value.contains('/') && !inputs.binary.value.is_empty();
    let binary = if named {
        PathBuf::from(&inputs.binary.value)
    } else {
        path(&inputs.binary, "docker.binary", inputs, sources)?
    };
    let parallel = within(&inputs.parallel, "docker.parallel", 0, 256)?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let parallel = usize::try_from(parallel).ok().and_then(NonZeroUsize::new);
    Ok(DockerSettings {
        binary,
        host: Some(inputs.host.value.clone()).filter(|host| !host.is_empty()),
        parallel: parallel.unwrap_or(NonZeroUsize::MIN.saturating_add(cores + 1)),
        events: inputs.docker_events.value,
    })
}

fn health(inputs: &Inputs) -> Result<HealthBudget, ConfigError> {
    let restarts = within(&inputs.health_restarts, "health.restarts", 1, 10_000)?;
    let window_s = within(&inputs.health_window_s, "health.window_s", 1, 86_400)?;
    let restarts = u32::try_from(restarts).expect("it was just seen to be at most 10,000");
    Ok(HealthBudget { restarts, window: Duration::from_secs(window_s) })
}

fn log(inputs: &Inputs) -> Result<LogSettings, ConfigError> {
    let Inputs { log_level, log_format, .. } = inputs;
    logging::check(&log_level.value)
        .map_err(|error| bad(&log_level.origin, "log.level", format!("is refused: {error}")))?;
    let format = log_format.value.parse().map_err(|_| {
        let known: Vec<String> = LogFormat::iter().map(|format| format.to_string()).collect();
        let reason = format!("must be one of {}, not {:?}", known.join(", "), log_format.value);
        bad(&log_format.origin, "log.format", reason)
    })?;
    Ok(LogSettings { level: log_level.value.clone(), format })
}

fn within(input: &Sourced<i64>, key: &str, min: i64, max: i64) -> Result<u64, ConfigError> {
    let found = Some(input.value).filter(|value| (min..=max).contains(value));
    found.and_then(|value| u64::try_from(value).ok()).ok_or_else(|| {
        bad(&input.origin, key, format!("must lie between {min} and {max}, not {}", input.value))
    })
}

fn list(roots: &[PathBuf]) -> String {
    let roots: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
    if roots.is_empty() { "(none)".to_owned() } else { roots.join(":") }
}

fn origins(inputs: &Inputs) -> Vec<(&'static str, Origin)> {
    vec![
        ("server.listen", inputs.listen.origin.clone()),
        ("server.socket", inputs.socket.origin.clone()),
        ("server.drain_s", inputs.drain_s.origin.clone()),
        ("data.dir", inputs.data_dir.origin.clone()),
        ("fleet.prefix", inputs.prefix.origin.clone()),
        ("fleet.types", inputs.types.origin.clone()),
        ("fleet.mount_roots", inputs.mount_roots.origin.clone()),
        ("docker.binary", inputs.binary.origin.clone()),
        ("docker.host", inputs.host.origin.clone()),
        ("docker.parallel", inputs.parallel.origin.clone()),
        ("docker.events", inputs.docker_events.origin.clone()),
        ("watchdog.interval_s", inputs.interval_s.origin.clone()),
        ("limits.interval_s", inputs.limits_interval_s.origin.clone()),
        ("health.restarts", inputs.health_restarts.origin.clone()),
        ("health.window_s", inputs.health_window_s.origin.clone()),
        ("events.keep_days", inputs.keep_days.origin.clone()),
        ("events.keep_count", inputs.keep_count.origin.clone()),
        ("log.level", inputs.log_level.origin.clone()),
        ("log.format", inputs.log_format.origin.clone()),
    ]
}
