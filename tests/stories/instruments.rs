//! The instruments themselves: the stories are only worth what these do.

use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::Outcome;
use serde_json::json;

use crate::harness::faults::Faults;
use crate::harness::{Done, Fault, On, engine, stderr, stdout};

struct Instrument {
    faults: Faults,
    _dir: tempfile::TempDir,
}

fn instrument() -> Option<Instrument> {
    if !engine::is_there() {
        return None;
    }
    let dir = tempfile::tempdir().expect("there is a temporary directory");
    Some(Instrument { faults: Faults::install(&dir.path().join("faults")), _dir: dir })
}

fn run(instrument: &Instrument, args: &[&str]) -> Output {
    Command::new(instrument.faults.program()).args(args).output().expect("the script can be run")
}

#[test]
fn without_a_rule_it_is_the_real_docker_and_logs_the_call() {
    let Some(instrument) = instrument() else { return };
    let version = run(&instrument, &["--config", "/nonexistent", "version", "--format", "{{.Server.Os}}"]);
    assert_eq!(stdout(&version).trim(), "linux", "{}", stderr(&version));
    run(&instrument, &["container", "inspect", "cht-nobody"]);
    run(&instrument, &["ps", "-q", "--filter", "name=a b'c"]);
    let calls = instrument.faults.calls();
    let seen: Vec<(&str, &str)> =
        calls.iter().map(|call| (call.class.as_str(), call.verb.as_str())).collect();
    assert_eq!(seen, [("other", "version"), ("inspect", "inspect"), ("list", "ps")]);
    assert_eq!(calls[2].args, ["ps", "-q", "--filter", "name=a b'c"]);
}

#[test]
fn changing_calls_are_numbered_also_when_they_come_at_once() {
    let Some(instrument) = instrument() else { return };
    instrument.faults.set(&[(On::Class("change"), Fault::Fail("no such luck"))]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| run(&instrument, &["start", "cht-nobody"]));
        }
    });
    instrument.faults.set(&[
        (On::Change(9), Fault::Fail("it's the ninth")),
        (On::Class("change"), Fault::Fail("another")),
    ]);
    let ninth = run(&instrument, &["volume", "create", "cht-nothing"]);
    assert_eq!((ninth.status.code(), stderr(&ninth).trim()), (Some(1), "it's the ninth"));
    assert_eq!(instrument.faults.changes().len(), 9);
    instrument.faults.reset();
    instrument.faults.set(&[(On::Change(1), Fault::Fail("the first again"))]);
    assert_eq!(stderr(&run(&instrument, &["rm", "cht-nobody"])).trim(), "the first again");
}

#[test]
fn every_call_but_a_stream_is_numbered() {
    let Some(instrument) = instrument() else { return };
    instrument.faults.set(&[
        (On::Call(3), Fault::Fail("the third")),
        (On::Class("change"), Fault::Fail("a change")),
        (On::Class("events"), Fault::Answer("a stream")),
    ]);
    run(&instrument, &["ps", "-q"]);
    run(&instrument, &["events"]);
    assert_eq!(stderr(&run(&instrument, &["start", "cht-nobody"])).trim(), "a change");
    assert_eq!(stderr(&run(&instrument, &["image", "inspect", "cht-nothing"])).trim(), "the third");
}

