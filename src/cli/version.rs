//! `version`: which program this is, and what it understands.

use claude_hooks_actors::model::RUNNER_VERSION;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::show::Facts;
use crate::store::SqliteStore;

#[derive(Debug, Serialize)]
struct Build {
    version: &'static str,
    /// Null where the build did not know: a build for development, or one without git.
    commit: Option<&'static str>,
    rustc: Option<&'static str>,
    /// Which databases it opens: this schema version and every older one.
    schema: usize,
    /// Which runner it puts into containers.
    runner: u32,
}

fn known(text: &'static str) -> Option<&'static str> {
    Some(text).filter(|text| !text.is_empty())
}

pub(super) fn run(context: &mut Context) -> Result<(), Failure> {
    let build = Build {
        version: env!("CARGO_PKG_VERSION"),
        commit: known(env!("CLAUDE_HOOKS_BUILD_COMMIT")),
        rustc: known(env!("CLAUDE_HOOKS_BUILD_RUSTC")),
        schema: SqliteStore::SCHEMA,
        runner: RUNNER_VERSION,
    };
    if context.json {
        return context.document(&build);
    }
    let mut facts = Facts::default();
    facts.add("claude-hooks", build.version);
    facts.add("commit", build.commit.unwrap_or("unknown"));
    facts.add("rustc", build.rustc.unwrap_or("unknown"));
    facts.add("schema", build.schema.to_string());
    facts.add("runner", build.runner.to_string());
    context.line(facts.done())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::context;

    #[test]
    fn people_and_programs_are_told_the_same() {
        let (mut words, out, _) = context(false);
        run(&mut words).expect("printed");
        let (mut json, document, _) = context(true);
        run(&mut json).expect("printed");
        let document: serde_json::Value = serde_json::from_str(&document.text()).expect("JSON");
        for key in ["version", "rustc", "schema", "runner"] {
            let value = document[key].to_string();
            assert!(out.text().contains(value.trim_matches('"')), "{key} {value}: {}", out.text());
        }
    }
}
