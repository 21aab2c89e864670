//! Rows through the API, and what becomes of their containers.

use claude_hooks_actors::model::{ContainerState, Lifecycle};
use claude_hooks_actors::ports::RuntimeError;
use claude_hooks_actors::testing::Verb;
use serde_json::json;

use super::world::{World, condition, container, instance, volume, without_look};

#[test]
fn a_created_agent_is_answered_with_its_place_its_tag_and_what_became_of_it() {
    let world = World::empty();
    let answer = world.post("agents", &json!({ "name": "alice", "type": "dev" }));
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("location"), Some("/api/v1/agents/alice"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let body = answer.json();
    insta::assert_json_snapshot!(body, {
        ".observed.container_id" => "[id]",
        ".observed.image_id" => "[id]",
        ".observed.incarnation" => "[id@time]",
        ".observed.started_at" => "[time]",
        ".observed.since" => "[time]",
        ".observed.observed_at" => "[time]",
        ".conditions[].since" => "[time]",
        ".desired.spec_hash" => "[hash]",
    });
    let seen = world.container("alice").expect("it was made");
    assert_eq!(seen.state, ContainerState::Running);
    assert_eq!(body["observed"]["container_id"], seen.id.as_ref());
}

#[test]
fn whoever_was_answered_reads_what_he_wrote() {
    let world = World::empty();
    for n in 0..20 {
        let name = format!("agent-{n}");
        let created = world.post("agents", &json!({ "name": name, "type": "lazy" }));
        let read = world.get(&format!("agents/{name}"));
        assert_eq!((created.status, read.status), (201, 200), "{read:?}");
        assert_eq!(read.header("etag"), created.header("etag"));
        let (mut created, read) = (created.json(), read.json());
        for of_the_change in ["outcome", "reason"] {
            created.as_object_mut().expect("an object").remove(of_the_change);
        }
        assert_eq!(without_look(read), without_look(created));
        assert_eq!(world.delete(&format!("agents/{name}")).status, 200);
        assert_eq!(world.get(&format!("agents/{name}")).status, 404);
    }
}

#[test]
fn a_lazy_agent_is_created_asleep() {
    let world = World::empty();
    let body = world.post("agents", &json!({ "name": "z", "type": "lazy" })).json();
    assert_eq!((&body["outcome"], &body["observed"]["phase"]), (&json!("created"), &json!("stopped")));
    let own = world.post("agents", &json!({ "name": "y", "type": "dev", "lifecycle": "lazy" })).json();
    assert_eq!((&own["lifecycle"], &own["observed"]["phase"]), (&json!("lazy"), &json!("stopped")));
}

#[test]
fn a_docker_that_fails_leaves_the_row_and_says_why() {
    let world = World::empty();
    let no_space = RuntimeError::NoSpace { detail: "no space left on device".into() };
    world.by_hand(|docker| docker.fail_always(Verb::Create, no_space));
    let answer = world.post("agents", &json!({ "name": "alice", "type": "dev" }));
    assert_eq!((answer.status, answer.header("etag")), (201, Some("\"1\"")), "{answer:?}");
    let body = answer.json();
    assert_eq!((&body["outcome"], &body["observed"]["phase"]), (&json!("failed"), &json!("backoff")));
    let reason = body["reason"].as_str().expect("a reason");
    assert!(reason.contains("no space left on device"), "{reason}");
    let failing = condition(&body, "effect_failing").expect("the failure stays visible");
    assert!(failing["next_retry_at"].is_string() && body["next_action"] == "retry", "{body}");
    world.by_hand(|docker| docker.clear(Verb::Create));
    world.until("alice", "running");
}

#[test]
fn one_name_is_one_agent() {
    let world = World::with(&[("alice", "dev")]);
    let answer = world.post("agents", &json!({ "name": "alice", "type": "lazy" }));
    assert_eq!((answer.status, answer.problem_name().as_str()), (409, "agent-exists"));
    let answer = world.post("agents", &json!({ "name": "bob", "type": "def" }));
    assert_eq!((answer.status, answer.problem_name().as_str()), (422, "unknown-type"));
    assert_eq!(answer.problem()["nearest"], "dev");
    let list = world.get("agents").json();
    let names: Vec<_> = list["items"].as_array().expect("items").iter().map(|agent| &agent["name"]).collect();
    assert_eq!(names, ["alice"]);
    assert!(list["generation"].as_u64().is_some_and(|generation| generation > 0));
}

#[test]
fn a_change_must_name_what_it_changes() {
    let world = World::with(&[("alice", "dev")]);
    let mark = world.docker.mark();
    let change = json!({ "image": "agent:1" });
    let answer = world.patch("agents/alice", None, &change);
    assert_eq!((answer.status, answer.problem_name().as_str()), (428, "if-match-required"));
    for stale in ["\"7\"", "W/\"1\"", "\"x\""] {
        let answer = world.patch("agents/alice", Some(stale), &change);
        assert_eq!((answer.status, answer.problem_name().as_str()), (412, "generation-mismatch"), "{stale}");
        assert_eq!(answer.problem()["current_generation"], 1, "{stale}");
    }
    assert_eq!(world.patch("agents/nobody", Some("*"), &change).status, 404);
    assert_eq!(world.docker.count_changing_calls(mark), 0);
}

#[test]
fn a_change_is_a_merge_patch_and_recreates() {
    let world = World::with(&[("alice", "dev")]);
    let request = || world.docker.request(&container("alice")).expect("we made it").spec;
    let set = json!({ "env": { "X": "1", "A": "own" }, "limits": { "pids": 32 }, "lifecycle": "lazy" });
    let answer = world.patch("agents/alice", Some("\"1\""), &set);
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"2\"")), "{answer:?}");
    assert_eq!(answer.json()["outcome"], "recreated");
    let spec = request();
    assert_eq!((spec.env["X"].as_str(), spec.env["A"].as_str()), ("1", "own"));
    assert_eq!((spec.limits.pids, spec.lifecycle), (Some(32), Lifecycle::Lazy));

    let clear = json!({ "env": { "X": null, "A": null }, "limits": null, "lifecycle": null });
    let answer = world.patch("agents/alice", Some("\"2\", \"9\""), &clear);
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"3\"")), "{answer:?}");
    let spec = request();
    assert_eq!((spec.env.get("X"), spec.env["A"].as_str()), (None, "type"), "the type's value holds again");
    assert_eq!((spec.limits.pids, spec.lifecycle), (Some(64), Lifecycle::Hot));
    world.until("alice", "running");

    let answer = world.patch("agents/alice", Some("*"), &json!({}));
    assert_eq!((answer.status, &answer.json()["outcome"]), (200, &json!("unchanged")));
    world.docker.assert_invariants();
}

