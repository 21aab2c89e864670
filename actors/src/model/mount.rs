//! Bind mounts, and which of them are never allowed.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One bind mount of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// Absolute path on the host; it must exist when the container is made.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub source: PathBuf,
    /// Absolute path in the container.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub target: PathBuf,
    #[serde(default)]
    pub read_only: bool,
}

/// Why a mount is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    #[error("{path:?} is not an absolute path without '.' and '..' and without ',' or control characters")]
    NotPlain { path: PathBuf },
    #[error("{path:?} would give the container the host itself or the docker socket")]
    TooPowerful { path: PathBuf },
    #[error("{path:?} is taken: claude-hooks itself mounts there")]
    Reserved { path: PathBuf },
    #[error(
        "{path:?} lies under none of the roots that the config allows for mounts made through the API ([fleet] mount_roots)"
    )]
    OutsideRoots { path: PathBuf },
}

/// Directories that hold the docker or containerd socket, or all of the host.
const TOO_POWERFUL: [&str; 11] = [
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd",
    "/var/run/containerd",
    "/run/docker",
    "/var/run/docker",
    "/run/podman",
    "/var/run/podman",
    "/var/lib/docker",
    "/proc",
    "/sys",
];

/// Where every container has a mount of ours.
pub const STATE_DIR: &str = "/state";
/// Where the type's credentials file is mounted, read-only.
pub const CREDENTIALS_PATH: &str = "/home/claude/.config/claude-code/.credentials.json";
/// What every container holds of ours, and nothing else.
pub const RUNNER_DIR: &str = "/.claude-hooks";
/// Our program in every container, read-only, which runs tasks there.
pub const RUNNER_PATH: &str = "/.claude-hooks/runner";

/// Where an agent finds the socket by which it tells of itself, if its type has one.
pub const AGENT_DIR: &str = "/.claude-hooks/agent";
/// The socket's name in there, and in the directory of the host that is mounted.
pub const AGENT_SOCKET: &str = "socket";

impl Mount {
    /// Checks what can be checked without a file system: plain absolute paths, no host root, no docker socket (nor a
    /// directory above it), no target that we use ourselves.
    pub fn check(&self) -> Result<(), MountError> {
        plain(&self.source)?;
        plain(&self.target)?;
        Self::check_source(&self.source)?;
        let reserved = [STATE_DIR, CREDENTIALS_PATH, RUNNER_DIR];
        if self.target == Path::new("/") || reserved.iter().any(|r| self.target.starts_with(r)) {
            return Err(MountError::Reserved { path: self.target.clone() });
        }
        Ok(())
    }

    /// The part of [`Mount::check`] that must be asked again after symbolic links were followed.
    pub fn check_source(source: &Path) -> Result<(), MountError> {
        let powerful = source == Path::new("/")
            || source.file_name().is_some_and(|name| name == "docker.sock")
            || TOO_POWERFUL.iter().map(Path::new).any(|p| p.starts_with(source) || source.starts_with(p));
        if powerful {
            return Err(MountError::TooPowerful { path: source.to_owned() });
        }
        Ok(())
    }

    /// For mounts that come through the API: the source must lie under one of `roots`.
    pub fn check_roots(&self, roots: &[PathBuf]) -> Result<(), MountError> {
        if roots.iter().any(|root| self.source.starts_with(root)) {
            return Ok(());
        }
        Err(MountError::OutsideRoots { path: self.source.clone() })
    }
}

/// A comma would end the value in docker's `--mount`.
fn plain(path: &Path) -> Result<(), MountError> {
    let normal = path.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_)));
    let text = path.to_str().unwrap_or("\u{0}");
    let odd = text.chars().any(|c| c.is_control() || c == ',' || c == '"');
    if path.is_absolute() && normal && !odd && !text.contains("/./") {
        return Ok(());
    }
    Err(MountError::NotPlain { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(source: &str, target: &str) -> Mount {
        Mount { source: source.into(), target: target.into(), read_only: false }
    }

    #[test]
    fn the_host_and_the_docker_socket_are_never_mounted() {
        for source in
            ["/", "/var", "/run", "/var/run", "/var/run/docker.sock", "/tmp/docker.sock", "/proc/1/root"]
        {
            let refused = mount(source, "/x").check();
            assert!(matches!(refused, Err(MountError::TooPowerful { .. })), "{source}: {refused:?}");
        }
        assert_eq!(mount("/srv/code", "/work").check(), Ok(()));
    }

    #[test]
    fn a_path_that_docker_could_read_otherwise_is_refused() {
        for source in ["relative", "/a/../b", "/a,ro=false", "/a\nb", ""] {
            let refused = mount(source, "/x").check();
            assert!(matches!(refused, Err(MountError::NotPlain { .. })), "{source}: {refused:?}");
        }
    }

    #[test]
    fn our_own_targets_are_taken() {
        for target in ["/", "/state", "/state/sub", CREDENTIALS_PATH] {
            let refused = mount("/srv", target).check();
            assert!(matches!(refused, Err(MountError::Reserved { .. })), "{target}: {refused:?}");
        }
    }

    #[test]
    fn a_mount_from_the_api_lies_under_an_allowed_root() {
        let roots = [PathBuf::from("/srv/code")];
        assert_eq!(mount("/srv/code/a", "/w").check_roots(&roots), Ok(()));
        assert!(mount("/srv/codex", "/w").check_roots(&roots).is_err());
        assert!(mount("/srv/code", "/w").check_roots(&[]).is_err());
    }
}
