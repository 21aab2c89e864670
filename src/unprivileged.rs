//! Tests of what permission bits do, also when the tests run as root.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

/// `nobody`, on every Linux.
const NOBODY: u32 = 65534;

/// Whether permission bits bind this process.
pub(crate) fn is_nobody() -> bool {
    !rustix::process::geteuid().is_root()
}

/// Runs one test of this binary again as `nobody`, and passes when it did.
pub(crate) fn as_nobody(test: &str) {
    let home = tempfile::TempDir::new().expect("a temporary directory");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("ours to change");
    // A copy: the build directory may lie where nobody cannot look.
    let program = home.path().join("tests");
    fs::copy(env::current_exe().expect("this program has a path"), &program).expect("copied");
    let scratch = home.path().join("tmp");
    fs::create_dir(&scratch).expect("made");
    fs::set_permissions(&scratch, fs::Permissions::from_mode(0o777)).expect("ours to change");
    let run = || {
        Command::new(&program)
            .args(["--exact", test, "--nocapture"])
            .env("TMPDIR", &scratch)
            .current_dir(&scratch)
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
    };
    // A child that a test beside this one has just forked holds the copy open for writing until it executes its program.
    let output = loop {
        match run() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::yield_now(),
            other => break other.expect("the copy runs"),
        }
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "as nobody:\n{said}\n{problem}");
}
