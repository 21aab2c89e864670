//! What the stories are told with: a fleet of the real program against the real engine, cleaned up however they end.

pub(crate) mod daemon;
pub(crate) mod engine;
pub(crate) mod faults;
pub(crate) mod fleet;
pub(crate) mod http;
pub(crate) mod private_engine;
pub(crate) mod promtool;
pub(crate) mod registry;
pub(crate) mod sse;
pub(crate) mod tasks;
pub(crate) mod traced;
pub(crate) mod types;

pub(crate) use faults::{Fault, On};
pub(crate) use fleet::{Done, Fleet};
pub(crate) use http::Reply;
pub(crate) use sse::Stream;
pub(crate) use types::{host, hot, lazy};

use std::process::Output;
use std::time::Duration;

/// For what takes docker a few calls on a machine that is busy with other stories.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Stdout as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Stderr as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Lets so much time pass in which something must not happen: there is nothing to wait for.
pub(crate) fn let_pass(time: Duration) {
    std::thread::sleep(time);
}
