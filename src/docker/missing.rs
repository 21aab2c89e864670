//! Absence, believed only when docker says so for that very name. Pure.
//!
//! With the engine down `inspect` prints `[]` and exits 1, exactly as for a missing container: only the text on
//! stderr tells the two apart. So every name must be in the answer or in a "no such" line of its own.

use std::collections::HashSet;

use claude_hooks_actors::ports::RuntimeError;

use super::errors::{Subject, classify, is_noise};
use super::invoke::Finished;

/// How the CLIs say that something is not there; the name follows, or stands before it (`get v: no such volume`).
const SAYINGS: [&str; 3] = ["no such container", "no such volume", "no such object"];

/// The names of `asked` that docker said do not exist; an error if it said anything else.
pub(super) fn confirmed<'a>(
    verb: &'static str,
    asked: &'a [String],
    finished: &Finished,
) -> Result<HashSet<&'a str>, RuntimeError> {
    let known: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let mut missing = HashSet::new();
    let mut unclear = false;
    for line in finished.stderr.lines().filter(|line| !is_noise(line)) {
        match denied(line).and_then(|name| known.get(name)) {
            Some(name) => {
                missing.insert(*name);
            }
            None => unclear = true,
        }
    }
    if !finished.exit.ok() && (unclear || missing.is_empty()) {
        return Err(classify(verb, finished.exit, &finished.stderr, Subject::Engine));
    }
    Ok(missing)
}

/// Fails unless each of `asked` was either found or denied.
pub(super) fn all_answered(
    verb: &'static str,
    asked: &[String],
    missing: &HashSet<&str>,
    found: impl Fn(&str) -> bool,
) -> Result<(), RuntimeError> {
    match asked.iter().find(|name| !missing.contains(name.as_str()) && !found(name)) {
        None => Ok(()),
        Some(name) => Err(RuntimeError::Garbled { verb, detail: format!("it says nothing about {name}") }),
    }
}

/// The name that `line` says does not exist.
fn denied(line: &str) -> Option<&str> {
    let lower = line.to_ascii_lowercase();
    let (at, len) = SAYINGS.iter().find_map(|saying| Some((lower.find(saying)?, saying.len())))?;
    let after = line[at + len..].trim_start_matches([':', ' ']).trim_end();
    let before = line[..at].trim_end_matches([':', ' ']);
    let name = if after.is_empty() { before.rsplit(' ').next()? } else { after };
    Some(name.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::super::errors::Exit;
    use super::*;

    fn ended(code: i32, stderr: &str) -> Finished {
        Finished { exit: Exit::Code(code), stdout: b"[]\n".to_vec(), stderr: stderr.into() }
    }

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(Into::into).collect()
    }

    #[test]
    fn every_cli_is_understood_when_it_says_that_something_is_missing() {
        for (code, text) in [
            (
                1,
                "Error response from daemon: No such container: a\nError response from daemon: No such container: b\n",
            ),
            (1, "Error: No such container: a\nError: No such container: b\n"),
            (
                125,
                "error inspecting object: no such container b\nError: inspecting object: no such container a\n",
            ),
            (125, "Error: no such container \"a\"\nError: no such object: \"b\"\n"),
            (1, "Error response from daemon: get a: no such volume\nError: No such volume: b\n"),
            (
                1,
                "WARNING: Error loading config file: /x: EOF\nError: No such container: a\nError: No such container: b\n",
            ),
        ] {
            let asked = names("a b");
            let missing = confirmed("inspect", &asked, &ended(code, text)).expect(text);
            assert_eq!(missing, HashSet::from(["a", "b"]), "{text}");
            all_answered("inspect", &asked, &missing, |_| false).expect(text);
        }
    }

    #[test]
    fn an_engine_that_is_down_confirms_nothing() {
        let text = "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n";
        for text in [text.to_owned(), format!("Error: No such container: a\n{text}")] {
            let error = confirmed("inspect", &names("a b"), &ended(1, &text)).expect_err(&text);
            assert_eq!(error.word(), "unreachable", "{text}");
        }
    }

    #[test]
    fn silence_about_a_name_is_not_absence() {
        let asked = names("a b");
        let missing = confirmed("inspect", &asked, &ended(1, "Error: No such container: a\n")).expect("one");
        let error = all_answered("inspect", &asked, &missing, |_| false).expect_err("b is not answered");
        assert_eq!(
            error.to_string(),
            "docker inspect printed something that cannot be understood: it says nothing about b"
        );
        assert!(confirmed("inspect", &asked, &ended(1, "")).is_err());
        let missing = confirmed("inspect", &asked, &ended(0, "")).expect("a good end");
        assert!(all_answered("inspect", &asked, &missing, |name| name == "a").is_err());
    }

    #[test]
    fn a_name_is_only_denied_by_a_line_of_its_own() {
        let asked = names("dev-1");
        for other in ["dev-10", "x-dev-1", "dev"] {
            let text = format!("Error: No such container: {other}\n");
            assert!(confirmed("inspect", &asked, &ended(1, &text)).is_err(), "{other}");
        }
    }
}
