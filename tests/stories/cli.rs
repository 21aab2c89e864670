//! The command line: tables for people, JSON for programs, and exit codes to rely on.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::{fs, io};

use claude_hooks_actors::model::Phase;
use rustix::fs::{FlockOperation, flock};
use serde_json::Value;

use crate::harness::{Fault, Fleet, On, SOON, hot, lazy, stderr, stdout};

#[test]
fn an_agent_lives_its_life_through_the_command_line() {
    let Some(fleet) = Fleet::started([lazy("dev")]) else { return };
    fleet.cli_ok(&["agents", "create", "alice", "--type", "dev", "--env", "EDITOR=vi", "--memory", "48m"]);
    let seen = fleet.inspect("alice").expect("it has a container");
    assert_eq!(seen["HostConfig"]["Memory"], 48 << 20);
    let table = fleet.cli_ok(&["agents", "list"]);
    assert!(table.contains("alice") && table.contains("dev-default") && table.contains("stopped"), "{table}");
    fleet.cli_ok(&["agents", "update", "alice", "--lifecycle", "hot"]);
    fleet.wait_phase("alice", Phase::Running, SOON);
    assert_eq!(fleet.exec("alice", &["print-env", "EDITOR"]), "EDITOR=vi");
    fleet.cli_ok(&["agents", "stop", "alice"]);
    assert_eq!(fleet.status("alice"), "exited");
    assert!(fleet.cli_ok(&["agents", "show", "alice"]).contains("alice"));
    assert!(!fleet.cli_ok(&["why", "alice"]).trim().is_empty());
    fleet.cli_ok(&["agents", "start", "alice"]);
    assert_eq!(fleet.cli_ok(&["agents", "restart", "alice"]), "alice: restarted\n");
    fleet.cli_ok(&["agents", "recreate", "alice"]);
    assert_eq!(fleet.status("alice"), "running");
    let events = fleet.cli_ok(&["events", "--instance", "alice"]);
    assert!(events.contains("container_created") && events.contains("container_recreated"), "{events}");
    fleet.eventually("the agent's words are in its log", SOON, || {
        (!fleet.cli_ok(&["logs", "alice"]).trim().is_empty()).then_some(())
    });
    fleet.cli_ok(&["scale", "dev=4"]);
    assert_eq!(fleet.agents().len(), 4, "alice, dev-default and two more");
    assert!(fleet.cli_ok(&["plan"]).contains("alice"));
    fleet.cli_ok(&["agents", "delete", "alice"]);
    assert_eq!(fleet.inspect("alice"), None);
    assert!(fleet.inspect_volume("alice").is_some(), "its state stays");
}

#[test]
fn json_is_the_answer_of_the_api() {
    let Some(fleet) = Fleet::started([lazy("dev")]) else { return };
    let parse = |text: String| serde_json::from_str::<Value>(&text).expect("--json prints JSON");
    let list = parse(fleet.cli_ok(&["agents", "list", "--json"]));
    let names: Vec<&Value> =
        list["items"].as_array().expect("a list has items").iter().map(|agent| &agent["name"]).collect();
    assert_eq!(names, ["dev-default"]);
    let shown = parse(fleet.cli_ok(&["agents", "show", "dev-default", "--json"]));
    assert_eq!(shown["observed"]["phase"], "stopped", "{shown}");
    let created = parse(fleet.cli_ok(&["agents", "create", "bob", "--type", "dev", "--json"]));
    assert_eq!((&created["name"], &created["outcome"]), (&"bob".into(), &"created".into()), "{created}");
}

#[test]
fn exit_codes_tell_failure_usage_and_a_daemon_that_is_not_there() {
    let Some(mut fleet) = Fleet::started([lazy("dev")]) else { return };
    let code = |fleet: &Fleet, args: &[&str]| {
        let output = fleet.cli(args);
        (output.status.code(), stdout(&output), stderr(&output))
    };
    let (failed, _, said) = code(&fleet, &["agents", "show", "nobody"]);
    assert_eq!(failed, Some(1), "{said}");
    assert!(said.contains("nobody"), "{said}");
    for usage in [
        &["agents", "show", "-x"][..],
        &["agents", "create", "a;b", "--type", "dev"],
        &["no-such-verb"],
        &["scale", "dev"],
    ] {
        let (status, _, said) = code(&fleet, usage);
        assert_eq!(status, Some(2), "{usage:?}: {said}");
    }
    assert!(fleet.sigterm().success());
    let (unreachable, _, said) = code(&fleet, &["agents", "list"]);
    assert_eq!(unreachable, Some(69), "{said}");
    assert!(said.contains("claude-hooks.sock"), "it says where it looked: {said}");
    assert_eq!(code(&fleet, &["agents-sync"]).0, Some(0), "it also works alone");
    // Another process has the data, but nothing answers on the socket: a daemon that hangs, or that just starts.
    let lock = fs::File::open(fleet.data().join("lock")).expect("the daemon left its lock file");
    flock(&lock, FlockOperation::NonBlockingLockExclusive).expect("the daemon let go of it");
    let (held, _, said) = code(&fleet, &["agents-sync"]);
    assert_eq!(held, Some(75), "{said}");
    assert!(said.contains(&*fleet.data().to_string_lossy()), "it names the directory: {said}");
    drop(lock);
    fleet.set("docker", "host", "unix:///nonexistent/docker.sock");
    for args in [&["agents-sync"][..], &["agents-sync", "--dry-run"]] {
        let (no_docker, _, said) = code(&fleet, args);
        assert_eq!(no_docker, Some(69), "{args:?}: {said}");
        assert!(said.contains("/nonexistent/docker.sock"), "{args:?}: {said}");
    }
}

