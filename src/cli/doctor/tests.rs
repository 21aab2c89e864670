use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use claude_hooks_actors::model::PullPolicy;

use super::facts::{
    Daemon, DataFacts, Database, DirState, DiskRoot, Engine, EngineClock, Facts, FleetFacts, Image,
    ImageState, Lock, Secret, SecretState,
};
use super::files::{held, is_single_line};
use super::probe::{Probe, find};
use super::{Check, Status, files, judge, lines, run};
use crate::cli::failure::Exit;
use crate::cli::tests::{context, noon};
use crate::config::{Flags, Sources};
use crate::data_dir::DataPaths;

fn secret(path: &str, state: SecretState) -> Secret {
    Secret { path: path.into(), types: vec!["dev".to_owned()], state }
}

fn image(reference: &str, pull: PullPolicy, state: ImageState) -> Image {
    Image { reference: reference.to_owned(), types: vec!["dev".to_owned()], pull, state }
}

/// A host on which all is well.
fn healthy() -> Facts {
    Facts {
        now: noon(),
        config: Ok(Some("/etc/claude-hooks/claude-hooks.toml".into())),
        data: Some(DataFacts {
            dir: "/var/lib/claude-hooks".into(),
            dir_state: DirState::Present { mode: 0o700, owner: 5, user: 5, writable: true },
            database: Database::Opened { schema: 1, known_schema: 1, agents: 3 },
            lock: Lock::Held(Some(4711)),
            socket: "/var/lib/claude-hooks/claude-hooks.sock".into(),
            socket_mode: Some(0o600),
            daemon: Daemon::Answers(3),
            free_bytes: Some(10 << 30),
        }),
        fleet: Some(FleetFacts {
            types: vec!["dev".to_owned()],
            built_in_types: false,
            binary: "docker".into(),
            binary_found: Some("/usr/bin/docker".into()),
            engine: Engine::Reached {
                client: Some("28.2.0".to_owned()),
                server: Some("20.10.24".to_owned()),
                clock: Some(EngineClock { theirs: noon(), ours: noon() }),
                root: Some(DiskRoot { path: "/var/lib/docker".into(), free_bytes: Some(10 << 30) }),
            },
            images: vec![image(
                "agent:1",
                PullPolicy::Never,
                ImageState::Present("sha256:0123456789abcdef".to_owned()),
            )],
            credentials: vec![secret(
                "/home/x/c.json",
                SecretState::Present { mode: 0o600, single_line: false },
            )],
            tokens: vec![secret("/home/x/t/dev", SecretState::Present { mode: 0o600, single_line: true })],
        }),
    }
}

fn data(facts: &mut Facts) -> &mut DataFacts {
    facts.data.as_mut().expect("the healthy host has data")
}

fn fleet(facts: &mut Facts) -> &mut FleetFacts {
    facts.fleet.as_mut().expect("the healthy host has a fleet")
}

/// What is judged otherwise than on a healthy host.
fn complaints(spoil: impl FnOnce(&mut Facts)) -> Vec<Check> {
    let mut facts = healthy();
    spoil(&mut facts);
    judge::judge(&facts).into_iter().filter(|check| check.status != Status::Ok).collect()
}

#[test]
fn on_a_healthy_host_every_check_is_ok() {
    let checks = judge::judge(&healthy());
    assert!(checks.iter().all(|check| check.status == Status::Ok && check.mend.is_none()), "{checks:?}");
    insta::assert_snapshot!(lines(&checks).join("\n"));
}

#[test]
fn before_the_first_start_nothing_is_wrong() {
    let found = complaints(|facts| {
        let data = data(facts);
        data.dir_state = DirState::Missing;
        data.database = Database::Absent;
        data.lock = Lock::Free;
        data.socket_mode = None;
        data.daemon = Daemon::Absent;
    });
    assert_eq!(found, []);
}

