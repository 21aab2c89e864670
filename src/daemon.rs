//! The daemon: one process that owns the data directory, wires the adapters to the fleet, and serves the API.
//!
//! Order matters at both ends. The lock comes first, then the listeners, so that a second daemon or a taken port is
//! refused before docker is asked for anything. At the end the streams close, what is in flight ends, the events are
//! stored, and only then the server goes; containers run on.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use claude_hooks_actors::handle::FleetError;
use claude_hooks_actors::model::{Plan, ReconcileReport};
use claude_hooks_actors::ports::{
    AgentStore as _, Clock, Runtime, RuntimeError, Store, StoreError, SystemClock,
};
use claude_hooks_actors::{Fleet, FleetHandle, PlanError, default_rows, plan};
use claude_hooks_web::{ApiToken, StopSwitch, WebSettings, stop_switch};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Exit;
use crate::config::{Settings, Sources};
use crate::data_dir::{DataDir, DataDirError, TokenError};
use crate::docker::{CliRuntime, DockerSettings};
use crate::store::{OpenError, SqliteStore};

mod activation;
mod agent_sockets;
mod listeners;
mod measures;
mod reload;
mod service_manager;
mod status;
mod watch;

use activation::HandedOver;
use agent_sockets::AgentSockets;
use listeners::{ListenError, Listeners};
use reload::Reloader;
use watch::Watch;

#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("the API token is unusable: {0}")]
    ApiToken(#[from] claude_hooks_web::TokenError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Docker(#[from] RuntimeError),
    #[error(transparent)]
    Fleet(FleetError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("cannot find the program's own file, which runs inside the containers: {0}")]
    OwnProgram(std::io::Error),
    #[error(
        "cannot make a temporary directory for docker's config ({0}): let TMPDIR name one that can be written to"
    )]
    TemporaryDir(std::io::Error),
    #[error("the server failed: {0}")]
    Server(#[from] std::io::Error),
    #[error("the actors that own the fleet have died: start the daemon again")]
    ActorsDied,
}

impl From<FleetError> for DaemonError {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::Runtime(error) => Self::Docker(error),
            error => Self::Fleet(error),
        }
    }
}

impl From<PlanError> for DaemonError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Runtime(error) => Self::Docker(error),
            PlanError::Store(error) => Self::Store(error),
        }
    }
}

