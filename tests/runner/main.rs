//! The runner of tasks, told from outside of a container: the real program, in a directory of its own.

mod ends;
mod follows;
mod harness;
mod output;
mod probes;
mod starts;
