use serde_json::{Value, json};

use super::new_task;
use crate::cli::args::Verb;
use crate::cli::failure::{Exit, Failure};
use crate::cli::task_args::ExecArgs;
use crate::cli::tests::asking;
use crate::cli::{exec, parse, tasks};
use crate::client::fake::{Answer, FakeDaemon};

const ID: &str = "01980000-0000-7000-8000-000000000001";

fn exec_args(arguments: &[&str]) -> ExecArgs {
    match parse(&[&["exec"], arguments].concat()).expect("valid").verb {
        Verb::Exec(args) => args,
        other => panic!("{other:?}"),
    }
}

fn task(state: &str, more: &Value) -> Value {
    let mut task = json!({
        "id": ID, "state": state, "cause": null, "detail": null, "exit_code": null, "instance": "dev-default",
        "incarnation": null, "type": "dev", "argv": ["make", "test"], "attempt": 1, "cancelling": false,
        "queued_at": "2026-01-01T11:58:30Z", "started_at": "2026-01-01T11:59:00Z", "ended_at": null,
        "output_bytes": 0, "truncated": false,
    });
    for (key, value) in more.as_object().expect("members") {
        task[key] = value.clone();
    }
    task
}

fn answer(state: &str, more: &Value) -> Answer {
    Answer::ok(task(state, more).to_string())
}

fn ended(state: &str, cause: &str, code: Option<i64>) -> Answer {
    answer(state, &json!({ "cause": cause, "exit_code": code, "ended_at": "2026-01-01T11:59:30Z" }))
}

/// Exit code, output, and what was told beside it.
async fn outcome(script: Vec<Answer>, json: bool) -> (Exit, String, String, Vec<String>) {
    let daemon = FakeDaemon::start(script);
    let (mut asking, out, err) = asking(&daemon.socket(), json);
    let exit = match exec::run(&mut asking, exec_args(&["dev-default", "--", "make", "test"])).await {
        Ok(()) => Exit::Done,
        Err(failure) => failure.exit(),
    };
    let lines = daemon.seen().into_iter().map(|seen| seen.line).collect();
    (exit, out.text(), err.text(), lines)
}

#[test]
fn what_is_typed_is_what_is_sent() {
    let own = |name: &str| (name == "TOKEN").then(|| "from here".to_owned());
    let small = exec_args(&["dev-2", "--", "ls", "-l", "--json"]);
    let stdin = || panic!("it is not asked for");
    let sent = new_task(&small, own, stdin).expect("it can be sent");
    assert_eq!(json!(sent), json!({ "instance": "dev-2", "argv": ["ls", "-l", "--json"] }));
    let all = exec_args(&[
        "--type",
        "dev",
        "-e",
        "A=1=2",
        "--env",
        "TOKEN",
        "-e",
        "EMPTY=",
        "--workdir",
        "/w",
        "--timeout",
        "9",
        "-i",
        "--retry",
        "--",
        "cat",
    ]);
    let sent = new_task(&all, own, || Ok(b"\xff\n".to_vec())).expect("it can be sent");
    let env = json!({ "A": "1=2", "TOKEN": "from here", "EMPTY": "" });
    let expected = json!({
        "type": "dev", "argv": ["cat"], "env": env, "workdir": "/w", "timeout_s": 9, "retry": true,
        "stdin_base64": "/wo=",
    });
    assert_eq!(json!(sent), expected);
    let missing = exec_args(&["dev-2", "-e", "NOWHERE", "--", "ls"]);
    let failure = new_task(&missing, own, || Ok(Vec::new())).expect_err("it has no value");
    assert_eq!(failure.exit(), Exit::Usage);
}

#[actix_rt::test]
async fn a_task_is_followed_to_its_end_and_its_exit_code_is_ours() {
    let script = vec![
        answer("queued", &json!({ "started_at": null })),
        answer("waking", &json!({ "started_at": null })),
        answer("running", &json!({})),
        Answer::problem(404, "run-not-found", "not yet", None),
        answer("running", &json!({})),
        Answer::ok("one\ntw"),
        ended("failed", "exited", Some(3)),
        Answer::ok("o\n"),
    ];
    let (exit, out, err, lines) = outcome(script, false).await;
    assert_eq!((exit, out.as_str()), (Exit::Task(3), "one\ntwo\n"));
    assert_eq!(err, format!("the task {ID} waits: waking\n"));
    insta::assert_snapshot!(lines.join("\n"));
}

