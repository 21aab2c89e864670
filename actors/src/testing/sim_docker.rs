//! A docker engine in memory that behaves as the real one was measured to.
//!
//! Tests play three parts with it: the supervisor uses it through [`ContainerRuntime`](crate::ports::ContainerRuntime),
//! outside hands (an operator, the kernel, a crash) use the methods of `hands`, and fate uses those of `faults`.
//! All of it runs in tokio's clock, so that a paused test sees hours of restarts in milliseconds.
//!
//! - `state`: what exists. `life`: how processes begin, end and come back. `verbs`: what docker does when asked.
//! - `api`, `call`: the port, and the way of one call through latency, faults and the journal.
//! - `runs`, `tasks`: what tasks do in containers, and their port. `health`: what probes find.
//! - `streams`: events and logs. `journal`: what was called, and the invariants that must always hold.

mod api;
mod call;
mod faults;
mod hands;
mod health;
mod images;
mod journal;
mod life;
mod made;
mod runs;
mod state;
mod streams;
mod tasks;
mod verbs;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use hands::{DockerdRestart, Foreign};
pub use images::Behaviour;
pub use journal::{Call, Verb};
pub use runs::{BegunRun, RunScript};
pub use state::{SimVolume, Uses};

use crate::model::{FleetId, FleetPrefix};
use state::State;

/// One fleet's view of an engine; clones and [`SimDocker::for_fleet`] share the engine.
#[derive(Clone)]
pub struct SimDocker {
    engine: Arc<Engine>,
    fleet: FleetId,
    prefix: FleetPrefix,
}

impl SimDocker {
    /// An empty engine. Call it inside the test's runtime, so that it follows the paused clock.
    pub fn new(fleet: FleetId, prefix: FleetPrefix) -> Self {
        let engine = Engine { state: Mutex::new(State::new(Instant::now())) };
        Self { engine: Arc::new(engine), fleet, prefix }
    }

    /// The engine's wall clock begins at `start` instead of the time of tests: for a simulation that people look at.
    pub fn begin_at(&self, start: jiff::Timestamp) {
        self.with(|state| state.wall_start = start);
    }

    /// The same engine as another fleet sees it.
    #[must_use]
    pub fn for_fleet(&self, fleet: FleetId) -> Self {
        Self { engine: self.engine.clone(), fleet, prefix: self.prefix.clone() }
    }

    pub fn fleet(&self) -> FleetId {
        self.fleet
    }

    pub fn prefix(&self) -> &FleetPrefix {
        &self.prefix
    }

    /// Time since the engine was made.
    pub fn elapsed(&self) -> Duration {
        self.look(State::elapsed)
    }

    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        self.engine.with(f)
    }

    fn look<R>(&self, f: impl FnOnce(&State) -> R) -> R {
        self.engine.look(f)
    }
}

impl fmt::Debug for SimDocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimDocker").field("fleet", &self.fleet).finish_non_exhaustive()
    }
}

struct Engine {
    state: Mutex<State>,
}

impl Engine {
    /// Changes the state as it is now: whatever was due by now has happened, each at its own time.
    fn with<R>(self: &Arc<Self>, f: impl FnOnce(&mut State) -> R) -> R {
        self.locked(|state| {
            state.settle(Instant::now());
            let result = f(state);
            state.announce();
            result
        })
    }

    /// Reads the state as it is now. Wakes nobody, so that those who wait for a change may look.
    fn look<R>(self: &Arc<Self>, f: impl FnOnce(&State) -> R) -> R {
        self.locked(|state| {
            if state.settle(Instant::now()) {
                state.announce();
            }
            f(state)
        })
    }

    /// A test that fails inside must not make the drops of its futures fail too: poison is ignored.
    fn locked<R>(self: &Arc<Self>, f: impl FnOnce(&mut State) -> R) -> R {
        let (result, dues) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let result = f(&mut state);
            (result, state.take_new_dues())
        };
        for due in dues {
            self.wake_at(due);
        }
        result
    }

    /// Looks again at `due`, so that listeners hear of a restart although nobody calls.
    fn wake_at(self: &Arc<Self>, due: Instant) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let engine = Arc::downgrade(self);
        runtime.spawn(async move {
            tokio::time::sleep_until(due).await;
            if let Some(engine) = engine.upgrade() {
                engine.look(|_| ());
            }
        });
    }
}

#[cfg(test)]
mod tests;
