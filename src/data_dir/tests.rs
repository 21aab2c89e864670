use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::unprivileged::{as_nobody, is_nobody};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file exists").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the owner changes the mode");
}

/// Opens a directory whose holder is gone. Other tests run beside this one, and a child that one of them has just forked
/// has all our descriptors until it executes its program.
fn reopen(path: &Path) -> Result<DataDir, DataDirError> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match DataDir::open(path) {
            Err(DataDirError::Locked { .. }) if Instant::now() < deadline => thread::yield_now(),
            other => return other,
        }
    }
}

fn temp() -> TempDir {
    TempDir::new().expect("a temporary directory")
}

#[test]
fn a_missing_directory_is_made_for_its_owner_alone() {
    let temp = temp();
    let dir = temp.path().join("a/b");
    let opened = DataDir::open(&dir).expect("it is made");
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&opened.paths().lock()), 0o600);
}

#[test]
fn a_second_daemon_is_refused_with_the_pid_of_the_first_and_may_follow_it() {
    let temp = temp();
    let first = DataDir::open(temp.path()).expect("nobody else is there");
    match DataDir::open(temp.path()) {
        Err(DataDirError::Locked { pid, path }) => {
            assert_eq!((pid, path.as_path()), (Some(std::process::id()), temp.path()));
        }
        other => panic!("{other:?}"),
    }
    drop(first);
    reopen(temp.path()).expect("the lock went with its holder");
}