#[actix_rt::test]
async fn nothing_but_a_success_ends_with_zero() {
    for (last, exit, told) in [
        (ended("succeeded", "exited", Some(0)), Exit::Done, ""),
        (
            ended("timed_out", "timed_out", Some(143)),
            Exit::Task(124),
            "the task took too long and was ended\n",
        ),
        (ended("cancelled", "cancelled", Some(143)), Exit::Task(130), "the task was cancelled\n"),
        (ended("failed", "signalled", Some(137)), Exit::Task(137), "the task failed (signalled)\n"),
        (ended("failed", "not_started", Some(127)), Exit::Task(127), "the task failed (not_started)\n"),
        (ended("failed", "vanished", None), Exit::Task(1), "the task failed (vanished)\n"),
        (ended("lost", "lost", None), Exit::Task(1), "nobody can tell what became of the task\n"),
        (ended("failed", "exited", Some(0)), Exit::Task(1), ""),
    ] {
        let script = vec![answer("queued", &json!({})), last, Answer::ok("")];
        let (seen, _, err, _) = outcome(script, false).await;
        assert_eq!((seen, err.as_str()), (exit, told));
    }
}

#[actix_rt::test]
async fn a_task_that_is_run_once_more_prints_from_its_beginning() {
    let script = vec![
        answer("queued", &json!({})),
        answer("running", &json!({})),
        Answer::ok("half"),
        answer("running", &json!({ "attempt": 2 })),
        Answer::ok("whole\n"),
        answer("succeeded", &json!({ "attempt": 2, "exit_code": 0 })),
        Answer::ok(""),
    ];
    let (exit, out, err, lines) = outcome(script, false).await;
    assert_eq!((exit, out.as_str()), (Exit::Done, "halfwhole\n"));
    assert_eq!(err, "its container vanished under it; it is run once more\n");
    assert!(lines[4].contains("offset=0&"), "{lines:?}");
}

#[actix_rt::test]
async fn a_refused_task_fails_with_the_reason() {
    let problem = Answer::problem(409, "host-mode", "desk runs without containers", Some("choose another"));
    let daemon = FakeDaemon::start(vec![problem]);
    let (mut asking, _, _) = asking(&daemon.socket(), false);
    let refused = exec::run(&mut asking, exec_args(&["desk", "--", "ls"])).await.expect_err("a 409");
    assert_eq!(refused.exit(), Exit::Failed);
    assert!(matches!(refused, Failure::Client(_)) && refused.to_string().contains("without containers"));
}

#[actix_rt::test]
async fn for_programs_the_task_is_one_document_without_its_output() {
    let script = vec![answer("queued", &json!({})), ended("failed", "exited", Some(3))];
    let (exit, out, err, _) = outcome(script, true).await;
    let document: Value = serde_json::from_str(&out).expect("one document");
    assert_eq!((exit, &document["exit_code"], err.as_str()), (Exit::Task(3), &json!(3), ""));
}

#[actix_rt::test]
async fn tasks_are_listed_shown_and_cancelled() {
    let running = task("running", &json!({ "cancelling": true }));
    let oom = task(
        "failed",
        &json!({
            "cause": "oom", "exit_code": 137, "ended_at": "2026-01-01T11:59:30Z", "output_bytes": 99, "truncated": true,
            "detail": "killed for\nmemory", "attempt": 2,
        }),
    );
    let waits = task("queued", &json!({ "instance": null, "started_at": null }));
    let list = json!({ "items": [running, oom, waits], "generation": 1 });
    let script = vec![
        Answer::ok(list.to_string()),
        Answer::ok(oom.to_string()),
        Answer::ok(running.to_string()),
        Answer::ok("printed"),
    ];
    let daemon = FakeDaemon::start(script);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    for arguments in [
        &["tasks", "list", "--instance", "dev-default", "--state", "running", "--state", "queued"][..],
        &["tasks", "show", ID],
        &["tasks", "cancel", ID],
        &["tasks", "output", ID, "-f", "--offset", "7"],
    ] {
        let Verb::Tasks { verb } = parse(arguments).expect("valid").verb else { panic!("{arguments:?}") };
        tasks::run(&mut asking, verb).await.expect("answered");
    }
    let lines: Vec<String> = daemon.seen().into_iter().map(|seen| seen.line).collect();
    insta::assert_snapshot!(format!("{}\n────\n{}", out.text(), lines.join("\n")));
}
