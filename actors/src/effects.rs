//! The effects on docker, one per action, each a short story that can be cut anywhere.
//!
//! An effect gets its [`Subject`] by value and gives it back: whatever it learned or recorded is in there, also when it
//! failed. What must survive a kill is in the store before docker is called: the uuid of a volume, the intent of a stop,
//! the journal of a recreate. **Invariant:** no effect ever removes a volume or acts on a container by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::decide::{Action, Halt};
use crate::event_sender::EventSender;
use crate::metrics::Metrics;
use crate::model::{
    Agent, ContainerId, ContainerState, DesiredContainer, EventKind, FleetId, FleetPrefix, InstanceMemory,
    InstanceName, InstanceObservation, NewEvent, ObservedContainer, OurLabels, PullPolicy, RestartPolicy,
    StopIntent, StopReason, TypeName, VolumeRecord, assign,
};
use crate::ports::{Clock, CreateRequest, RecreateJournal, Runtime, RuntimeError, Store, StoreError, Target};
use crate::pulls::{Pulls, fetch};

mod recreate;
pub(crate) mod volume;

/// How long a container has to end by itself before docker kills it (DESIGN 4).
pub(crate) const STOP_GRACE: Duration = Duration::from_secs(15);

/// Tries and pause for reading what a cut effect left.
const RECALLS: u32 = 30;
const RECALL_AGAIN: Duration = Duration::from_secs(1);

/// What every effect works with.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: EventSender,
    pub(crate) prefix: FleetPrefix,
    pub(crate) fleet: FleetId,
    /// Another process wrote rows that were not read yet.
    pub(crate) rows_owed: Arc<AtomicBool>,
    pub(crate) metrics: Metrics,
    pub(crate) pulls: Pulls,
}

impl Tools {
    /// All rows, if another process wrote since they were last read here.
    pub(crate) async fn changed_rows(&self) -> Result<Option<Vec<Agent>>, StoreError> {
        let changed = self.store.changed_elsewhere().await?;
        if !self.rows_owed.swap(false, Ordering::Relaxed) && !changed {
            return Ok(None);
        }
        // The store says it once only, so a failed read must not make it forgotten.
        self.store.agents().await.map(Some).inspect_err(|_| self.rows_owed.store(true, Ordering::Relaxed))
    }
}

/// The instance that an effect is about, as its actor knew it when the effect began.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: InstanceName,
    pub(crate) agent_type: Option<TypeName>,
    pub(crate) desired: Option<DesiredContainer>,
    pub(crate) observed: InstanceObservation,
    pub(crate) memory: InstanceMemory,
    pub(crate) volume: Option<VolumeRecord>,
    pub(crate) journal: Option<RecreateJournal>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum EffectError {
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Only an operator can go on from here.
    #[error("{}", halt_text(.0))]
    Halted(Halt),
    #[error("the new container did not stay up: {0}")]
    NotVerified(String),
    #[error(
        "the state volume {volume} is in use by the running container {container}, which is not this instance's"
    )]
    VolumeInUse { volume: String, container: String },
    #[error("{0}")]
    Refused(String),
    #[error("the effect ran past its deadline of {0:?} and was cut off")]
    Deadline(Duration),
    #[error("the effect panicked")]
    Panicked,
}

fn halt_text(halt: &Halt) -> &str {
    match halt {
        Halt::StateLost { detail } | Halt::VolumeConflict { detail } => detail,
    }
}

impl EffectError {
    /// The failure is docker's as a whole, so the watchdog should look.
    pub(crate) fn is_outage(&self) -> bool {
        match self {
            Self::Runtime(error) => error.is_outage() || matches!(error, RuntimeError::Timeout { .. }),
            Self::Deadline(_) => true,
            Self::Store(_)
            | Self::Halted(_)
            | Self::NotVerified(_)
            | Self::VolumeInUse { .. }
            | Self::Refused(_)
            | Self::Panicked => false,
        }
    }
}

pub(crate) type EffectResult = Result<(), EffectError>;

