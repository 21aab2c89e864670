//! The port, verb by verb.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use claude_hooks_actors::model::{
    ContainerId, ContainerStats, DiskState, FleetObservation, ObservedContainer, ObservedSpec,
    ObservedVolume, PullPolicy, RestartPolicy, check_command, check_image,
};
use claude_hooks_actors::ports::{
    ContainerRuntime, CreateRequest, EventStream, ImageInfo, LastWords, LogOptions, LogStream, LogTarget,
    NewVolume, PullProgress, RuntimeError, Target,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::args::{self, Create, Dialect};
use super::environment::Environment;
use super::errors::{Subject, classify};
use super::invoke::{Call, Cli, Finished};
use super::parse;
use super::secrets::{self, FromHost};
use super::settings::{Deadlines, DockerSettings, prepare_config_dir};

/// Pause between two looks at a container that docker is removing.
const REMOVAL_POLL: Duration = Duration::from_millis(100);

/// Docker (or podman) through its command line program.
#[derive(Debug)]
pub struct CliRuntime {
    pub(super) settings: DockerSettings,
    pub(super) deadlines: Deadlines,
    pub(super) cli: Cli,
    /// The program is podman: by its name, or learnt from the first list.
    pub(super) podman: AtomicBool,
}

impl CliRuntime {
    /// Makes the adapter and its docker config directory; calls no docker yet.
    pub fn open(settings: DockerSettings) -> Result<Self, RuntimeError> {
        Self::with_deadlines(settings, Deadlines::default())
    }

    /// The same with other deadlines, for tests of what happens past them.
    pub fn with_deadlines(settings: DockerSettings, deadlines: Deadlines) -> Result<Self, RuntimeError> {
        let environment = Environment::new(&settings, |key| std::env::var_os(key));
        prepare_config_dir(&settings.config_dir, environment.contexts().as_deref()).map_err(|error| {
            let dir = settings.config_dir.display();
            refused(format!(
                "the directory {dir} for docker's config cannot be made ({error}): mend its owner and mode"
            ))
        })?;
        let cli = Cli::new(settings.binary.clone(), environment, settings.tethered);
        let podman = settings.binary.file_name().is_some_and(|name| name == "podman");
        Ok(Self { settings, deadlines, cli, podman: AtomicBool::new(podman) })
    }

    /// How many docker processes were started so far.
    pub fn calls(&self) -> u64 {
        self.cli.calls()
    }

    /// The version of the engine, if it answers.
    pub async fn engine_version(&self) -> Result<String, RuntimeError> {
        let args = ["version", "--format", "{{.Server.Version}}"].map(Into::into).into();
        let stdout = self.change(Call::new("version", args, self.deadlines.look), Subject::Engine).await?;
        Ok(String::from_utf8_lossy(&stdout).trim().to_owned())
    }

    pub(super) fn dialect(&self) -> Dialect {
        if self.podman.load(Ordering::Relaxed) { Dialect::Podman } else { Dialect::Docker }
    }

    /// Runs a call that must exit 0, and gives its standard output.
    pub(super) async fn change(&self, call: Call, subject: Subject<'_>) -> Result<Vec<u8>, RuntimeError> {
        let verb = call.verb;
        succeeded(verb, self.cli.run(call).await?, subject)
    }

    /// A change of one container.
    async fn act(&self, verb: &'static str, id: &ContainerId, args: Vec<String>) -> Result<(), RuntimeError> {
        let call = Call::new(verb, args, self.deadlines.change);
        self.change(call, Subject::Container(id.as_ref())).await.map(drop)
    }

    async fn read_host(&self, request: &CreateRequest) -> Result<FromHost, RuntimeError> {
        let (spec, agent_type) = (request.spec.clone(), request.agent_type.clone());
        let (dir, socket) = (self.settings.token_dir.clone(), self.cli.environment.socket());
        let reading = tokio::task::spawn_blocking(move || {
            secrets::collect(&spec, &agent_type, &dir, socket.as_deref())
        });
        // A file on a network file system that hangs must not hold the call beyond its deadline.
        match tokio::time::timeout(self.deadlines.change, reading).await {
            Ok(Ok(collected)) => collected,
            Ok(Err(panic)) => Err(refused(format!("the files of the container could not be read: {panic}"))),
            Err(_elapsed) => Err(refused(format!(
                "token, credentials or mounts of type {} could not be read in time: is a file system hanging?",
                request.agent_type
            ))),
        }
    }

    /// Removes, and waits for a removal that somebody else began.
    pub(super) async fn remove_container(&self, id: &ContainerId, force: bool) -> Result<(), RuntimeError> {
        let until = Instant::now() + self.deadlines.change;
        match self.act("rm", id, args::remove(id, force)).await {
            Ok(()) | Err(RuntimeError::NotFound { .. }) => return Ok(()),
            Err(RuntimeError::Conflict { detail }) if detail.contains("already in progress") => {}
            Err(error) => return Err(error),
        }
        while self.look_at_one(id).await?.is_some() {
            if Instant::now() >= until {
                return Err(RuntimeError::Timeout { verb: "rm", after: self.deadlines.change });
            }
            tokio::time::sleep(REMOVAL_POLL).await;
        }
        Ok(())
    }
}

fn succeeded(verb: &'static str, finished: Finished, subject: Subject<'_>) -> Result<Vec<u8>, RuntimeError> {
    if finished.exit.ok() {
        return Ok(finished.stdout);
    }
    Err(classify(verb, finished.exit, &finished.stderr, subject))
}

pub(super) fn refused(reason: String) -> RuntimeError {
    RuntimeError::Refused { reason }
}

#[async_trait]
impl ContainerRuntime for CliRuntime {
    async fn observe_fleet(&self, expected: &[Target]) -> Result<FleetObservation, RuntimeError> {
        self.look_at_fleet(expected).await
    }

    async fn observe(&self, targets: &[Target]) -> Result<FleetObservation, RuntimeError> {
        self.look_at(targets).await
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageInfo>, RuntimeError> {
        check_image(reference).map_err(|error| refused(error.to_string()))?;
        let call = Call::new("image inspect", args::image(reference), self.deadlines.look);
        match self.change(call, Subject::Image(reference)).await {
            Ok(stdout) => Ok(Some(ImageInfo { id: parse::image_id("image inspect", &stdout)? })),
            Err(RuntimeError::NoSuchImage { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn pull(
        &self,
        reference: &str,
        policy: PullPolicy,
        progress: mpsc::Sender<PullProgress>,
    ) -> Result<(), RuntimeError> {
        check_image(reference).map_err(|error| refused(error.to_string()))?;
        let needed = match policy {
            PullPolicy::Never => false,
            PullPolicy::Missing => self.image(reference).await?.is_none(),
            PullPolicy::Always => true,
        };
        if needed { self.fetch(reference, &progress).await } else { Ok(()) }
    }

    async fn tag_image(&self, image: &str, name: &str) -> Result<(), RuntimeError> {
        let call = Call::new("image tag", args::tag_image(image, name), self.deadlines.change);
        self.change(call, Subject::Image(image)).await.map(drop)
    }

    async fn untag_image(&self, name: &str) -> Result<(), RuntimeError> {
        let call = Call::new("image rm", args::untag_image(name), self.deadlines.change);
        match self.change(call, Subject::Image(name)).await {
            Ok(_) | Err(RuntimeError::NoSuchImage { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn image_tags(&self, repository: &str) -> Result<Vec<String>, RuntimeError> {
        let call = Call::new("image ls", args::image_tags(repository), self.deadlines.look);
        parse::names("image ls", &self.change(call, Subject::Engine).await?)
    }

    async fn volumes(&self, names: &[String]) -> Result<Vec<ObservedVolume>, RuntimeError> {
        self.look_at_volumes(names).await
    }

    async fn fleet_volumes(&self) -> Result<Vec<ObservedVolume>, RuntimeError> {
        self.look_at_our_volumes().await
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>, RuntimeError> {
        self.measure_volumes().await
    }

    async fn volume_size(&self, name: &str) -> Result<Option<u64>, RuntimeError> {
        self.walk_through(name).await
    }

    async fn volume_disks(&self, names: &[String]) -> Result<BTreeMap<String, DiskState>, RuntimeError> {
        self.rooms(names).await
    }

    async fn create_volume(&self, volume: &NewVolume) -> Result<(), RuntimeError> {
        self.make_volume(volume).await
    }

    async fn hand_over_volume(&self, volume: &str, image: &str, user: &str) -> Result<(), RuntimeError> {
        self.hand_over(volume, image, user).await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        self.drop_volume(name).await
    }

    async fn volume_users(&self, name: &str) -> Result<Vec<ContainerId>, RuntimeError> {
        self.users_of_volume(name).await
    }

    async fn create(&self, request: &CreateRequest) -> Result<ContainerId, RuntimeError> {
        let spec = &request.spec;
        check_image(&spec.image).map_err(|error| refused(error.to_string()))?;
        check_command(&spec.command).map_err(|error| refused(error.to_string()))?;
        let host = self.read_host(request).await?;
        let token = host.token.as_ref().map(|(variable, token)| (variable.as_str(), token.as_str()));
        let stdin = args::env_file(&spec.env, token);
        let runner = self.runner_to_mount()?;
        let agent_dir = self.agent_dir(request).await?;
        let create = Create {
            request,
            mounts: &host.mounts,
            credentials: host.credentials.as_deref(),
            runner: runner.as_deref(),
            agent_dir: agent_dir.as_deref(),
            env_file: stdin.is_some(),
        };
        let call = Call { stdin, ..Call::new("create", args::create(&create), self.deadlines.change) };
        let mut finished = self.cli.run(call).await?;
        if let Some((_, token)) = token {
            // Docker is not known to repeat a value of the env file; should it ever, the token goes no further.
            finished.stderr = finished.stderr.replace(token, "[redacted]");
        }
        // With the image as its subject: no other container is named, so only the image can be missing.
        let id = parse::id("create", &succeeded("create", finished, Subject::Image(&spec.image))?)?;
        if runner.is_none() {
            self.put_runner_or_remove(&id).await?;
        }
        Ok(id)
    }

    async fn start(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.act("start", id, args::start(id)).await
    }

    async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), RuntimeError> {
        let call = Call::new("stop", args::stop(id, grace), grace + self.deadlines.stop_beyond_grace);
        self.change(call, Subject::Container(id.as_ref())).await.map(drop)
    }

    async fn remove(&self, id: &ContainerId, force: bool) -> Result<(), RuntimeError> {
        self.remove_container(id, force).await
    }

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), RuntimeError> {
        self.act("rename", id, args::rename(id, name)).await
    }

    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), RuntimeError> {
        self.act("update", id, args::set_restart_policy(id, policy)).await
    }

    async fn unpause(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.act("unpause", id, args::unpause(id)).await
    }

    async fn events(&self) -> Result<EventStream, RuntimeError> {
        self.follow_events()
    }

    async fn last_words(&self, container: &ObservedContainer) -> Result<LastWords, RuntimeError> {
        self.read_last_words(container).await
    }

    async fn container_spec(
        &self,
        id: &ContainerId,
        shown: &BTreeSet<String>,
        token: Option<&str>,
    ) -> Result<Option<ObservedSpec>, RuntimeError> {
        self.read_spec(id, shown, token).await
    }

    async fn stats(&self, ids: &[ContainerId]) -> Result<Vec<ContainerStats>, RuntimeError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.measure(ids).await
    }

    async fn logs(&self, target: &LogTarget, options: LogOptions) -> Result<LogStream, RuntimeError> {
        self.read_logs(&target.0, options).await
    }
}
