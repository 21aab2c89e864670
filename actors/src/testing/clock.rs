//! A wall clock that follows tokio's (paused) clock and jumps on demand.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::ports::Clock;

/// Where test time begins: 2025-01-01T00:00:00Z, so that snapshots stay the same.
pub(super) const EPOCH_S: i64 = 1_735_689_600;

/// Wall time = a fixed base + what tokio's clock has gone on + every jump so far. Clones share the jumps.
#[derive(Clone, Debug)]
pub struct TestClock {
    start: Instant,
    jumped: Arc<Mutex<SignedDuration>>,
}

impl TestClock {
    /// Begins at 2025-01-01T00:00:00Z.
    pub fn new() -> Self {
        Self { start: Instant::now(), jumped: Arc::default() }
    }

    /// Sets the wall clock forth, or back with a negative duration; the monotonic clock does not notice.
    pub fn jump(&self, by: SignedDuration) {
        let mut jumped = self.jumped.lock().expect("nobody panics while holding the clock");
        *jumped = jumped.saturating_add(by);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn wall(&self) -> Timestamp {
        let jumped = *self.jumped.lock().expect("nobody panics while holding the clock");
        after_epoch(self.start) + jumped
    }
}

/// The wall time of now for something that began at `start`.
pub(super) fn after_epoch(start: Instant) -> Timestamp {
    at(Instant::now().saturating_duration_since(start))
}

/// The wall time `elapsed` after the beginning of test time.
pub(super) fn at(elapsed: std::time::Duration) -> Timestamp {
    let base = Timestamp::from_second(EPOCH_S).expect("2025 is a valid time");
    base + SignedDuration::try_from(elapsed).expect("no test runs for 292 billion years")
}
