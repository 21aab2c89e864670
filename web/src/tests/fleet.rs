//! What the API answers when there is a fleet behind it: the real actors on a simulated docker and a store in memory.

mod actions;
mod agent_socket;
mod agents;
mod events;
mod health;
mod holds;
mod leases;
mod logs;
mod metrics;
mod parking;
mod pools;
mod reconcile;
mod rollouts;
mod spec;
mod sse;
mod stats;
mod stream;
mod tasks;
mod timeline;
mod volumes;
mod wait;
mod wire;
mod world;