#[test]
fn each_fault_is_what_it_is_called() {
    let Some(instrument) = instrument() else { return };
    let faults = &instrument.faults;
    faults.set(&[(On::Everything, Fault::Unreachable)]);
    let inspect = run(&instrument, &["inspect", "cht-nobody"]);
    assert_eq!((inspect.status.code(), stdout(&inspect).trim()), (Some(1), "[]"));
    assert!(stderr(&inspect).contains("Cannot connect to the Docker daemon"), "{}", stderr(&inspect));
    faults.set(&[(On::Class("list"), Fault::Answer("}{"))]);
    assert_eq!(stdout(&run(&instrument, &["ps"])), "}{");
    faults.set(&[(On::Verb("version"), Fault::Truncate)]);
    assert_eq!(run(&instrument, &["version"]).stdout.len(), 40);
    faults.set(&[(On::Verb("version"), Fault::Hang)]);
    let mut hanging = Command::new(faults.program()).arg("version").spawn().expect("the script can be run");
    thread::sleep(Duration::from_millis(500));
    assert!(matches!(hanging.try_wait(), Ok(None)), "it hangs");
    hanging.kill().expect("the child is ours");
    hanging.wait().expect("the child is ours");
    faults.clear();
    assert!(run(&instrument, &["version"]).status.success());
}

#[test]
fn the_caller_is_killed_before_or_after_the_call() {
    let Some(instrument) = instrument() else { return };
    let name = format!("cht-{}-kill", std::process::id());
    for (fault, made) in [(Fault::KillBefore, false), (Fault::KillAfter, true)] {
        instrument.faults.reset();
        instrument.faults.set(&[(On::Change(1), fault)]);
        // The caller is a shell of our own that would say so if it lived on.
        let script = format!("{} volume create {name}; echo alive", instrument.faults.program().display());
        let caller = Command::new("sh").args(["-c", &script]).output().expect("there is a shell");
        assert_eq!(caller.status.code(), None, "the caller was killed: {}", stdout(&caller));
        assert!(!stdout(&caller).contains("alive"));
        let deadline = Instant::now() + Duration::from_secs(5);
        let there = || engine::docker(&["volume", "inspect", &name]).status.success();
        while there() != made && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(50));
        }
        let seen = there();
        assert_eq!(instrument.faults.struck().as_deref(), Some("volume create"));
        engine::docker(&["volume", "rm", "-f", &name]);
        assert_eq!(seen, made, "{fault:?}");
    }
}

#[test]
fn the_agent_of_the_stories_does_what_they_ask_of_it() {
    if !engine::is_there() {
        return;
    }
    let run = |args: &[&str]| {
        let options = ["run", "--rm", "--network", "none", "--init", "--env", "A=b", engine::image()];
        engine::docker(&options.iter().copied().chain(args.iter().copied()).collect::<Vec<_>>())
    };
    assert_eq!(stdout(&run(&["print-env", "A"])), "A=b\n");
    assert_eq!(run(&["print-env", "B"]).status.code(), Some(1));
    assert_eq!(run(&["exit", "7"]).status.code(), Some(7));
    assert_eq!(run(&["sleep", "0"]).status.code(), Some(0));
    assert_eq!(run(&["write", "/note", "text"]).status.code(), Some(0));
    assert_eq!(run(&["nonsense"]).status.code(), Some(2));
    assert_eq!(run(&["cat", "/nowhere"]).status.code(), Some(1));
}

#[test]
fn the_answer_of_a_change_is_read_with_and_without_a_row() {
    let gone: Done = serde_json::from_value(json!({ "name": "a", "outcome": "removed", "reason": null }))
        .expect("the row is gone");
    assert!(gone.agent.is_none());
    let observed = json!({ "phase": "running", "container_id": null, "image_id": null, "started_at": null,
        "restart_count": null, "exit_code": null, "incarnation": null, "observed_at": null });
    let desired = json!({ "power": "on", "image": null, "spec_hash": null, "generation": 3 });
    let there: Done = serde_json::from_value(json!({ "name": "a", "type": "dev", "pool": "dev",
        "lifecycle": "hot", "host_mode": false, "desired": desired, "observed": observed, "lease": null,
        "task": null, "conditions": [], "next_action": null, "last_stop": null, "outcome": "failed",
        "reason": "no space" }))
    .expect("the row is there");
    assert_eq!((there.outcome, there.reason.as_deref()), (Outcome::Failed, Some("no space")));
    assert_eq!(there.agent.map(|agent| agent.desired.generation), Some(3));
}
