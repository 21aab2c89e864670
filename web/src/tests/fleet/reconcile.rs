//! What would be done, doing it, and why.

use claude_hooks_actors::model::{NewAgent, Overrides};
use claude_hooks_actors::ports::{Clock as _, RuntimeError, SystemClock};
use claude_hooks_actors::testing::{Foreign, Verb, type_name};
use serde_json::json;

use super::world::{World, container, instance};

/// One of each bucket but `recreated`: what a hand did to docker and to the table while nobody was told.
fn disarranged() -> World {
    let world = World::with(&[("down", "dev"), ("fine", "dev"), ("gone", "dev")]);
    world.by_hand(|docker| {
        docker.events_off();
        docker.stop_by_hand(&container("down"));
        docker.remove_by_hand(&container("gone"));
        // Only a new agent needs a volume.
        let no_space = RuntimeError::NoSpace { detail: "no space left on device".into() };
        docker.fail_always(Verb::CreateVolume, no_space);
    });
    let row =
        NewAgent { name: instance("new"), agent_type: type_name("dev"), overrides: Overrides::default() };
    world.store.write_elsewhere(|rows| rows.add(&row, SystemClock.wall()));
    world
}

#[test]
fn a_plan_says_what_would_be_done_and_touches_nothing() {
    let world = disarranged();
    let mark = world.docker.mark();
    let plan = world.get("plan");
    assert_eq!(plan.status, 200, "{plan:?}");
    insta::assert_json_snapshot!(plan.json()["items"]);
    assert_eq!(world.docker.count_changing_calls(mark), 0);
}

#[test]
fn a_reconcile_reports_by_outcome_and_a_second_one_changes_nothing() {
    let world = disarranged();
    let report = world.post("reconcile", &json!({}));
    assert_eq!(report.status, 200, "{report:?}");
    insta::assert_json_snapshot!(report.json());
    world.by_hand(|docker| docker.clear(Verb::CreateVolume));
    let healed = world.post_nothing("reconcile").json();
    assert_eq!(healed["created"], json!(["new"]), "{healed}");
    let mark = world.docker.mark();
    let settled = world.post_nothing("reconcile").json();
    assert_eq!(settled["unchanged"], json!(["down", "fine", "gone", "new"]), "{settled}");
    assert_eq!(world.docker.count_changing_calls(mark), 0);
}

#[test]
fn one_agent_is_reconciled_by_name() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    world.by_hand(|docker| {
        docker.events_off();
        docker.remove_by_hand(&container("alice"));
        docker.remove_by_hand(&container("bob"));
    });
    let answer = world.post("reconcile", &json!({ "instance": "alice" }));
    let body = answer.json();
    assert_eq!((answer.status, &body["outcome"]), (200, &json!("created")), "{body}");
    assert_eq!((&body["name"], &body["observed"]["phase"]), (&json!("alice"), &json!("running")));
    assert_eq!(world.container("bob"), None, "only the one that was named");
}

#[test]
fn an_unknown_name_is_unchanged_without_a_docker_call() {
    let world = World::empty();
    let mark = world.docker.mark();
    let answer = world.post("reconcile", &json!({ "instance": "nobody" }));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), json!({ "name": "nobody", "outcome": "unchanged", "reason": null }));
    assert_eq!(world.docker.calls_since(mark), []);
}

#[test]
fn a_reconcile_takes_foreign_containers_over_only_when_told() {
    let world = World::empty();
    world.by_hand(|docker| {
        let volume = Some("somebodys-data".into());
        docker.run_foreign_with(Foreign { volume, ..Foreign::named(&container("dev-7")) });
    });
    let foreign = world.container("dev-7");
    let report = world.post("reconcile", &json!({})).json();
    assert_eq!(report["created"], json!([]), "{report}");
    assert_eq!(world.container("dev-7"), foreign);
    world.by_hand(|docker| docker.permit_adoption(&container("dev-7")));
    let report = world.post("reconcile", &json!({ "adopt": true })).json();
    assert_eq!(report["recreated"], json!(["dev-7"]), "{report}");
    assert_eq!(world.get("agents/dev-7").json()["type"], "dev");
    let refused = world.post("reconcile", &json!({ "adopt": true, "instance": "dev-7" }));
    assert_eq!(refused.status, 422);
    world.docker.assert_invariants();
}

#[test]
fn why_gives_the_rule_its_evidence_and_what_comes_next() {
    let world = World::with(&[("alice", "dev")]);
    let why = world.get("agents/alice/why");
    assert_eq!(why.status, 200, "{why:?}");
    insta::assert_json_snapshot!(why.json(), {
        ".since" => "[time]",
        ".conditions[].since" => "[time]",
        ".evidence.looked_at" => "[time]",
        ".evidence.container.id" => "[id]",
        ".evidence.container.spec" => "[hash]",
        ".evidence.desired_spec" => "[hash]",
    });
    let nobody = world.get("agents/nobody/why");
    assert_eq!((nobody.status, nobody.problem_name().as_str()), (404, "agent-not-found"));
}
