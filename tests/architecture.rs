//! The borders between the crates, read from the manifests and the sources: what a review would have to watch for ever.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A source file, its path below the workspace, and its text without comments.
struct Source {
    path: String,
    lines: usize,
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a directory of the workspace.
fn sources(dir: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut dirs = vec![root().join(dir)];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
            let path = entry.expect("a directory that can be opened can be read").path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(source(&path));
            }
        }
    }
    assert!(!found.is_empty(), "{dir} has no sources: the check would hold for nothing");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let path = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned();
    Source { path, lines: text.lines().count(), code: code.join("\n") }
}

/// Whether a file is a module of tests. Tests inside another file are held to the rules of that file.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Every member of the workspace and the root package.
fn everything() -> Vec<Source> {
    ["src", "actors/src", "web/src", "tests"].into_iter().flat_map(sources).collect()
}

fn manifest(path: &str) -> toml::Table {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a package is built with; its own tests may use more.
fn dependencies(path: &str) -> BTreeSet<String> {
    let manifest = manifest(path);
    let tables = ["dependencies", "build-dependencies"].into_iter().filter_map(|name| manifest.get(name));
    tables.filter_map(toml::Value::as_table).flat_map(|table| table.keys().cloned()).collect()
}

/// The names that follow `path::` in a text, those in a group `path::{a, b::c}` included.
fn named_under(code: &str, path: &str) -> BTreeSet<String> {
    let start = format!("{path}::");
    let ident = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(&start) {
        let whole_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            Some(group) if whole_word => names.extend(top_level(group).into_iter().map(ident)),
            None if whole_word => drop(names.insert(ident(rest))),
            _ => {}
        }
    }
    names.remove("");
    names
}

