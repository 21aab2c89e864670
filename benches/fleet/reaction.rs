//! How soon the stream tells of a container that somebody removed.

use std::thread;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::EventKind;
use serde_json::json;

use crate::figures::{milliseconds, quantile};
use crate::stories::harness::types::TypeDecl;
use crate::stories::harness::{Fleet, SOON, engine, hot, lazy};

const ROUNDS: usize = 21;

pub(crate) fn run() {
    of("a running one", hot("dev"));
    of("a sleeping one", lazy("dev"));
}

fn of(what: &str, agent_type: TypeDecl) {
    let fleet = Fleet::started([agent_type]).expect("a benchmark needs a docker engine");
    // One for each round: a container that dies again and again is left alone for a while.
    fleet.post("/api/v1/types/dev/scale", &json!({ "count": ROUNDS })).expect(200);
    let (mut from_start, mut from_end, mut back) = (Vec::new(), Vec::new(), Vec::new());
    for agent in fleet.agents() {
        let (missing, removal, recreated) = one(&fleet, agent.name.as_ref());
        from_start.push(missing);
        // The event may well be there before the command has ended.
        from_end.push(missing.saturating_sub(removal));
        back.push(recreated);
    }
    let line = |name: &str, times: &[Duration]| {
        let (median, most) = (milliseconds(quantile(times, 0.5)), milliseconds(quantile(times, 0.9)));
        println!("  {what}, {name}: median {median}, 90 % within {most}");
    };
    line("from the end of `docker rm -f` to container_missing", &from_end);
    line("from the start of `docker rm -f` to container_missing", &from_start);
    line("from the start of `docker rm -f` to container_recreated", &back);
}

/// Measured from the start of `docker rm -f`: the event, the end of the command, the new container.
fn one(fleet: &Fleet, name: &str) -> (Duration, Duration, Duration) {
    let before = fleet.last_seq();
    // A fresh one, because looking for an event goes through all that came.
    let stream = fleet.stream("");
    let container = fleet.container(name);
    let begin = Instant::now();
    thread::scope(|scope| {
        let removal = scope.spawn(|| {
            engine::docker_ok(&["rm", "-f", &container]);
            begin.elapsed()
        });
        stream.wait_after(before, EventKind::ContainerMissing, name, SOON);
        let missing = begin.elapsed();
        stream.wait_after(before, EventKind::ContainerRecreated, name, SOON);
        let recreated = begin.elapsed();
        (missing, removal.join().expect("the removal works"), recreated)
    })
}
