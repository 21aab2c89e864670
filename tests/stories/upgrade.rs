//! The next version brings another schema: nothing of it is seen from outside. And it brings another runner: what runs under
//! the old one is not cut for it.
//!
//! Of the runner, the older daemon is this program behind a docker that translates: what it takes for a container of its own version has
//! the spec of an older one in the engine, and mounts that one's runner.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;

use claude_hooks_actors::model::{
    ConditionType, ContainerSpec, EventKind, Lifecycle, Limits, Phase, RUNNER_VERSION, TaskState, labels,
};

use rusqlite::Connection;

use crate::foreign::fingerprint;
use crate::harness::{Fleet, SOON, daemon, engine, hot, lazy};

const NAME: &str = "dev-default";
const OLDER: u32 = RUNNER_VERSION - 1;

/// What `hot("dev")` resolves to.
fn spec(runner: u32) -> ContainerSpec {
    ContainerSpec {
        lifecycle: Lifecycle::Hot,
        image: engine::image().to_owned(),
        command: vec!["run".to_owned()],
        user: None,
        env: [].into(),
        mounts: Vec::new(),
        network: "none".to_owned(),
        limits: Limits { memory_bytes: Some(64 << 20), milli_cpus: Some(500), pids: Some(64) },
        credentials: None,
        token_env: None,
        runner,
        agent_socket: false,
    }
}

fn runner(fleet: &Fleet, version: u32) -> String {
    fleet.data().join(format!("runner/v{version}/runner")).to_string_lossy().into_owned()
}

/// The label of its spec, and whether it mounts the runner of a version.
fn made_by(fleet: &Fleet, version: u32) -> bool {
    let seen = fleet.inspect(NAME).expect("there is a container");
    let labelled = seen["Config"]["Labels"][labels::SPEC] == spec(version).hash().as_ref();
    let mounts = seen["Mounts"].as_array().expect("it has mounts");
    let mounted = mounts.iter().any(|mount| mount["Source"] == runner(fleet, version).as_str());
    assert_eq!(labelled, mounted, "{seen}");
    mounted
}

/// A fleet as the daemon of the older version left it, with that one still at work.
fn older() -> Option<Fleet> {
    let mut fleet = Fleet::new([hot("dev")])?;
    fleet.with_faults();
    let placed = runner(&fleet, OLDER);
    DirBuilder::new().mode(0o700).create(fleet.data()).expect("the temporary directory is writable");
    fs::create_dir_all(fleet.data().join(format!("runner/v{OLDER}"))).expect("the directory is ours");
    fs::copy(daemon::PROGRAM, &placed).expect("the directory is ours");
    let hash = |version: u32| spec(version).hash().as_ref().to_owned();
    fleet
        .faults()
        .translate(&[(hash(RUNNER_VERSION), hash(OLDER)), (runner(&fleet, RUNNER_VERSION), placed)]);
    fleet.start();
    fleet.wait_phase(NAME, Phase::Running, SOON);
    assert!(made_by(&fleet, OLDER));
    Some(fleet)
}

