//! What a page shows beside the picture: what agents use, what they went through, what they are made of.

use claude_hooks_actors::model::Phase;
use serde_json::{Value, json};

use crate::harness::{Fleet, SOON, engine, hot};

#[test]
fn a_page_is_told_what_an_agent_uses_is_made_of_and_went_through() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    let stats: Value = fleet.get("/api/v1/stats").expect(200).json();
    let item = &stats["items"][0];
    assert_eq!(item["instance"], "dev-default", "{stats}");
    assert!(item["memory_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{stats}");
    assert!(item["pids"].as_u64().is_some_and(|pids| pids > 0), "{stats}");

    let spec: Value = fleet.get("/api/v1/agents/dev-default/spec").expect(200).json();
    assert_eq!((&spec["drift"], &spec["explanation"]), (&json!([]), &json!(null)), "{spec}");
    // What other hands change of a container; its label says nothing of it.
    engine::docker_ok(&["update", "--pids-limit", "77", &fleet.container("dev-default")]);
    let spec: Value = fleet.get("/api/v1/agents/dev-default/spec").expect(200).json();
    let drift = spec["drift"].as_array().expect("a list");
    let fields: Vec<&str> = drift.iter().filter_map(|drift| drift["field"].as_str()).collect();
    assert_eq!(fields, ["limits.pids"], "{spec}");
    assert_eq!(drift[0]["observed"], 77, "{spec}");

    let told: Value = fleet.get("/api/v1/timeline").expect(200).json();
    let lane = &told["items"][0];
    let last = lane["spans"].as_array().and_then(|spans| spans.last());
    assert_eq!(
        (&lane["instance"], &last.expect("spans")["phase"]),
        (&json!("dev-default"), &json!("running"))
    );
}
