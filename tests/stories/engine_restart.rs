//! dockerd ends under running tasks and comes back, with its containers or without: every task has its true end.

use std::fs;
use std::path::PathBuf;

use claude_hooks_actors::handle::TaskView;
use claude_hooks_actors::model::{EventKind, Incarnation, Phase, TaskState};
use serde_json::json;

use crate::harness::private_engine::{End, PrivateEngine};
use crate::harness::tasks::agent;
use crate::harness::{Fleet, SOON, hot, lazy};

const ALL: [&str; 6] = ["dev-default", "dev-2", "dev-3", "reviewer-default", "reviewer-2", "reviewer-3"];

/// In this order its fields are dropped: the fleet needs its engine.
struct World {
    fleet: Fleet,
    engine: PrivateEngine,
}

impl World {
    /// Three hot agents and three lazy ones.
    fn new(live_restore: bool) -> Option<Self> {
        let engine = PrivateEngine::started(live_restore)?;
        let mut fleet = Fleet::on(engine.engine(), [hot("dev"), lazy("reviewer")]);
        fleet.start();
        for agent_type in ["dev", "reviewer"] {
            fleet.post(&format!("/api/v1/types/{agent_type}/scale"), &json!({ "count": 3 })).expect(200);
        }
        Some(Self { fleet, engine })
    }

    /// A task that has begun and goes on until it is let go.
    fn runs(&self, instance: &str, verb: &str, code: u8, retry: bool) -> TaskView {
        let code = code.to_string();
        let argv = agent(&[verb, "/state/go", &code]);
        let task = self.fleet.submit(&json!({ "instance": instance, "argv": argv, "retry": retry }));
        self.fleet.wait_printed(task.id, "begun");
        task
    }

    /// A file of an instance's state, which is there also while no engine is.
    fn state(&self, instance: &str, file: &str) -> PathBuf {
        self.engine.volume(&self.fleet.volume(instance)).join(file)
    }

    fn let_go(&self, instance: &str) {
        fs::write(self.state(instance, "go"), "").expect("the volume is there");
    }

    /// How often a task began in it.
    fn begun(&self, instance: &str) -> usize {
        fs::read_to_string(self.state(instance, "begun")).unwrap_or_default().lines().count()
    }

    #[track_caller]
    fn ends(&self, task: &TaskView, state: TaskState, cause: &str, exit_code: Option<i64>, attempt: u32) {
        let ended = self.fleet.ended(task.id);
        let said = (ended.state, ended.cause.as_deref(), ended.exit_code, ended.attempt);
        assert_eq!(said, (state, Some(cause), exit_code, attempt), "{ended:?}\n{}", self.fleet.log());
        let name = ended.instance.as_ref().expect("it ran somewhere");
        assert_eq!(self.begun(name.as_ref()), attempt as usize, "{name}: as often as it was asked for");
    }

    fn ends_of_tasks(&self) -> usize {
        self.fleet.stored().into_iter().filter(|event| event.kind == EventKind::TaskFinished).count()
    }

    fn ids(&self) -> [Option<String>; 6] {
        ALL.map(|name| self.fleet.id(name))
    }

    fn lives(&self) -> [Option<Incarnation>; 6] {
        ALL.map(|name| self.fleet.agent(name).observed.incarnation)
    }

    /// What the runner has kept of the output of a task's first run.
    fn kept(&self, instance: &str, task: &TaskView) -> String {
        let file = format!(".claude-hooks/tasks/{}.1/output", task.id);
        fs::read_to_string(self.state(instance, &file)).unwrap_or_default()
    }

    /// Lets it end where no engine and no daemon sees it.
    fn ends_unseen(&self, instance: &str, task: &TaskView) {
        self.let_go(instance);
        self.fleet.eventually("it ends while there is no engine", SOON, || {
            self.kept(instance, task).ends_with("ended\n").then_some(())
        });
    }

    /// All that a `count` prints, from its first line to its last.
    #[track_caller]
    fn has_whole_output(&self, task: &TaskView) {
        let printed = self.fleet.printed(task.id);
        let numbers = printed.lines().count().saturating_sub(2);
        let between: Vec<String> = (1..=numbers).map(|number| format!("{number}\n")).collect();
        assert_eq!(printed, format!("begun\n{}ended\n", between.concat()));
    }
}

/// Without live-restore no container outlives dockerd; one that was killed ends them when it comes back.
fn ends_with_its_engine(end: End) {
    let Some(mut world) = World::new(false) else { return };
    let ids = world.ids();
    let stream = world.fleet.stream("");
    let lost = ["dev-default", "reviewer-default"].map(|name| world.runs(name, "await", 0, false));
    let again = ["dev-2", "reviewer-2"].map(|name| world.runs(name, "await", 4, true));
    let meanwhile = world.runs("reviewer-3", "await", 0, false);

    world.engine.end(end);
    if end == End::Killed {
        // Its containers go on for as long as there is no dockerd.
        world.ends_unseen("reviewer-3", &meanwhile);
    }
    world.fleet.eventually("docker is missed", SOON, || {
        (world.fleet.agent("dev-3").observed.phase == Phase::Unknown).then_some(())
    });
    // Taken all the same.
    let queued = world.fleet.task_in("dev-3", &["exit", "5"]);
    world.engine.start();

    for task in &lost {
        world.ends(task, TaskState::Failed, "vanished", None, 1);
    }
    for (task, name) in again.iter().zip(["dev-2", "reviewer-2"]) {
        world.fleet.eventually("it is run once more", SOON, || {
            let again = world.fleet.task(task.id);
            (again.attempt == 2 && again.state == TaskState::Running).then_some(())
        });
        world.let_go(name);
        world.ends(task, TaskState::Failed, "exited", Some(4), 2);
        assert_eq!(world.fleet.printed(task.id), "begun\nended\n", "{name}");
    }
    match end {
        End::Killed => {
            world.ends(&meanwhile, TaskState::Succeeded, "exited", Some(0), 1);
            assert_eq!(world.fleet.printed(meanwhile.id), "begun\nended\n");
        }
        End::Gracefully => world.ends(&meanwhile, TaskState::Failed, "vanished", None, 1),
    }
    let queued = world.fleet.ended(queued.id);
    assert_eq!((queued.state, queued.exit_code), (TaskState::Failed, Some(5)), "{queued:?}");
    for name in ["dev-default", "dev-2", "dev-3"] {
        world.fleet.wait_phase(name, Phase::Running, SOON);
    }
    assert_eq!(world.ids(), ids, "none was made anew");
    assert_eq!(stream.count(EventKind::ContainerMissing, ""), 0);
    assert_eq!(world.ends_of_tasks(), 6, "each end is told once");
    let next = world.fleet.run_in("reviewer-default", &["exit", "0"]);
    assert_eq!(next.state, TaskState::Succeeded, "{next:?}");
}

