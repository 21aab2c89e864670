//! One page, run in order: with a home, an engine's names and a data directory of its own, by `scripts/guide`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use tempfile::TempDir;

use crate::harness::daemon::PROGRAM;
use crate::harness::engine::{self, Engine};

/// Of a whole page, on a machine that is busy with other stories.
const PATIENCE: Duration = Duration::from_mins(5);

/// Where the pages are.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page of the documentation, by its path from the root.
pub(super) fn all() -> Vec<String> {
    let listed = fs::read_dir(root().join("docs")).expect("the documentation is there").flatten();
    let pages = listed.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "md"));
    let named = |path: PathBuf| path.file_name().map(|name| format!("docs/{}", name.to_string_lossy()));
    let mut pages: Vec<String> = pages.filter_map(named).collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

/// The script of a page's blocks that are run in `place`, or what is wrong with the page.
pub(super) fn script(place: &str, page: &str, prefix: Option<&str>) -> Result<String, String> {
    let mut command = Command::new(root().join("scripts/guide"));
    command.args(["script", place, page]).current_dir(root());
    command.envs(prefix.map(|prefix| ("PREFIX", prefix)));
    let output = command.output().expect("bash is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// What a page makes is removed when this is dropped, also by a panic.
#[derive(Debug)]
pub(super) struct Page {
    prefix: String,
    dir: TempDir,
    bash: Option<Child>,
}

impl Page {
    /// Runs its blocks, all of which must succeed; skipped, loudly, without an engine.
    pub(super) fn run(page: &str) {
        Self::play_all(&[page]);
    }

    /// The same on the fleet of `before.md`, for a page that does not begin with an empty host.
    pub(super) fn run_on_a_fleet(page: &str) {
        Self::play_all(&["tests/stories/guides/before.md", page]);
    }

    fn play_all(pages: &[&str]) {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        if !engine::is_there() {
            return;
        }
        let prefix = format!("cht-{}-guide{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let dir = tempfile::tempdir().expect("there is a temporary directory");
        Self { prefix, dir, bash: None }.play(pages);
    }

    fn play(mut self, pages: &[&str]) {
        let (all, log) = (self.dir.path().join("all"), self.dir.path().join("log"));
        let mut calls = String::new();
        for (number, page) in pages.iter().enumerate() {
            let script = script("here", page, Some(&self.prefix)).unwrap_or_else(|wrong| panic!("{wrong}"));
            let path = self.dir.path().join(format!("page-{number}"));
            fs::write(&path, script).expect("the temporary directory is writable");
            writeln!(calls, ". {}", path.display()).expect("a String takes everything");
        }
        fs::write(&all, calls).expect("the temporary directory is writable");
        let out = File::create(&log).expect("the temporary directory is writable");
        let same = out.try_clone().expect("a file can be shared");
        let mut command = tethered(&std::process::id().to_string());
        command.arg("bash").arg(all).env_clear().current_dir(self.home());
        command.env("HOME", self.home()).env("PATH", self.search_path());
        // Several pages are run at once.
        command.env("CLAUDE_HOOKS_SERVER_LISTEN", "127.0.0.1:0");
        command.envs(env::var_os("DOCKER_HOST").map(|host| ("DOCKER_HOST", host)));
        command.stdin(Stdio::null()).stdout(out).stderr(same);
        let bash = self.bash.insert(command.spawn().expect("bash is there"));
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = bash.try_wait().expect("the child is ours") {
                break Some(status);
            }
            if Instant::now() >= deadline {
                break None;
            }
            thread::sleep(Duration::from_millis(50));
        };
        let said = fs::read_to_string(log).unwrap_or_default();
        let status = status.unwrap_or_else(|| panic!("{pages:?} are not done after {PATIENCE:?}:\n{said}"));
        assert!(status.success(), "{pages:?}: {status}\n{said}");
    }

    fn home(&self) -> PathBuf {
        let home = self.dir.path().join("home");
        fs::create_dir_all(&home).expect("the temporary directory is writable");
        home
    }

    /// Ours first. A daemon that a page leaves running dies with the page's shell.
    fn search_path(&self) -> String {
        let bin = self.dir.path().join("bin");
        fs::create_dir_all(&bin).expect("the temporary directory is writable");
        let program = bin.join("claude-hooks");
        fs::write(&program, format!("#!/bin/sh\nexec {PROGRAM} run-tethered $PPID {PROGRAM} \"$@\"\n"))
            .expect("the temporary directory is writable");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("the script is ours");
        format!("{}:{}", bin.display(), env::var("PATH").unwrap_or_default())
    }
}

/// Begins a command that dies with the process of this number.
fn tethered(pid: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["run-tethered", pid]);
    command
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(mut bash) = self.bash.take() {
            let _ = bash.kill();
            let _ = bash.wait();
        }
        Engine::default().remove_all(&self.prefix);
    }
}
