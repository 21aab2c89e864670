//! Prometheus' own tool, which says whether it understands us.

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where `scripts/install-missing` lays it down.
const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/promtool");

/// `None`, loudly, where it is missing; in CI that is a failure.
pub(crate) fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|dir| dir.join("promtool")).find(|program| program.is_file());
    let found = found.or_else(|| Some(PathBuf::from(OURS)).filter(|program| program.is_file()));
    if found.is_none() {
        let test = std::thread::current().name().unwrap_or("a story").to_owned();
        assert!(env::var_os("CI").is_none(), "{test}: promtool is missing, and in CI it must be there");
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(io::stderr(), "SKIPPED {test}: no promtool here (./scripts/install-missing)");
    }
    found
}

/// Runs it, which must succeed.
#[track_caller]
pub(crate) fn ok(promtool: &Path, dir: &Path, args: &[&str], stdin: &str) {
    let mut command = Command::new(promtool);
    command.args(args).current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool can be run");
    let mut input = child.stdin.take().expect("it is piped");
    // It may end before it has read everything; its status says why.
    let _ = input.write_all(stdin.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("promtool ends");
    let (out, err) = (super::stdout(&output), super::stderr(&output));
    assert!(output.status.success(), "promtool {args:?}: {}\n{out}\n{err}\n{stdin}", output.status);
}
