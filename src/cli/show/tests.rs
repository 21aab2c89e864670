use claude_hooks_actors::model::{AgentView, PlanItem, Why};
use serde_json::json;

use super::{agent, list, plan, why};
use crate::cli::tests::noon;

/// An agent as the daemon sends it, with `changes` merged over a running one.
fn view(name: &str, changes: &serde_json::Value) -> AgentView {
    let mut value = json!({
        "name": name, "type": "dev", "pool": "dev", "lifecycle": "hot", "host_mode": false,
        "desired": { "power": "on", "image": "agent:1", "spec_hash": "ab", "generation": 3 },
        "observed": {
            "phase": "running", "container_id": "0123456789abcdef0123", "image_id": "sha256:fedcba98765432100123",
            "started_at": "2026-01-01T09:30:00.123456789Z", "restart_count": 2, "exit_code": null,
            "incarnation": null, "observed_at": "2026-01-01T11:59:30Z",
        },
        "lease": null, "task": null, "conditions": [], "next_action": null, "last_stop": null,
    });
    for (key, change) in changes.as_object().into_iter().flatten() {
        match change.as_object() {
            Some(members) => {
                for (member, change) in members {
                    value[key][member] = change.clone();
                }
            }
            None => value[key] = change.clone(),
        }
    }
    serde_json::from_value(value).expect("the shape of the API")
}

fn lost() -> AgentView {
    view(
        "dev-2",
        &json!({
            "lifecycle": "lazy",
            "observed": { "phase": "stopped", "started_at": "0001-01-01T00:00:00Z" },
            "conditions": [
                { "type": "ready", "status": false, "reason": "stopped", "since": "2026-01-01T11:00:00Z" },
                { "type": "state_lost", "status": true, "reason": "the volume\n\u{1b}[2Jis gone", "since": "2026-01-01T11:00:00Z" },
                { "type": "effect_failing", "status": true, "reason": "no image", "since": "2026-01-01T11:50:00Z",
                  "next_retry_at": "2026-01-01T12:00:40Z" },
            ],
            "next_action": "nothing until recover",
        }),
    )
}

fn lease() -> serde_json::Value {
    json!({
        "id": "01980000-0000-7000-8000-000000000000", "instance": "dev-default", "container": "claude-hooks-dev-default",
        "fence": 7, "holder": "night shift", "expires_at": "2026-01-01T12:00:15Z",
    })
}

#[test]
fn the_list_has_one_line_per_agent_and_dashes_for_nothing() {
    let host = json!({
        "host_mode": true, "desired": { "image": null },
        "observed": { "phase": "host", "started_at": null, "restart_count": null },
    });
    let agents = [view("dev-default", &json!({ "lease": lease() })), lost(), view("h-default", &host)];
    insta::assert_snapshot!(list(&agents, noon(), false));
}

#[test]
fn one_agent_reads_as_facts_and_text_from_outside_is_inert() {
    let changes = json!({ "desired": { "power": "off" }, "lease": lease() });
    let running = agent(&view("dev-default", &changes), noon());
    let stopped = agent(&lost(), noon());
    assert!(!stopped.contains('\u{1b}'));
    insta::assert_snapshot!(format!("{running}\n\n{stopped}"));
}

#[test]
fn why_gives_the_rule_its_evidence_and_what_comes_next() {
    let value = json!({
        "instance": "dev-2", "phase": "backoff", "since": "2026-01-01T11:59:00Z", "rule": "hot_absent",
        "explanation": "A hot agent without a container gets one.",
        "evidence": { "container": "absent", "lifecycle": "hot", "attempt": 3, "row": { "type": "dev", "power": "on" } },
        "next_action": "create", "next_at": "2026-01-01T12:00:30Z",
        "conditions": [{ "type": "effect_failing", "status": true, "reason": "No such image: x", "since": "2026-01-01T11:50:00Z" }],
        "last_stop": null,
    });
    let told: Why = serde_json::from_value(value).expect("the shape of the API");
    insta::assert_snapshot!(why(&told, noon()));
}

#[test]
fn a_plan_is_a_table() {
    let items: Vec<PlanItem> = serde_json::from_value(json!([
        { "instance": "dev-1", "action": "recreate", "outcome": "recreated", "rule": "drift", "detail": "image a:1 -> a:2" },
        { "instance": "dev-2", "action": "none", "outcome": "unchanged", "rule": "hot_running", "detail": "" },
    ]))
    .expect("the shape of the API");
    insta::assert_snapshot!(plan(&items, false));
}
