//! `exec` and `tasks` of the command line.

use std::io::Write as _;
use std::process::Stdio;

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::TaskState;
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::daemon::kill;
use crate::harness::{Fleet, SOON, host, hot, lazy, stderr, stdout};

const NAME: &str = "dev-default";

#[test]
fn a_command_runs_inside_an_agent_as_if_it_ran_here() {
    let Some(mut fleet) = Fleet::new([lazy("dev"), host("desk")]) else { return };
    fleet.env("OWN", "from here");
    fleet.start();
    let output = fleet.cli(&[
        "exec",
        "--type",
        "dev",
        "-e",
        "OWN",
        "-e",
        "A=1",
        "--",
        "/agent",
        "print-env",
        "OWN",
        "A",
    ]);
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(0), "OWN=from here\nA=1\n"),
        "{output:?}"
    );
    let input: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    let mut command = fleet.command(&["exec", NAME, "-i", "--", "/agent", "copy"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("it is piped").write_all(&input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stdout == input, "{} bytes came back", output.stdout.len());

    for (verb, code, said) in [
        (&["/agent", "exit", "7"][..], 7, ""),
        (&["/no-such-program"], 127, "not_started"),
        (&["/agent", "die-by", "9"], 137, "signalled"),
    ] {
        let output = fleet.cli(&[&["exec", NAME, "--"], verb].concat());
        assert_eq!(output.status.code(), Some(code), "{verb:?}: {output:?}");
        assert!(stderr(&output).contains(said), "{output:?}");
    }
    let late = fleet.cli(&["exec", NAME, "--timeout", "1", "--", "/agent", "sleep"]);
    assert_eq!(late.status.code(), Some(124), "{late:?}");
    let refused = fleet.cli(&["exec", "desk-default", "--", "/agent", "exit", "0"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(stderr(&refused).contains("host"), "{refused:?}");

    let listed: Value = serde_json::from_str(&fleet.cli_ok(&["tasks", "list", "--json"])).expect("JSON");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(6), "{listed}");
    assert!(fleet.cli_ok(&["tasks", "list"]).lines().any(|line| line.contains("timed_out")));
}

#[test]
fn control_c_cancels_the_task() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let mut command = fleet.command(&["exec", NAME, "--", "/agent", "flee"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let task: TaskView = fleet.eventually("the task is there", SOON, || {
        let listed: Value = fleet.get("/api/v1/tasks").expect(200).json();
        serde_json::from_value(listed["items"][0].clone()).ok()
    });
    fleet.wait_printed(task.id, "ignoring SIGTERM");
    kill(child.id(), Signal::INT);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(stdout(&output).contains("ignoring SIGTERM"), "what it printed was streamed: {output:?}");
    assert_eq!(fleet.ended(task.id).state, TaskState::Cancelled);
}

#[test]
fn a_command_goes_on_over_a_restart_of_the_daemon() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    let mut command = fleet.command(&["exec", NAME, "--", "/agent", "await", "/state/go", "5"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    fleet.eventually("it has begun", SOON, || {
        let listed: Value = fleet.get("/api/v1/tasks?state=running").expect(200).json();
        let task: TaskView = serde_json::from_value(listed["items"][0].clone()).ok()?;
        (fleet.try_output(task.id, "").is_ok_and(|printed| printed == b"begun\n")).then_some(())
    });
    fleet.kill9();
    fleet.exec(NAME, &["write", "/state/go", ""]);
    fleet.start();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(5), "begun\nended\n"), "{output:?}");
}
