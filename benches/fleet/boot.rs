//! A first start with rows and no containers, against `docker run -d` of the same containers.
//!
//! Both make the volumes as well: `docker run` does so by itself. The rounds alternate, because other work on the
//! machine comes and goes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::figures::{median, milliseconds, ratio};
use crate::stories::harness::types::TypeDecl;
use crate::stories::harness::{Fleet, SOON, engine, hot};

const AGENTS: usize = 30;
const ROUNDS: usize = 5;
/// How many `docker run -d` at once.
const PARALLEL: [usize; 4] = [2, 3, 4, 6];

pub(crate) fn run() {
    let mut by_hand: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
    let (mut ours, mut handed_over) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for parallel in PARALLEL {
            by_hand.entry(parallel).or_default().push(run_by_hand(parallel));
        }
        ours.push(boot(hot("dev")));
        handed_over.push(boot(hot("dev").container("user", "1000:1000")));
    }
    for (parallel, times) in &by_hand {
        println!("  docker run -d, {parallel} at once: {}", milliseconds(median(times)));
    }
    let best = by_hand.values().map(|times| median(times)).min().expect("four were tried");
    ratio(
        &format!("boot of {AGENTS} hot agents / docker run -d"),
        median(&ours),
        best,
        " (aim: 1.1 or lower)",
    );
    ratio("the same for another user than root, volumes handed over", median(&handed_over), best, "");
}

fn run_by_hand(parallel: usize) -> Duration {
    let fleet = crate::fleet([]);
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..parallel {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= AGENTS {
                        return;
                    }
                    run_one(&fleet, &format!("dev-{number}"));
                }
            });
        }
    });
    let took = begin.elapsed();
    assert_eq!(fleet.containers().len(), AGENTS, "every one was made");
    took
}

/// What the daemon says of a container in `docker create` and `docker start`, in one `docker run`.
fn run_one(fleet: &Fleet, name: &str) {
    let labels = [
        "fleet=00000000-0000-4000-8000-000000000000".to_owned(),
        format!("instance={name}"),
        "type=dev".to_owned(),
        format!("spec={}", "0".repeat(64)),
        "lifecycle=hot".to_owned(),
    ]
    .map(|label| format!("claude-hooks.{label}"));
    let (container, mount) =
        (fleet.container(name), format!("type=volume,src={},dst=/state", fleet.volume(name)));
    let mut args = vec!["run", "-d", "--name", &container];
    args.extend(labels.iter().flat_map(|label| ["--label", label]));
    args.extend(["--pull", "never", "--restart", "unless-stopped", "--init"]);
    args.extend(["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]);
    args.extend(["--log-driver", "json-file", "--log-opt", "max-size=10m", "--log-opt", "max-file=3"]);
    args.extend(["--network", "none", "--memory", "67108864", "--cpus", "0.500", "--pids-limit", "64"]);
    args.extend(["--mount", &mount, engine::image(), "run"]);
    engine::docker_ok(&args);
}

/// From the start of the program to its word that the boot pass is done.
fn boot(agent_type: TypeDecl) -> Duration {
    let by_root = agent_type.value["container"]["user"].is_null();
    let mut fleet = crate::fleet([agent_type]);
    // A database with the rows in it and no container.
    fleet.set("docker", "binary", "/bin/false");
    fleet.start_unready();
    fleet.eventually("the database is made", SOON, || fleet.data().join("listen").exists().then_some(()));
    let db = fleet.db();
    // The first start writes the default row; killed before, the next one would find rows and write none.
    let rows = || db.query_row("SELECT count(*) FROM agents", [], |row| row.get(0)).unwrap_or(0);
    fleet.eventually("the default row is there", SOON, || (rows() == 1).then_some(()));
    fleet.kill9();
    for number in 2..=AGENTS {
        db.execute("INSERT INTO agents (name, type) VALUES (?1, 'dev')", [format!("dev-{number}")])
            .expect("a row can be written by hand");
    }
    drop(db);
    fleet.set("docker", "binary", engine::binary().to_string_lossy().into_owned());
    let begin = Instant::now();
    fleet.start();
    let took = begin.elapsed();
    let running = engine::docker_ok(&["ps", "--format", "{{.Names}}"]);
    let begin_of_name = format!("{}-", fleet.prefix);
    let running = running.lines().filter(|name| name.starts_with(&begin_of_name)).count();
    assert_eq!(running, AGENTS, "every one runs when the daemon says so:\n{}", fleet.log());
    if by_root {
        assert_same(&fleet);
    }
    took
}

/// The comparison is only fair between equal containers.
fn assert_same(fleet: &Fleet) {
    let other = crate::fleet([]);
    run_one(&other, "dev-default");
    let essence = |fleet: &Fleet| {
        let mut seen = fleet.inspect("dev-default").expect("it was made");
        let labels = seen["Config"]["Labels"].as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
        // Not what `run -d` and `create` note of the terminal that nobody attached.
        let config = ["Image", "Entrypoint", "Cmd", "Env", "User"].map(|key| seen["Config"][key].take());
        let mut host = seen["HostConfig"].take();
        host["Mounts"][0]["Source"].take();
        (labels, config, host)
    };
    assert_eq!(essence(fleet), essence(&other), "the daemon's container and the one by hand");
}
