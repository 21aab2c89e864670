use claude_hooks_actors::model::LeaseView;
use serde_json::{Value, json};

use super::run;
use crate::cli::args::{AgentsVerb, Verb};
use crate::cli::failure::Exit;
use crate::cli::lease_args::{LeasesVerb, seconds};
use crate::cli::tests::{agents_verb, asking, ending, noon};
use crate::cli::{agents, fleet, parse, show};
use crate::client::fake::{Answer, FakeDaemon};

const ID: &str = "01980000-0000-7000-8000-000000000000";

fn lease() -> Value {
    json!({
        "id": ID, "instance": "dev-2", "container": "claude-hooks-dev-2", "fence": 7, "holder": "night\u{1b}[2J shift",
        "expires_at": "2026-01-01T12:00:15Z",
    })
}

fn verb(arguments: &[&str]) -> LeasesVerb {
    match parse(&[&["leases"], arguments].concat()).expect("valid").verb {
        Verb::Leases { verb } => verb.unwrap_or(LeasesVerb::List),
        other => panic!("{other:?}"),
    }
}

#[actix_rt::test]
async fn the_leases_that_stand_are_a_table_and_text_from_outside_is_inert() {
    let late = json!({ "id": ID, "instance": "b", "container": "c", "fence": 12, "holder": "x", "expires_at": "2026-01-01T11:00:00Z" });
    let page = json!({ "items": [lease(), late], "generation": 3 });
    let daemon = FakeDaemon::start(vec![Answer::ok(page.to_string()); 2]);
    for arguments in [&[][..], &["list"]] {
        let (mut asking, out, _) = asking(&daemon.socket(), false);
        run(&mut asking, verb(arguments)).await.expect("listed");
        assert!(!out.text().contains('\u{1b}'));
        insta::allow_duplicates! { insta::assert_snapshot!(out.text()) };
    }
    assert_eq!(daemon.seen()[0].line, "GET /api/v1/leases");
}

