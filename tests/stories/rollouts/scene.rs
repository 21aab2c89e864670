//! A pool on an image of its own, hands that give its name another meaning, and work for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use claude_hooks_actors::model::{Event, EventKind, Rollout, RolloutId, TaskId, TaskState};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::engine::{docker, docker_ok, image};
use crate::harness::http::{self, Reply};
use crate::harness::tasks::agent;
use crate::harness::{Fleet, hot};

/// Between two looks at what docker runs.
const SAMPLE: Duration = Duration::from_millis(100);

pub(super) struct Scene {
    pub(super) fleet: Fleet,
    size: usize,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

impl Scene {
    /// So many members of the type `dev`, all up; `None`, loudly, without an engine.
    pub(super) fn with_pool(size: usize) -> Option<Self> {
        let mut fleet = Fleet::new([])?;
        fleet.declare(hot("dev").container("image", format!("{}-agent:latest", fleet.prefix)));
        let mut scene = Self { fleet, size };
        scene.image("v=1", &[]);
        scene.fleet.start();
        scene.fleet.cli_ok(&["scale", &format!("dev={size}")]);
        Some(scene)
    }

    /// The image's name means another one from here on. Returns its id.
    pub(super) fn image(&self, label: &str, options: &[&str]) -> String {
        let (base, name) =
            (format!("{}-base", self.fleet.prefix), format!("{}-agent:latest", self.fleet.prefix));
        docker_ok(&["create", "--name", &base, "--network", "none", image(), "run"]);
        let change = format!("LABEL {label}");
        let args = [&["commit", "--change", &change][..], options, &[&base, &name]].concat();
        let id = docker_ok(&args);
        docker_ok(&["rm", &base]);
        id
    }

    pub(super) fn names(&self) -> Vec<String> {
        let more = (2..=self.size).map(|number| format!("dev-{number}"));
        std::iter::once("dev-default".to_owned()).chain(more).collect()
    }

    /// Container and start of a member.
    pub(super) fn life(&self, name: &str) -> (Value, Value) {
        let seen = self.fleet.inspect(name).expect("it is there");
        (seen["Id"].clone(), seen["State"]["StartedAt"].clone())
    }

    pub(super) fn begin(&self, body: &Value) -> Rollout {
        self.fleet.post("/api/v1/rollouts", body).expect(201).json()
    }

    pub(super) fn rollout(&self, id: RolloutId) -> Rollout {
        self.fleet.get(&format!("/api/v1/rollouts/{id}")).expect(200).json()
    }

    pub(super) fn latest(&self) -> Rollout {
        let list: Items<Rollout> = self.fleet.get("/api/v1/rollouts?limit=1").expect(200).json();
        list.items.into_iter().next().expect("there was one")
    }

    pub(super) fn ended(&self, id: RolloutId, patience: Duration) -> Rollout {
        let ended = || Some(self.rollout(id)).filter(|rollout| rollout.state.has_ended());
        self.fleet.eventually("the rollout has ended", patience, ended)
    }

    /// The newest event of this kind.
    pub(super) fn event(&self, kind: EventKind) -> Event {
        let path = format!("/api/v1/events?kind={kind}&limit=1");
        let request = self.fleet.unix(reqwest::Method::GET, &path).header("Accept", "application/json");
        let list: Items<Event> = self.fleet.send(request).expect(200).json();
        list.items.into_iter().next().expect("it was told")
    }

    /// Names of ours on images.
    pub(super) fn retained(&self) -> Vec<String> {
        let repository = format!("{}-retained", self.fleet.prefix);
        docker_ok(&["images", &repository, "--format", "{{.Tag}}"]).lines().map(str::to_owned).collect()
    }
}

/// Hands in a task of a second by type whenever fewer than three wait, and looks how many members run.
pub(super) struct Load {
    over: Arc<AtomicBool>,
    most_out: Arc<AtomicUsize>,
    tasks: JoinHandle<Vec<TaskId>>,
    looks: JoinHandle<()>,
}

pub(super) struct Carried {
    pub(super) tasks: usize,
    pub(super) most_out: usize,
}

impl Load {
    pub(super) fn on(scene: &Scene) -> Self {
        let (over, most_out) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let socket = scene.fleet.data().join("claude-hooks.sock");
        let tasks = thread::spawn({
            let over = over.clone();
            move || {
                let client = http::client(Some(&socket));
                let mut ids = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let body = json!({ "type": "dev", "argv": agent(&["sleep", "1"]) });
                    let request =
                        http::request(&client, reqwest::Method::POST, "http://localhost/api/v1/tasks");
                    let taken: Reply = http::send(request.json(&body)).expect("the daemon takes it");
                    let task: Value = taken.expect(201).json();
                    ids.push(serde_json::from_value(task["id"].clone()).expect("an id"));
                    thread::sleep(Duration::from_millis(500));
                }
                ids
            }
        });
        let looks = thread::spawn({
            let (over, most_out) = (over.clone(), most_out.clone());
            let containers: Vec<String> =
                scene.names().iter().map(|name| scene.fleet.container(name)).collect();
            move || {
                while !over.load(Ordering::Relaxed) {
                    let listed = docker(&["ps", "--filter", "status=running", "--format", "{{.Names}}"]);
                    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
                    let up = |name: &&String| listed.lines().any(|line| line == **name);
                    let out = containers.len() - containers.iter().filter(up).count();
                    most_out.fetch_max(out, Ordering::Relaxed);
                    thread::sleep(SAMPLE);
                }
            }
        });
        Self { over, most_out, tasks, looks }
    }

    /// Ends the load; every task must have succeeded at its first attempt.
    pub(super) fn finish(self, scene: &Scene) -> Carried {
        self.over.store(true, Ordering::Relaxed);
        let tasks = self.tasks.join().expect("every task was taken");
        self.looks.join().expect("docker answers");
        for id in &tasks {
            let task = scene.fleet.ended(*id);
            assert_eq!((task.state, task.attempt), (TaskState::Succeeded, 1), "{task:?}");
        }
        Carried { tasks: tasks.len(), most_out: self.most_out.load(Ordering::Relaxed) }
    }
}