impl DaemonError {
    /// What a service manager or a script is told.
    pub fn exit(&self) -> Exit {
        match self {
            Self::DataDir(DataDirError::Locked { .. }) => Exit::Held,
            Self::Docker(error) if error.is_outage() => Exit::Unreachable,
            Self::Docker(RuntimeError::Timeout { .. }) => Exit::Unreachable,
            Self::DataDir(_)
            | Self::Token(_)
            | Self::ApiToken(_)
            | Self::Open(_)
            | Self::Store(_)
            | Self::Docker(_)
            | Self::Fleet(_)
            | Self::Listen(_)
            | Self::OwnProgram(_)
            | Self::Server(_)
            | Self::TemporaryDir(_)
            | Self::ActorsDied => Exit::Failed,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct SyncOptions {
    /// Say what would be done, do nothing.
    pub dry_run: bool,
    /// Take over foreign containers of our prefix.
    pub adopt: bool,
}

#[derive(Debug)]
pub enum SyncResult {
    Report(ReconcileReport),
    Plan(Plan),
}

/// The adapters, over one store.
#[derive(Debug)]
struct World {
    store: Arc<dyn Store>,
    runtime: Arc<dyn Runtime>,
    clock: Arc<dyn Clock>,
}

impl World {
    async fn new(settings: &Settings, store: SqliteStore) -> Result<Self, DaemonError> {
        Self::with_docker_config(settings, store, settings.data.dir().join("docker")).await
    }

    async fn with_docker_config(
        settings: &Settings,
        store: SqliteStore,
        config_dir: PathBuf,
    ) -> Result<Self, DaemonError> {
        let identity = store.identity().await?;
        let docker = DockerSettings {
            binary: settings.docker.binary.clone(),
            host: settings.docker.host.clone(),
            config_dir,
            token_dir: settings.fleet.tokens_dir.clone(),
            tethered: true,
            runner: settings.data.runner(),
            agent_dirs: settings.data.agent_dirs(),
            fleet: identity.fleet,
            prefix: settings.fleet.catalog.prefix.clone(),
        };
        Ok(Self {
            store: Arc::new(store),
            runtime: Arc::new(CliRuntime::open(docker)?),
            clock: Arc::new(SystemClock),
        })
    }

    async fn start(self, settings: &Settings, follow_events: bool) -> Result<FleetHandle, StoreError> {
        let fleet = Fleet {
            catalog: Arc::new(settings.fleet.catalog.clone()),
            runtime: self.runtime,
            store: self.store,
            clock: self.clock,
            parallel: settings.docker.parallel.get(),
            interval: settings.watchdog_interval,
            limits: settings.limits_interval,
            follow_events,
            retention: settings.events,
            health: settings.health,
            drain: settings.server.drain,
        };
        let fleet = fleet.start().await?;
        measures::register(fleet.metrics(), settings.data.database());
        Ok(fleet)
    }
}

fn own_program() -> Result<PathBuf, DaemonError> {
    std::env::current_exe().map_err(DaemonError::OwnProgram)
}

/// The fleet without a server, for a program with its dispatcher inside. The directory is the lock: it is kept as long.
pub async fn embed(settings: &Settings) -> Result<(DataDir, FleetHandle), DaemonError> {
    let dir = DataDir::open(settings.data.dir())?;
    dir.place_runner(&own_program()?)?;
    let store = SqliteStore::open(&dir)?;
    let fleet = World::new(settings, store).await?.start(settings, settings.docker.events).await?;
    Ok((dir, fleet))
}

/// Runs until SIGTERM or SIGINT; SIGHUP has it read `sources` again. Containers run on afterwards.
pub async fn serve(settings: Settings, sources: Sources) -> Result<(), DaemonError> {
    let handed_over = HandedOver::take()?;
    let signals = Signals::listen()?;
    let dir = DataDir::open(settings.data.dir())?;
    let token = ApiToken::parse(dir.token()?.expose())?;
    dir.place_runner(&own_program()?)?;
    let store = SqliteStore::open(&dir)?;
    let listeners = Listeners::open(handed_over, settings.server.listen, &settings.server.socket)?;
    let address = Address::record(&dir, listeners.address())?;
    let fleet = World::new(&settings, store).await?.start(&settings, settings.docker.events).await?;

    let sockets = AgentSockets::serve(fleet.clone(), dir.paths().agent_dirs());
    let (switch, stop) = stop_switch();
    let (tcp, uds) = listeners.for_server()?;
    let server = claude_hooks_web::server(
        fleet.clone(),
        WebSettings {
            tcp,
            uds: Some(uds),
            token,
            sessions: Some(Arc::new(dir.sessions())),
            hosts: Vec::new(),
            body_limit_bytes: claude_hooks_web::DEFAULT_BODY_LIMIT_BYTES,
            stop,
        },
    )?;
    announce(&address.0, listeners.socket());
    let watch = Watch::new(fleet.clone(), Reloader::new(sources, &settings));
    let ended = run(watch, signals, server, &switch).await;
    drop((sockets, listeners, address));
    // Last of all: until here no other daemon may have the data.
    drop(dir);
    ended
}

/// The bound `host:port` (empty: the socket only), kept in a file for clients as long as the daemon runs.
struct Address(String, PathBuf);

impl Address {
    fn record(dir: &DataDir, address: String) -> Result<Self, DataDirError> {
        let record = Self(address, dir.paths().listen());
        if record.0.is_empty() {
            record.forget();
        } else {
            dir.write_listen(&record.0)?;
        }
        Ok(record)
    }

    /// An address that nobody listens on any more would only mislead; one that cannot be removed is overwritten later.
    fn forget(&self) {
        let _ = std::fs::remove_file(&self.1);
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Says where the API is, for people and for the scripts that start us.
fn announce(address: &str, socket: &Path) {
    let socket = socket.display();
    log::info!(listen = address, socket = socket.to_string().as_str(); "claude-hooks {} serves", env!("CARGO_PKG_VERSION"));
    let tcp = if address.is_empty() { String::new() } else { format!("http://{address} and ") };
    // Nobody may be reading, which is no reason to stop.
    let _ = writeln!(std::io::stdout(), "listening on {tcp}{socket}");
}

/// Caught from the beginning: a SIGHUP that nobody listens for would end us.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

async fn run(
    mut watch: Watch,
    mut signals: Signals,
    server: actix_web::dev::Server,
    switch: &StopSwitch,
) -> Result<(), DaemonError> {
    let mut serving = actix_rt::spawn(server);
    let signal = loop {
        tokio::select! {
            _ = signals.terminate.recv() => break "SIGTERM",
            _ = signals.interrupt.recv() => break "SIGINT",
            _ = signals.hangup.recv() => watch.reload().await,
            lives = watch.next() => lives?,
            ended = &mut serving => return Err(match ended {
                Ok(Err(error)) => error.into(),
                Ok(Ok(())) | Err(_) => DaemonError::ActorsDied,
            }),
        }
    };
    log::info!("{signal}: stopping; every container runs on");
    watch.stop().await;
    switch.stop();
    // A server that failed while it stopped has nothing left to lose.
    let _ = serving.await;
    log::info!("stopped");
    Ok(())
}

/// One reconcile without a server, for a service manager that runs it before the daemon.
pub async fn sync_alone(settings: &Settings, options: SyncOptions) -> Result<SyncResult, DaemonError> {
    if options.dry_run {
        return plan_alone(settings).await.map(SyncResult::Plan);
    }
    let dir = DataDir::open(settings.data.dir())?;
    dir.place_runner(&own_program()?)?;
    let fleet = World::new(settings, SqliteStore::open(&dir)?).await?.start(settings, false).await?;
    let report = fleet.boot_once(options.adopt).await;
    fleet.stop().await;
    drop(dir);
    Ok(SyncResult::Report(report?))
}

/// Without a database yet, the plan is that of a first start, made over one that is thrown away.
async fn plan_alone(settings: &Settings) -> Result<Plan, DaemonError> {
    let catalog = &settings.fleet.catalog;
    let (store, _dir) = if settings.data.database().exists() {
        let dir = DataDir::open(settings.data.dir())?;
        (SqliteStore::open(&dir)?, Some(dir))
    } else {
        let store = SqliteStore::open_temporary()?;
        store.seed(&default_rows(catalog)).await?;
        (store, None)
    };
    plan_over(settings, store).await
}

/// What a start would do with the rows of `store`. Changes nothing.
pub async fn plan_over(settings: &Settings, store: SqliteStore) -> Result<Plan, DaemonError> {
    let fleet = store.identity().await?.fleet;
    // Not in the data directory: a plan makes none, and changes nothing in one.
    let config = tempfile::tempdir().map_err(DaemonError::TemporaryDir)?;
    let world = World::with_docker_config(settings, store, config.path().join("docker")).await?;
    Ok(plan(&settings.fleet.catalog, &world.store, &world.runtime, &world.clock, fleet).await?)
}
