//! Tasks on the real engine, with the real runner.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use claude_hooks_actors::model::{
    ContainerId, RunCause, RunId, RunRecord, RunState, TaskId, TaskInput, TaskSpec,
};
use claude_hooks_actors::ports::{ContainerRuntime, HealthRuntime, RunRequest, TaskRuntime};
use claude_hooks_actors::testing::contract::runs::{self, RunsWorld, Script};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};

use super::contract::CliWorld;
use super::engine::{Engine, engines};
use super::misbehaving::odd;
use crate::docker::CliRuntime;

const SOCKET: &str = "/var/run/docker.sock";

/// The program itself, which is built beside its tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("the tests are a program");
    let program = tests.ancestors().nth(2).expect("it lies in deps/").join("claude-hooks");
    assert!(program.exists(), "there is no {}: cargo build", program.display());
    program
}

/// An adapter whose containers get the real runner.
fn with_runner(engine: &Engine, host: Option<String>) -> CliRuntime {
    let dir = engine.dir.path().join("runner/v1");
    std::fs::create_dir_all(&dir).expect("a directory");
    let mut settings = engine.settings();
    settings.runner = dir.join("runner");
    settings.host = host;
    if !settings.runner.exists() {
        std::fs::hard_link(program(), &settings.runner)
            .or_else(|_| std::fs::copy(program(), &settings.runner).map(drop))
            .expect("room for a copy");
    }
    CliRuntime::open(settings).expect("the adapter")
}

impl RunsWorld for CliWorld {
    fn tasks(&self) -> Arc<dyn TaskRuntime> {
        self.cli.clone()
    }

    fn health(&self) -> Arc<dyn HealthRuntime> {
        self.cli.clone()
    }

    fn argv(&self, script: Script) -> Vec<String> {
        let shell = |line: String| ["sh".into(), "-c".into(), line].into();
        match script {
            Script::Exit(code) => shell(format!("exit {code}")),
            Script::Sleep(time) => ["sleep".into(), time.as_secs().to_string()].into(),
            Script::Print(bytes) => shell(format!("head -c {bytes} /dev/zero")),
            Script::Cat => ["cat".into()].into(),
            Script::Hang => ["sleep".into(), "600".into()].into(),
            Script::Stubborn => shell("trap '' TERM; echo ready; while :; do sleep 1; done".into()),
            Script::Missing => ["no-such-program".into()].into(),
        }
    }
}

#[tokio::test]
async fn every_cli_keeps_the_contract_of_runs() {
    for engine in engines() {
        let cli = with_runner(&engine, None);
        runs::all(&CliWorld::with(engine, cli)).await;
    }
}

fn order(argv: &[&str]) -> RunRequest {
    let argv = argv.iter().map(|&word| word.into()).collect();
    RunRequest {
        run: RunId::new(TaskId::random(), 1),
        spec: TaskSpec { argv, workdir: None, timeout: None, retry: false },
        input: TaskInput::default(),
    }
}

fn ended(record: &RunRecord) -> (RunCause, i64) {
    match &record.state {
        RunState::Ended { cause, exit_code, .. } => (*cause, *exit_code),
        RunState::Running | RunState::Vanished => panic!("it has not ended: {record:?}"),
    }
}

async fn running(engine: &Engine, runtime: &CliRuntime, memory_bytes: Option<u64>) -> ContainerId {
    let mut request = engine.request("dev-1");
    request.spec.limits.memory_bytes = memory_bytes;
    let id = runtime.create(&request).await.expect("nothing is in the way");
    runtime.start(&id).await.expect("it starts");
    id
}

/// The engine's socket as an address of the network, as a remote engine would have it.
async fn over_tcp() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut engine = UnixStream::connect(SOCKET).await.expect("the engine listens");
                // A side that hangs up is its own affair.
                let _ = copy_bidirectional(&mut client, &mut engine).await;
            });
        }
    });
    format!("tcp://{address}")
}

#[tokio::test]
async fn an_engine_that_may_not_see_our_files_gets_the_runner_copied() {
    for engine in engines() {
        let runtime = with_runner(&engine, Some(over_tcp().await));
        let id = running(&engine, &runtime, None).await;
        let mounts = engine.docker(&["inspect", "--format", "{{json .Mounts}}", id.as_ref()]);
        assert!(!mounts.contains(".claude-hooks"), "{mounts}");
        let request = order(&["sh", "-c", "echo hello; exit 4"]);
        let record = runtime.run(&id, &request).await.expect("it has a runner");
        assert_eq!((ended(&record), record.output_bytes), ((RunCause::Exited, 4), 6));
    }
}