#[test]
fn every_trouble_is_named_with_what_mends_it() {
    let spoils: Vec<fn(&mut Facts)> = vec![
        |facts| {
            facts.config = Err("c.toml:3: unknown key".to_owned());
            facts.fleet = None;
        },
        |facts| facts.now = jiff::Timestamp::UNIX_EPOCH,
        |facts| data(facts).dir_state = DirState::NotADirectory,
        |facts| data(facts).dir_state = DirState::Unreadable("Permission denied".to_owned()),
        |facts| data(facts).dir_state = DirState::Present { mode: 0o700, owner: 0, user: 5, writable: false },
        |facts| data(facts).dir_state = DirState::Present { mode: 0o700, owner: 5, user: 0, writable: true },
        |facts| data(facts).dir_state = DirState::Present { mode: 0o500, owner: 5, user: 5, writable: false },
        |facts| data(facts).dir_state = DirState::Present { mode: 0o777, owner: 5, user: 5, writable: true },
        |facts| data(facts).database = Database::Refused("the database is damaged".to_owned()),
        |facts| data(facts).daemon = Daemon::Absent,
        |facts| {
            data(facts).lock = Lock::Free;
            data(facts).daemon = Daemon::Fails("no permission to use the socket".to_owned());
        },
        |facts| data(facts).socket_mode = Some(0o666),
        |facts| data(facts).free_bytes = Some(1 << 20),
        |facts| data(facts).free_bytes = Some(1 << 30),
        |facts| fleet(facts).built_in_types = true,
        |facts| fleet(facts).types.clear(),
        |facts| {
            fleet(facts).binary_found = None;
            fleet(facts).engine = Engine::NotAsked;
        },
        |facts| {
            let told = "Got permission denied while trying to connect to the Docker daemon socket".to_owned();
            fleet(facts).engine = Engine::Refused { client: Some("28.2.0".to_owned()), told };
        },
        |facts| {
            let told = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.".to_owned();
            fleet(facts).engine = Engine::Refused { client: None, told };
        },
        |facts| {
            let ours = noon();
            let theirs = ours + jiff::SignedDuration::from_secs(90);
            let clock = Some(EngineClock { theirs, ours });
            fleet(facts).engine = Engine::Reached { client: None, server: None, clock, root: None };
        },
        |facts| fleet(facts).images = vec![image("a:1", PullPolicy::Never, ImageState::Absent)],
        |facts| fleet(facts).images = vec![image("a:1", PullPolicy::Missing, ImageState::Absent)],
        |facts| fleet(facts).credentials = vec![secret("/c", SecretState::Missing)],
        |facts| fleet(facts).credentials = vec![secret("/c", SecretState::NotAFile)],
        |facts| {
            fleet(facts).credentials =
                vec![secret("/c", SecretState::Present { mode: 0o666, single_line: true })];
        },
        |facts| fleet(facts).tokens = vec![secret("/t/dev", SecretState::Missing)],
        |facts| fleet(facts).tokens = vec![secret("/t/dev", SecretState::Unreadable("denied".to_owned()))],
        |facts| {
            fleet(facts).tokens =
                vec![secret("/t/dev", SecretState::Present { mode: 0o644, single_line: true })];
        },
        |facts| {
            fleet(facts).tokens =
                vec![secret("/t/dev", SecretState::Present { mode: 0o600, single_line: false })];
        },
    ];
    let mut told = Vec::new();
    for spoil in spoils {
        let found = complaints(spoil);
        assert!(!found.is_empty());
        assert!(found.iter().all(|check| check.mend.is_some()), "{found:?}");
        told.extend(lines(&found));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_holder_of_the_lock_is_read_from_the_kernels_list() {
    let locks = "1: POSIX  ADVISORY  WRITE 12 fe:01:77 0 EOF\n\
                 2: FLOCK  ADVISORY  READ  13 fe:01:77 0 EOF\n\
                 2: -> FLOCK  ADVISORY  WRITE 15 fe:01:77 0 EOF\n\
                 3: FLOCK  ADVISORY  WRITE 14 fe:01:78 0 EOF\n\
                 4: FLOCK  ADVISORY  WRITE -1 fe:01:79 0 EOF\n";
    assert!(matches!(held(locks, 78), Lock::Held(Some(14))));
    assert!(matches!(held(locks, 79), Lock::Held(None)));
    assert!(matches!(held(locks, 77), Lock::Free), "only waiting for it, reading, or another kind of lock");
}

#[test]
fn a_lock_that_is_really_held_is_seen() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("lock");
    assert!(matches!(files::lock(&path), Lock::Free));
    let file = std::fs::File::create(&path).expect("writable");
    file.lock().expect("nobody else has it");
    assert!(matches!(files::lock(&path), Lock::Held(_)));
    // Unlocked, not just closed: a child that another test forks at this moment has the file open too.
    file.unlock().expect("it is locked");
    assert!(matches!(files::lock(&path), Lock::Free));
}

#[test]
fn a_token_is_one_line() {
    for good in ["abc", "abc\n", "abc\r\n"] {
        assert!(is_single_line(good), "{good:?}");
    }
    for wrong in ["", "\n", "a\nb", "a\n\n", "a\rb", "a\0"] {
        assert!(!is_single_line(wrong), "{wrong:?}");
    }
}

#[test]
fn a_database_is_examined_as_the_daemon_would() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let paths = DataPaths::new(dir.path());
    assert!(matches!(files::database(&paths), Database::Absent));
    std::fs::write(paths.database(), b"this is not a database, but long enough to have a header of one")
        .expect("writable");
    assert!(matches!(files::database(&paths), Database::Refused(_)));
    std::fs::remove_file(paths.database()).expect("it was written above");
    let connection = rusqlite::Connection::open(paths.database()).expect("a new database");
    connection.execute_batch("CREATE TABLE other (x); PRAGMA user_version = 9;").expect("writable");
    assert!(matches!(files::database(&paths), Database::Refused(_)));
}