#[test]
fn a_docker_that_is_away_behind_a_running_daemon_is_told_apart_from_a_failure() {
    let Some(mut fleet) = Fleet::new([lazy("dev")]) else { return };
    fleet.with_faults();
    fleet.without_docker_events(3600);
    fleet.start();
    fleet.faults().set(&[(On::Everything, Fault::Unreachable)]);
    for args in [&["agents-sync"][..], &["agents-sync", "--dry-run"], &["plan"]] {
        let output = fleet.cli(args);
        assert_eq!(output.status.code(), Some(69), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("docker"), "{args:?}: {}", stderr(&output));
    }
    fleet.faults().clear();
    fleet.cli_ok(&["agents-sync"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let Some(fleet) = Fleet::started([lazy("dev")]) else { return };
    for args in [
        &["agents", "list"][..],
        &["agents", "show", "dev-default", "--json"],
        &["agents-sync"],
        &["agents-sync", "--dry-run"],
        &["check-config"],
        &["completions", "bash"],
        &["doctor"],
        &["events"],
        &["plan", "--json"],
        &["--help"],
    ] {
        // Nobody reads from the first byte on, which is how it ends behind `head`, without its timing.
        let (reader, writer) = io::pipe().expect("a pipe can be made");
        drop(reader);
        let output = fleet.command(args).stdout(writer).output().expect("our program can be run");
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{args:?}");
    }
}

#[test]
fn completions_are_scripts_that_know_the_verbs() {
    let Some(fleet) = Fleet::new([lazy("dev")]) else { return };
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = fleet.cli_ok(&["completions", shell]);
        assert!(script.contains("agents-sync") && script.contains("dry-run"), "{shell}");
    }
    let script = fleet.path("completions.bash");
    fs::write(&script, fleet.cli_ok(&["completions", "bash"])).expect("the temporary directory is writable");
    let load = format!("set -eu; . {}; complete -p claude-hooks", script.display());
    let bash = Command::new("bash").args(["--norc", "-c", &load]).output().expect("bash can be run");
    assert!(stdout(&bash).contains("claude-hooks"), "{}", stderr(&bash));
    let unknown = fleet.cli(&["completions", "tcsh"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", stderr(&unknown));
}

#[test]
fn a_tethered_program_is_itself_and_does_not_begin_without_its_parent() {
    let Some(fleet) = Fleet::new([lazy("dev")]) else { return };
    let here = std::process::id().to_string();
    let run = |parent: &str, command: &[&str]| {
        let output = fleet.cli(&[&["run-tethered", parent], command].concat());
        (output.status.code(), stdout(&output), stderr(&output))
    };
    let script = ["sh", "-c", "echo \"$@\"; exit 7", "-", "--json", "-x", "--help"];
    assert_eq!(run(&here, &script), (Some(7), "--json -x --help\n".into(), String::new()));
    let (code, _, said) = run("1", &["true"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is gone"), "{said}");
    let (code, _, said) = run(&here, &["/nonexistent/docker"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("/nonexistent/docker"), "{said}");
}

#[test]
fn wiping_asks_first_and_takes_the_state_along() {
    let Some(fleet) = Fleet::started([lazy("dev")]) else { return };
    fleet.create("alice", "dev");
    let asked = fleet.cli(&["wipe-agent", "alice"]);
    assert!(!asked.status.success(), "nobody said yes: {}", stdout(&asked));
    assert!(fleet.inspect_volume("alice").is_some());
    fleet.cli_ok(&["wipe-agent", "alice", "--yes"]);
    assert_eq!((fleet.inspect("alice"), fleet.inspect_volume("alice")), (None, None));
    fleet.get("/api/v1/agents/alice").expect(404);
    assert!(fleet.inspect_volume("dev-default").is_some(), "the neighbour's state stays");
}

/// The doctor must fail with `check` as a FAIL that says each of `words`, and on the line below how to mend it.
#[track_caller]
fn assert_doctor_fails(fleet: &Fleet, check: &str, words: &[&str], mend: &str) {
    let output = fleet.cli(&["doctor"]);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}\n{}", stderr(&output));
    let mut lines = said.lines().skip_while(|line| !(line.starts_with("FAIL") && line.contains(check)));
    let found = lines.next().unwrap_or_else(|| panic!("no FAIL about {check}:\n{said}"));
    for word in words {
        assert!(found.contains(word), "{check} says {word}:\n{said}");
    }
    let below = lines.next().unwrap_or_default();
    assert!(below.contains("->") && below.contains(mend), "{check} is mended with {mend}:\n{said}");
}

#[test]
fn the_doctor_is_content_with_a_healthy_fleet_before_and_while_it_runs() {
    let Some(mut fleet) = Fleet::new([hot("dev").set("token_env", "AGENT_TOKEN")]) else { return };
    fleet.give_token("dev", "sk-secret");
    let before = fleet.cli_ok(&["doctor"]);
    fleet.start();
    let json: Value = serde_json::from_str(&fleet.cli_ok(&["doctor", "--json"])).expect("--json prints JSON");
    assert_eq!(json["ok"], true, "{json}");
    let checks = json["checks"].as_array().expect("checks are a list");
    let names: Vec<&str> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
    for name in
        ["config", "data dir", "database", "daemon", "socket", "clock", "types", "docker", "token dev"]
    {
        assert!(names.contains(&name), "{name} is looked at: {names:?}");
        assert!(before.contains(name), "{name} is looked at without a daemon: {before}");
    }
    assert!(
        !before.contains("sk-secret") && !json.to_string().contains("sk-secret"),
        "a secret is never shown"
    );
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_how_to_mend_it() {
    let Some(mut fleet) = Fleet::new([hot("dev").container("image", "cht-absent:1")]) else { return };
    assert_doctor_fails(&fleet, "image cht-absent:1", &["is not here", "dev"], "docker pull cht-absent:1");

    fleet.declare(hot("dev").set("token_env", "AGENT_TOKEN"));
    assert_doctor_fails(&fleet, "token dev", &["tokens/dev", "not there"], "tokens/dev");
    fleet.give_token("dev", "sk-secret");
    let token = fleet.home().join(".config/claude-hooks/tokens/dev");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).expect("the file is ours");
    assert_doctor_fails(&fleet, "token dev", &["tokens/dev", "0644"], "chmod 600");

    fleet.declare(hot("dev").set("credentials", fleet.path("no-credentials").to_string_lossy().into_owned()));
    assert_doctor_fails(&fleet, "credentials dev", &["no-credentials", "not there"], "log in");

    fleet.declare(hot("dev"));
    fleet.set("docker", "host", "unix:///nonexistent/docker.sock");
    assert_doctor_fails(&fleet, "docker", &["/nonexistent/docker.sock"], "start it");
    fleet.set("docker", "binary", "/nonexistent/docker");
    assert_doctor_fails(&fleet, "docker binary", &["/nonexistent/docker"], "install docker");
}

#[test]
fn the_doctor_finds_what_is_wrong_with_the_data() {
    let Some(mut fleet) = Fleet::started([lazy("dev")]) else { return };
    assert!(fleet.sigterm().success());
    fs::set_permissions(fleet.data(), fs::Permissions::from_mode(0o777)).expect("the directory is ours");
    assert_doctor_fails(&fleet, "data dir", &["0777"], "chmod 700");
    fs::set_permissions(fleet.data(), fs::Permissions::from_mode(0o700)).expect("the directory is ours");
    fleet.cli_ok(&["doctor"]);
    fs::write(fleet.data().join("agents.db"), vec![0x5a; 65_536]).expect("the file is ours");
    assert_doctor_fails(&fleet, "database", &["agents.db"], "backups");
}

#[test]
fn a_mistake_in_the_config_is_told_with_file_line_and_the_nearest_key() {
    let Some(mut fleet) = Fleet::new([lazy("dev")]) else { return };
    assert!(fleet.cli(&["check-config"]).status.success());
    let assert_told = |fleet: &Fleet, words: &[&str]| {
        for verb in ["check-config", "serve", "agents-sync"] {
            let output = fleet.cli(&[verb]);
            assert_eq!(output.status.code(), Some(1), "{verb}: {}", stderr(&output));
            for word in words {
                assert!(stderr(&output).contains(word), "{verb} says {word}: {}", stderr(&output));
            }
        }
    };
    fleet.set("watchdog", "intervall_s", 1);
    fleet.cli(&["check-config"]);
    let text = fs::read_to_string(fleet.config()).expect("the config was written");
    let line = 1 + text.lines().position(|line| line.starts_with("intervall_s")).expect("the key is in it");
    let place = format!("{}:{line}:", fleet.config().display());
    assert_told(&fleet, &[&place, "`watchdog.intervall_s`", "`interval_s`"]);
    assert_eq!(fleet.containers(), Vec::<String>::new());

    fleet.unset("watchdog", "intervall_s");
    fleet.declare(lazy("dev").set("livecycle", "hot"));
    let place = format!("{}:1:", fleet.path("agents.json").display());
    assert_told(&fleet, &[&place, "`types.dev.livecycle`", "`lifecycle`"]);
    fleet.declare(lazy("dev"));
    assert!(fleet.cli(&["check-config"]).status.success());
}

#[test]
fn a_variable_of_the_environment_goes_over_the_file() {
    let Some(mut fleet) = Fleet::new([lazy("dev")]) else { return };
    fleet.env("CLAUDE_HOOKS_SERVER_LISTEN", "");
    fleet.start();
    assert!(!fleet.data().join("listen").exists(), "the file said 127.0.0.1:0, the variable says nothing");
}
