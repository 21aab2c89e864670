//! Which variables a CLI process sees: a short list, on purpose.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::settings::DockerSettings;

/// Passed on if they are set: how to find the engine, and what ssh and podman need to reach it.
///
/// `HTTP_PROXY` and its like are not among them: podman copies them into every container.
const PASSED: [&str; 15] = [
    "PATH",
    "HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSH_AUTH_SOCK",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_API_VERSION",
    "CONTAINER_HOST",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
];

/// The whole environment of a CLI process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Environment {
    pub(super) vars: Vec<(&'static str, OsString)>,
    /// Where the operator's own docker configuration lies.
    pub(super) operators_config: Option<PathBuf>,
}

impl Environment {
    /// Chooses from what `lookup` (the daemon's environment) has.
    pub(super) fn new(settings: &DockerSettings, lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let lookup = |key: &str| lookup(key).filter(|value| !value.is_empty());
        let home_config = || lookup("HOME").map(|home| Path::new(&home).join(".docker"));
        let operators_config = lookup("DOCKER_CONFIG").map(PathBuf::from).or_else(home_config);
        let mut vars: Vec<(&'static str, OsString)> =
            PASSED.into_iter().filter_map(|key| lookup(key).map(|value| (key, value))).collect();
        if let Some(host) = &settings.host {
            // A context would be another answer to the same question.
            vars.retain(|(key, _)| !["DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"].contains(key));
            vars.push(("DOCKER_HOST", host.into()));
            vars.push(("CONTAINER_HOST", host.into()));
        }
        let has = |vars: &[(&str, OsString)], key: &str| vars.iter().any(|(known, _)| *known == key);
        let tls = has(&vars, "DOCKER_TLS") || has(&vars, "DOCKER_TLS_VERIFY");
        if tls && !has(&vars, "DOCKER_CERT_PATH") {
            // The CLI looks for certificates in its config directory, and ours has none.
            vars.extend(operators_config.clone().map(|dir| ("DOCKER_CERT_PATH", dir.into())));
        }
        vars.push(("DOCKER_CONFIG", settings.config_dir.clone().into()));
        vars.push(("DOCKER_CLI_HINTS", "false".into()));
        Self { vars, operators_config }
    }

    /// For calls that end soon, which are nearly all: their time is that of a Go program that comes to life, and a fifth
    /// of it is garbage collected for nothing (measured, CLI 28.2). At 400 the first collection comes at 16 MiB instead of
    /// 4, so few calls live to see it, and one that prints thousands of containers stays bounded.
    pub(super) fn for_short_calls(&self) -> Self {
        let mut other = self.clone();
        other.vars.push(("GOGC", "400".into()));
        other
    }

    /// For `pull` only: the operator's registry logins, on the same engine as every other call.
    pub(super) fn with_logins(&self) -> Self {
        let mut other = self.clone();
        let Some(dir) = &self.operators_config else { return other };
        other.vars.retain(|(key, _)| *key != "DOCKER_CONFIG");
        other.vars.push(("DOCKER_CONFIG", dir.clone().into()));
        let pinned = |(key, _): &(&str, OsString)| *key == "DOCKER_HOST" || *key == "DOCKER_CONTEXT";
        if !other.vars.iter().any(pinned) {
            // `currentContext` of that config could name another engine.
            other.vars.push(("DOCKER_CONTEXT", "default".into()));
        }
        other
    }

    /// The socket on this machine that the CLI is told to talk to.
    pub(super) fn socket(&self) -> Option<PathBuf> {
        let host = self.vars.iter().find(|(key, _)| *key == "DOCKER_HOST" || *key == "CONTAINER_HOST")?;
        host.1.to_str()?.strip_prefix("unix://").map(PathBuf::from)
    }

    /// Whether the engine certainly sees this machine's files: it listens on a socket here. A context may name any engine.
    pub(super) fn engine_is_here(&self) -> bool {
        let value = |key| self.vars.iter().find(|(known, _)| *known == key).map(|(_, value)| value);
        match value("DOCKER_HOST").or_else(|| value("CONTAINER_HOST")) {
            Some(_) => self.socket().is_some(),
            None => value("DOCKER_CONTEXT").is_none_or(|context| context == "default"),
        }
    }

    /// The operator's contexts, if one of them is asked for.
    pub(super) fn contexts(&self) -> Option<PathBuf> {
        let asked = self.vars.iter().any(|(key, _)| *key == "DOCKER_CONTEXT");
        self.operators_config.as_ref().filter(|_| asked).map(|dir| dir.join("contexts"))
    }
}

#[cfg(test)]
mod tests;
