//! A few plain docker calls, each with a deadline.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::process::Command;

use super::facts::{DiskRoot, Engine, EngineClock, ImageState};
use super::files::free_bytes;

/// The CLI hangs for ever on an engine that accepts and does not answer.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// How to call docker.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) binary: PathBuf,
    pub(super) host: Option<String>,
    pub(super) deadline: Duration,
}

#[derive(Clone, Debug)]
enum Ran {
    Done(String),
    /// Exit code other than 0: standard output and standard error.
    Failed(String, String),
    Late,
    NotStarted(String),
}

impl Probe {
    async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(&self.binary);
        if let Some(host) = &self.host {
            command.arg("--host").arg(host);
        }
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true).process_group(0);
        match tokio::time::timeout(self.deadline, command.output()).await {
            Err(_) => Ran::Late,
            Ok(Err(error)) => Ran::NotStarted(error.to_string()),
            Ok(Ok(output)) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
                let (out, err) = (text(&output.stdout), text(&output.stderr));
                if output.status.success() { Ran::Done(out) } else { Ran::Failed(out, err) }
            }
        }
    }

    pub(super) async fn engine(&self) -> Engine {
        // `--format json` is unknown to the 20.10 CLI.
        let (version, told) = match self.run(&["version", "--format", "{{json .}}"]).await {
            Ran::Done(out) => (out, None),
            Ran::Failed(out, err) => (out, Some(err)),
            Ran::Late => (String::new(), Some(self.late())),
            Ran::NotStarted(error) => (String::new(), Some(error)),
        };
        let version: Value = serde_json::from_str(&version).unwrap_or_default();
        let word = |side: &str| version[side]["Version"].as_str().map(ToOwned::to_owned);
        let client = word("Client");
        if let Some(told) = told {
            return Engine::Refused { client, told };
        }
        let asked = self.run(&["info", "--format", "{{json .}}"]).await;
        let ours = Timestamp::now();
        let info: Value = match asked {
            Ran::Done(out) => serde_json::from_str(&out).unwrap_or_default(),
            Ran::Failed(_, told) | Ran::NotStarted(told) => return Engine::Refused { client, told },
            Ran::Late => return Engine::Refused { client, told: self.late() },
        };
        let clock = info["SystemTime"].as_str().and_then(|text| text.parse().ok());
        let root = info["DockerRootDir"].as_str().map(PathBuf::from);
        Engine::Reached {
            client,
            server: word("Server"),
            clock: clock.map(|theirs| EngineClock { theirs, ours }),
            root: root.map(|path| DiskRoot {
                free_bytes: path.exists().then(|| free_bytes(&path)).flatten(),
                path,
            }),
        }
    }

    pub(super) async fn image(&self, reference: &str) -> ImageState {
        match self.run(&["image", "inspect", "--format", "{{.Id}}", reference]).await {
            Ran::Done(id) => ImageState::Present(id),
            Ran::Failed(_, err) if is_no_such_image(&err) => ImageState::Absent,
            Ran::Failed(_, err) | Ran::NotStarted(err) => ImageState::Unknown(err),
            Ran::Late => ImageState::Unknown(self.late()),
        }
    }

    fn late(&self) -> String {
        format!("no answer within {:?}", self.deadline)
    }
}

/// docker's words, and podman's.
fn is_no_such_image(stderr: &str) -> bool {
    let words = stderr.to_lowercase();
    words.contains("no such image") || words.contains("image not known")
}

/// The file that a shell would run: `binary` itself if it is a path, else the first of PATH that may be executed.
pub(super) fn find(binary: &Path, path: Option<&str>) -> Option<PathBuf> {
    let executable = |file: &Path| -> io::Result<bool> {
        let runs = rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok();
        Ok(std::fs::metadata(file)?.is_file() && runs)
    };
    if binary.components().count() > 1 {
        return executable(binary).unwrap_or(false).then(|| binary.to_owned());
    }
    let dirs = std::env::split_paths(path?).collect::<Vec<_>>();
    dirs.into_iter().map(|dir| dir.join(binary)).find(|file| executable(file).unwrap_or(false))
}
