//! The real engine: whether there is one, its command line, and the image of the stories.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::{env, fs, io};

/// The program that the image of the stories is made of.
const AGENT: &str = env!("CARGO_BIN_EXE_claude-hooks-demo-agent");

/// Absolute path of the docker that PATH finds.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path)
            .map(|dir| dir.join("docker"))
            .find(|candidate| candidate.is_file())
            .unwrap_or_else(|| PathBuf::from("docker"))
    })
}

/// An engine as the command line reaches it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Engine {
    /// `None`: the one of this machine, which all stories share.
    host: Option<String>,
}

impl Engine {
    pub(crate) fn at(host: &str) -> Self {
        Self { host: Some(host.to_owned()) }
    }

    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command.args(self.host.iter().flat_map(|host| ["--host", host]));
        command
    }

    /// Runs docker and gives what it said, whatever its exit code.
    pub(crate) fn docker(&self, args: &[&str]) -> Output {
        self.command().args(args).output().expect("docker can be run: the engine answered before")
    }

    /// Runs docker, which must succeed, and gives its trimmed stdout.
    pub(crate) fn docker_ok(&self, args: &[&str]) -> String {
        let output = self.docker(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "docker {args:?} failed ({}): {said}", output.status);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Makes the image of the stories, where it is not there yet.
    pub(crate) fn need_image(&self) {
        if !self.docker(&["image", "inspect", image_name()]).status.success() {
            self.import(image_name());
        }
    }

    fn import(&self, name: &str) {
        let stage = tempfile::tempdir().expect("there is a temporary directory");
        fs::copy(AGENT, stage.path().join("agent")).expect("the temporary directory is writable");
        let mut tar = Command::new("tar")
            .args(["--owner=0", "--group=0", "-cf", "-", "agent"])
            .current_dir(stage.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tar is there");
        let archive = tar.stdout.take().expect("its stdout is piped");
        let output = self
            .command()
            .args(["import", "--change", "ENTRYPOINT [\"/agent\"]", "--change", "CMD [\"run\"]", "-", name])
            .stdin(archive)
            .output()
            .expect("docker can be run");
        let packed = tar.wait().expect("tar was started here");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(packed.success() && output.status.success(), "the test image could not be made: {said}");
    }

    /// Removes every container, volume and image tag whose name begins with `<prefix>-`, whoever made it.
    pub(crate) fn remove_all(&self, prefix: &str) {
        let begin = format!("{prefix}-");
        let names = |args: &[&str]| -> Vec<String> {
            let listed = String::from_utf8_lossy(&self.docker(args).stdout).into_owned();
            listed.lines().filter(|name| name.starts_with(&begin)).map(str::to_owned).collect()
        };
        let all = |verb: &[&str], names: Vec<String>| {
            if !names.is_empty() {
                let args: Vec<&str> = verb.iter().copied().chain(names.iter().map(String::as_str)).collect();
                self.docker(&args);
            }
        };
        all(&["rm", "-f"], names(&["ps", "-a", "--format", "{{.Names}}"]));
        all(&["volume", "rm", "-f"], names(&["volume", "ls", "--format", "{{.Name}}"]));
        all(&["rmi"], names(&["images", "--format", "{{.Repository}}:{{.Tag}}"]));
    }
}

/// Runs docker on the shared engine and gives what it said, whatever its exit code.
pub(crate) fn docker(args: &[&str]) -> Output {
    Engine::default().docker(args)
}

/// Runs docker on the shared engine, which must succeed, and gives its trimmed stdout.
pub(crate) fn docker_ok(args: &[&str]) -> String {
    Engine::default().docker_ok(args)
}

/// Whether stories can be told here. Without an engine they are skipped, loudly; in CI that is a failure.
pub(crate) fn is_there() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    let there = *THERE.get_or_init(|| {
        let answer = Command::new(binary()).args(["version", "--format", "{{.Server.Version}}"]).output();
        answer.is_ok_and(|output| output.status.success())
    });
    if !there {
        let test = std::thread::current().name().unwrap_or("a story").to_owned();
        assert!(env::var_os("CI").is_none(), "{test}: no docker engine answers, and in CI one must");
        // Past the capture of the test harness, so that it is seen.
        let _ =
            writeln!(io::stderr(), "SKIPPED {test}: no docker engine answers (./scripts/install-missing)");
    }
    there
}

/// The image of the demo agent, made once: `/agent` and nothing else; the test command removes it at the end.
pub(crate) fn image() -> &'static str {
    static MADE: OnceLock<()> = OnceLock::new();
    MADE.get_or_init(|| Engine::default().need_image());
    image_name()
}

/// Named by the program's content, so that another build never runs by mistake.
fn image_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let program = fs::read(AGENT).expect("cargo has built the demo agent");
        let mut hasher = DefaultHasher::new();
        hasher.write(&program);
        format!("claude-hooks-test-agent:{:016x}", hasher.finish())
    })
}