#[test]
fn a_killed_daemon_leaves_no_lock_even_while_its_children_live() {
    let temp = temp();
    // The holder is a shell with flock(1); its child closes the descriptor, as close-on-exec does for ours.
    let script = "exec 9>lock; flock -n 9 || exit 1; sleep 60 9>&- >/dev/null & echo $!; wait";
    let mut holder = Command::new("sh")
        .args(["-c", script])
        .current_dir(temp.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh runs");
    let mut child = String::new();
    BufReader::new(holder.stdout.take().expect("it is piped"))
        .read_line(&mut child)
        .expect("it prints a pid");
    assert!(matches!(DataDir::open(temp.path()), Err(DataDirError::Locked { .. })));
    holder.kill().expect("it lives");
    holder.wait().expect("it is ours to reap");
    let reopened = reopen(temp.path());
    Command::new("kill").arg(child.trim()).status().expect("kill runs");
    reopened.expect("the lock went with its holder");
}

#[test]
fn a_child_of_ours_does_not_inherit_the_lock() {
    let temp = temp();
    let dir = DataDir::open(temp.path()).expect("nobody else is there");
    let mut child = Command::new("sleep").arg("60").spawn().expect("sleep runs");
    drop(dir);
    let reopened = reopen(temp.path());
    child.kill().expect("it lives");
    child.wait().expect("it is ours to reap");
    reopened.expect("the child holds nothing");
}

#[test]
fn a_lock_file_left_behind_is_no_lock() {
    let temp = temp();
    let path = DataPaths::new(temp.path()).lock();
    fs::write(&path, "an old pid that is longer than ours\n").expect("written");
    let _dir = DataDir::open(temp.path()).expect("a left file without a holder is no lock");
    assert_eq!(fs::read_to_string(&path).expect("readable"), format!("{}\n", std::process::id()));
}

#[test]
fn a_directory_that_others_may_write_to_is_refused_and_left_as_it_is() {
    let temp = temp();
    for mode_found in [0o777, 0o1777, 0o770] {
        set_mode(temp.path(), mode_found);
        match DataDir::open(temp.path()) {
            Err(error @ DataDirError::WritableByOthers { .. }) => {
                assert!(error.to_string().contains("chmod 700"), "{error}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(mode(temp.path()), mode_found);
        assert_eq!(fs::read_dir(temp.path()).expect("readable").count(), 0);
    }
}

#[test]
fn a_file_where_the_directory_should_be_is_refused_and_named() {
    let temp = temp();
    let file = temp.path().join("file");
    fs::write(&file, "mine").expect("written");
    for path in [file.clone(), file.join("below")] {
        match DataDir::open(&path) {
            Err(DataDirError::NotADirectory { path }) => assert_eq!(path, file),
            Err(DataDirError::Io { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(fs::read_to_string(&file).expect("readable"), "mine");
}

#[test]
fn a_directory_without_write_permission_is_refused_with_the_command_that_mends_it() {
    // Permission bits do not bind root, so root runs this test as nobody.
    if !is_nobody() {
        return as_nobody(
            "data_dir::tests::a_directory_without_write_permission_is_refused_with_the_command_that_mends_it",
        );
    }
    let temp = temp();
    set_mode(temp.path(), 0o500);
    for path in [temp.path().to_owned(), temp.path().join("new")] {
        match DataDir::open(&path) {
            Err(error @ DataDirError::NotWritable { .. }) => {
                let said = format!("chmod u+rwx {}", temp.path().display());
                assert!(error.to_string().contains(&said), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
    set_mode(temp.path(), 0o700);
}

#[test]
fn somebody_elses_directory_is_refused() {
    if !is_nobody() {
        return as_nobody("data_dir::tests::somebody_elses_directory_is_refused");
    }
    assert!(matches!(DataDir::open(Path::new("/usr")), Err(DataDirError::NotOwned { owner: 0, .. })));
}

#[test]
fn the_token_is_made_once_random_and_private() {
    let (one, other) = (temp(), temp());
    let dir = DataDir::open(one.path()).expect("open");
    let token = dir.token().expect("made");
    assert_eq!(token.expose().len(), 64);
    assert_eq!(mode(&dir.paths().token()), 0o600);
    assert_eq!(dir.token().expect("read again"), token);
    assert_eq!(DataPaths::new(one.path()).read_token().expect("a client reads it"), token);
    let another = DataDir::open(other.path()).expect("open").token().expect("made");
    assert_ne!(another, token);
    assert!(!format!("{token:?}").contains(token.expose()));
    let left: Vec<_> = fs::read_dir(one.path())
        .expect("readable")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name.to_string_lossy().starts_with(".new-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_token_that_is_not_worth_its_name_is_refused_and_never_shown() {
    let temp = temp();
    let dir = DataDir::open(temp.path()).expect("open");
    let path = dir.paths().token();
    let secret = "0123456789abcdef0123456789abcdef";
    for content in ["", "\n", "short", &format!("{secret} {secret}"), &"x".repeat(9000)] {
        fs::write(&path, content).expect("written");
        set_mode(&path, 0o600);
        match dir.token() {
            Err(error @ TokenError::Unusable { .. }) => assert!(!error.to_string().contains(secret)),
            other => panic!("{content:?}: {other:?}"),
        }
        assert_eq!(fs::read_to_string(&path).expect("readable"), content, "it is never overwritten");
    }
    fs::write(&path, secret).expect("written");
    for readable in [0o640, 0o604, 0o620] {
        set_mode(&path, readable);
        match dir.token() {
            Err(error @ TokenError::ReadableByOthers { .. }) => assert!(!error.to_string().contains(secret)),
            other => panic!("{other:?}"),
        }
    }
    set_mode(&path, 0o600);
    assert_eq!(dir.token().expect("an operator's own token serves").expose(), secret);
}

#[test]
fn a_token_that_is_a_link_is_refused() {
    let temp = temp();
    let dir = DataDir::open(temp.path()).expect("open");
    let real = temp.path().join("real");
    fs::write(&real, "0123456789abcdef0123456789abcdef").expect("written");
    set_mode(&real, 0o600);
    symlink(&real, dir.paths().token()).expect("linked");
    assert!(matches!(dir.token(), Err(TokenError::Unusable { problem: "is a symbolic link", .. })));
}

#[test]
fn a_client_of_a_daemon_that_never_started_hears_that_there_is_no_token() {
    let temp = temp();
    assert!(matches!(DataPaths::new(temp.path()).read_token(), Err(TokenError::Missing { .. })));
}

#[test]
fn the_runner_is_placed_once_for_everybody_to_run() {
    let temp = temp();
    let program = temp.path().join("program");
    fs::write(&program, "first").expect("a file");
    let dir = DataDir::open(&temp.path().join("data")).expect("it is made");
    dir.place_runner(&program).expect("room for it");
    fs::write(&program, "second").expect("a file");
    dir.place_runner(&program).expect("it is there");
    let runner = dir.paths().runner();
    assert_eq!(fs::read_to_string(&runner).expect("it is there"), "first");
    let alone = runner.parent().expect("a directory");
    assert_eq!((mode(&runner), mode(alone)), (0o755, 0o755));
    assert_eq!(fs::read_dir(alone).expect("a directory").count(), 1);
}
