//! What the tests against the real engine share: CLIs, an image made from nothing, and the cleaning up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use claude_hooks_actors::model::{
    ContainerId, ContainerSpec, FleetId, FleetPrefix, InstanceName, Lifecycle, Limits, ObservedContainer,
    OurLabels, RUNNER_VERSION,
};
use claude_hooks_actors::ports::{ContainerRuntime, CreateRequest, Target};
use claude_hooks_actors::testing::{name, type_name};
use tempfile::TempDir;

use crate::docker::{CliRuntime, DockerSettings};

/// Debian's own CLI and docker's: they are of different ages and say things differently.
const CLIS: [&str; 2] = ["/usr/local/bin/docker", "/usr/bin/docker"];
const BUSYBOX: [&str; 2] = ["/bin/busybox", "/usr/bin/busybox"];
const APPLETS: [&str; 10] = ["sh", "sleep", "echo", "cat", "env", "chown", "stat", "true", "touch", "head"];
pub(super) const CONTAINERS: [&str; 4] = ["ps", "-a", "--format", "{{.Names}}"];
pub(super) const VOLUMES: [&str; 4] = ["volume", "ls", "--format", "{{.Name}}"];

/// Everything that one test makes contains its own prefix and is removed when this is dropped.
pub(super) struct Engine {
    pub(super) cli: PathBuf,
    pub(super) dir: TempDir,
    pub(super) fleet: FleetId,
    pub(super) prefix: FleetPrefix,
    pub(super) image: String,
}

/// One engine per CLI of this machine; none, loudly, without an engine. In CI that is a failure.
pub(super) fn engines() -> Vec<Engine> {
    let clis: Vec<PathBuf> = CLIS.iter().map(PathBuf::from).filter(|cli| cli.exists()).collect();
    let answers = clis.first().is_some_and(|cli| run(cli, &["version"]).0);
    let busybox = BUSYBOX.iter().map(Path::new).find(|path| path.exists());
    if let (true, Some(busybox)) = (answers, busybox) {
        return clis.into_iter().map(|cli| Engine::new(cli, busybox)).collect();
    }
    let lacking = if answers { "busybox-static" } else { "docker engine" };
    assert!(std::env::var_os("CI").is_none(), "no {lacking} here, and in CI there must be one");
    println!("SKIPPED: no {lacking} here; the adapter was NOT tested against it");
    eprintln!("SKIPPED: no {lacking} here; the adapter was NOT tested against it");
    Vec::new()
}

