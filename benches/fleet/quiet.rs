//! A reconcile with nothing to do, against the list and the inspect that it consists of.

use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::FLEET;
use crate::figures::{median, ratio};
use crate::stories::harness::{Fleet, engine};

const ROUNDS: usize = 31;

pub(crate) fn run() {
    let fleet = crate::large();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let report: Map<String, Value> = fleet.post("/api/v1/reconcile", &json!({})).expect(200).json();
        ours.push(begin.elapsed());
        assert_eq!(report["unchanged"].as_array().map(Vec::len), Some(FLEET));
        let begin = Instant::now();
        look_by_hand(&fleet);
        theirs.push(begin.elapsed());
    }
    ratio(
        &format!("reconcile of {FLEET} with nothing to do / docker ps and docker inspect"),
        median(&ours),
        median(&theirs),
        " (aim: 1.3 or lower)",
    );
}

/// Nobody reads what inspect says: the cheapest way to ask for it.
fn look_by_hand(fleet: &Fleet) {
    let format = "{{.ID}}\t{{.Names}}\t{{json (.Label \"claude-hooks.fleet\")}}";
    let listed = engine::docker_ok(&["ps", "--all", "--no-trunc", "--format", format]);
    let begin_of_name = format!("{}-", fleet.prefix);
    let ids = listed.lines().filter_map(|line| {
        let (id, rest) = line.split_once('\t')?;
        rest.starts_with(&begin_of_name).then_some(id)
    });
    let ids: Vec<&str> = ids.collect();
    assert_eq!(ids.len(), FLEET, "the whole fleet is listed");
    let status = Command::new(engine::binary())
        .args(["inspect", "--type", "container"])
        .args(ids)
        .stdout(Stdio::null())
        .status()
        .expect("docker can be run: it listed them");
    assert!(status.success(), "docker inspect: {status}");
}
