use std::fs::File;

use claude_hooks_actors::model::{RunCause, RunRecord};
use jiff::Timestamp;
use tempfile::TempDir;
use uuid::Uuid;

use super::super::records::{Claim, OurRun};
use super::*;

const DAY: Duration = Duration::from_hours(24);

fn run(n: u128) -> RunId {
    RunId::parse(&format!("{}.1", Uuid::from_u128(n))).expect("the form of a run")
}

fn begun(tasks: &Tasks, n: u128) -> OurRun {
    match tasks.claim(&run(n)).expect("a directory can be made") {
        Claim::Ours(ours) => ours,
        Claim::Known => panic!("run {n} is there already"),
    }
}

/// A run that ended `age` ago and kept so many bytes.
fn ended(tasks: &Tasks, n: u128, age: Duration, kept: usize) {
    use std::io::Write as _;
    let mut ours = begun(tasks, n);
    ours.output.write_all(&vec![b'x'; kept]).expect("room for output");
    let now = Timestamp::now();
    let state = RunState::Ended { cause: RunCause::Exited, exit_code: 0, detail: None, ended_at: now };
    let record = RunRecord { run: run(n), state, started_at: now, output_bytes: 0, kept_bytes: 0 };
    ours.finish(&record).expect("room for a result");
    let dir = File::open(tasks.run_dir(&run(n))).expect("the run's directory");
    dir.set_modified(SystemTime::now() - age).expect("our own directory");
}

fn world() -> (Tasks, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    (Tasks::new(dir.path().join("a/tasks")), dir)
}

fn left(tasks: &Tasks) -> Vec<u128> {
    (0..10).filter(|n| tasks.run_dir(&run(*n)).exists()).collect()
}

#[test]
fn what_ended_more_than_a_week_ago_goes_and_what_runs_stays() {
    let (tasks, _dir) = world();
    ended(&tasks, 1, 8 * DAY, 0);
    ended(&tasks, 2, 6 * DAY, 0);
    let running = begun(&tasks, 3);
    let dir = File::open(&running.dir).expect("the run's directory");
    dir.set_modified(SystemTime::now() - 30 * DAY).expect("our own directory");
    clean(&tasks, &run(4), SystemTime::now(), MOST_BYTES);
    assert_eq!(left(&tasks), [2, 3]);
}

#[test]
fn beyond_the_bound_the_oldest_go_first() {
    let (tasks, _dir) = world();
    for (n, days) in [(1, 3), (2, 1), (3, 2)] {
        ended(&tasks, n, days * DAY, 1 << 20);
    }
    clean(&tasks, &run(4), SystemTime::now(), (5 << 20) / 2);
    assert_eq!(left(&tasks), [2, 3]);
    clean(&tasks, &run(2), SystemTime::now(), 0);
    assert_eq!(left(&tasks), [2]);
}

#[test]
fn half_made_directories_go_and_what_is_not_ours_stays() {
    let (tasks, _dir) = world();
    ended(&tasks, 1, DAY, 0);
    for name in [".new-x-1", "theirs"] {
        let dir = tasks.dir.join(name);
        fs::create_dir(&dir).expect("a directory");
        File::open(&dir).and_then(|dir| dir.set_modified(SystemTime::now() - 8 * DAY)).expect("an old one");
    }
    clean(&tasks, &run(2), SystemTime::now(), MOST_BYTES);
    assert!(!tasks.dir.join(".new-x-1").exists());
    assert!(tasks.dir.join("theirs").exists());
    assert_eq!(left(&tasks), [1]);
}
