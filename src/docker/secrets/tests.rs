use std::fs;
use std::os::unix::fs::symlink;

use claude_hooks_actors::model::{Lifecycle, Limits, RUNNER_VERSION};
use claude_hooks_actors::testing::type_name;
use tempfile::TempDir;

use super::*;

fn spec() -> ContainerSpec {
    ContainerSpec {
        lifecycle: Lifecycle::Hot,
        image: "agent:1".into(),
        command: Vec::new(),
        user: None,
        env: std::collections::BTreeMap::new(),
        mounts: Vec::new(),
        network: "none".into(),
        limits: Limits::default(),
        credentials: None,
        token_env: None,
        runner: RUNNER_VERSION,
        agent_socket: false,
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn collected(spec: &ContainerSpec, dir: &Path) -> Result<FromHost, RuntimeError> {
    collect(spec, &type_name("dev"), dir, None)
}

fn reason(spec: &ContainerSpec, dir: &Path) -> String {
    match collected(spec, dir) {
        Err(RuntimeError::Refused { reason }) => reason.replace(&dir.display().to_string(), "DIR"),
        Err(other) => panic!("not refused but {other:?}"),
        Ok(_) => panic!("not refused"),
    }
}

#[test]
fn a_token_is_one_line_without_its_newline() {
    let dir = directory();
    let spec = ContainerSpec { token_env: Some("TOKEN".into()), ..spec() };
    for text in ["s3cret", "s3cret\n", "s3cret\r\n"] {
        fs::write(dir.path().join("dev"), text).expect("a token file");
        let token = collected(&spec, dir.path()).expect(text).token;
        assert_eq!(token, Some(("TOKEN".into(), "s3cret".into())), "{text:?}");
    }
}

#[test]
fn a_bad_token_file_is_refused_by_name_and_never_shown() {
    let dir = directory();
    let spec = ContainerSpec { token_env: Some("TOKEN".into()), ..spec() };
    assert_eq!(
        reason(&spec, dir.path()),
        "the token file DIR/dev does not exist: write the token for TOKEN into it (mode 0600), or remove token_env from the type"
    );
    for bytes in [&b"s3cret\nMORE=1\n"[..], b"s3\0cret", b"\xffs3cret", b"s3cret\n\n"] {
        fs::write(dir.path().join("dev"), bytes).expect("a token file");
        assert_eq!(
            reason(&spec, dir.path()),
            "the token file DIR/dev must hold one line of text, the token, and nothing else"
        );
    }
    fs::write(dir.path().join("dev"), "\n").expect("a token file");
    assert_eq!(reason(&spec, dir.path()), "the token file DIR/dev is empty: write the token into it");
    fs::write(dir.path().join("dev"), "s3cret".repeat(20_000)).expect("a token file");
    let long = reason(&spec, dir.path());
    assert!(long.contains("at most") && !long.contains("s3cret"), "{long}");
    fs::write(dir.path().join("dev"), "s3cret").expect("a token file");
    let bad_name = reason(&ContainerSpec { token_env: Some("A=B\nC".into()), ..spec }, dir.path());
    assert!(bad_name.contains("a variable is named with") && !bad_name.contains("s3cret"), "{bad_name}");
}

#[test]
fn credentials_are_a_file_that_exists() {
    let dir = directory();
    let file = dir.path().join("c.json");
    let with = |path: &Path| ContainerSpec { credentials: Some(path.to_owned()), ..spec() };
    assert!(reason(&with(&file), dir.path()).starts_with("the credentials file DIR/c.json cannot be used"));
    assert!(reason(&with(dir.path()), dir.path()).contains("is not a file"));
    fs::write(&file, "{}").expect("credentials");
    let link = dir.path().join("link");
    symlink(&file, &link).expect("a link");
    let real = file.canonicalize().expect("it is there");
    assert_eq!(collected(&with(&link), dir.path()).expect("a link").credentials.as_deref(), real.to_str());
}

#[test]
fn a_link_to_the_host_is_seen_through() {
    let dir = directory();
    let with = |source: &Path| {
        let mount = Mount { source: source.to_owned(), target: "/x".into(), read_only: true };
        ContainerSpec { mounts: vec![mount], ..spec() }
    };
    for (name, target) in [("root", "/"), ("proc", "/proc"), ("var", "/var")] {
        let link = dir.path().join(name);
        symlink(target, &link).expect("a link");
        let reason = reason(&with(&link), dir.path());
        assert!(reason.contains("would give the container the host itself"), "{reason}");
    }
    assert!(reason(&with(&dir.path().join("missing")), dir.path()).contains("cannot be used"));
    let code = dir.path().join("code");
    fs::create_dir(&code).expect("a directory");
    let mounts = collected(&with(&code), dir.path()).expect("an honest mount").mounts;
    let source = code.canonicalize().expect("it is there").display().to_string();
    assert_eq!(mounts, [(source, "/x".to_owned(), true)]);
}

#[test]
fn the_engines_own_socket_is_never_mounted_wherever_it_lies() {
    let dir = directory();
    let run = dir.path().join("run");
    fs::create_dir(&run).expect("a directory");
    let socket = run.join("engine.sock");
    fs::write(&socket, "").expect("something in its place");
    let mount = Mount { source: run.clone(), target: "/x".into(), read_only: false };
    let spec = ContainerSpec { mounts: vec![mount], ..spec() };
    assert!(collect(&spec, &type_name("dev"), dir.path(), Some(&socket)).is_err());
    assert!(collect(&spec, &type_name("dev"), dir.path(), None).is_ok());
}
