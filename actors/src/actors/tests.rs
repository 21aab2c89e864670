//! The actors against a simulated docker, in virtual time.

mod aimed;
mod health;
mod images;
mod last_words;
mod leases;
mod lifecycle;
mod limits;
mod metrics;
mod once;
mod outage;
mod parked;
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