/// Runs one action. The result says whether it worked; the subject says what is known now.
pub(crate) async fn run(tools: &Tools, action: &Action, mut subject: Subject) -> (EffectResult, Subject) {
    let result = match action {
        Action::None | Action::LookAgain => Ok(()),
        Action::Create { start } => create(tools, &mut subject, *start).await,
        Action::Start { id } => tools.runtime.start(id).await.map_err(Into::into),
        Action::Unpause { id } => tools.runtime.unpause(id).await.map_err(Into::into),
        Action::Stop { reason } => stop_main(tools, &mut subject, *reason).await,
        Action::Restart { reason } => restart(tools, &mut subject, *reason).await,
        Action::Recreate { old, cause, start } => {
            recreate::run(tools, &mut subject, old, *cause, *start).await
        }
        Action::Remove => remove_all(tools, &mut subject).await,
        Action::Clear { id } => tools.runtime.remove(id, true).await.map_err(Into::into),
        Action::RemoveExtra => remove_extra(tools, &mut subject).await,
        Action::RenameBack { id } => {
            tools.runtime.rename(id, &tools.prefix.container(&subject.name)).await.map_err(Into::into)
        }
        Action::SetPolicy { id, policy } => {
            tools.runtime.set_restart_policy(id, *policy).await.map_err(Into::into)
        }
        Action::Calm { id } => calm(tools, &mut subject, id).await,
        Action::Replay => recreate::replay(tools, &mut subject).await,
        Action::RememberVolume => match subject.observed.main.clone() {
            Some(main) => volume::remember(tools, &mut subject, &main).await,
            None => Ok(()),
        },
        Action::AcceptLoss => volume::accept_loss(tools, &mut subject).await,
    };
    (result, subject)
}

/// What is stored of an instance whose effect was cut: what the effect had learned went with it.
pub(crate) async fn recall(tools: &Tools, mut subject: Subject) -> Subject {
    for _ in 0..RECALLS {
        let stored = async {
            let row = tools.store.agent(&subject.name).await?;
            let mut memories = tools.store.memories().await?;
            Ok::<_, StoreError>((row, memories.remove(&subject.name), tools.store.journals().await?))
        };
        match stored.await {
            Ok((row, memory, journals)) => {
                subject.volume = row.and_then(|row| row.volume);
                subject.memory = memory.unwrap_or_default();
                subject.journal = journals.into_iter().find(|journal| journal.instance == subject.name);
                return subject;
            }
            Err(error) => {
                log::error!(instance = subject.name.as_ref(); "cannot read yet what an effect left: {error}");
                tokio::time::sleep(RECALL_AGAIN).await;
            }
        }
    }
    subject
}

/// Looks at one instance.
pub(crate) async fn look(
    tools: &Tools,
    name: &InstanceName,
    known: Vec<ContainerId>,
) -> Result<InstanceObservation, RuntimeError> {
    let seen = tools.runtime.observe(&[Target { name: name.clone(), known }]).await?;
    let at = tools.clock.wall();
    let mut by_instance = assign(&tools.prefix, tools.fleet, &seen, at);
    Ok(by_instance
        .remove(name)
        .unwrap_or(InstanceObservation { at: Some(at), ..InstanceObservation::default() }))
}

async fn create(tools: &Tools, subject: &mut Subject, start: bool) -> EffectResult {
    let mut desired = desired(subject)?;
    desired.spec.image = image_for(tools, subject, &desired).await?;
    let volume_name = volume::ensure(tools, subject, &desired).await?;
    let id = tools.runtime.create(&request(tools, subject, &desired, volume_name)).await?;
    created(tools, subject, id.clone()).await?;
    if start {
        tools.runtime.start(&id).await?;
    }
    Ok(())
}

/// Remembers the new container before anything else happens to it, so that its loss is noticed after a kill.
async fn created(tools: &Tools, subject: &mut Subject, id: ContainerId) -> Result<(), StoreError> {
    subject.memory.container = Some(id);
    subject.memory.running = None;
    subject.memory.restart_count = 0;
    tools.store.save_memory(&subject.name, Some(&subject.memory)).await
}

fn desired(subject: &Subject) -> Result<DesiredContainer, EffectError> {
    subject.desired.clone().ok_or_else(|| EffectError::Refused("the row asks for no container".into()))
}

fn request(
    tools: &Tools,
    subject: &Subject,
    desired: &DesiredContainer,
    volume_name: String,
) -> CreateRequest {
    let lifecycle: &'static str = desired.lifecycle().into();
    CreateRequest {
        instance: subject.name.clone(),
        agent_type: desired.agent_type.clone(),
        container_name: tools.prefix.container(&subject.name),
        volume_name,
        spec: desired.spec.clone(),
        labels: OurLabels {
            fleet: Some(tools.fleet.to_string()),
            instance: Some(subject.name.to_string()),
            agent_type: Some(desired.agent_type.to_string()),
            spec: Some(desired.spec_hash.to_string()),
            lifecycle: Some(lifecycle.to_owned()),
            volume: None,
        },
    }
}

