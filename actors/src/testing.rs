//! Fakes and contract suites for the tests of every crate.

mod clock;
pub mod contract;
mod memory_store;
mod samples;
mod sim_docker;
mod worlds;

pub use clock::TestClock;
pub use memory_store::{MemoryStore, Rows, StoreVerb};
pub use samples::{agent_type, catalog, container, container_id, create_request, name, type_name};
pub use sim_docker::{
    BegunRun, Behaviour, Call, DockerdRestart, Foreign, RunScript, SimDocker, SimVolume, Uses, Verb,
};
pub use worlds::{MemoryWorld, SimWorld};
