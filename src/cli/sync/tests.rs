use serde_json::json;

use super::{SyncArgs, run};
use crate::cli::failure::Exit;
use crate::cli::tests::context;
use crate::client::fake::{Answer, FakeDaemon};
use crate::config::{Flags, Sources};

fn sources(daemon: &FakeDaemon) -> Sources {
    let flags = Flags { socket: Some(daemon.socket()), ..Flags::default() };
    Sources { flags, env: [("HOME".to_owned(), "/nonexistent".to_owned())].into(), ..Sources::default() }
}

fn report() -> Answer {
    Answer::ok(
        json!({
            "created": ["a", "b"], "started": [], "recreated": [], "removed": [], "unchanged": ["c"], "failed": ["d"],
            "reasons": { "d": "no image" },
        })
        .to_string(),
    )
}

#[actix_rt::test]
async fn the_report_has_a_line_per_bucket_and_the_reasons_are_on_stderr() {
    let daemon = FakeDaemon::start(vec![report()]);
    let (mut context, out, err) = context(false);
    let args = SyncArgs { dry_run: false, adopt: true };
    let failure = run(&mut context, &sources(&daemon), args).await.expect_err("d failed");
    assert_eq!(failure.exit(), Exit::Failed);
    assert_eq!(
        out.text(),
        "[agents-sync] created: a, b\n[agents-sync] started: -\n[agents-sync] recreated: -\n\
         [agents-sync] removed: -\n[agents-sync] unchanged: c\n[agents-sync] failed: d\n"
    );
    assert_eq!(err.text(), "[agents-sync] d: no image\n");
    assert_eq!(daemon.seen()[0].line, "POST /api/v1/reconcile");
    assert_eq!(daemon.seen()[0].body, "{\"adopt\":true}");
}

#[actix_rt::test]
async fn a_dry_run_only_asks_for_the_plan() {
    let plan = json!({ "generation": 1, "items": [
        { "instance": "a", "action": "create", "outcome": "created", "rule": "hot_absent", "detail": "no container" },
    ] });
    let daemon = FakeDaemon::start(vec![Answer::ok(plan.to_string())]);
    let (mut context, out, _) = context(false);
    let args = SyncArgs { dry_run: true, adopt: false };
    run(&mut context, &sources(&daemon), args).await.expect("planned");
    assert!(out.text().contains("hot_absent"), "{}", out.text());
    assert_eq!(daemon.seen()[0].line, "GET /api/v1/plan");
}

#[actix_rt::test]
async fn docker_being_away_behind_the_daemon_is_exit_69() {
    let daemon = FakeDaemon::start(vec![Answer::problem(502, "docker-unreachable", "no docker", None)]);
    let (mut context, _, _) = context(false);
    let args = SyncArgs { dry_run: false, adopt: false };
    let failure = run(&mut context, &sources(&daemon), args).await.expect_err("a 502");
    assert_eq!(failure.exit(), Exit::Unreachable);
}
