//! The next version brings another runner: what runs under the old one is not cut for it.
//!
//! The older daemon is this program behind a docker that translates: what it takes for a container of its own version has
//! the spec of an older one in the engine, and mounts that one's runner.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;

use claude_hooks_actors::model::{
    ConditionType, ContainerSpec, EventKind, Lifecycle, Limits, Phase, RUNNER_VERSION, TaskState, labels,
};

use crate::harness::{Fleet, SOON, daemon, engine, hot};

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
