//! A registry on loopback, which docker trusts without TLS.

use std::env;
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Where `scripts/install-missing` lays it down.
const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/docker-registry");

/// Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Registry {
    program: PathBuf,
    dir: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Registry {
    /// One that answers; `None`, loudly, where the program is missing; in CI that is a failure.
    pub(crate) fn started() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let found =
            env::split_paths(&path).map(|dir| dir.join("docker-registry")).find(|program| program.is_file());
        let Some(program) = found.or_else(|| Some(PathBuf::from(OURS)).filter(|program| program.is_file()))
        else {
            let test = thread::current().name().unwrap_or("a story").to_owned();
            assert!(
                env::var_os("CI").is_none(),
                "{test}: docker-registry is missing, and in CI it must be there"
            );
            // Past the capture of the test harness, so that it is seen.
            let _ =
                writeln!(io::stderr(), "SKIPPED {test}: no docker-registry here (./scripts/install-missing)");
            return None;
        };
        let dir = tempfile::tempdir().expect("there is a temporary directory");
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let mut registry = Self { program, dir, port, child: None };
        registry.start();
        Some(registry)
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("config.yml")
    }

    pub(crate) fn start(&mut self) {
        let data = self.dir.path().join("data");
        let text = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\n\
             http: {{ addr: \"127.0.0.1:{}\" }}\n",
            data.display(),
            self.port
        );
        std::fs::write(self.config(), text).expect("the directory is ours");
        self.child = Some(serve(&self.program, &self.config()));
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "the registry does not answer");
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended already is fine.
            let _ = child.kill();
            child.wait().expect("it was started here");
        }
    }

    /// `127.0.0.1:<port>/<name>`.
    pub(crate) fn reference(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }
}

fn serve(program: &Path, config: &Path) -> Child {
    let mut command = Command::new(program);
    command.arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the registry can be run")
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.stop();
    }
}
