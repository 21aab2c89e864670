//! What files may say, before anything is checked. The published JSON Schemas are made of these types.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use claude_hooks_actors::model::{HealthAction, Lifecycle, PullPolicy};
use schemars::JsonSchema;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Settings of claude-hooks: one fragment of them. Absent keys keep what the layer below says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "claude-hooks.toml")]
pub(super) struct RawSettings {
    #[serde(default)]
    pub(super) server: RawServer,
    #[serde(default)]
    pub(super) data: RawData,
    #[serde(default)]
    pub(super) fleet: RawFleet,
    #[serde(default)]
    pub(super) docker: RawDocker,
    #[serde(default)]
    pub(super) watchdog: RawWatchdog,
    #[serde(default)]
    pub(super) limits: RawMinding,
    #[serde(default)]
    pub(super) health: RawHealthBudget,
    #[serde(default)]
    pub(super) events: RawEvents,
    #[serde(default)]
    pub(super) log: RawLog,
}

/// Where the daemon listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawServer {
    /// Address and port of the REST API. "" = Unix socket only; port 0 = any free port.
    pub(super) listen: Option<String>,
    /// The Unix socket that the command line uses. "" = `<data dir>/claude-hooks.sock`.
    pub(super) socket: Option<String>,
    /// How many seconds a stop of the daemon waits for tasks that run; what still runs then goes on, and the next start
    /// follows it. Leave a service manager 30 seconds more.
    #[schemars(range(min = 0, max = 3600))]
    pub(super) drain_s: Option<i64>,
}

/// What the daemon keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawData {
    /// Holds agents.db, token, listen, lock and the socket.
    pub(super) dir: Option<String>,
}

/// The agents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFleet {
    /// What the names of our containers and volumes begin with.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,62}$"))]
    pub(super) prefix: Option<String>,
    /// The file that declares the types of agents.
    pub(super) types: Option<String>,
    /// Absolute directories below which a mount may be asked for through the API.
    pub(super) mount_roots: Option<Vec<String>>,
}

/// How docker is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDocker {
    /// The command line of docker, or podman: a name looked up in PATH, or an absolute path.
    pub(super) binary: Option<String>,
    /// Where the engine listens. "" = what `DOCKER_HOST` or docker's context says.
    pub(super) host: Option<String>,
    /// How many docker calls of bulk work run at once. 0 = cores + 2.
    #[schemars(range(min = 0, max = 256))]
    pub(super) parallel: Option<i64>,
    /// Follow `docker events`.
    pub(super) events: Option<bool>,
}

/// The regular look at the whole fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWatchdog {
    /// Seconds between two looks.
    #[schemars(range(min = 1, max = 86400))]
    pub(super) interval_s: Option<i64>,
}

/// What the agents use of their limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMinding {
    /// Seconds between two samples. 0 = never.
    #[schemars(range(min = 0, max = 86400))]
    pub(super) interval_s: Option<i64>,
}

/// How often agents may be restarted because their health checks fail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHealthBudget {
    /// Restarts of the whole fleet within a window; then one a window until all that were concerned are healthy.
    #[schemars(range(min = 1, max = 10_000))]
    pub(super) restarts: Option<i64>,
    /// Seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub(super) window_s: Option<i64>,
}

/// How much of the event log is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvents {
    /// Days.
    #[schemars(range(min = 1, max = 3650))]
    pub(super) keep_days: Option<i64>,
    /// Events.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(super) keep_count: Option<i64>,
}

/// What the daemon logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLog {
    /// error, warn, info, debug, trace or off, also per module.
    pub(super) level: Option<String>,
    /// How log lines look. auto = the journal of systemd where stderr leads there, else text.
    #[schemars(with = "Option<LogFormatWord>")]
    pub(super) format: Option<String>,
}

/// The types of agents.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "agents.json")]
pub(super) struct RawTypes {
    /// For editors.
    #[serde(rename = "$schema", default)]
    pub(super) schema: Option<String>,
    /// Kinds of agents by name: `[a-z0-9][a-z0-9-]{0,62}`.
    #[serde(deserialize_with = "each_once")]
    pub(super) types: BTreeMap<String, RawType>,
}

/// One kind of agent.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawType {
    /// `hot`: always running. `lazy`: exists but stopped until work arrives.
    #[schemars(with = "Option<LifecycleWord>")]
    pub(super) lifecycle: Option<Lifecycle>,
    /// How long a lazy instance stays up without work, in seconds. Default 1800.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub(super) idle_timeout_s: Option<u64>,
    /// How its agents are checked, and what is done about one that is not well. Without it docker's own HEALTHCHECK is told,
    /// and nothing is done about it.
    pub(super) health: Option<RawHealth>,
    /// How much the state of one instance should take at most: bytes, or a text such as "512m" or "10g". It is told, not
    /// enforced.
    #[schemars(with = "Option<MemoryWord>")]
    pub(super) state_limit: Option<serde_json::Value>,
    pub(super) container: RawContainer,
    /// Host path of the credentials file, mounted read-only; `~` is the home directory.
    pub(super) credentials: Option<String>,
    /// Variable that receives the type's token.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub(super) token_env: Option<String>,
    /// Names the account of its agents, where `credentials` does not tell it: agents that share one are reopened one after the
    /// other when they were parked.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,62}$"))]
    pub(super) account: Option<String>,
}

