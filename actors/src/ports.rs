//! What the domain needs of the world: containers, a store, a clock. Adapters live in the root package.

mod clock;
mod health;
mod leases;
mod rollouts;
mod runtime;
mod store;
mod tasks;

pub use clock::{Clock, SystemClock};
pub use health::{HealthRuntime, ProbeRequest};
pub use leases::{LeaseError, LeaseStore, WantedLease};
pub use rollouts::RolloutStore;
pub use runtime::{
    ContainerRuntime, CreateRequest, EventStream, ImageInfo, LastWords, LogLine, LogOptions, LogStream,
    LogTarget, NewVolume, PullProgress, RuntimeError, RuntimeEvent, Target,
};
pub use store::{
    AgentStore, EventRetention, Identity, PastEvents, PastQuery, RecreateJournal, RecreateStep, StoreError,
};
pub use tasks::{Inserted, Known, OutputStream, RunRequest, TaskFilter, TaskRuntime, TaskStore};

/// All that one engine serves: what the domain is given as its runtime.
pub trait Runtime: ContainerRuntime + TaskRuntime + HealthRuntime {}

impl<T: ContainerRuntime + TaskRuntime + HealthRuntime> Runtime for T {}

/// All ports that one database serves: what the domain is given as its store.
///
/// Whatever implements the four is one; an `Arc<dyn Store>` goes wherever a single one of them is wanted.
pub trait Store: AgentStore + LeaseStore + TaskStore + RolloutStore {}

impl<T: AgentStore + LeaseStore + TaskStore + RolloutStore> Store for T {}
