//! What Prometheus reads of a running daemon, and what is published to look at it with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use claude_hooks_actors::model::Phase;
use reqwest::Method;

use crate::harness::{Fleet, SOON, engine, hot, lazy, promtool};

const PLAIN: &str = "text/plain;version=0.0.4";

fn published(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(published(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A daemon that has done a little of everything.
fn busy_fleet() -> Option<Fleet> {
    let fleet = Fleet::started([hot("dev"), lazy("helper")])?;
    fleet.wait_phase("dev-default", Phase::Running, SOON);
    let lease = fleet.lease(&serde_json::json!({ "instance": "helper-default", "holder": "a story" }));
    fleet.release(&lease).expect(204);
    Some(fleet)
}

fn metrics(fleet: &Fleet, accept: &str) -> String {
    let request = fleet.unix(Method::GET, "/metrics").header("Accept", accept);
    fleet.send(request).expect(200).body
}

/// The names of all samples of an exposition.
fn samples(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split(['{', ' ']).next()).collect()
}

/// The names of all families of an exposition.
fn families(text: &str) -> BTreeSet<&str> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    types.filter_map(|line| line.split(' ').next()).collect()
}

/// What looks like a metric of ours in a text.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("claude_hooks_") || word.starts_with("process_")).collect()
}

#[test]
fn prometheus_reads_a_running_daemon_and_every_published_name_is_there() {
    let Some(fleet) = busy_fleet() else { return };
    let text = metrics(&fleet, PLAIN);
    let there = samples(&text);
    for path in [
        "config/grafana/claude-hooks.json",
        "config/prometheus/claude-hooks.rules.yml",
        "config/prometheus/claude-hooks.rules.test.yml",
    ] {
        let content = read(path);
        let names = named(&content);
        assert!(names.len() > 5, "{path} names nothing: {names:?}");
        let unknown: Vec<&&str> = names.iter().filter(|name| !there.contains(**name)).collect();
        assert!(unknown.is_empty(), "{path} names {unknown:?}, which the daemon does not tell:\n{text}");
    }
    let page = read("docs/metrics.md");
    let told = families(&text);
    let documented = named(&page);
    assert_eq!(documented, told, "docs/metrics.md (left) and the daemon (right) name the same metrics");

    let Some(promtool) = promtool::find() else { return };
    promtool::ok(&promtool, &fleet.home(), &["check", "metrics"], &text);
    // It reads the newer format only with times.
    let openmetrics = metrics(&fleet, "application/openmetrics-text");
    let timed = openmetrics.lines().map(|line| match line.strip_prefix('#') {
        Some(_) => format!("{line}\n"),
        None => format!("{line} 1700000000\n"),
    });
    let file = fleet.path("metrics.txt");
    fs::write(&file, timed.collect::<String>()).expect("the temporary directory is writable");
    let file = file.to_string_lossy();
    let args = ["tsdb", "create-blocks-from", "openmetrics", &file, "blocks"];
    promtool::ok(&promtool, &fleet.home(), &args, "");
}

#[test]
fn numbers_follow_what_happens_to_the_containers() {
    let Some(fleet) = busy_fleet() else { return };
    let becomes = |line: &str| {
        let told = || metrics(&fleet, PLAIN).lines().any(|told| told == line).then_some(());
        fleet.eventually(line, SOON, told);
    };
    becomes(r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="running"} 1"#);
    becomes("claude_hooks_leases_granted_total 1");
    becomes("claude_hooks_wake_duration_seconds_count 1");
    becomes(r#"claude_hooks_container_deaths_total{cause="vanished"} 0"#);
    engine::docker_ok(&["rm", "-f", &fleet.container("dev-default")]);
    becomes(r#"claude_hooks_container_deaths_total{cause="vanished"} 1"#);
    becomes(r#"claude_hooks_events_total{kind="container_recreated"} 1"#);
    becomes(r#"claude_hooks_instances_unsatisfied{type="dev"} 0"#);
    let text = metrics(&fleet, PLAIN);
    for file in ["main", "wal"] {
        let series = format!("claude_hooks_database_size_bytes{{file=\"{file}\"}} ");
        let size = text.lines().find_map(|line| line.strip_prefix(&series)?.parse::<u64>().ok());
        assert!(size.is_some_and(|size| size > 0), "{file}: {text}");
    }
    assert_eq!(fleet.send(fleet.tcp_bare(Method::GET, "/metrics")).status, 401);
    assert_eq!(fleet.send(fleet.tcp(Method::GET, "/metrics")).status, 200);
}

#[test]
fn the_alerts_fire_when_their_tests_say_so() {
    let Some(promtool) = promtool::find() else { return };
    let dir = published("config/prometheus");
    promtool::ok(&promtool, &dir, &["check", "rules", "claude-hooks.rules.yml"], "");
    promtool::ok(&promtool, &dir, &["test", "rules", "claude-hooks.rules.test.yml"], "");
    let (rules, tests) = (
        read("config/prometheus/claude-hooks.rules.yml"),
        read("config/prometheus/claude-hooks.rules.test.yml"),
    );
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(tests.contains(alert), "no test says when {alert} fires");
    }
}