/// Health of a type's agents. A change of it replaces no container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHealth {
    /// A command that is run in the container; exit code 0 is healthy. Without it only docker's HEALTHCHECK counts.
    pub(super) probe: Option<Vec<String>>,
    /// Seconds between two checks. Default 30.
    #[schemars(range(min = 1, max = 86_400))]
    pub(super) interval_s: Option<u64>,
    /// Seconds after which a probe is ended and has failed. Default 5.
    #[schemars(range(min = 1, max = 3600))]
    pub(super) timeout_s: Option<u64>,
    /// How many failures in a row are unhealthy. Default 3.
    #[schemars(range(min = 1, max = 1000))]
    pub(super) threshold: Option<u32>,
    /// For how many seconds after a start failures do not count, unless it has passed before. Default 60.
    #[schemars(range(min = 0, max = 86_400))]
    pub(super) startup_s: Option<u64>,
    /// For how many seconds it must have printed nothing before it is restarted. Default 60; 0: output does not matter.
    #[schemars(range(min = 0, max = 86_400))]
    pub(super) quiet_s: Option<u64>,
    /// `restart` (the default): an unhealthy one is restarted. `monitor`: it is only told.
    #[schemars(with = "Option<HealthActionWord>")]
    pub(super) action: Option<HealthAction>,
    /// true: a lease does not keep it from being restarted. A task that runs always does. Default false.
    pub(super) under_lease: Option<bool>,
}

/// What the containers of a type have in common.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawContainer {
    /// false: host mode, rows without containers. Default true.
    pub(super) enabled: Option<bool>,
    /// Needed unless `enabled` is false.
    pub(super) image: Option<String>,
    /// When the image may be fetched from a registry. Default never.
    #[schemars(with = "Option<PullWord>")]
    pub(super) pull: Option<PullPolicy>,
    /// Empty: what the image says.
    #[serde(default)]
    pub(super) command: Vec<String>,
    /// `user`, `uid` or `uid:gid`. Default: what the image says.
    pub(super) user: Option<String>,
    /// Plain settings; secrets do not belong here.
    #[serde(default, deserialize_with = "each_once")]
    pub(super) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) mounts: Vec<RawMount>,
    /// A docker network. Default `bridge`.
    pub(super) network: Option<String>,
    #[serde(default)]
    pub(super) limits: RawLimits,
    /// A socket in each container, at /.claude-hooks/agent/socket, by which the agent parks itself, asks for a person and tells
    /// how far it is. Default false; a change of it replaces the containers.
    #[serde(default)]
    pub(super) agent_socket: bool,
}

/// One bind mount.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMount {
    /// Absolute path on the host; `~` is the home directory.
    pub(super) source: String,
    /// Absolute path in the container.
    pub(super) target: String,
    #[serde(default)]
    pub(super) read_only: bool,
}

/// Upper bounds of one container; absent is no bound.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    /// Bytes, or a text such as "512m" or "4g".
    #[schemars(with = "Option<MemoryWord>")]
    pub(super) memory: Option<serde_json::Value>,
    /// Processors, such as 2 or 0.5.
    #[schemars(range(min = 0.01, max = 1024.0))]
    pub(super) cpus: Option<f64>,
    /// Processes and threads.
    #[schemars(range(min = 1))]
    pub(super) pids: Option<u32>,
}

/// A map whose keys are said once: the second of two copies would silently win.
fn each_once<'de, D, V>(deserializer: D) -> Result<BTreeMap<String, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    struct Once<V>(PhantomData<V>);
    impl<'de, V: Deserialize<'de>> Visitor<'de> for Once<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(key) = access.next_key::<String>()? {
                let value = access.next_value()?;
                if map.insert(key.clone(), value).is_some() {
                    return Err(A::Error::custom(format!("{key:?} is there twice")));
                }
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Once(PhantomData))
}

/// Stands for [`Lifecycle`] in the schema: the domain does not know schemars.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum LifecycleWord {
    Hot,
    Lazy,
}

/// Stands for [`HealthAction`] in the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum HealthActionWord {
    Monitor,
    Restart,
}

/// Stands for [`PullPolicy`] in the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum PullWord {
    Never,
    Missing,
    Always,
}

/// Stands for a log format in the schema.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum LogFormatWord {
    Auto,
    Text,
    Json,
    Journal,
}

/// Stands for a size in the schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum MemoryWord {
    Bytes(u64),
    Text(#[schemars(regex(pattern = r"^[0-9]+([bB]|[kmgtKMGT]([iI]?[bB])?)?$"))] String),
}
