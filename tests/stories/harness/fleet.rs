//! One fleet of a story: its directory, its config, its daemon and all it makes in docker.

mod api;

pub(crate) use api::Done;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::daemon::{self, Daemon};
use super::engine::{self, Engine};
use super::faults::Faults;
use super::types::TypeDecl;

/// Boot passes of a story that share two cores with other stories.
const READY: Duration = Duration::from_mins(1);
/// A stop with its grace, or a refused start.
const END: Duration = Duration::from_mins(1);

/// Everything it made in docker is removed when it is dropped, also by a panic.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) prefix: String,
    engine: Engine,
    dir: TempDir,
    types: BTreeMap<String, Value>,
    settings: BTreeMap<(String, String), Value>,
    faults: Option<Faults>,
    env: BTreeMap<String, String>,
    daemon: Option<Daemon>,
}

impl Fleet {
    /// A fleet that is not started yet; `None`, loudly, where no engine is.
    pub(crate) fn new(types: impl IntoIterator<Item = TypeDecl>) -> Option<Self> {
        engine::is_there().then(|| Self::on(Engine::default(), types))
    }

    /// The same on an engine of the story's own, which answers.
    pub(crate) fn on(engine: Engine, types: impl IntoIterator<Item = TypeDecl>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let prefix = format!("cht-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = tempfile::tempdir().expect("there is a temporary directory");
        let types = types.into_iter().map(|declared| (declared.name, declared.value)).collect();
        let (settings, env) = (BTreeMap::new(), BTreeMap::new());
        let mut fleet = Self { prefix, engine, dir, types, settings, faults: None, env, daemon: None };
        fleet.set("server", "listen", "127.0.0.1:0");
        fleet.set("data", "dir", fleet.data().to_string_lossy().into_owned());
        fleet.set("fleet", "prefix", fleet.prefix.clone());
        fleet.set("fleet", "types", "agents.json");
        fleet.set("docker", "binary", engine::binary().to_string_lossy().into_owned());
        if let Some(host) = fleet.engine.host().map(str::to_owned) {
            fleet.set("docker", "host", host);
        }
        fs::create_dir_all(fleet.home()).expect("the temporary directory is writable");
        fleet
    }

    /// A fleet whose daemon is ready.
    pub(crate) fn started(types: impl IntoIterator<Item = TypeDecl>) -> Option<Self> {
        let mut fleet = Self::new(types)?;
        fleet.start();
        Some(fleet)
    }

    /// One key of the config file; holds from the next start on.
    pub(crate) fn set(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        self.settings.insert((section.to_owned(), key.to_owned()), value.into());
    }

    pub(crate) fn unset(&mut self, section: &str, key: &str) {
        self.settings.remove(&(section.to_owned(), key.to_owned()));
    }

    /// Declares a type, or declares it anew; holds from the next start on.
    pub(crate) fn declare(&mut self, declared: TypeDecl) {
        self.types.insert(declared.name, declared.value);
    }

    /// A variable of the daemon and of the command line.
    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Docker only through a script that fails on demand.
    pub(crate) fn with_faults(&mut self) {
        let faults = Faults::install(&self.path("faults"));
        self.set("docker", "binary", faults.program().to_string_lossy().into_owned());
        self.faults = Some(faults);
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.faults.as_ref().expect("the story called with_faults()")
    }

    /// Only the watchdog's rounds notice anything, every `seconds`.
    pub(crate) fn without_docker_events(&mut self, seconds: u32) {
        self.set("docker", "events", false);
        self.set("watchdog", "interval_s", seconds);
    }

    /// Lays down the token of a type where the daemon looks for it.
    pub(crate) fn give_token(&self, agent_type: &str, token: &str) {
        let dir = self.home().join(".config/claude-hooks/tokens");
        fs::create_dir_all(&dir).expect("the temporary directory is writable");
        let path = dir.join(agent_type);
        fs::write(&path, token).expect("the temporary directory is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("claude-hooks.toml")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("daemon.log")).unwrap_or_default()
    }

    fn write_config(&self) {
        let mut sections: BTreeMap<&str, toml::Table> = BTreeMap::new();
        for ((section, key), value) in &self.settings {
            let value = toml::Value::try_from(value).expect("settings are plain values");
            sections.entry(section).or_default().insert(key.clone(), value);
        }
        let text = toml::to_string(&sections).expect("tables of plain values are TOML");
        fs::write(self.config(), text).expect("the temporary directory is writable");
        let types: Map<String, Value> = self.types.clone().into_iter().collect();
        let json = serde_json::json!({ "types": types }).to_string();
        fs::write(self.path("agents.json"), json).expect("the temporary directory is writable");
    }

    /// A command of our program on this fleet.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        self.write_config();
        let mut command = daemon::program(&self.home());
        command.arg("--config").arg(self.config()).args(args).envs(&self.env);
        command
    }

    /// The daemon, which dies with this test process: left alone it would bring back what is swept up after a killed one.
    fn serve(&self) -> Command {
        self.write_config();
        let mut command = daemon::program(&self.home());
        command.args(["run-tethered", &std::process::id().to_string(), daemon::PROGRAM]);
        command.arg("--config").arg(self.config()).arg("serve").envs(&self.env);
        command
    }

    /// Runs the command line to its end.
    pub(crate) fn cli(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("our program can be run")
    }

    /// Runs the command line, which must succeed, and gives its stdout.
    #[track_caller]
    pub(crate) fn cli_ok(&self, args: &[&str]) -> String {
        let output = self.cli(args);
        let (out, err) = (super::stdout(&output), super::stderr(&output));
        assert!(output.status.success(), "claude-hooks {args:?}: {}\n{out}\n{err}", output.status);
        out
    }

    /// Starts the daemon and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(&mut self) {
        self.start_unready();
        let deadline = Instant::now() + READY;
        loop {
            if let Ok(reply) = self.try_get("/readyz")
                && reply.status == 200
            {
                return;
            }
            let ended = self.running().ended();
            assert!(ended.is_none(), "the daemon ended ({ended:?}) before it was ready:\n{}", self.log());
            assert!(Instant::now() < deadline, "not ready after {READY:?}:\n{}", self.log());
            thread::sleep(Duration::from_millis(25));
        }
    }

