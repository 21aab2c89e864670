//! What is measured, as Prometheus asks for it.

use super::sse::Sse;
use super::world::{World, eventually};

/// The value of a series, named with its labels.
fn value(text: &str, series: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn the_fleet_is_told_in_openmetrics_and_in_the_older_format_for_whoever_prefers_it() {
    let world = World::with(&[("alice", "dev"), ("bob", "lazy"), ("h", "host")]);
    let answer = world.get("/metrics");
    assert_eq!(answer.status, 200, "{answer:?}");
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{answer:?}");
    assert!(answer.body.ends_with("# EOF\n"), "{answer:?}");
    for (series, expected) in [
        (r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="running"}"#, 1.0),
        (r#"claude_hooks_instances{type="lazy",lifecycle="lazy",phase="stopped"}"#, 1.0),
        (r#"claude_hooks_docker_calls_total{verb="start",result="ok"}"#, 1.0),
        (r#"claude_hooks_reconciled_instances_total{outcome="created"}"#, 2.0),
        ("claude_hooks_reconcile_duration_seconds_count", 1.0),
        ("claude_hooks_docker_reachable", 1.0),
        ("claude_hooks_streams_open", 0.0),
    ] {
        // The event log hears of the boot pass a moment later.
        eventually(series, || (value(&world.get("/metrics").body, series) == Some(expected)).then_some(()));
    }
    let prometheus = "Accept: text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n";
    let older = world.server.ask("GET", "/metrics", prometheus, "");
    assert_eq!(older.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"), "{older:?}");
    assert!(older.body.contains("# TYPE claude_hooks_events_total counter\n"), "{older:?}");
    assert!(!older.body.contains("# EOF"), "{older:?}");
    let newer = "Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5\r\n";
    assert!(world.server.ask("GET", "/metrics", newer, "").body.ends_with("# EOF\n"));
}

#[test]
fn leases_tasks_and_streams_are_followed() {
    let world = World::with(&[("alice", "dev"), ("bob", "lazy")]);
    let becomes = |series: &str, expected: f64| {
        eventually(series, || (value(&world.get("/metrics").body, series) == Some(expected)).then_some(()));
    };
    let lease = world.lease("bob", "somebody");
    becomes(r#"claude_hooks_leases_held{type="lazy"}"#, 1.0);
    becomes("claude_hooks_leases_granted_total", 1.0);
    becomes("claude_hooks_wake_duration_seconds_count", 1.0);
    becomes(r#"claude_hooks_instances_desired_running{type="lazy"}"#, 1.0);
    world.release(&lease);
    becomes(r#"claude_hooks_leases_held{type="lazy"}"#, 0.0);
    becomes(r#"claude_hooks_leases_ended_total{end="released"}"#, 1.0);

    let mut stream = Sse::open(&world, "events", "");
    assert_eq!(stream.next().expect("a first frame").event, "snapshot");
    becomes("claude_hooks_streams_open", 1.0);
    drop(stream);
    becomes("claude_hooks_streams_open", 0.0);
}

#[test]
fn an_outage_is_seen_in_the_calls_and_in_the_flag() {
    let world = World::with(&[("alice", "dev")]);
    world.by_hand(|docker| docker.unreachable(true));
    world.post_nothing("reconcile");
    let text = world.get("/metrics").body;
    assert_eq!(value(&text, "claude_hooks_docker_reachable"), Some(0.0), "{text}");
    let failed = r#"claude_hooks_docker_calls_total{verb="observe_fleet",result="unreachable"}"#;
    assert!(value(&text, failed).is_some_and(|calls| calls >= 1.0), "{text}");
    assert_eq!(value(&text, r#"claude_hooks_instances_unsatisfied{type="dev"}"#), Some(1.0), "{text}");
}

#[test]
fn whoever_has_no_token_is_told_nothing() {
    let world = World::empty();
    let address = world.server.address.to_string();
    let answer = world.server.ask_as(&address, "GET", "/metrics", "", "");
    assert_eq!((answer.status, answer.problem_name().as_str()), (401, "unauthorized"), "{answer:?}");
    assert!(!answer.body.contains("claude_hooks"), "{answer:?}");
    let wrong = world.server.ask("POST", "/metrics", "Content-Type: application/json\r\n", "{}");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD")), "{wrong:?}");
}
