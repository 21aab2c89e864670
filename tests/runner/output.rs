//! What runs print, how much of it is kept, and who reads it.

use std::io::Read as _;
use std::time::{Duration, Instant};

use crate::harness::{World, order, shell, until};

#[test]
fn both_outputs_are_kept_in_their_order() {
    let world = World::new();
    let order = shell("echo 1; echo 2 >&2; echo 3; echo 4 >&2");
    assert_eq!(world.run(&order).bytes(), (8, 8));
    assert_eq!(world.text(&order), "1\n2\n3\n4\n");
    assert_eq!(world.output(&order, 4), b"3\n4\n");
    assert_eq!(world.output(&order, 100), b"");
}

#[test]
fn a_flood_is_drained_and_only_its_beginning_kept() {
    const FLOOD: u64 = 300 << 20;
    let world = World::keeping(1 << 20);
    let order = shell(&format!("head -c {FLOOD} /dev/zero"));
    let began = Instant::now();
    let running = world.begun(&order);
    let mut most_memory = 0;
    until("it has ended", || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most_memory = most_memory.max(peak.and_then(|peak| peak.trim().parse::<u64>().ok()).unwrap_or(0));
        world.files(&order).join("result").exists()
    });
    assert_eq!(running.end().bytes(), (FLOOD, 1 << 20));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(most_memory < 48 << 10, "{most_memory} kB");
    assert_eq!(world.output(&order, 0).len(), 1 << 20);
}

#[test]
fn a_run_that_floods_counts_while_it_runs() {
    let world = World::keeping(100);
    let order = shell("head -c 5000 /dev/zero; sleep 1.2; echo; sleep 600");
    let running = world.begun(&order);
    until("it is noted", || world.record(&order).bytes() == (5001, 100));
    world.cancel(&order, Duration::ZERO);
    assert_eq!(running.end().bytes(), (5001, 100));
}

#[test]
fn a_reader_may_follow_slowly_or_go_away() {
    let world = World::new();
    let order = shell("for i in 1 2 3 4 5; do head -c 100000 /dev/zero; sleep 0.05; done; echo; exit 2");
    let running = world.begun(&order);
    let mut leaving = world.start_verb(&["output", &order.run, "--follow"]);
    let mut slow = world.start_verb(&["output", &order.run, "--follow", "--offset", "1"]);
    let mut first = [0; 10];
    let mut pipe = leaving.stdout.take().expect("stdout was piped");
    pipe.read_exact(&mut first).expect("it prints");
    drop(pipe);
    // The slow one does not read at all until the run has ended.
    assert_eq!(running.end().ended(), ("exited", 2));
    let mut rest = Vec::new();
    slow.stdout.take().expect("stdout was piped").read_to_end(&mut rest).expect("it prints");
    assert_eq!(rest.len(), 500_000);
    assert!(slow.wait().expect("it ends").success());
    assert!(leaving.wait().expect("it ends").success());
}

#[test]
fn a_follower_sees_output_as_it_comes() {
    let world = World::new();
    let order = shell("echo one; read line < fifo; echo two");
    let order = crate::harness::Order { workdir: world.path().to_str().map(Into::into), ..order };
    rustix::fs::mkfifoat(rustix::fs::CWD, world.path().join("fifo"), 0o600.into()).expect("a fifo");
    let running = world.begun(&order);
    let mut follower = world.start_verb(&["output", &order.run, "--follow"]);
    let mut pipe = follower.stdout.take().expect("stdout was piped");
    let mut line = [0; 4];
    pipe.read_exact(&mut line).expect("it prints");
    assert_eq!(&line, b"one\n");
    std::fs::write(world.path().join("fifo"), "go on\n").expect("the shell reads");
    let mut rest = String::new();
    pipe.read_to_string(&mut rest).expect("it prints");
    assert_eq!(rest, "two\n");
    assert!(follower.wait().expect("it ends").success());
    assert_eq!(running.end().ended(), ("exited", 0));
}

#[test]
fn a_short_task_takes_a_moment() {
    let world = World::new();
    let began = Instant::now();
    for _ in 0..10 {
        world.run(&order(&["true"]));
    }
    println!("ten runs of `true`: {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
