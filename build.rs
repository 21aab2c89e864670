//! Which commit and which compiler a program was made of. Without git, or outside of our repository, it is not known.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=CLAUDE_HOOKS_COMMIT");
    let rustc = env::var_os("RUSTC").and_then(|rustc| said(Command::new(rustc).arg("--version")));
    tell("RUSTC", &rustc.unwrap_or_default());
    tell("COMMIT", &commit().unwrap_or_default());
}

fn tell(name: &str, value: &str) {
    println!("cargo:rustc-env=CLAUDE_HOOKS_BUILD_{name}={value}");
}

/// What a packager says, else what git says of a release build. A build for development would be made anew, with every
/// test, after each commit.
fn commit() -> Option<String> {
    if let Ok(given) = env::var("CLAUDE_HOOKS_COMMIT") {
        return Some(given).filter(|given| !given.is_empty() && given.bytes().all(|b| b.is_ascii_graphic()));
    }
    if env::var("PROFILE").as_deref() != Ok("release") {
        return None;
    }
    let root = env::var("CARGO_MANIFEST_DIR").ok()?;
    let git = |args: &[&str]| said(Command::new("git").arg("-C").arg(&root).args(args));
    // A source archive that was unpacked inside of another repository is not of its commit.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&root).canonicalize().ok()? {
        return None;
    }
    // Grows with every commit and checkout; git's own HEAD only with the latter.
    let log = Path::new(&root).join(git(&["rev-parse", "--git-path", "logs/HEAD"])?);
    if log.exists() {
        println!("cargo:rerun-if-changed={}", log.display());
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty() && !text.contains('\n'))
}
