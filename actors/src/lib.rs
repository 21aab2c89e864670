//! The domain of claude-hooks: model, pure decisions, actors, and the ports that adapters fill.
//!
//! **Invariant:** nothing here knows SQLite, HTTP, processes or the file system.

mod actors;
pub mod decide;
mod dispatch;
pub mod drift;
mod effects;
mod event_sender;
mod fleet;
pub mod handle;
mod health;
mod limits;
mod look;
mod metrics;
pub mod model;
pub mod notice;
mod plan;
pub mod ports;
mod pulls;
mod rollout;
mod stats;
mod tasks;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod timeline;

pub use fleet::{Fleet, default_rows};
pub use handle::FleetHandle;
pub use metrics::Metrics;
pub use plan::{PlanError, plan};
