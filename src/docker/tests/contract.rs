//! The adapter keeps the contract of its port on the real engine, as the simulated docker does in memory.

use std::sync::Arc;

use claude_hooks_actors::model::{FleetId, FleetPrefix};
use claude_hooks_actors::ports::ContainerRuntime;
use claude_hooks_actors::testing::contract::runtime::{self, Program, RuntimeWorld};

use crate::docker::CliRuntime;

use super::engine::{CONTAINERS, Engine, VOLUMES, engines, script};

/// What a point makes is removed when the engine is dropped, also if the point panics.
pub(super) struct CliWorld {
    engine: Arc<Engine>,
    pub(super) cli: Arc<CliRuntime>,
    broken: String,
    alone: String,
}

impl CliWorld {
    fn new(engine: Engine) -> Self {
        let cli = engine.runtime();
        Self::with(engine, cli)
    }

    pub(super) fn with(engine: Engine, cli: CliRuntime) -> Self {
        let broken = format!("{}:broken", engine.prefix);
        engine.import(&broken, &["--change", "USER nosuch"]);
        let alone = format!("{}:alone", engine.prefix);
        engine.import(&alone, &["--change", "ENV ALONE=1"]);
        // In the place of our static program, which hands a volume over in images without a shell.
        script(&engine.settings().runner, "[ \"$1\" = hand-over-volume ] && exec chown \"$2\" /state");
        Self { cli: Arc::new(cli), engine: Arc::new(engine), broken, alone }
    }

    fn program(&self, command: &[&str]) -> Program {
        Program {
            image: self.engine.image.clone(),
            command: command.iter().map(|&word| word.into()).collect(),
        }
    }

    /// The CLI by itself, without holding up the other points.
    async fn by_hand(&self, args: &[&str]) {
        let engine = self.engine.clone();
        let args: Vec<String> = args.iter().map(|&arg| arg.into()).collect();
        let done = tokio::task::spawn_blocking(move || {
            engine.docker(&args.iter().map(String::as_str).collect::<Vec<_>>());
        });
        done.await.expect("the CLI does what the point asks");
    }
}

#[async_trait::async_trait]
impl RuntimeWorld for CliWorld {
    fn runtime(&self) -> Arc<dyn ContainerRuntime> {
        self.cli.clone()
    }

    fn fleet(&self) -> FleetId {
        self.engine.fleet
    }

    fn prefix(&self) -> FleetPrefix {
        self.engine.prefix.clone()
    }

    fn staying(&self) -> Program {
        self.program(&["sleep", "600"])
    }

    fn ending(&self) -> Program {
        self.program(&["sh", "-c", "echo hello; exit 3"])
    }

    fn broken(&self) -> Program {
        Program { image: self.broken.clone(), ..self.staying() }
    }

    fn alone(&self) -> Program {
        Program { image: self.alone.clone(), ..self.staying() }
    }

    async fn kill_by_hand(&self, container: &str) {
        self.by_hand(&["kill", container]).await;
    }

    async fn pause_by_hand(&self, container: &str) {
        self.by_hand(&["pause", container]).await;
    }

    async fn rename_by_hand(&self, container: &str, name: &str) {
        self.by_hand(&["rename", container, name]).await;
    }

    async fn remove_by_hand(&self, container: &str) {
        self.by_hand(&["rm", "-f", container]).await;
    }

    async fn run_foreign(&self, container: &str) {
        let image = &self.engine.image;
        self.by_hand(&[
            "run",
            "-d",
            "--name",
            container,
            "--init",
            "--network",
            "none",
            image,
            "sleep",
            "600",
        ])
        .await;
    }

    async fn clean(&self) {
        let engine = self.engine.clone();
        let left = tokio::task::spawn_blocking(move || {
            engine.clean();
            [engine.left(&CONTAINERS), engine.left(&VOLUMES)].concat()
        });
        let left = left.await.expect("cleaning up does not panic");
        assert!(left.is_empty(), "this was left behind: {left:?}");
    }
}

#[tokio::test]
async fn every_cli_keeps_the_contract_of_the_runtime() {
    for engine in engines() {
        runtime::all(&CliWorld::new(engine)).await;
    }
}