    /// Starts the daemon; it may never become ready.
    pub(crate) fn start_unready(&mut self) {
        assert!(self.daemon.is_none(), "the story started the daemon twice");
        let log = self.path("daemon.log");
        self.daemon = Some(Daemon::spawn(self.serve(), &log));
    }

    /// Runs `serve`, which must end by itself: a refused start.
    #[track_caller]
    pub(crate) fn refused_start(&self) -> Output {
        let log = self.path("refused.log");
        let _ = fs::remove_file(&log);
        let mut daemon = Daemon::spawn(self.serve(), &log);
        let status = daemon.wait(END);
        let stderr = fs::read(&log).unwrap_or_default();
        let status = status.unwrap_or_else(|| panic!("it goes on: {}", String::from_utf8_lossy(&stderr)));
        Output { status, stdout: Vec::new(), stderr }
    }

    fn running(&mut self) -> &mut Daemon {
        self.daemon.as_mut().expect("the story started the daemon")
    }

    pub(crate) fn pid(&mut self) -> u32 {
        self.running().pid()
    }

    /// Whether the daemon has ended by itself, or was ended by a fault; then it can be started again.
    pub(crate) fn has_ended(&mut self, patience: Duration) -> bool {
        let ended = self.running().wait(patience).is_some();
        if ended {
            self.daemon = None;
        }
        ended
    }

    /// Ends it as the kernel would.
    pub(crate) fn kill9(&mut self) {
        self.running().kill9();
        self.daemon = None;
    }

    pub(crate) fn signal(&mut self, signal: Signal) {
        self.running().signal(signal);
    }