fn upgraded(end_the_older: impl FnOnce(&mut Fleet)) {
    let Some(mut fleet) = older() else { return };
    let (id, life) = (fleet.id(NAME), fleet.agent(NAME).observed.incarnation);
    let task = fleet.task_in(NAME, &["await", "/state/go", "7"]);
    fleet.wait_printed(task.id, "begun");
    assert_eq!(fleet.condition(NAME, ConditionType::Draining), None, "the older one sees no drift");
    end_the_older(&mut fleet);
    // The next version sees docker as it is.
    fleet.faults().clear();
    fleet.start();
    fleet.eventually("the new one waits for the task", SOON, || {
        fleet.condition(NAME, ConditionType::Draining)
    });
    assert_eq!(fleet.task(task.id).state, TaskState::Running);
    assert_eq!((fleet.id(NAME), fleet.agent(NAME).observed.incarnation), (id.clone(), life.clone()));
    let stream = fleet.stream("");
    fleet.exec(NAME, &["write", "/state/go", ""]);

    let ended = fleet.ended(task.id);
    let said = (ended.state, ended.cause.as_deref(), ended.exit_code, ended.attempt);
    assert_eq!(said, (TaskState::Failed, Some("exited"), Some(7), 1), "{ended:?}");
    assert_eq!(ended.incarnation, life, "it ran where it was");
    let finished = stream.wait_for(EventKind::TaskFinished, NAME, SOON);
    stream.wait_after(finished.seq, EventKind::ContainerRecreated, NAME, SOON);
    fleet.wait_phase(NAME, Phase::Running, SOON);
    assert!(fleet.id(NAME) != id && made_by(&fleet, RUNNER_VERSION), "{:?}", fleet.agent(NAME));
    // The new runner reads what the old one wrote, and runs what comes next.
    assert_eq!(fleet.printed(task.id), "begun\nended\n");
    assert_eq!(fleet.exec(NAME, &["cat", "/state/begun"]), "begun", "it was run once");
    assert_eq!(fleet.run_in(NAME, &["exit", "0"]).state, TaskState::Succeeded);
    assert_eq!(stream.count(EventKind::ContainerMissing, ""), 0);
}

#[test]
fn a_task_under_an_older_runner_is_followed_to_its_end_and_then_its_container_gets_the_new_one() {
    upgraded(|fleet| assert!(fleet.sigterm().success(), "{}", fleet.log()));
}

#[test]
fn the_same_if_the_older_daemon_was_killed() {
    upgraded(Fleet::kill9);
}

/// Gives a stopped fleet the database that a daemon of the first version would have left.
fn with_first_schema(fleet: &Fleet) {
    let (path, older) = (fleet.data().join("agents.db"), fleet.path("older.db"));
    let hand = Connection::open(&older).expect("the temporary directory is writable");
    hand.execute_batch(include_str!("../../migrations/0001_initial.sql")).expect("the first step");
    hand.execute("ATTACH DATABASE ?1 AS now", [path.to_string_lossy()]).expect("the daemon has ended");
    for table in ["agents", "fleet", "events", "instance_memory", "recreate_journal", "tombstones"] {
        let sql = format!("SELECT group_concat(name) FROM pragma_table_info('{table}', 'main')");
        let columns: String = hand.query_row(&sql, [], |row| row.get(0)).expect("the table is there");
        let copy = format!(
            "DELETE FROM main.{table}; INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table};"
        );
        hand.execute_batch(&copy).expect("its columns are still there");
    }
    hand.execute_batch("DETACH DATABASE now; PRAGMA user_version = 1").expect("copied");
    hand.close().expect("nobody else has it");
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(fleet.data().join(format!("agents.db{suffix}")));
    }
    fs::rename(older, path).expect("both are ours");
}

#[test]
fn a_running_fleet_does_not_notice_that_its_database_is_raised_to_a_newer_schema() {
    let Some(mut fleet) = Fleet::started([hot("dev"), lazy("reviewer")]) else { return };
    fleet.create("dev-2", "dev");
    let all = |fleet: &Fleet| -> Vec<_> { fleet.containers().iter().map(|name| fingerprint(name)).collect() };
    let before = all(&fleet);
    let stored = fleet.stored().len();
    assert_eq!(before.len(), 3);
    assert!(fleet.sigterm().success());
    with_first_schema(&fleet);
    fleet.start();
    fleet.wait_phase("dev-2", Phase::Running, SOON);
    assert_eq!(all(&fleet), before, "no container was made anew, started or stopped");
    let version: i64 =
        fleet.db().pragma_query_value(None, "user_version", |row| row.get(0)).expect("a number");
    assert!(version > 1);
    assert!(fleet.stored().len() > stored, "what happened before is still known");
    let backups: Vec<_> = fs::read_dir(fleet.data().join("backups")).expect("copies were made").collect();
    assert_eq!(i64::try_from(backups.len()), Ok(version - 1), "one before each step");
    // And what is newer works.
    let task = fleet.task_in("dev-2", &["cat", "/proc/version"]);
    assert_eq!(fleet.ended(task.id).state, TaskState::Succeeded);
}
