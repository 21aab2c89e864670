//! REST, SSE and the dashboard over the fleet: who may ask (`door`), what may be asked (`api`), what is told live (`sse`),
//! and the files of the dashboard (`page`).
//!
//! **Invariant:** everything goes through [`FleetHandle`](claude_hooks_actors::handle::FleetHandle) and the model
//! types; no port and no adapter is known here, and nothing here decides about containers.
//!
//! **Invariant:** every refusal and failure is a problem document (`problem`). Two answers are not: the 503 of `healthz`,
//! which says which loop stands still, and what actix says to bytes that are no HTTP, before there is a request.

mod agent_socket;
mod api;
mod door;
mod extract;
mod nearest;
mod page;
mod problem;
mod server;
mod sse;
mod stop;
pub mod wire;

pub use agent_socket::serve_agent;
pub use door::{ApiToken, HostRule, HostRuleError, SessionStore, TokenError};
pub use server::{DEFAULT_BODY_LIMIT_BYTES, WebSettings, server};
pub use stop::{StopSignal, StopSwitch, stop_switch};
pub use wire::PROBLEM_PREFIX;

#[cfg(test)]
mod tests;