/// Success, standard output and standard error of a plain run of a CLI.
pub(super) fn run(cli: &Path, args: &[&str]) -> (bool, String, String) {
    let output = Command::new(cli).args(args).stdin(Stdio::null()).output().expect("the CLI can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// Writes a program. Through a shell: a descriptor of ours that is open for writing could be inherited by a child that
/// another test is just starting, and then the program could not be run ("text file busy").
pub(super) fn script(path: &Path, text: &str) {
    let mut shell = Command::new("/bin/sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut pipe = shell.stdin.take().expect("stdin was piped");
    std::io::Write::write_all(&mut pipe, format!("#!/bin/sh\n{text}\n").as_bytes()).expect("the shell reads");
    drop(pipe);
    assert!(shell.wait().expect("the shell ends").success());
}

/// Waits up to 5 s for something that another process does.
pub(super) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..250 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within 5 s: {what}");
}

impl Engine {
    fn new(cli: PathBuf, busybox: &Path) -> Self {
        let fleet = FleetId::random();
        let unique = format!("chtest-{}", &fleet.to_string()[..8]);
        let prefix = FleetPrefix::parse(&unique).expect("a prefix");
        let dir = tempfile::tempdir().expect("a temporary directory");
        let engine = Self { cli, dir, fleet, prefix, image: format!("{unique}:1") };
        engine.lay_out(busybox);
        engine.import(&engine.image, &[]);
        engine
    }

    /// The files of an image of busybox alone.
    fn lay_out(&self, busybox: &Path) {
        let bin = self.dir.path().join("image/bin");
        std::fs::create_dir_all(&bin).expect("a directory");
        std::fs::copy(busybox, bin.join("busybox")).expect("busybox");
        for applet in APPLETS {
            std::os::unix::fs::symlink("busybox", bin.join(applet)).expect("a link");
        }
        script(&self.dir.path().join("program"), "exit 1");
    }

    /// Makes an image of busybox under `reference`, which must contain the prefix.
    pub(super) fn import(&self, reference: &str, options: &[&str]) {
        let line =
            "files=$1 reference=$2; shift 2; tar -C \"$files\" -c . | \"$0\" import \"$@\" - \"$reference\"";
        let status = Command::new("/bin/sh")
            .args(["-c", line])
            .arg(&self.cli)
            .arg(self.dir.path().join("image"))
            .arg(reference)
            .args(options)
            .stdout(Stdio::null())
            .status();
        assert!(status.expect("a shell").success(), "the image was not imported");
    }

    pub(super) fn settings(&self) -> DockerSettings {
        DockerSettings {
            binary: self.cli.clone(),
            host: None,
            config_dir: self.dir.path().join("config"),
            token_dir: self.dir.path().to_owned(),
            tethered: false,
            // It is called only by the tests that write another one.
            runner: self.dir.path().join("program"),
            agent_dirs: self.dir.path().join("agents"),
            fleet: self.fleet,
            prefix: self.prefix.clone(),
        }
    }

    pub(super) fn runtime(&self) -> CliRuntime {
        CliRuntime::open(self.settings()).expect("the adapter")
    }

    pub(super) fn labels(&self, instance: &InstanceName) -> OurLabels {
        OurLabels {
            fleet: Some(self.fleet.to_string()),
            instance: Some(instance.to_string()),
            agent_type: Some("dev".into()),
            spec: Some("abc".into()),
            lifecycle: Some("hot".into()),
            volume: None,
        }
    }

    /// A container that sleeps, with nothing special.
    pub(super) fn request(&self, instance: &str) -> CreateRequest {
        let instance = name(instance);
        CreateRequest {
            agent_type: type_name("dev"),
            container_name: self.prefix.container(&instance),
            volume_name: self.prefix.volume(&instance),
            spec: ContainerSpec {
                lifecycle: Lifecycle::Hot,
                image: self.image.clone(),
                command: ["sleep", "600"].map(Into::into).into(),
                user: None,
                env: BTreeMap::new(),
                mounts: Vec::new(),
                network: "none".into(),
                limits: Limits::default(),
                credentials: None,
                token_env: None,
                runner: RUNNER_VERSION,
                agent_socket: false,
            },
            labels: self.labels(&instance),
            instance,
        }
    }

    /// The CLI by itself, for what the adapter must see and did not do.
    pub(super) fn docker(&self, args: &[&str]) -> String {
        let (ok, stdout, stderr) = run(&self.cli, args);
        assert!(ok, "docker {args:?}: {stderr}");
        stdout
    }

    pub(super) async fn one(&self, runtime: &CliRuntime, instance: &str) -> Option<ObservedContainer> {
        self.known(runtime, instance, &[]).await
    }

    pub(super) async fn known(
        &self,
        runtime: &CliRuntime,
        instance: &str,
        known: &[ContainerId],
    ) -> Option<ObservedContainer> {
        let target = Target { name: name(instance), known: known.to_vec() };
        let mut seen = runtime.observe(&[target]).await.expect("a look").containers;
        assert!(seen.len() <= 1, "{seen:?}");
        seen.pop()
    }
}

impl Engine {
    /// Names of the kind that `args` lists which contain the prefix: a test may put something in front of it.
    pub(super) fn left(&self, args: &[&str]) -> Vec<String> {
        let prefix = self.prefix.as_ref();
        let lines = run(&self.cli, args).1;
        lines.lines().filter(|line| line.contains(prefix)).map(Into::into).collect()
    }

    /// Removes every container and volume of this test.
    pub(super) fn clean(&self) {
        for container in self.left(&CONTAINERS) {
            run(&self.cli, &["rm", "-f", &container]);
        }
        for volume in self.left(&VOLUMES) {
            run(&self.cli, &["volume", "rm", &volume]);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.clean();
        for image in self.left(&["images", "--format", "{{.Repository}}:{{.Tag}}"]) {
            run(&self.cli, &["rmi", "-f", &image]);
        }
    }
}
