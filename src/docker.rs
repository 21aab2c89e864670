//! The docker CLI as a [`ContainerRuntime`](claude_hooks_actors::ports::ContainerRuntime).
//!
//! ```text
//! runtime   the trait, one short body per verb
//!  ├─ look      list and inspect; absence is only believed when docker says it
//!  ├─ volumes   volumes and their hand-over
//!  ├─ runner    our program in every container
//!  ├─ runs      tasks by the runner; exec, and tar where the container does not run
//!  ├─ health    probes by the runner, the time of the last line
//!  ├─ streams   events, logs, pull
//!  ├─ spec      what a container was made of
//!  ├─ stats     what running containers use
//!  ├─ cgroup    what of it docker does not tell
//!  ├─ disks     room on the disks of state volumes, and what they take (walk)
//!  ├─ secrets   token and credentials files, mounts on this machine
//!  │    every verb is then three steps:
//!  ├─ args      what docker is told            (pure)
//!  ├─ invoke    run it, with a deadline        (group, environment)
//!  └─ parse     what it printed                (pure; missing, errors)
//! ```
//!
//! **Invariant:** no secret is ever in an argument, a log line or an error.
//! **Invariant:** no CLI process outlives the call, future or stream that started it.

mod args;
mod cgroup;
mod disks;
mod environment;
mod errors;
mod group;
mod health;
mod invoke;
mod last_words;
mod look;
mod missing;
mod parse;
mod runner;
mod runs;
mod runtime;
mod secrets;
mod settings;
mod spec;
mod stats;
mod streams;
mod tar;
mod volumes;
mod walk;

pub use runtime::CliRuntime;
pub use settings::{Deadlines, DockerSettings};

#[cfg(test)]
mod tests;
