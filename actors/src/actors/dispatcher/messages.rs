//! What the dispatcher is asked.

use actix::Message;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::dispatch::Occupied;
use crate::model::{
    ClaimRequest, ClaimTarget, HumanNeed, InstanceName, Lease, LeaseId, Parked, SaidBy, Standing, TaskId,
};
use crate::ports::{LeaseError, StoreError};

/// Why a claim was not granted.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody was free for as long as it waited.
    Occupied(Vec<Occupied>),
    /// All that it could have are parked, beyond its wait.
    Parked {
        occupied: Vec<Occupied>,
        retry_at: Option<Timestamp>,
    },
    /// There is no instance that it could ever have.
    NoMember,
    Stopping,
    Store(StoreError),
}

pub(crate) type ClaimReply = oneshot::Sender<Result<Lease, Refusal>>;
pub(crate) type LeaseReply = oneshot::Sender<Result<Lease, LeaseError>>;
pub(crate) type StandingReply = oneshot::Sender<Result<Standing, StoreError>>;

/// Request: a lease, as soon as one is free.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Claim {
    pub(crate) request: ClaimRequest,
    /// It needs no renewal and waits as long as it takes: a task of ours keeps it.
    pub(crate) pinned: bool,
    pub(crate) reply: ClaimReply,
}

/// Request: prolong a lease by its TTL.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Renew {
    pub(crate) id: LeaseId,
    pub(crate) fence: u64,
    pub(crate) reply: LeaseReply,
}

/// Request: give a lease back.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct EndLease {
    pub(crate) id: LeaseId,
    /// `None`: it is ours to end.
    pub(crate) fence: Option<u64>,
    /// Its instance is waking: let it.
    pub(crate) keep_waking: bool,
    pub(crate) reply: Option<LeaseReply>,
}

/// Request: take the instance away from whoever holds it, and grant it to nobody until [`Unreserve`]. Dropped without an
/// answer if nobody holds it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Revoke {
    pub(crate) name: InstanceName,
    pub(crate) reply: LeaseReply,
}

/// Report: what an instance was revoked for is done; it may be granted again.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Unreserve {
    pub(crate) name: InstanceName,
}

/// Report: a rollout replaces the container of this instance, or does not any more: nobody gets it meanwhile.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Reserve {
    pub(crate) name: InstanceName,
    pub(crate) reserved: bool,
}

#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetCordoned {
    pub(crate) name: InstanceName,
    pub(crate) cordoned: bool,
    pub(crate) reply: StandingReply,
}

/// Request: keep an instance awake until then, or no longer.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetHold {
    pub(crate) name: InstanceName,
    pub(crate) until: Option<Timestamp>,
    pub(crate) reply: StandingReply,
}

/// Why an instance is not parked, or not reopened.
#[derive(Debug)]
pub(crate) enum ParkRefusal {
    /// Somebody with more say parked it, or asked for a human.
    SaidByOther(SaidBy),
    Store(StoreError),
}

pub(crate) type ParkReply = oneshot::Sender<Result<Standing, ParkRefusal>>;

/// Request: no claims and no starts until its end. When it is reopened is chosen here.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Park {
    pub(crate) name: InstanceName,
    pub(crate) parked: Parked,
    pub(crate) reply: ParkReply,
}

/// Request: what is parked may work again.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Reopen {
    pub(crate) name: InstanceName,
    pub(crate) by: SaidBy,
    pub(crate) reply: ParkReply,
}

/// Request: it needs a person, or does not any more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetNeedsHuman {
    pub(crate) name: InstanceName,
    pub(crate) need: Option<HumanNeed>,
    pub(crate) by: SaidBy,
    pub(crate) reply: ParkReply,
}

/// Report: what an agent says of its work.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetProgress {
    pub(crate) name: InstanceName,
    pub(crate) text: String,
}

/// Report: its row is gone; another one of its name begins anew.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Forget {
    pub(crate) name: InstanceName,
}

/// Request: an agent keeps itself awake until then, or not any longer. It shortens no hold of somebody else.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetOwnHold {
    pub(crate) name: InstanceName,
    pub(crate) until: Option<Timestamp>,
    pub(crate) reply: StandingReply,
}

/// Report: this task runs in the instance now, or does not any more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SetTask {
    pub(crate) name: InstanceName,
    pub(crate) task: TaskId,
    pub(crate) runs: bool,
}

/// Request: the leases that stand.
#[derive(Debug, Message)]
#[rtype(result = "Vec<Lease>")]
pub(crate) struct Leases;

/// Request: for each of these why nobody can be had now, in words; `None`: somebody can.
#[derive(Debug, Message)]
#[rtype(result = "Vec<Option<String>>")]
pub(crate) struct WhyWaiting {
    pub(crate) targets: Vec<ClaimTarget>,
}

/// Request: grant nothing more; whoever waits is refused.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct StopGranting;

/// Event: the fleet looks otherwise, so somebody in the queue may have what they want.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct PictureChanged;
