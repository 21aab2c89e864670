//! What the adapter must be told, and its one own directory.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use claude_hooks_actors::model::{FleetId, FleetPrefix};

/// Everything the adapter needs to know, validated by the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerSettings {
    /// `docker`, `podman` or a path to one.
    pub binary: PathBuf,
    /// The engine's address; `None`: what `DOCKER_HOST` or `DOCKER_CONTEXT` say, else the CLI's default.
    pub host: Option<String>,
    /// Our own, otherwise empty `DOCKER_CONFIG`: the operator's may inject proxies, with passwords, into containers.
    pub config_dir: PathBuf,
    /// One token file per type.
    pub token_dir: PathBuf,
    /// Start what follows docker through our own program, so that it dies with this process.
    pub tethered: bool,
    /// The copy of our own static program that containers run tasks with and volumes are handed over by, alone in its
    /// directory: it stays when the program is replaced.
    pub runner: PathBuf,
    /// Holds a directory per instance, for its own socket.
    pub agent_dirs: PathBuf,
    pub fleet: FleetId,
    pub prefix: FleetPrefix,
}

/// How long a call may take. The figures are those of DESIGN, "Failure rules".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// List and inspect.
    pub look: Duration,
    /// Create, start, remove and every other change.
    pub change: Duration,
    /// Stop: this much beyond the grace.
    pub stop_beyond_grace: Duration,
    /// Not in DESIGN: an image of some gigabytes over a slow line.
    pub pull: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(10),
            change: Duration::from_secs(30),
            stop_beyond_grace: Duration::from_secs(15),
            pull: Duration::from_mins(30),
        }
    }
}

/// Makes our docker config directory: an empty `config.json` and the operator's contexts, nothing else of his.
///
/// Contexts hold addresses and certificates only; without them `DOCKER_CONTEXT` could name none.
pub(super) fn prepare_config_dir(own: &Path, operators_contexts: Option<&Path>) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(own)?;
    let config = own.join("config.json");
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config) {
        Ok(mut file) => file.write_all(b"{}\n")?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::write(&config, b"{}\n")?,
        Err(error) => return Err(error),
    }
    let link = own.join("contexts");
    match fs::remove_file(&link) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    match operators_contexts {
        Some(contexts) if contexts.is_dir() => symlink(contexts, link),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_docker_config_is_empty_whatever_was_there() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let own = dir.path().join("a/docker");
        let contexts = dir.path().join("contexts");
        fs::create_dir(&contexts).expect("the operator's contexts");
        prepare_config_dir(&own, Some(&contexts)).expect("a first time");
        fs::write(own.join("config.json"), r#"{"proxies":{}}"#).expect("somebody meddles");
        prepare_config_dir(&own, Some(&contexts)).expect("a second time");
        assert_eq!(fs::read_to_string(own.join("config.json")).expect("our config"), "{}\n");
        assert_eq!(fs::read_link(own.join("contexts")).expect("a link"), contexts);
        prepare_config_dir(&own, None).expect("without contexts");
        assert!(!own.join("contexts").exists());
    }
}
