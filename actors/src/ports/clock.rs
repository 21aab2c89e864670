//! Two clocks: the wall's for people and records, the monotonic one for every duration.

use std::fmt::Debug;

use jiff::Timestamp;
use tokio::time::Instant;

pub trait Clock: Debug + Send + Sync {
    /// The wall clock; it may jump.
    fn wall(&self) -> Timestamp;

    /// The monotonic clock, which tests can pause.
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }
}
