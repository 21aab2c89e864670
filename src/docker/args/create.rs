//! The arguments of `docker create`, and the env file that goes with them on stdin.

use std::collections::BTreeMap;

use claude_hooks_actors::model::{
    AGENT_DIR, CREDENTIALS_PATH, Lifecycle, Limits, RUNNER_PATH, RestartPolicy, STATE_DIR,
};
use claude_hooks_actors::ports::CreateRequest;

use super::{label_args, words};

/// A request whose paths were looked up on this machine.
#[derive(Debug)]
pub(in super::super) struct Create<'a> {
    pub(in super::super) request: &'a CreateRequest,
    /// Source (links followed), target, read-only; in the order of the spec.
    pub(in super::super) mounts: &'a [(String, String, bool)],
    pub(in super::super) credentials: Option<&'a str>,
    /// Our program on the engine's host; `None`: it is copied into the container afterwards.
    pub(in super::super) runner: Option<&'a str>,
    /// The directory on the engine's host that holds the agent's own socket.
    pub(in super::super) agent_dir: Option<&'a str>,
    /// True if an env file comes on stdin.
    pub(in super::super) env_file: bool,
}

pub(in super::super) fn create(create: &Create<'_>) -> Vec<String> {
    let spec = &create.request.spec;
    let policy = match spec.lifecycle {
        Lifecycle::Hot => RestartPolicy::UnlessStopped,
        Lifecycle::Lazy => RestartPolicy::No,
    };
    let mut args = words(["create", "--name", &create.request.container_name]);
    args.extend(label_args(&create.request.labels));
    // Without an init a pid 1 that ignores SIGTERM takes the whole grace of every stop.
    args.extend(words(["--pull", "never", "--restart", &policy.to_string(), "--init"]));
    args.extend(words(["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]));
    // Named, because the options that bound the size are this driver's own.
    args.extend(words(["--log-driver", "json-file", "--log-opt", "max-size=10m", "--log-opt", "max-file=3"]));
    args.extend(words(["--network", &spec.network]));
    args.extend(limits(&spec.limits));
    if let Some(user) = &spec.user {
        args.extend(words(["--user", user]));
    }
    args.extend(words(["--mount", &mount("volume", &create.request.volume_name, STATE_DIR, false)]));
    if let Some(source) = create.credentials {
        args.extend(words(["--mount", &mount("bind", source, CREDENTIALS_PATH, true)]));
    }
    if let Some(source) = create.runner {
        args.extend(words(["--mount", &mount("bind", source, RUNNER_PATH, true)]));
    }
    if let Some(source) = create.agent_dir {
        // Read-only: what is in it can be spoken to, and nothing else is written on the host.
        args.extend(words(["--mount", &mount("bind", source, AGENT_DIR, true)]));
    }
    for (source, target, read_only) in create.mounts {
        args.extend(words(["--mount", &mount("bind", source, target, *read_only)]));
    }
    if create.env_file {
        args.extend(words(["--env-file", "/dev/stdin"]));
    }
    args.push(spec.image.clone());
    args.extend_from_slice(&spec.command);
    args
}

fn limits(limits: &Limits) -> Vec<String> {
    let mut args = Vec::new();
    if let Some(bytes) = limits.memory_bytes {
        args.extend(words(["--memory", &bytes.to_string()]));
    }
    if let Some(milli) = limits.milli_cpus {
        args.extend(words(["--cpus", &format!("{}.{:03}", milli / 1000, milli % 1000)]));
    }
    if let Some(pids) = limits.pids {
        args.extend(words(["--pids-limit", &pids.to_string()]));
    }
    args
}

/// The value of `--mount`: one line of CSV.
pub(super) fn mount(kind: &str, source: &str, target: &str, read_only: bool) -> String {
    let fields = [format!("type={kind}"), format!("src={source}"), format!("dst={target}")];
    let read_only = read_only.then(|| "readonly".to_owned());
    let fields: Vec<String> = fields.into_iter().chain(read_only).map(|field| csv(&field)).collect();
    fields.join(",")
}

fn csv(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}

/// The env file: the plain settings, then the token, which wins over a setting of its name.
///
/// Always `NAME=value`: a bare name would be copied from our own environment. Names and values were checked.
pub(in super::super) fn env_file(
    env: &BTreeMap<String, String>,
    token: Option<(&str, &str)>,
) -> Option<Vec<u8>> {
    let plain = env.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let plain = plain.filter(|(key, _)| token.is_none_or(|(name, _)| name != *key));
    let mut file = String::new();
    for (key, value) in plain.chain(token) {
        file.extend([key, "=", value, "\n"]);
    }
    (!file.is_empty()).then(|| file.into_bytes())
}
