use std::path::PathBuf;

use claude_hooks_actors::model::Lifecycle;
use claude_hooks_actors::testing::{agent_type, catalog, type_name};

use super::*;
use crate::config::Flags;

#[test]
fn what_is_different_about_the_types_is_told_by_name() {
    let old = catalog();
    assert_eq!(changes(&old, &old), "the types are as before");
    let mut new = old.clone();
    new.types.remove(&type_name("host"));
    new.types.insert(type_name("other"), agent_type("other", Lifecycle::Hot));
    new.types.insert(type_name("dev"), agent_type("dev", Lifecycle::Lazy));
    assert_eq!(changes(&old, &new), "new types: other; changed types: dev; removed types: host");
}

#[test]
fn keys_that_need_a_restart_are_told_and_others_are_not() {
    let dir = tempfile::tempdir().expect("there is a temporary directory");
    let load = |toml: &str| {
        let sources = Sources {
            config: Some(dir.path().join("c.toml")),
            flags: Flags { data_dir: Some("/d".into()), ..Flags::default() },
            working_dir: PathBuf::from("/"),
            ..Sources::default()
        };
        std::fs::write(dir.path().join("c.toml"), toml).expect("writable");
        std::fs::write(dir.path().join("agents.json"), r#"{"types":{"a":{"container":{"enabled":false}}}}"#)
            .expect("writable");
        Settings::load(&sources).expect("valid")
    };
    let before = fixed(&load(""));
    let live = "[log]\nlevel = \"debug\"\n[fleet]\nmount_roots = [\"/srv\"]\n";
    assert_eq!(waiting(&before, &fixed(&load(live))), []);
    let other = fixed(&load("[watchdog]\ninterval_s = 5\n"));
    assert_eq!(waiting(&before, &other), [("watchdog.interval_s", "5".to_owned())]);
}
