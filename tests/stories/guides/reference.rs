//! `docs/reference.md` against the program's own words.

use std::collections::BTreeSet;

use claude_hooks_actors::model::{ConditionType, EventKind, RunCause, StopCause};
use strum::IntoEnumIterator;

const PAGE: &str = include_str!("../../../docs/reference.md");

/// The words that the lines of the table under a heading begin with.
fn table(heading: &str) -> Vec<&'static str> {
    let begin = format!("\n## {heading}\n");
    let (_, rest) =
        PAGE.split_once(&begin).unwrap_or_else(|| panic!("docs/reference.md lacks `## {heading}`"));
    let section = rest.split("\n## ").next().unwrap_or(rest);
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(word, _)| word))
        .collect()
}

#[track_caller]
fn has_all<T: IntoEnumIterator + ToString>(heading: &str) -> BTreeSet<&'static str> {
    let listed = table(heading);
    let mut extra: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(extra.len(), listed.len(), "docs/reference.md, {heading}: a word has two lines");
    let words: Vec<String> = T::iter().map(|word| word.to_string()).collect();
    let missing: Vec<&String> = words.iter().filter(|word| !extra.remove(word.as_str())).collect();
    assert!(
        missing.is_empty(),
        "docs/reference.md, the table under `## {heading}`, has no line for {missing:?}: say what it means and what to do"
    );
    extra
}

#[track_caller]
fn has_exactly<T: IntoEnumIterator + ToString>(heading: &str) {
    let extra = has_all::<T>(heading);
    assert!(extra.is_empty(), "docs/reference.md, {heading}: nothing in the program is called {extra:?}");
}

#[test]
fn the_reference_has_every_condition() {
    has_exactly::<ConditionType>("Conditions");
}

#[test]
fn the_reference_has_every_kind_of_event() {
    has_exactly::<EventKind>("Events");
}

#[test]
fn the_reference_has_every_way_in_which_a_container_ends() {
    has_exactly::<StopCause>("How a container ended");
}

#[test]
fn the_reference_has_every_way_in_which_a_run_ends() {
    // What the daemon adds of its own is no enumeration.
    has_all::<RunCause>("How a task ended");
}
