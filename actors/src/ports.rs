//! What the domain needs of the world: containers, a store, a clock. Adapters live in the root package.

mod clock;
mod runtime;
mod store;

pub use clock::{Clock, SystemClock};
pub use runtime::{
    ContainerRuntime, CreateRequest, EventStream, ImageInfo, LogLine, LogOptions, LogStream, LogTarget,
    NewVolume, PullProgress, RuntimeError, RuntimeEvent, Target,
};
pub use store::{AgentStore, EventRetention, Identity, RecreateJournal, RecreateStep, StoreError};
