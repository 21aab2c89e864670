//! What the actors say to each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actix::Message;
use jiff::Timestamp;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::instance::Found;
use crate::decide::Request;
use crate::effects::{EffectResult, Subject};
use crate::look::Look;
use crate::model::{
    Agent, AgentView, Catalog, ContainerId, Desired, HumanNeed, Incarnation, InstanceMemory, InstanceName,
    InstanceObservation, Lease, Outcome, Parked, Pin, Progress, TaskId, Usage, Why,
};
use crate::ports::{RecreateJournal, RuntimeError, Target};

/// What became of an instance when nothing more was to be done at once.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    /// `None` once the instance is gone.
    pub(crate) view: Option<Arc<AgentView>>,
}

/// Dropped without an answer: the actor was busy or died.
pub(crate) type SettledReply = oneshot::Sender<Settled>;

// ---- to an instance ----

/// Report: the row as it is now, and what it asks for.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetRow {
    pub(crate) row: Option<Agent>,
    pub(crate) desired: Desired,
    /// Whoever changed the row and waits for what comes of it. In one message, as what the row alone would set off is not
    /// to be done a second time for the one who waits.
    pub(crate) settle: Option<Settle>,
}

/// Report: what a look at the whole fleet showed of this instance.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Observed {
    pub(crate) look: Look,
    /// Whoever looked in order to settle; with the look, for the reason that a row comes with its [`SetRow::settle`].
    pub(crate) settle: Option<Settle>,
}

/// Report: docker cannot be asked; nothing is known any more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct DockerDown {
    pub(crate) reason: String,
}

/// Request: do all that is due now and say what became of it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Settle {
    /// What an operator asked for beside that.
    pub(crate) request: Option<Request>,
    /// A look that began before this is not enough.
    pub(crate) look_after: Instant,
    pub(crate) reply: SettledReply,
}

/// Event: docker says that something happened to the container.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Hint {
    pub(crate) action: String,
}

/// Who needs an instance, beside its row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) lease: Option<Lease>,
    /// The task that runs in it.
    pub(crate) task: Option<TaskId>,
    /// Until when it is kept awake by hand, on both clocks.
    pub(crate) hold: Option<(Instant, Timestamp)>,
    pub(crate) cordoned: bool,
    pub(crate) parked: Option<Parked>,
    pub(crate) needs_human: Option<HumanNeed>,
    /// What it last said of its work.
    pub(crate) progress: Option<Progress>,
    /// A rollout replaces its container.
    pub(crate) rolling: bool,
}

/// Report: who needs it now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetUse {
    pub(crate) in_use: InUse,
}

/// Report: the database is suspect (or is not any more).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Suspend {
    pub(crate) suspended: bool,
}

/// Report: which image id each image name means now.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ImagesSeen {
    pub(crate) ids: Arc<BTreeMap<String, String>>,
}

/// Report: what a life of it used.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct UsageSeen {
    pub(crate) of: Incarnation,
    pub(crate) usage: Usage,
}

/// Report: the image that its containers are made of, whatever its name means; `None`: what the name means.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetPin {
    pub(crate) pin: Option<Pin>,
}

/// Request: why is it as it is?
#[derive(Debug, Message)]
#[rtype(result = "Why")]
pub(crate) struct WhyQuery;

/// Request: begin nothing more; answered when nothing is in flight.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Finish {
    pub(crate) done: oneshot::Sender<()>,
}

/// Report: the effect of this generation has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct EffectDone {
    pub(crate) generation: u64,
    pub(crate) subject: Box<Subject>,
    pub(crate) result: EffectResult,
}

/// Report: the look of this generation has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Looked {
    pub(crate) generation: u64,
    pub(crate) result: Result<Look, RuntimeError>,
}

/// Report: the health check of this number has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Checked {
    pub(crate) number: u64,
    /// The life that was checked.
    pub(crate) life: Incarnation,
    pub(crate) found: Found,
}

/// Report: the memory is stored (or could not be).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct MemorySaved {
    pub(crate) failed: bool,
}

/// Event: panic now. Proves that an instance that dies comes back.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct InjectPanic;

// ---- to the registry ----

/// Request: read the row of this name again and settle its instance.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Refresh {
    pub(crate) name: InstanceName,
    pub(crate) request: Option<Request>,
    pub(crate) reply: Option<SettledReply>,
}

impl Refresh {
    /// One that nobody waits for; the instance looks at docker all the same.
    pub(super) fn unasked(name: InstanceName) -> Self {
        Self { name, request: None, reply: Some(oneshot::channel().0) }
    }
}

/// Report: the row of this name as it was read.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct RowRead {
    pub(crate) order: u64,
    pub(crate) refresh: Refresh,
    pub(crate) row: Option<Agent>,
    pub(crate) memory: InstanceMemory,
    pub(crate) journal: Option<RecreateJournal>,
}

