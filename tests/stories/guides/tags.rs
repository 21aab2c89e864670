//! `scripts/guide` itself: what it refuses, and how it tells what failed.

use std::fs;
use std::process::{Command, Output};

use super::page::{all, root, script};
use crate::harness::{stderr, stdout};

fn check(pages: &[String]) -> Output {
    let mut command = Command::new(root().join("scripts/guide"));
    command.arg("check").args(pages).current_dir(root()).output().expect("bash is there")
}

#[track_caller]
fn refused(text: &str, line: &str, says: &str) {
    let page = tempfile::NamedTempFile::new().expect("there is a temporary directory");
    fs::write(&page, text).expect("the temporary directory is writable");
    let path = page.path().to_string_lossy().into_owned();
    let output = check(std::slice::from_ref(&path));
    let said = stderr(&output);
    assert!(!output.status.success(), "nothing wrong is seen in {text:?}");
    assert!(said.starts_with(&format!("{path}:{line}:")) && said.contains(says), "{said}");
}

#[test]
fn every_block_of_every_page_is_run_by_some_test_or_is_no_command() {
    let output = check(&all());
    assert!(output.status.success(), "\n{}", stderr(&output));
}

#[test]
fn a_block_that_nobody_would_run_is_refused() {
    refused("# Title\n\n```bash\nls\n```\n", "3", "`bash` is no tag");
    refused("# Title\n```\nls\n```\n", "2", "is no tag");
    refused("# Title\n```sh somewhere\nls\n```\n", "2", "`somewhere` is neither");
    refused("# Title\n```text\n$ ls\n```\n", "3", "a command in a block that nobody runs");
    refused("# Title\n  ```sh\n  ls\n  ```\n", "2", "left edge");
    refused("# Title\n```sh\nls\n", "2", "never closed");
    refused("# Title\n```toml here\na = 1\n```\n", "2", "goes nowhere");
}

/// Runs a page of one block and gives what happened.
fn played(text: &str) -> Output {
    let dir = tempfile::tempdir().expect("there is a temporary directory");
    let page = dir.path().join("page.md");
    fs::write(&page, text).expect("the temporary directory is writable");
    let script = script("here", &page.to_string_lossy(), Some("other")).expect("the script can be made");
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).env("HOME", dir.path()).current_dir(&dir).output().expect("bash is there")
}

#[test]
fn what_fails_is_told_with_the_line_of_the_page() {
    let output = played("# Title\n\n```sh\ntrue\nfalse\necho on\n```\n");
    assert!(stderr(&output).contains("page.md:5: this failed: false"), "{output:?}");
    assert_eq!(stdout(&output), "");
    let output = played("# Title\n```console\n$ echo a\na\n$ echo b\nc\n```\n");
    assert!(stderr(&output).contains("page.md:5: echo b prints something else"), "{output:?}");
    let output = played("# Title\n```console\n$ exit 3\n```\n");
    assert!(stderr(&output).contains("page.md:3: exit 3: exit code 3"), "{output:?}");
}

#[test]
fn what_is_printed_may_differ_where_the_page_says_so() {
    let output = played(
        "# Title\n```console\n$ echo 'a   7 (x)'; echo '*'\na … (x)\n*\n$ true \\\n  && seq 3\n1\n…\n```\n",
    );
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_file_is_written_as_it_stands_but_for_the_prefix() {
    let output = played(
        "# Title\n```toml file=~/a/b.toml\nprefix = \"claude-hooks\" # $HOME\n```\n```sh\ncat a/b.toml; echo claude-hooks-dev\n```\n",
    );
    assert_eq!(stdout(&output), "prefix = \"other\" # $HOME\nother-dev\n", "{}", stderr(&output));
}
