//! The adapter against the real engine with every docker CLI of this machine, and against programs that misbehave.

mod contract;
mod engine;
mod fleet;
mod lifecycle;
mod misbehaving;
mod runs;
mod streams;
mod unreachable;