#[test]
fn tasks_under_an_engine_that_is_restarted_fail_or_are_run_once_more() {
    ends_with_its_engine(End::Gracefully);
}

#[test]
fn tasks_under_an_engine_that_is_killed_fail_or_are_run_once_more_unless_they_have_ended_before() {
    ends_with_its_engine(End::Killed);
}

#[test]
fn tasks_under_an_engine_with_live_restore_go_on_without_it_and_are_followed_to_their_true_end() {
    let Some(mut world) = World::new(true) else { return };
    let on = ["dev-default", "reviewer-default"].map(|name| (name, world.runs(name, "count", 7, true)));
    let first = ["dev-2", "reviewer-2"].map(|name| (name, world.runs(name, "count", 0, false)));
    let second = ["dev-3", "reviewer-3"].map(|name| (name, world.runs(name, "count", 3, false)));
    let before = (world.ids(), world.lives());

    world.engine.end(End::Gracefully);
    for (name, task) in &first {
        world.ends_unseen(name, task);
    }
    world.engine.start();
    for (_, task) in &first {
        world.ends(task, TaskState::Succeeded, "exited", Some(0), 1);
    }
    world.engine.end(End::Killed);
    for (name, task) in &second {
        world.ends_unseen(name, task);
    }
    world.engine.start();
    for (_, task) in &second {
        world.ends(task, TaskState::Failed, "exited", Some(3), 1);
    }
    for (name, task) in &on {
        assert_eq!(world.fleet.task(task.id).state, TaskState::Running, "{name} has seen none of it");
        world.let_go(name);
        world.ends(task, TaskState::Failed, "exited", Some(7), 1);
    }
    for (_, task) in on.iter().chain(&first).chain(&second) {
        world.has_whole_output(task);
    }
    assert_eq!((world.ids(), world.lives()), before, "no container was touched");
    assert_eq!(world.ends_of_tasks(), 6, "each end is told once");
}

/// Engine and daemon are killed together, and the daemon is back first.
fn ends_with_its_daemon(live_restore: bool) {
    let Some(mut world) = World::new(live_restore) else { return };
    let ids = world.ids();
    let on = ["dev-default", "reviewer-default"].map(|name| (name, world.runs(name, "count", 7, false)));
    let unseen = ["dev-2", "reviewer-2"].map(|name| (name, world.runs(name, "count", 0, true)));
    let again = ["dev-3", "reviewer-3"].map(|name| (name, world.runs(name, "count", 3, true)));
    world.fleet.kill9();
    world.engine.end(End::Killed);
    for (name, task) in &unseen {
        world.ends_unseen(name, task);
    }
    world.fleet.start_unready();
    world.fleet.eventually("the API answers", SOON, || {
        world.fleet.try_get("/healthz").ok().filter(|reply| reply.status == 200)
    });
    for (name, task) in on.iter().chain(&unseen).chain(&again) {
        assert_eq!(world.fleet.task(task.id).state, TaskState::Running, "{name}: nobody knows better");
    }
    world.engine.start();

    for (_, task) in &unseen {
        world.ends(task, TaskState::Succeeded, "exited", Some(0), 1);
    }
    let attempts = if live_restore { 1 } else { 2 };
    for (name, task) in &again {
        world.fleet.eventually("it runs", SOON, || {
            let task = world.fleet.task(task.id);
            (task.attempt == attempts && task.state == TaskState::Running).then_some(())
        });
        world.let_go(name);
        world.ends(task, TaskState::Failed, "exited", Some(3), attempts);
    }
    for (name, task) in &on {
        if live_restore {
            world.let_go(name);
            world.ends(task, TaskState::Failed, "exited", Some(7), 1);
            world.has_whole_output(task);
        } else {
            world.ends(task, TaskState::Failed, "vanished", None, 1);
        }
    }
    for (_, task) in unseen.iter().chain(&again) {
        world.has_whole_output(task);
    }
    for name in &ALL[..3] {
        world.fleet.wait_phase(name, Phase::Running, SOON);
    }
    assert_eq!(world.ids(), ids, "none was made anew");
    assert_eq!(world.ends_of_tasks(), 6, "each end is told once");
}

#[test]
fn a_daemon_that_is_killed_with_its_engine_knows_how_the_tasks_ended() {
    ends_with_its_daemon(false);
}

#[test]
fn a_daemon_that_is_killed_with_its_engine_with_live_restore_knows_how_the_tasks_ended() {
    ends_with_its_daemon(true);
}
