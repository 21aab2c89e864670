//! A directory for records, orders, and looks at what became of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// For what takes a moment, on a machine that is busy.
const SOON: Duration = Duration::from_secs(30);

static RUNS: AtomicU32 = AtomicU32::new(1);

pub(crate) struct World {
    dir: TempDir,
    options: Vec<String>,
}

/// What a run is told; the run's name is its own.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) run: String,
    pub(crate) argv: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) workdir: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) stdin: Vec<u8>,
}

pub(crate) fn order(argv: &[&str]) -> Order {
    let run = format!("00000000-0000-4000-8000-{:012x}.1", RUNS.fetch_add(1, Ordering::Relaxed));
    let argv = argv.iter().map(|&word| word.into()).collect();
    Order { run, argv, env: BTreeMap::new(), workdir: None, timeout: None, stdin: Vec::new() }
}

/// A line for the shell.
pub(crate) fn shell(line: &str) -> Order {
    order(&["sh", "-c", line])
}

impl Order {
    fn encode(&self) -> Vec<u8> {
        let timeout = self.timeout.map(|t| json!({ "secs": t.as_secs(), "nanos": t.subsec_nanos() }));
        let head = json!({
            "run": self.run, "argv": self.argv, "env": self.env, "workdir": self.workdir, "timeout": timeout,
            "stdin_bytes": self.stdin.len(),
        });
        let mut bytes = format!("{head}\n").into_bytes();
        bytes.extend_from_slice(&self.stdin);
        bytes
    }
}

/// A record as it is printed.
#[derive(Debug, PartialEq)]
pub(crate) struct Record(pub(crate) Value);

impl Record {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        Self(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:?}")))
    }

    pub(crate) fn state(&self) -> &str {
        self.0["state"]["state"].as_str().unwrap_or("none")
    }

    pub(crate) fn ended(&self) -> (&str, i64) {
        let state = &self.0["state"];
        (state["cause"].as_str().expect("it has ended"), state["exit_code"].as_i64().expect("a code"))
    }

    pub(crate) fn detail(&self) -> &str {
        self.0["state"]["detail"].as_str().unwrap_or_default()
    }

    /// Printed, kept.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let number = |key: &str| self.0[key].as_u64().expect("a number");
        (number("output_bytes"), number("kept_bytes"))
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory"), options: Vec::new() }
    }

    pub(crate) fn keeping(bytes: u64) -> Self {
        Self { options: vec!["--keep-bytes".into(), bytes.to_string()], ..Self::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn files(&self, order: &Order) -> PathBuf {
        self.dir.path().join("tasks").join(&order.run)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claude-hooks"));
        command.arg("run-task").args(words).arg("--dir").arg(self.dir.path().join("tasks"));
        command.args(&self.options).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A verb to its end.
    pub(crate) fn ask(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the program can be run")
    }

    pub(crate) fn start_verb(&self, words: &[&str]) -> Child {
        self.command(words).spawn().expect("the program can be run")
    }

    /// Begins a run; its runner has read the whole order.
    pub(crate) fn begin(&self, order: &Order) -> Running {
        self.begin_as("run", order)
    }

    /// The same with another verb that reads one.
    pub(crate) fn begin_as(&self, verb: &str, order: &Order) -> Running {
        let mut child = self.command(&[verb]).stdin(Stdio::piped()).spawn().expect("the program can be run");
        let mut stdin = child.stdin.take().expect("stdin was piped");
        stdin.write_all(&order.encode()).expect("the runner reads");
        Running(Some(child))
    }

    /// Begins a run and waits until it is recorded that it has begun.
    pub(crate) fn begun(&self, order: &Order) -> Running {
        let running = self.begin(order);
        until("it has begun", || self.files(order).exists());
        running
    }

    pub(crate) fn run(&self, order: &Order) -> Record {
        self.begin(order).end()
    }

    /// How a probe ended.
    pub(crate) fn probe(&self, order: &Order) -> Value {
        let output = self.begin_as("probe", order).output();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).expect("it prints JSON")
    }

    pub(crate) fn record(&self, order: &Order) -> Record {
        self.verb("record", order)
    }

    pub(crate) fn follow(&self, order: &Order) -> Record {
        self.verb("follow", order)
    }

    fn verb(&self, verb: &str, order: &Order) -> Record {
        let output = self.ask(&[verb, &order.run]);
        assert!(output.status.success(), "{output:?}");
        Record::parse(&output.stdout)
    }

    pub(crate) fn cancel(&self, order: &Order, grace: Duration) {
        let output = self.ask(&["cancel", &order.run, "--grace-ms", &grace.as_millis().to_string()]);
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    }

    pub(crate) fn output(&self, order: &Order, offset: u64) -> Vec<u8> {
        let output = self.ask(&["output", &order.run, "--offset", &offset.to_string()]);
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }

    pub(crate) fn text(&self, order: &Order) -> String {
        String::from_utf8(self.output(order, 0)).expect("text")
    }

    /// Living processes that carry the run's name.
    pub(crate) fn processes(order: &Order) -> Vec<i32> {
        let tag = format!("CLAUDE_HOOKS_RUN={}", order.run);
        let entries = fs::read_dir("/proc").expect("a /proc").flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let tagged = |pid: &i32| {
            let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|entry| entry == tag.as_bytes())
        };
        pids.filter(tagged).collect()
    }
}

/// A `run` under way; whatever it began is killed with this.
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.0.as_ref().expect("it was not waited for").id()).expect("a pid")
    }

    pub(crate) fn output(mut self) -> Output {
        self.0.take().expect("once").wait_with_output().expect("it can be waited for")
    }

    pub(crate) fn end(self) -> Record {
        let output = self.output();
        assert!(output.status.success(), "{output:?}");
        Record::parse(&output.stdout)
    }

    /// The client goes away: nobody reads what is printed any more.
    pub(crate) fn abandon(mut self) -> Child {
        let mut child = self.0.take().expect("once");
        drop((child.stdout.take(), child.stderr.take()));
        child
    }

    pub(crate) fn kill(mut self) {
        let mut child = self.0.take().expect("once");
        child.kill().expect("it can be killed");
        child.wait().expect("it can be waited for");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < end, "not within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
