//! The actors: each owns its state, none waits for another, all of them die alone.

mod dispatcher;
mod docker_events;
mod event_log;
mod instance;
mod messages;
mod registry;
mod rollouts;
mod tasks;
mod usage;
mod watchdog;

#[cfg(test)]
mod tests;

pub(crate) use dispatcher::{
    Claim, Dispatcher, EndLease, Forget, Leases, Outlived, Park, ParkRefusal, Refusal, Renew, Reopen,
    Reserve, Revoke, SetCordoned, SetHold, SetNeedsHuman, SetOwnHold, SetProgress, SetTask, StopGranting,
    Unreserve, WhyWaiting,
};
pub(crate) use docker_events::follow as follow_docker_events;
pub(crate) use event_log::EventLog;
pub(crate) use instance::Permits;
#[cfg(any(test, feature = "testing"))]
pub(crate) use messages::PanicIn;
pub(crate) use messages::{
    Adoptable, Booted, FleetLook, HeardBy, HintOf, ImagesNow, PinOf, Ping, Quiesce, Redeclare, Refresh,
    RoundNow, RowsChanged, Settled, Targets, WhyOf,
};
pub(crate) use registry::{Boot, Registry};
pub(crate) use rollouts::{BeginRollout, Rollouts, WishRollout};
pub(crate) use tasks::{
    AwaitTask, BeginTask, CancelIn, CancelTask, DrainTasks, TaskEnded, TaskRuns, Tasks, places,
};
pub(crate) use usage::Minder;
pub(crate) use watchdog::{Begin, Pulse, Watchdog};
