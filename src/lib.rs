//! The adapters of claude-hooks (SQLite, the docker CLI), its config, its command line and their wiring.

pub mod agent_client;
pub mod cli;
pub mod client;
pub mod config;
pub mod daemon;
pub mod data_dir;
pub mod docker;
pub mod hand_over;
pub mod logging;
pub mod runner;
pub mod store;
pub mod tether;
#[cfg(test)]
mod unprivileged;