/// Report: all rows, read because another process wrote. Answered with the names that must be refreshed.
#[derive(Debug, Message)]
#[rtype(result = "Vec<InstanceName>")]
pub(crate) struct RowsChanged {
    pub(crate) rows: Vec<Agent>,
    pub(crate) tombstones: Vec<InstanceName>,
}

/// Request: settle one instance without reading its row; false if there is none.
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct Ask {
    pub(crate) name: InstanceName,
    pub(crate) request: Option<Request>,
    pub(crate) reply: SettledReply,
}

/// Request: what to look for in a look at the whole fleet.
#[derive(Debug, Message)]
#[rtype(result = "Vec<Target>")]
pub(crate) struct Targets;

/// Report: a look at the whole fleet. With `settle`, each instance answers when it is done.
#[derive(Debug, Message)]
#[rtype(result = "Vec<(InstanceName, oneshot::Receiver<Settled>)>")]
pub(crate) struct FleetLook {
    pub(crate) seen: Result<BTreeMap<InstanceName, InstanceObservation>, RuntimeError>,
    pub(crate) began: Instant,
    pub(crate) at: Timestamp,
    pub(crate) tombstones: Vec<InstanceName>,
    pub(crate) settle: bool,
    /// Take over foreign containers under the names of our rows.
    pub(crate) adopt: bool,
}

/// Request: containers under names of our form that are not ours and have no row.
#[derive(Debug, Message)]
#[rtype(result = "Vec<InstanceName>")]
pub(crate) struct Adoptable;

/// Report: who needs this instance now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct UseOf {
    pub(crate) name: InstanceName,
    pub(crate) in_use: InUse,
}

/// Report: what this instance is pinned to now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct PinOf {
    pub(crate) name: InstanceName,
    pub(crate) pin: Option<Pin>,
}

/// Request: the names of the images that the rows ask for.
#[derive(Debug, Message)]
#[rtype(result = "BTreeSet<String>")]
pub(crate) struct WantedImages;

/// Event: docker says that something happened to a container of ours.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct HintOf {
    pub(crate) name: InstanceName,
    pub(crate) action: String,
}

/// Report: how an instance looks now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ViewChanged {
    pub(crate) name: InstanceName,
    pub(crate) epoch: u64,
    pub(crate) view: Option<Arc<AgentView>>,
    pub(crate) known: Vec<ContainerId>,
}

/// Report: an instance without a row has nothing left to remove.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Finished {
    pub(crate) name: InstanceName,
    pub(crate) epoch: u64,
}

/// Report: an instance's actor has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Died {
    pub(crate) name: InstanceName,
    pub(crate) epoch: u64,
    pub(crate) panicked: bool,
}

/// Event: the pause before a new actor for this name is over.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Respawn {
    pub(crate) name: InstanceName,
    pub(crate) epoch: u64,
}

/// Report: the database is suspect for this reason, or fine again.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SuspendFleet {
    pub(crate) reason: Option<String>,
}

/// Report: the types are declared anew.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Redeclare {
    pub(crate) catalog: Arc<Catalog>,
}

/// Report: the boot pass is done.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Booted;

/// Report: which image id each image name means now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct FleetImages {
    pub(crate) ids: Arc<BTreeMap<String, String>>,
}

/// Report: what the instances that run use.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct FleetUsage {
    pub(crate) seen: BTreeMap<InstanceName, UsageSeen>,
}

/// Request: why is this instance as it is? `None` if there is none or it is busy.
#[derive(Debug, Message)]
#[rtype(result = "Option<oneshot::Receiver<Why>>")]
pub(crate) struct WhyOf {
    pub(crate) name: InstanceName,
}

/// Request: answered when the instance has taken in, and shown, all that it was told before. `None` if there is none.
#[derive(Debug, Message)]
#[rtype(result = "Option<oneshot::Receiver<()>>")]
pub(crate) struct HeardBy {
    pub(crate) name: InstanceName,
}

/// Request: let every instance finish what it does and begin nothing more.
#[derive(Debug, Message)]
#[rtype(result = "Vec<oneshot::Receiver<()>>")]
pub(crate) struct Quiesce;

/// Request: a sign of life, of an instance too.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Ping;

/// Event: panic in this instance.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Message)]
#[rtype(result = "bool")]
pub(crate) struct PanicIn {
    pub(crate) name: InstanceName,
}

// ---- to the watchdog ----

/// Event: names of images may mean other ones than before, or containers may be of others: compare soon.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ImagesNow;

/// Event: something suggests that docker, or all that is known of it, has changed: look now.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct RoundNow;