    /// Asks it to end and gives its status.
    #[track_caller]
    pub(crate) fn sigterm(&mut self) -> ExitStatus {
        self.running().signal(Signal::TERM);
        let status = self.running().wait(END);
        let status = status.unwrap_or_else(|| panic!("SIGTERM did not end it:\n{}", self.log()));
        self.daemon = None;
        status
    }

    #[track_caller]
    pub(crate) fn restart(&mut self) {
        assert!(self.sigterm().success(), "SIGTERM ends the daemon with 0:\n{}", self.log());
        self.start();
    }

    /// The database, for what a story does behind the daemon's back.
    pub(crate) fn db(&self) -> rusqlite::Connection {
        let db = rusqlite::Connection::open(self.data().join("agents.db")).expect("the database is there");
        db.busy_timeout(Duration::from_secs(10)).expect("a timeout can be set");
        db
    }

    /// Name of an instance's container.
    pub(crate) fn container(&self, instance: &str) -> String {
        format!("{}-{instance}", self.prefix)
    }

    /// Name of an instance's state volume.
    pub(crate) fn volume(&self, instance: &str) -> String {
        format!("{}-{instance}-state", self.prefix)
    }

    /// What `docker inspect` says of an instance's container, if there is one.
    pub(crate) fn inspect(&self, instance: &str) -> Option<Value> {
        self.inspected(&["inspect", "--type", "container", &self.container(instance)])
    }

    /// What `docker volume inspect` says of an instance's volume, but for a time that is called that of its creation and
    /// moves with every write at its top.
    pub(crate) fn inspect_volume(&self, instance: &str) -> Option<Value> {
        let mut volume = self.inspected(&["volume", "inspect", &self.volume(instance)])?;
        volume["CreatedAt"].take();
        Some(volume)
    }

    fn inspected(&self, args: &[&str]) -> Option<Value> {
        let output = self.engine.docker(args);
        let seen: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
        seen.into_iter().next()
    }

    /// Id of an instance's container.
    pub(crate) fn id(&self, instance: &str) -> Option<String> {
        Some(self.inspect(instance)?["Id"].as_str().expect("a container has an id").to_owned())
    }

    /// `State.Status` of an instance's container; empty when there is none.
    pub(crate) fn status(&self, instance: &str) -> String {
        let state = self.inspect(instance).map(|seen| seen["State"]["Status"].clone());
        state.and_then(|status| status.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Names of all containers, whoever made them, that begin with this fleet's prefix; sorted.
    pub(crate) fn containers(&self) -> Vec<String> {
        let listed = self.engine.docker_ok(&["ps", "-a", "--format", "{{.Names}}"]);
        let begin = format!("{}-", self.prefix);
        let mut names: Vec<String> =
            listed.lines().filter(|name| name.starts_with(&begin)).map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Runs a verb of the demo agent in an instance's container and gives its trimmed stdout.
    #[track_caller]
    pub(crate) fn exec(&self, instance: &str, verb: &[&str]) -> String {
        let container = self.container(instance);
        let args: Vec<&str> =
            ["exec", &container, "/agent"].into_iter().chain(verb.iter().copied()).collect();
        self.engine.docker_ok(&args)
    }

    /// Runs a command in an instance's container.
    pub(crate) fn exec_in(&self, instance: &str, argv: &[&str]) -> Output {
        let container = self.container(instance);
        self.engine.docker(&[&["exec", &container], argv].concat())
    }

    #[track_caller]
    pub(crate) fn docker_ok(&self, args: &[&str]) -> String {
        self.engine.docker_ok(args)
    }

    /// Polls until `look` finds something; a failure shows what was awaited and the daemon's log.
    #[track_caller]
    pub(crate) fn eventually<T>(
        &self,
        what: &str,
        patience: Duration,
        mut look: impl FnMut() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "not within {patience:?}: {what}\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // First the daemon: it would bring back what is removed.
        self.daemon = None;
        self.engine.remove_all(&self.prefix);
    }
}
