//! An engine of a story's own, which it may stop, kill and start again: nothing of it is shared with the machine's own.
//!
//! It has its own containerd, as an engine has that systemd starts: containers and their shims live on without dockerd.

mod remains;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, io, thread};

use rustix::process::Signal;

use super::daemon::{self, PROGRAM};
use super::engine::{self, Engine};

/// A start with containers to find again, or a stop with some to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything of it is gone when it is dropped, also by a panic.
#[derive(Debug)]
pub(crate) struct PrivateEngine {
    /// Data, sockets, logs; short, since a socket's path is.
    dir: PathBuf,
    live_restore: bool,
    containerd: Child,
    dockerd: Option<Child>,
}

/// How an engine ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Gracefully,
    Killed,
}

impl PrivateEngine {
    /// One that answers; `None`, loudly, where none can be run.
    pub(crate) fn started(live_restore: bool) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        static SWEEP: Once = Once::new();
        if !engine::is_there() || !is_possible() {
            return None;
        }
        SWEEP.call_once(remains::sweep);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = remains::dir(&format!("{}-{number}", std::process::id()));
        fs::create_dir(&dir)
            .expect("the temporary directory is writable, and no other process has our number");
        let at = dir.display();
        let config = format!(
            "version = 2\nroot = '{at}/containerd'\nstate = '{at}/containerd-run'\n\
             disabled_plugins = ['io.containerd.grpc.v1.cri']\n\
             [grpc]\naddress = '{at}/containerd.sock'\n"
        );
        fs::write(dir.join("containerd.toml"), config).expect("the directory is ours");
        fs::write(dir.join("daemon.json"), "{}").expect("the directory is ours");
        let containerd = spawn(&dir, "containerd", &["--config", &format!("{at}/containerd.toml")]);
        let mut engine = Self { dir, live_restore, containerd, dockerd: None };
        engine.start();
        engine.engine().need_image();
        Some(engine)
    }

    /// As the command line reaches it.
    pub(crate) fn engine(&self) -> Engine {
        Engine::at(&format!("unix://{}/docker.sock", self.dir.display()))
    }

    /// Where the files of a volume lie: they can be read and written without an engine.
    pub(crate) fn volume(&self, name: &str) -> PathBuf {
        self.dir.join("data/volumes").join(name).join("_data")
    }

    /// Starts dockerd and waits until it answers.
    #[track_caller]
    pub(crate) fn start(&mut self) {
        assert!(self.dockerd.is_none(), "the story started dockerd twice");
        let at = self.dir.display();
        let mut args = vec![
            format!("--host=unix://{at}/docker.sock"),
            // Empty: the machine's own is not for this one.
            format!("--config-file={at}/daemon.json"),
            format!("--data-root={at}/data"),
            format!("--exec-root={at}/run"),
            format!("--pidfile={at}/docker.pid"),
            format!("--containerd={at}/containerd.sock"),
            format!("--cgroup-parent=/{}", remains::cgroup(&self.dir)),
            "--exec-opt=native.cgroupdriver=cgroupfs".into(),
        ];
        // It alters nothing of the machine's network.
        args.extend(["--bridge=none", "--iptables=false", "--ip-forward=false"].map(str::to_owned));
        args.extend(self.live_restore.then(|| "--live-restore".to_owned()));
        // Killed, it leaves its number behind, which may be another process's by now.
        let _ = fs::remove_file(self.dir.join("docker.pid"));
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.dockerd = Some(spawn(&self.dir, "dockerd", &args));
        let deadline = Instant::now() + PATIENCE;
        let engine = self.engine();
        while !engine.docker(&["version", "--format", "{{.Server.Version}}"]).status.success() {
            let dockerd = self.dockerd.as_mut().expect("it was started just now");
            let ended = dockerd.try_wait().expect("the child is ours");
            assert!(ended.is_none(), "dockerd ended ({ended:?}):\n{}", self.log());
            assert!(Instant::now() < deadline, "dockerd does not answer:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends dockerd and nothing else; what becomes of the containers is its own doing.
    #[track_caller]
    pub(crate) fn end(&mut self, end: End) {
        let mut dockerd = self.dockerd.take().expect("the story started dockerd");
        match end {
            End::Gracefully => {
                daemon::kill(dockerd.id(), Signal::TERM);
                let deadline = Instant::now() + PATIENCE;
                while dockerd.try_wait().expect("the child is ours").is_none() {
                    if Instant::now() >= deadline {
                        self.dockerd = Some(dockerd);
                        panic!("SIGTERM does not end dockerd:\n{}", self.log());
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            }
            End::Killed => kill9(&mut dockerd),
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("dockerd.log")).unwrap_or_default()
    }
}

impl Drop for PrivateEngine {
    fn drop(&mut self) {
        if let Some(mut dockerd) = self.dockerd.take() {
            kill9(&mut dockerd);
        }
        kill9(&mut self.containerd);
        remains::clear(&self.dir);
    }
}

fn kill9(child: &mut Child) {
    daemon::kill(child.id(), Signal::KILL);
    let _ = child.wait();
}

/// A process that dies with this one. A path of the engine is on its command line, by which its remains are known.
fn spawn(dir: &Path, program: &str, args: &[&str]) -> Child {
    let log = File::options().create(true).append(true).open(dir.join(format!("{program}.log")));
    let log = log.expect("the directory is ours");
    let same = log.try_clone().expect("a file can be shared");
    let mut command = Command::new(PROGRAM);
    command.args(["run-tethered", &std::process::id().to_string(), program]).args(args);
    command.stdin(Stdio::null()).stdout(log).stderr(same);
    command.spawn().expect("our program can be run")
}

/// Whether a second engine can be run here: as root, where its programs are.
fn is_possible() -> bool {
    let root = rustix::process::geteuid().is_root();
    let path = env::var_os("PATH").unwrap_or_default();
    let found = |program: &&str| env::split_paths(&path).any(|dir| dir.join(program).is_file());
    let missing = ["dockerd", "containerd"].into_iter().find(|program| !found(program));
    let why = match missing {
        Some(program) => format!("there is no {program}"),
        None if !root => "only root can run one".to_owned(),
        None => return true,
    };
    let test = thread::current().name().unwrap_or("a story").to_owned();
    assert!(!root || env::var_os("CI").is_none(), "{test}: in CI root must have an engine of its own: {why}");
    // Past the capture of the test harness, so that it is seen.
    let _ = io::Write::write_fmt(
        &mut io::stderr(),
        format_args!("SKIPPED {test}: an engine of its own is needed, and {why}\n"),
    );
    false
}
