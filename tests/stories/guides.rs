//! The pages of the documentation: every command in them is run as it stands, and the reference is complete.

mod links;
mod page;
mod reference;
mod tags;

use std::fs;
use std::process::{Command, Stdio};

use page::Page;

use crate::harness::{Fleet, lazy, stderr, stdout};

#[test]
fn operating() {
    Page::run("docs/operating.md");
}

#[test]
fn upgrading() {
    Page::run("docs/upgrading.md");
}

#[test]
fn dispatching() {
    Page::run_on_a_fleet("docs/dispatching.md");
}

#[test]
fn security() {
    Page::run_on_a_fleet("docs/security.md");
}

#[test]
fn api() {
    Page::run_on_a_fleet("docs/api.md");
}

#[test]
fn parking() {
    Page::run_on_a_fleet("docs/parking.md");
}

#[test]
fn rollouts() {
    Page::run_on_a_fleet("docs/rollouts.md");
}

#[test]
fn readme() {
    Page::run_on_a_fleet("README.md");
}

/// The example that pages point to, beside the one that is written out.
#[test]
fn the_dispatcher_of_the_examples_works_under_a_lease_and_ends_as_its_task() {
    let Some(fleet) = Fleet::started([lazy("reviewer")]) else { return };
    let run = |words: &[&str]| {
        let mut script = Command::new(page::root().join("examples/dispatcher.sh"));
        script.arg(fleet.data().join("claude-hooks.sock")).arg("reviewer").arg("/agent").args(words);
        script.stdin(Stdio::null()).output().expect("bash is there")
    };
    let written = run(&["write", "/state/note", "a \"quoted\" word"]);
    assert!(written.status.success(), "{}", stderr(&written));
    let read = run(&["cat", "/state/note"]);
    assert_eq!(stdout(&read).trim_end(), "a \"quoted\" word", "{}", stderr(&read));
    let failed = run(&["exit", "7"]);
    assert_eq!(failed.status.code(), Some(7), "{}", stderr(&failed));
    assert!(stderr(&failed).contains("failed (exited), exit code 7"), "{}", stderr(&failed));
    assert!(fleet.agent("reviewer-default").lease.is_none(), "each gave its agent back");
}

/// Who runs what is not run here.
const RUNNERS: [(&str, &str); 3] =
    [("systemd", "scripts/test-systemd"), ("deb", "scripts/test-package"), ("image", "scripts/test-image")];

/// Whether the page has blocks that are run in this place.
fn has_commands(place: &str, path: &str) -> bool {
    let script = page::script(place, path, None).expect("the script can be made");
    // But for the functions in the first line.
    script.lines().skip(1).any(|line| !line.is_empty())
}

#[test]
fn every_page_with_commands_is_run() {
    let told = include_str!("guides.rs");
    for path in page::all() {
        let run = told.contains(&format!("Page::run(\"{path}\")"))
            || told.contains(&format!("Page::run_on_a_fleet(\"{path}\")"));
        assert!(run || !has_commands("here", &path), "{path} has commands: it needs a test in {}", file!());
        for (place, runner) in RUNNERS {
            let text = fs::read_to_string(page::root().join(runner)).expect("it is a script of ours");
            let run = !has_commands(place, &path) || text.contains(&path);
            assert!(
                run,
                "{path} has blocks of `{place}`: {runner} must run them (scripts/guide script {place} {path})"
            );
        }
    }
}

/// Not run, since they build or test everything; but what they call is there.
#[test]
fn what_a_page_has_done_in_a_checkout_is_there() {
    for path in page::all().iter().filter(|path| has_commands("checkout", path)) {
        let script = page::script("checkout", path, None).expect("the script can be made");
        for line in script.lines().skip(1).filter(|line| !line.is_empty()) {
            let command = line.split_whitespace().next().unwrap_or_default();
            let there = command == "cargo" || page::root().join(command).is_file();
            assert!(there, "{path}: {line}");
        }
    }
}
