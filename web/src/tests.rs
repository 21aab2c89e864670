//! The crate from outside: a real server on a port and a socket of its own, asked by hand-written requests.

pub(crate) mod client;
mod conformance;
mod door;
mod fleet;
mod page;
pub(crate) mod sample;
mod session;