#[actix_rt::test]
async fn nobody_who_holds_anything_is_told_beside_the_output() {
    let daemon = FakeDaemon::start(vec![Answer::ok(r#"{"items":[],"generation":1}"#)]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    run(&mut asking, verb(&[])).await.expect("listed");
    assert_eq!((out.text().as_str(), err.text().as_str()), ("", "nobody holds an agent\n"));
}

#[actix_rt::test]
async fn a_claim_sends_what_was_said_and_shows_what_its_holder_needs() {
    let daemon = FakeDaemon::start(vec![Answer::ok(lease().to_string()); 3]);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    for arguments in [
        &["claim", "--type", "dev", "--holder", "me"][..],
        &["claim", "--instance", "dev-2", "--holder", "me", "--ttl", "10m", "--wait", "90", "--wake", "2m"],
        &["claim", "--type", "dev", "--holder", "me", "--asleep"],
    ] {
        run(&mut asking, verb(arguments)).await.expect("granted");
    }
    let bodies: Vec<Value> =
        daemon.seen().iter().map(|seen| serde_json::from_str(&seen.body).expect("JSON")).collect();
    assert_eq!(
        bodies,
        [
            json!({ "type": "dev", "holder": "me" }),
            json!({ "instance": "dev-2", "holder": "me", "ttl_s": 600, "wait_s": 90, "wake_s": 120 }),
            json!({ "type": "dev", "holder": "me", "wake_s": null }),
        ]
    );
    assert_eq!(daemon.seen()[0].line, "POST /api/v1/leases");
    let granted: LeaseView = serde_json::from_value(lease()).expect("the shape of the API");
    assert!(out.text().starts_with(&show::lease(&granted, noon())), "{}", out.text());
    insta::assert_snapshot!(show::lease(&granted, noon()));
}

#[actix_rt::test]
async fn renew_and_release_carry_the_fence() {
    let daemon = FakeDaemon::start(vec![Answer::ok(lease().to_string()), Answer::ok(""), Answer::ok("")]);
    let (mut asked, out, _) = asking(&daemon.socket(), false);
    run(&mut asked, verb(&["renew", ID, "--fence", "7"])).await.expect("renewed");
    run(&mut asked, verb(&["release", ID, "--fence", "7"])).await.expect("released");
    assert_eq!(out.text(), format!("dev-2: renewed, ends in 15 s\n{ID}: released\n"));
    let (mut asking, out, _) = asking(&daemon.socket(), true);
    run(&mut asking, verb(&["release", ID, "--fence", "7"])).await.expect("released");
    let document: Value = serde_json::from_str(&out.text()).expect("JSON");
    assert_eq!(document, json!({ "id": ID, "released": true }));
    let seen: Vec<(String, Option<String>)> =
        daemon.seen().into_iter().map(|seen| (seen.line, seen.lease_fence)).collect();
    let (renew, release) = (format!("PUT /api/v1/leases/{ID}"), format!("DELETE /api/v1/leases/{ID}"));
    let fence = Some("7".to_owned());
    assert_eq!(seen, [(renew, fence.clone()), (release.clone(), fence.clone()), (release, fence)]);
}

#[actix_rt::test]
async fn a_refused_claim_is_a_failure_that_says_what_to_do() {
    for (status, kind, help) in [
        (503, "nobody-free", "--wait TIME"),
        (504, "not-awake", "claude-hooks why NAME"),
        (412, "lease-stale", "claim again"),
        (404, "lease-not-found", "claude-hooks leases"),
    ] {
        let daemon = FakeDaemon::start(vec![Answer::problem(status, kind, "no", Some("as the API says"))]);
        let (mut asking, _, _) = asking(&daemon.socket(), false);
        let refused = run(&mut asking, verb(&["claim", "--type", "dev", "--holder", "me"])).await;
        let (exit, told) = ending(&refused.expect_err("refused"));
        assert_eq!(exit, Exit::Failed, "{kind}");
        assert!(told.starts_with("error: the daemon refuses: no\nhelp: ") && told.contains(help), "{told}");
    }
}

#[actix_rt::test]
async fn cordons_and_holds_are_told_in_their_own_words() {
    let agent = |phase: &str| Answer::ok(json!({ "name": "a", "observed": { "phase": phase } }).to_string());
    let asks: [(&[&str], &str, &str, &str, &str); 5] = [
        (&["cordon", "a"], "running", "POST /api/v1/agents/a/cordon", "{}", "cordoned"),
        (&["uncordon", "a"], "running", "POST /api/v1/agents/a/uncordon", "{}", "gets work again"),
        (
            &["hold", "a", "--for", "30m"],
            "stopped",
            "POST /api/v1/agents/a/hold",
            "{\"ttl_s\":1800}",
            "kept awake; it is woken",
        ),
        (
            &["hold", "a", "--for", "1d"],
            "running",
            "POST /api/v1/agents/a/hold",
            "{\"ttl_s\":86400}",
            "kept awake; it is running",
        ),
        (&["unhold", "a"], "running", "DELETE /api/v1/agents/a/hold", "{}", "not kept awake any more"),
    ];
    for (arguments, phase, line, body, told) in asks {
        let daemon = FakeDaemon::start(vec![agent(phase)]);
        let (mut asking, out, _) = asking(&daemon.socket(), false);
        agents::run(&mut asking, agents_verb(arguments)).await.expect("done");
        assert_eq!(out.text(), format!("a: {told}\n"));
        let seen = &daemon.seen()[0];
        assert_eq!((seen.line.as_str(), seen.body.as_str()), (line, body));
    }
}

#[actix_rt::test]
async fn what_waits_for_a_holder_is_told_and_force_does_not_wait() {
    let draining =
        json!([{ "type": "draining", "status": true, "reason": "r", "since": "2026-01-01T11:00:00Z" }]);
    let waits = |conditions: &Value| {
        let answer = json!({ "name": "a", "outcome": "unchanged", "reason": "somebody works with it", "conditions": conditions });
        Answer::ok(answer.to_string())
    };
    let told = |verb: AgentsVerb, answers: Vec<Answer>| async {
        let daemon = FakeDaemon::start(answers);
        let (mut asking, out, _) = asking(&daemon.socket(), false);
        agents::run(&mut asking, verb).await.expect("it stands and will be done");
        (out.text(), daemon.seen().last().expect("it was asked").line.clone())
    };
    let (text, line) = told(agents_verb(&["recreate", "a"]), vec![waits(&draining)]).await;
    assert_eq!(text, "a: waiting (somebody works with it)\n");
    assert_eq!(line, "POST /api/v1/agents/a/recreate");
    let (text, line) = told(agents_verb(&["delete", "a"]), vec![waits(&json!([]))]).await;
    assert_eq!(text, "a: deleted; its container is still there (somebody works with it)\n");
    assert_eq!(line, "DELETE /api/v1/agents/a");
    let update = agents_verb(&["update", "a", "--image", "i:2"]);
    let (text, _) = told(update, vec![Answer::tagged(1, "{}"), waits(&draining)]).await;
    assert_eq!(text, "a: waiting (somebody works with it)\n");

    let done = || Answer::ok(json!({ "name": "a", "outcome": "recreated" }).to_string());
    let update = agents_verb(&["update", "a", "--image", "i:2", "--force"]);
    let (_, line) = told(update, vec![Answer::tagged(1, "{}"), done()]).await;
    assert_eq!(line, "PATCH /api/v1/agents/a?force=1");
    let (_, line) = told(agents_verb(&["delete", "a", "--force"]), vec![done()]).await;
    assert_eq!(line, "DELETE /api/v1/agents/a?force=1");
}

#[actix_rt::test]
async fn scale_says_whose_container_still_waits_and_takes_force() {
    let removed = json!([{ "name": "dev-2", "outcome": "unchanged", "reason": "somebody works with it" }]);
    let report = json!({ "created": [], "removed": removed, "unchanged": 1 }).to_string();
    let daemon = FakeDaemon::start(vec![Answer::ok(report)]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    let Verb::Scale(args) = parse(&["scale", "dev=1", "--force"]).expect("valid").verb else {
        panic!("scale")
    };
    fleet::scale(&mut asking, &args).await.expect("it stands and will be done");
    assert_eq!(out.text(), "dev: created -; removed dev-2; unchanged 1\n");
    assert_eq!(err.text(), "dev-2 is removed, but: somebody works with it\n");
    assert_eq!(daemon.seen()[0].line, "POST /api/v1/types/dev/scale?force=1");
}

#[test]
fn a_time_is_a_number_with_a_unit() {
    for (text, expected) in [("15", 15), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("0", 0)] {
        assert_eq!(seconds(text), Ok(expected), "{text}");
    }
    for odd in
        ["", "m", "-1", "1.5h", "1w", "1 h", "1hm", "99999999999999999999d", "18446744073709551615d", "é"]
    {
        assert!(seconds(odd).is_err(), "{odd}");
    }
}