/// What docker is to make the container of: the image's name, or the id of the one that it is pinned to where the name
/// means another. The spec hash stays the row's.
async fn image_for(
    tools: &Tools,
    subject: &Subject,
    desired: &DesiredContainer,
) -> Result<String, EffectError> {
    let name = &desired.spec.image;
    let Some(pin) = subject.memory.pin.as_ref().filter(|pin| pin.image == *name) else {
        ensure_image(tools, subject, desired).await?;
        return Ok(name.clone());
    };
    let id = pin.image_id();
    if tools.runtime.image(name).await?.is_some_and(|image| image.id == id) {
        return Ok(name.clone());
    }
    if tools.runtime.image(id).await?.is_some() {
        return Ok(id.to_owned());
    }
    let detail = format!(
        "the rollout {} pinned the agent to it: bring it back, or recreate the agent with what {name} means",
        pin.rollout
    );
    Err(RuntimeError::NoSuchImage { image: id.to_owned(), detail }.into())
}

/// Fetches the image where the type allows it; otherwise `create` itself says that it is missing.
async fn ensure_image(tools: &Tools, subject: &Subject, desired: &DesiredContainer) -> EffectResult {
    let image = &desired.spec.image;
    let needed = match desired.pull {
        PullPolicy::Never => false,
        PullPolicy::Missing => tools.runtime.image(image).await?.is_none(),
        PullPolicy::Always => true,
    };
    if !needed {
        return Ok(());
    }
    let event = NewEvent::new(EventKind::ImagePulling, tools.clock.wall());
    let event = event.instance(&subject.name).agent_type(&desired.agent_type);
    Ok(fetch(tools, image, desired.pull, event).await?)
}

/// Records why, then stops. A container in restart backoff could come back after a stop, so its policy goes first.
async fn stop(
    tools: &Tools,
    subject: &mut Subject,
    container: &ObservedContainer,
    reason: StopReason,
) -> EffectResult {
    let intent = StopIntent { incarnation: container.incarnation(), reason, at: tools.clock.wall() };
    subject.memory.intent = Some(intent);
    tools.store.save_memory(&subject.name, Some(&subject.memory)).await?;
    if container.state == ContainerState::Restarting {
        tools.runtime.set_restart_policy(&container.id, RestartPolicy::No).await?;
    }
    if container.state == ContainerState::Paused {
        tools.runtime.unpause(&container.id).await?;
    }
    Ok(tools.runtime.stop(&container.id, STOP_GRACE).await?)
}

async fn stop_main(tools: &Tools, subject: &mut Subject, reason: StopReason) -> EffectResult {
    match subject.observed.main.clone() {
        Some(main) if main.is_up() => stop(tools, subject, &main, reason).await,
        _ => Ok(()),
    }
}

/// The same container, so the same image.
async fn restart(tools: &Tools, subject: &mut Subject, reason: StopReason) -> EffectResult {
    stop_main(tools, subject, reason).await?;
    match &subject.observed.main {
        Some(main) => Ok(tools.runtime.start(&main.id).await?),
        None => Ok(()),
    }
}

async fn calm(tools: &Tools, subject: &mut Subject, id: &ContainerId) -> EffectResult {
    tools.runtime.set_restart_policy(id, RestartPolicy::No).await?;
    stop_main(tools, subject, StopReason::CrashLoop).await
}

async fn remove(tools: &Tools, subject: &mut Subject, container: &ObservedContainer) -> EffectResult {
    if container.is_up() {
        stop(tools, subject, container, StopReason::Removed).await?;
    }
    let force = container.state == ContainerState::Dead;
    Ok(tools.runtime.remove(&container.id, force).await?)
}

async fn remove_all(tools: &Tools, subject: &mut Subject) -> EffectResult {
    for container in subject.observed.extra.clone() {
        remove(tools, subject, &container).await?;
    }
    if let Some(main) = subject.observed.main.clone() {
        remove(tools, subject, &main).await?;
    }
    if subject.journal.is_some() {
        tools.store.clear_journal(&subject.name).await?;
        subject.journal = None;
    }
    subject.memory = InstanceMemory::default();
    tools.store.save_memory(&subject.name, None).await?;
    Ok(())
}

async fn remove_extra(tools: &Tools, subject: &mut Subject) -> EffectResult {
    for container in subject.observed.extra.clone() {
        remove(tools, subject, &container).await?;
    }
    Ok(())
}