/// A program that takes docker's place. Written by a child: had this process the file open for writing while another test
/// forks, running it would fail with "text file busy".
fn script(dir: &Path, body: &str) -> PathBuf {
    let path = dir.join("docker");
    let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"";
    let written = Command::new("sh").args(["-c", write]).arg(&path).arg(body).status();
    assert!(written.expect("there is a shell").success());
    path
}

fn probe(binary: PathBuf) -> Probe {
    Probe { binary, host: None, deadline: Duration::from_millis(500) }
}

const WORKING: &str = r#"case "$1" in
version) echo '{"Client":{"Version":"28.2"},"Server":{"Version":"20.10"}}';;
info) echo '{"SystemTime":"2026-01-01T12:00:00.5Z","DockerRootDir":"/nonexistent/docker"}';;
image) [ "$5" = here:1 ] && echo sha256:abc || { echo "Error: No such image: $5" >&2; exit 1; };;
esac"#;

#[actix_rt::test]
async fn docker_is_asked_for_versions_clock_root_and_images() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let probe = probe(script(dir.path(), WORKING));
    let Engine::Reached { client, server, clock, root } = probe.engine().await else { panic!("reached") };
    assert_eq!((client.as_deref(), server.as_deref()), (Some("28.2"), Some("20.10")));
    assert_eq!(clock.expect("it was told").theirs.as_second(), noon().as_second());
    let root = root.expect("it was told");
    assert_eq!((root.path.as_path(), root.free_bytes), (Path::new("/nonexistent/docker"), None));
    assert!(matches!(probe.image("here:1").await, ImageState::Present(id) if id == "sha256:abc"));
    assert!(matches!(probe.image("gone:1").await, ImageState::Absent));
}

#[actix_rt::test]
async fn an_engine_that_is_down_or_hangs_is_told_with_its_words() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let down =
        "echo '{\"Client\":{\"Version\":\"28.2\"},\"Server\":null}'; echo 'Cannot connect' >&2; exit 1";
    let engine = probe(script(dir.path(), down)).engine().await;
    let Engine::Refused { client, told } = engine else { panic!("{engine:?}") };
    assert_eq!((client.as_deref(), told.as_str()), (Some("28.2"), "Cannot connect"));
    let engine = probe(script(dir.path(), "exec sleep 60")).engine().await;
    let Engine::Refused { told, .. } = engine else { panic!("{engine:?}") };
    assert_eq!(told, "no answer within 500ms");
}

#[test]
fn the_binary_is_found_as_a_shell_finds_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = script(dir.path(), "true");
    let search = format!("/nonexistent:{}", dir.path().display());
    assert_eq!(find(Path::new("docker"), Some(&search)), Some(path.clone()));
    assert_eq!(find(Path::new("docker"), Some("/nonexistent")), None);
    assert_eq!(find(&path, None), Some(path.clone()));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("ours");
    assert_eq!(find(&path, None), None);
}

#[actix_rt::test]
async fn a_whole_examination_works_without_a_daemon_and_fails_when_a_check_does() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let docker = script(dir.path(), WORKING);
    std::fs::write(dir.path().join("c.toml"), format!("[docker]\nbinary = \"{}\"\n", docker.display()))
        .expect("ok");
    let types =
        |image: &str| format!("{{\"types\":{{\"dev\":{{\"container\":{{\"image\":\"{image}\"}}}}}}}}");
    let sources = Sources {
        config: Some(dir.path().join("c.toml")),
        flags: Flags { data_dir: Some(dir.path().join("data")), ..Flags::default() },
        env: [("HOME".to_owned(), dir.path().display().to_string())].into(),
        ..Sources::default()
    };
    std::fs::write(dir.path().join("agents.json"), types("here:1")).expect("writable");
    let (mut good, out, _) = context(true);
    run(&mut good, &sources).await.expect("all is well");
    let told: serde_json::Value = serde_json::from_str(&out.text()).expect("JSON");
    assert_eq!(told["ok"], true, "{told}");
    assert!(!dir.path().join("data").exists(), "an examination makes nothing");
    std::fs::write(dir.path().join("agents.json"), types("gone:1")).expect("writable");
    let (mut spoiled, out, _) = context(false);
    let failure = run(&mut spoiled, &sources).await.expect_err("the image is missing");
    assert_eq!(failure.exit(), Exit::Failed);
    assert!(out.text().contains("FAIL  image gone:1"), "{}", out.text());
}
