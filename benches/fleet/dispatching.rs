//! What a task and a wake cost beyond docker's own part in them.

use std::time::{Duration, Instant};

use claude_hooks_actors::model::Phase;
use serde_json::{Value, json};

use crate::figures::{median, ratio};
use crate::stories::harness::{Fleet, SOON, engine, hot, lazy};

const ROUNDS: usize = 31;
const AIM: &str = " (aim: 1.1)";

pub(crate) fn run() {
    task();
    wake();
}

/// A task that does nothing, against `docker exec` of the same program, in rounds that alternate.
fn task() {
    let fleet = Fleet::started([hot("dev")]).expect("a benchmark needs a docker engine");
    let container = fleet.container("dev-default");
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        plain.push(timed(|| drop(engine::docker_ok(&["exec", &container, "/agent", "exit", "0"]))));
        ours.push(timed(|| {
            let body = json!({ "instance": "dev-default", "argv": ["/agent", "exit", "0"] });
            let task: Value = fleet.post("/api/v1/tasks", &body).expect(201).json();
            let path = format!("/api/v1/tasks/{}?wait_s=60", task["id"].as_str().expect("it has an id"));
            let ended: Value = fleet.get(&path).expect(200).json();
            assert_eq!(ended["state"], "succeeded", "{ended}");
        }));
    }
    ratio("a task that does nothing / docker exec", median(&ours), median(&plain), AIM);
}

/// A claim of an agent that sleeps, against `docker start` of its container by hand.
fn wake() {
    let fleet = Fleet::started([lazy("dev")]).expect("a benchmark needs a docker engine");
    let (name, container) = ("dev-default", fleet.container("dev-default"));
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        plain.push(timed(|| drop(engine::docker_ok(&["start", &container]))));
        fleet.wait_phase(name, Phase::Running, SOON);
        sleep_again(&fleet, name);
        ours.push(timed(|| drop(fleet.lease(&json!({ "instance": name, "holder": "the benchmark" })))));
        fleet.force(name, "stop");
        fleet.wait_phase(name, Phase::Stopped, SOON);
    }
    ratio("a claim of a sleeping agent / docker start", median(&ours), median(&plain), AIM);
}

fn sleep_again(fleet: &Fleet, name: &str) {
    fleet.act(name, "stop");
    fleet.wait_phase(name, Phase::Stopped, SOON);
}

fn timed(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}