#[test]
fn a_deleted_agent_loses_its_container_and_keeps_its_volume() {
    let world = World::with(&[("alice", "dev")]);
    let stale = "If-Match: \"9\"\r\nContent-Type: application/json\r\n";
    assert_eq!(world.server.ask("DELETE", "/api/v1/agents/alice", stale, "").status, 412);
    let answer = world.delete("agents/alice");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), json!({ "name": "alice", "outcome": "removed", "reason": null }));
    assert_eq!(world.container("alice"), None);
    assert!(world.docker.volume(&volume("alice")).is_some());
    assert_eq!(world.get("agents/alice").status, 404);
    assert_eq!(world.delete("agents/alice").status, 404);
    assert!(!world.store.rows().agents.contains_key(&instance("alice")));
    // What happened to it is still told.
    let events = world.get("agents/alice/events").json();
    assert!(events["items"].as_array().is_some_and(|items| !items.is_empty()), "{events}");
}

#[test]
fn a_host_mode_agent_is_a_row_and_nothing_else() {
    let world = World::empty();
    let mark = world.docker.mark();
    let answer = world.post("agents", &json!({ "name": "h", "type": "host" }));
    let body = answer.json();
    assert_eq!((answer.status, &body["outcome"]), (201, &json!("unchanged")), "{body}");
    assert_eq!((&body["host_mode"], &body["observed"]["phase"]), (&json!(true), &json!("host")));
    for (verb, path) in [("start", "agents/h/start"), ("stop", "agents/h/stop"), ("logs", "agents/h/logs")] {
        let answer = if verb == "logs" { world.get(path) } else { world.post_nothing(path) };
        assert_eq!((answer.status, answer.problem_name().as_str()), (409, "denied"), "{verb}");
    }
    let refused = world.post("agents", &json!({ "name": "i", "type": "host", "image": "agent:1" }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (422, "host-mode"));
    let calls: Vec<String> = world.docker.calls_since(mark).iter().map(ToString::to_string).collect();
    assert_eq!(calls, Vec::<String>::new());
    // Its type may have had containers once, so its end is worth a look.
    assert_eq!(world.delete("agents/h").status, 200);
    assert_eq!(world.docker.count_changing_calls(mark), 0);
}
