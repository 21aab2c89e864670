use claude_hooks_actors::testing::name;
use serde_json::json;

use super::run;
use crate::cli::failure::Exit;
use crate::cli::tests::asking;
use crate::client::fake::{Answer, FakeDaemon};

fn agent() -> Answer {
    let agent = json!({
        "name": "dev-2", "type": "dev", "pool": "dev", "lifecycle": "hot", "host_mode": false,
        "desired": { "power": "on", "image": "agent:1", "spec_hash": "ab", "generation": 3 },
        "observed": {
            "phase": "running", "container_id": null, "image_id": null, "started_at": null, "restart_count": null,
            "exit_code": null, "incarnation": null, "observed_at": null,
        },
        "lease": {
            "id": "01980000-0000-7000-8000-000000000000", "instance": "dev-2", "container": "claude-hooks-dev-2",
            "fence": 7, "holder": "the night shift", "expires_at": "2026-01-01T12:00:15Z",
        },
        "task": null, "conditions": [], "next_action": null, "last_stop": null,
    });
    Answer::tagged(3, agent.to_string())
}

fn wiped() -> Answer {
    Answer::ok(json!({ "volume": "claude-hooks-dev-2-state" }).to_string())
}

fn removed(outcome: &str) -> Answer {
    Answer::ok(json!({ "name": "dev-2", "outcome": outcome, "reason": "docker hangs" }).to_string())
}

#[actix_rt::test]
async fn row_container_and_volume_are_named_and_go_once_the_name_was_typed() {
    let daemon = FakeDaemon::start(vec![agent(), removed("removed"), wiped()]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    asking.context.input = || Ok("dev-2\n".to_owned());
    run(&mut asking, &name("dev-2"), false).await.expect("wiped");
    insta::assert_snapshot!(format!("{}----\n{}", err.text(), out.text()));
    let seen = daemon.seen();
    assert_eq!(
        (seen[1].line.as_str(), seen[1].if_match.as_deref()),
        ("DELETE /api/v1/agents/dev-2?force=1", Some("\"3\""))
    );
    assert_eq!(
        (seen[2].line.as_str(), seen[2].body.as_str()),
        ("POST /api/v1/agents/dev-2/wipe", "{\"confirm\":\"dev-2\"}")
    );
}

#[actix_rt::test]
async fn anything_but_the_name_destroys_nothing() {
    for input in [|| Ok(String::new()), || Ok("yes\n".to_owned()), || Ok("dev-22\n".to_owned())] {
        let daemon = FakeDaemon::start(vec![agent(), removed("removed"), wiped()]);
        let (mut asking, _, _) = asking(&daemon.socket(), false);
        asking.context.input = input;
        let failure = run(&mut asking, &name("dev-2"), false).await.expect_err("not confirmed");
        assert_eq!(failure.exit(), Exit::Failed);
        assert_eq!(daemon.seen().len(), 1, "only the look");
    }
}

#[actix_rt::test]
async fn the_volume_of_an_agent_that_is_gone_can_be_wiped() {
    let daemon =
        FakeDaemon::start(vec![Answer::problem(404, "agent-not-found", "no such agent", None), wiped()]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    run(&mut asking, &name("dev-2"), true).await.expect("wiped");
    assert!(!err.text().contains("the row"), "{}", err.text());
    assert_eq!(out.text(), "dev-2: wiped, volume claude-hooks-dev-2-state is gone\n");
}

#[actix_rt::test]
async fn a_state_that_could_not_be_wiped_is_told_beside_what_is_gone() {
    let refusal = Answer::problem(409, "denied", "there is no volume x", Some("look with docker volume ls"));
    let daemon = FakeDaemon::start(vec![agent(), removed("removed"), refusal]);
    let (mut asking, _, _) = asking(&daemon.socket(), false);
    let told = run(&mut asking, &name("dev-2"), true).await.expect_err("nothing was wiped").to_string();
    for words in ["the container of dev-2 are gone", "there is no volume x", "docker volume ls"] {
        assert!(told.contains(words), "{told}");
    }
}

#[actix_rt::test]
async fn a_container_that_stays_keeps_its_volume() {
    let daemon = FakeDaemon::start(vec![agent(), removed("failed"), wiped()]);
    let (mut asking, _, _) = asking(&daemon.socket(), false);
    let failure = run(&mut asking, &name("dev-2"), true).await.expect_err("the container stays");
    assert!(failure.to_string().contains("docker hangs"), "{failure}");
    assert_eq!(daemon.seen().len(), 2, "no wipe was asked for");
}