/// The items of a use group, up to the brace that closes it; nested groups belong to their item.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut items) = (0_i32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(&group[begin..at]);
                return items;
            }
            ',' if depth == 0 => {
                items.push(&group[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    items
}

/// Fails with a list of the places where one of `forbidden` is named under `path`.
fn assert_unnamed(sources: &[Source], path: &str, forbidden: &[&str]) {
    let mut broken = Vec::new();
    for source in sources {
        for name in named_under(&source.code, path) {
            if forbidden.contains(&name.as_str()) {
                broken.push(format!("{}: {path}::{name}", source.path));
            }
        }
    }
    assert!(broken.is_empty(), "over the border:\n{}", broken.join("\n"));
}

#[test]
fn the_check_reads_groups_and_single_paths() {
    let code = "use std::{fmt, fs::{self, File}, env};\nlet x = std::process::id(); my_std::net::x();";
    let names: Vec<String> = named_under(code, "std").into_iter().collect();
    assert_eq!(names, ["env", "fmt", "fs", "process"]);
}

#[test]
fn the_domain_is_built_without_any_adapter() {
    let forbidden = [
        "rusqlite",
        "r2d2",
        "r2d2_sqlite",
        "rusqlite_migration",
        "actix-web",
        "reqwest",
        "rustix",
        "nix",
        "tempfile",
        "clap",
        "claude-hooks",
        "claude-hooks-web",
    ];
    let found = dependencies("actors/Cargo.toml");
    let over: Vec<&&str> = forbidden.iter().filter(|name| found.contains(**name)).collect();
    assert!(over.is_empty(), "actors depends on {over:?}");
}

#[test]
fn the_domain_touches_no_file_process_network_or_environment() {
    // Tests may: a failing case is kept in a file, a seed comes from a variable.
    let domain = sources("actors/src");
    let domain: Vec<Source> = domain.into_iter().filter(|source| !is_test(&source.path)).collect();
    assert_unnamed(&domain, "std", &["fs", "process", "env", "net", "os"]);
    assert_unnamed(&domain, "tokio", &["fs", "process", "net", "signal"]);
}

#[test]
fn the_web_crate_knows_the_handle_and_never_a_port() {
    let over: Vec<String> = dependencies("web/Cargo.toml")
        .into_iter()
        .filter(|name| {
            ["rusqlite", "r2d2", "r2d2_sqlite", "nix", "reqwest", "claude-hooks"].contains(&name.as_str())
        })
        .collect();
    assert!(over.is_empty(), "web depends on {over:?}");
    // Its tests make the fleet that they ask, and so fill its ports with the fakes.
    let web: Vec<Source> = sources("web/src").into_iter().filter(|source| !is_test(&source.path)).collect();
    assert_unnamed(&web, "std", &["process"]);
    assert_unnamed(&web, "tokio", &["process"]);
    // What the handle's own signatures are made of, it exports itself.
    let names_port = |source: &&Source| {
        let words = ["ContainerRuntime", "TaskRuntime", "AgentStore", "LeaseStore", "TaskStore", "ports::"];
        words.iter().any(|word| source.code.contains(word))
    };
    let broken: Vec<&str> = web.iter().filter(names_port).map(|source| source.path.as_str()).collect();
    assert!(broken.is_empty(), "web names ports: {broken:?}");
}

/// One socket option, the time that sent bytes may lie unread, is in no other well-kept crate.
#[test]
fn the_web_crate_asks_of_the_system_only_what_its_sockets_need() {
    let web = manifest("web/Cargo.toml");
    let rustix = web.get("dependencies").and_then(|table| table.get("rustix"));
    let features = rustix.and_then(|rustix| rustix.get("features"));
    assert_eq!(features, Some(&toml::Value::from(vec!["net"])), "{rustix:?}");
    // The workspace adds none behind its back.
    let workspace = manifest("Cargo.toml");
    let shared = workspace.get("workspace").and_then(|table| table.get("dependencies"));
    let shared = shared.and_then(|table| table.get("rustix"));
    assert!(shared.is_some_and(toml::Value::is_str), "{shared:?}");
    for source in sources("web/src") {
        let named = named_under(&source.code, "rustix");
        assert!(named.iter().all(|name| name == "net"), "{}: {named:?}", source.path);
    }
}

#[test]
fn nothing_depends_on_the_root_package() {
    for member in ["actors/Cargo.toml", "web/Cargo.toml"] {
        let manifest = manifest(member);
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let named = manifest.get(table).and_then(|table| table.get("claude-hooks"));
            assert!(named.is_none(), "{member} has the root package among its {table}");
        }
    }
}

#[test]
fn every_package_obeys_the_lints_of_the_workspace() {
    for path in ["Cargo.toml", "actors/Cargo.toml", "web/Cargo.toml"] {
        let manifest = manifest(path);
        let inherited = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(inherited, Some(&toml::Value::Boolean(true)), "{path}");
    }
    let silenced: Vec<String> = everything()
        .into_iter()
        .filter(|source| {
            source.code.lines().any(|line| {
                let line = line.trim_start();
                line.starts_with("#[allow(") || line.starts_with("#![allow(")
            })
        })
        .map(|source| source.path)
        .collect();
    assert!(silenced.is_empty(), "`#[expect(lint, reason)]`, not `#[allow]`: {silenced:?}");
}

#[test]
fn no_module_lives_in_a_mod_rs() {
    let named: Vec<String> =
        everything().into_iter().map(|source| source.path).filter(|path| path.ends_with("/mod.rs")).collect();
    assert!(named.is_empty(), "foo.rs beside foo/ instead: {named:?}");
}

#[test]
fn only_main_ends_the_process() {
    let call = concat!("process", "::exit(");
    let enders: Vec<String> = everything()
        .into_iter()
        .filter(|source| source.path != "src/main.rs" && source.code.contains(call))
        .map(|source| source.path)
        .collect();
    assert!(enders.is_empty(), "they return an error or an exit code instead: {enders:?}");
}

#[test]
fn no_source_file_is_longer_than_five_hundred_lines() {
    let long: Vec<String> = everything()
        .into_iter()
        .filter(|source| source.lines > 500)
        .map(|source| format!("{} has {} lines", source.path, source.lines))
        .collect();
    assert!(long.is_empty(), "split by subject:\n{}", long.join("\n"));
}

#[test]
fn no_argument_passes_through_a_shell() {
    let shells = ["\"sh\"", "\"bash\"", "\"/bin/sh\"", "\"/bin/bash\""];
    let broken: Vec<String> = ["src", "actors/src", "web/src"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| !source.path.contains("/tests"))
        .filter(|source| shells.iter().any(|shell| source.code.contains(&format!("Command::new({shell})"))))
        .map(|source| source.path)
        .collect();
    assert!(broken.is_empty(), "a shell is started in {broken:?}");
}