#[tokio::test]
async fn a_container_that_got_no_runner_gets_it_with_its_first_task() {
    for engine in engines() {
        let there = with_runner(&engine, Some(over_tcp().await));
        let instance = claude_hooks_actors::testing::name("dev-1");
        // As whoever was killed between the creation and the copy leaves it.
        let container = engine.prefix.container(&instance);
        let volume = format!("type=volume,src={},dst=/state", engine.prefix.volume(&instance));
        let image = &engine.image;
        let made = ["run", "-d", "--name", &container, "--network", "none", "--mount", &volume, image];
        let id = engine.docker(&[&made[..], &["sleep", "600"]].concat());
        let id = ContainerId::parse(&id).expect("an id");
        let record = there.run(&id, &order(&["sh", "-c", "exit 5"])).await.expect("it is given one");
        assert_eq!(ended(&record), (RunCause::Exited, 5));
    }
}

#[tokio::test]
async fn a_container_from_before_the_runner_is_said_to_need_a_recreate() {
    for engine in engines() {
        let runtime = with_runner(&engine, None);
        let name = format!("{}-old", engine.prefix);
        let made = ["run", "-d", "--name", &name, "--network", "none", &engine.image, "sleep", "600"];
        let id = ContainerId::parse(&engine.docker(&made)).expect("an id");
        let error = runtime.run(&id, &order(&["true"])).await.expect_err("it has no runner");
        assert!(error.to_string().contains("it has no runner: recreate the agent"), "{error}");
    }
}

#[tokio::test]
async fn a_task_that_takes_too_much_memory_dies_before_its_runner() {
    for engine in engines() {
        let runtime = with_runner(&engine, None);
        let id = running(&engine, &runtime, Some(64 << 20)).await;
        let request = order(&["sh", "-c", "x=0123456789; while :; do x=$x$x; done"]);
        let record = runtime.run(&id, &request).await.expect("the runner lives");
        assert_eq!(ended(&record), (RunCause::Oom, 137));
        let seen = engine.one(&runtime, "dev-1").await.expect("it is there");
        assert!(seen.is_up(), "{seen:?}");
    }
}

#[tokio::test]
async fn a_killed_cli_does_not_end_a_run() {
    for engine in engines() {
        let runtime = with_runner(&engine, None);
        let id = running(&engine, &runtime, None).await;
        let request = order(&["sh", "-c", "sleep 1; echo done; exit 6"]);
        let cut = tokio::time::timeout(Duration::from_millis(500), runtime.run(&id, &request)).await;
        cut.expect_err("it takes longer");
        let record = loop {
            // The order may not have arrived in half a second, on a busy machine.
            match runtime.follow_run(&id, &request.run).await.expect("the container runs") {
                Some(record) => break record,
                None => drop(runtime.run(&id, &request).await),
            }
        };
        assert_eq!((ended(&record), record.output_bytes), ((RunCause::Exited, 6), 5));
    }
}

#[tokio::test]
async fn what_docker_says_of_a_run_is_never_taken_for_its_record() {
    let id = ContainerId::parse(&"ab".repeat(32)).expect("64 digits");
    for (line, word) in [
        // A CLI that was told to go.
        ("exit 0", "garbled"),
        ("echo null", "garbled"),
        // Dockerd died.
        ("exit 255", "unreachable"),
        ("echo 'Cannot connect to the Docker daemon at unix:///x.' >&2; exit 1", "unreachable"),
        ("exit 137", "other"),
        (
            "echo 'OCI runtime exec failed: exec failed: x: stat /x: no such file or directory'; exit 126",
            "other",
        ),
        ("echo 'OCI runtime exec failed: cannot exec in a stopped container'; exit 126", "conflict"),
        ("echo 'Error response from daemon: Container ab is not running' >&2; exit 1", "conflict"),
        (
            "echo 'claude-hooks: cannot make /state/x: No space left on device (os error 28)' >&2; exit 1",
            "no_space",
        ),
    ] {
        let (runtime, _dir) = odd(&format!("cat > /dev/null; {line}"));
        let error = runtime.run(&id, &order(&["true"])).await.expect_err(line);
        assert_eq!(error.word(), word, "{line}: {error}");
    }
}
