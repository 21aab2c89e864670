//! The actors against a simulated docker, in virtual time.

mod aimed;
mod images;
mod last_words;
mod leases;
mod lifecycle;
mod metrics;
mod once;
mod outage;
mod pending;
mod random;
mod recreate;
mod redeclare;
mod refusals;
mod rollouts;
mod rows;
mod stats;
mod stopping;
mod tasks;
mod volumes;
mod world;
