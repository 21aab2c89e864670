//! Stories of the real program against the real engine, told from outside: REST, command line, signals, docker.

mod cli;
mod crash_loop;
mod crash_points;
mod create;
mod dashboard;
mod database;
mod delete;
mod door;
mod draining;
mod engine_restart;
mod foreign;
mod harness;
mod host_mode;
mod instruments;
mod leases;
mod lifecycle;
mod outage;
mod removed_by_hand;
mod rows;
mod second_daemon;
mod shutdown;
mod state_lost;
mod stream;
mod sync;
mod tasks;
mod upgrade;
