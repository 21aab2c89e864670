//! What a look means, compared with what was remembered: a pure fold from observation to facts.
//!
//! Each fact becomes one event, and the memory that comes with it makes sure that it is raised once: per incarnation,
//! not per tick, and not again after a restart of the daemon.

use jiff::Timestamp;

use crate::model::{
    ContainerId, ContainerState, Incarnation, InstanceMemory, InstanceObservation, LastStop,
    ObservedContainer, StopCause, StopReason,
};

/// Something that happened to the container since the last look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It is up in a life that was not seen before.
    Started { incarnation: Incarnation },
    /// A life ended. `reason` is set when it was us.
    Stopped { stop: LastStop, reason: Option<StopReason> },
    /// The container that was there is gone, and not by us.
    Missing { container: ContainerId, incarnation: Option<Incarnation> },
}

/// The facts of one look, oldest first, and what is remembered from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noticed {
    pub facts: Vec<Fact>,
    pub memory: InstanceMemory,
    /// Ends that speak against the container, lives that nobody saw included. A kill or stop by other hands does not;
    /// if the process was killed from within, docker's restart count tells.
    pub deaths: u64,
}

/// Compares a look with the memory. `at` is the wall clock of the look.
pub fn notice(memory: &InstanceMemory, observed: &InstanceObservation, at: Timestamp) -> Noticed {
    let mut noticed = Noticed { facts: Vec::new(), memory: memory.clone(), deaths: 0 };
    match &observed.main {
        None => noticed.gone(at),
        Some(main) => noticed.present(main, at),
    }
    noticed
}

impl Noticed {
    fn gone(&mut self, at: Timestamp) {
        let Some(container) = self.memory.container.take() else { return };
        let incarnation = self.memory.running.take();
        if let Some(incarnation) = &incarnation {
            self.memory.last_stop = Some(LastStop {
                incarnation: incarnation.clone(),
                at,
                cause: StopCause::Vanished,
                exit_code: None,
                detail: None,
                capsule: None,
            });
        }
        self.memory.restart_count = 0;
        self.facts.push(Fact::Missing { container, incarnation });
    }

    fn present(&mut self, main: &ObservedContainer, at: Timestamp) {
        if self.memory.container.as_ref() != Some(&main.id) {
            // Another container than the one remembered: its counts start anew, and nobody saw the old one end.
            self.memory.container = Some(main.id.clone());
            self.memory.running = None;
            self.memory.restart_count = main.restart_count;
        }
        let unseen = main.restart_count.saturating_sub(self.memory.restart_count);
        self.memory.restart_count = main.restart_count;
        let ended = match main.state {
            ContainerState::Running | ContainerState::Paused => self.up(main, at),
            ContainerState::Restarting
            | ContainerState::Exited
            | ContainerState::Dead
            | ContainerState::Removing => self.down(main, at),
            ContainerState::Created => 0,
        };
        self.deaths = ended.max(unseen);
    }

    /// Returns how many lives ended unasked.
    fn up(&mut self, main: &ObservedContainer, at: Timestamp) -> u64 {
        let life = main.incarnation();
        if self.memory.running.as_ref() == Some(&life) {
            return 0;
        }
        let mut ended = 0;
        if let Some(before) = self.memory.running.take() {
            // It ended and came back between two looks; docker keeps no record of how.
            ended = self.stopped(before, at, None);
        }
        self.memory.running = Some(life.clone());
        self.facts.push(Fact::Started { incarnation: life });
        ended
    }

    fn down(&mut self, main: &ObservedContainer, at: Timestamp) -> u64 {
        let life = main.incarnation();
        let before = self.memory.running.take();
        let known = self.memory.last_stop.as_ref().is_some_and(|stop| stop.incarnation == life);
        if !main.ever_started() || (known && before.is_none()) {
            return 0;
        }
        let mut ended = 0;
        if let Some(before) = before.filter(|before| *before != life) {
            ended = self.stopped(before, at, None);
        }
        ended + self.stopped(life, at, Some(main))
    }

    fn stopped(&mut self, life: Incarnation, at: Timestamp, seen: Option<&ObservedContainer>) -> u64 {
        let intent = self.memory.intent.take_if(|intent| intent.incarnation == life);
        let exit_code = seen.map(|main| main.exit_code);
        let cause = match (&intent, seen) {
            (Some(intent), _) if intent.reason == StopReason::Unhealthy => StopCause::Unhealthy,
            (Some(_), _) => StopCause::Requested,
            (None, Some(main)) => cause(main),
            (None, None) => StopCause::Crashed,
        };
        let detail = seen.map(|main| main.error.clone()).filter(|error| !error.is_empty());
        let stop = LastStop { incarnation: life, at, cause, exit_code, detail, capsule: None };
        self.memory.last_stop = Some(stop.clone());
        self.facts.push(Fact::Stopped { stop, reason: intent.map(|intent| intent.reason) });
        u64::from(!matches!(cause, StopCause::Requested | StopCause::Unhealthy | StopCause::Killed))
    }
}

/// 137 and 143 are signals from outside unless docker blames memory; an intent of ours was looked for before.
fn cause(main: &ObservedContainer) -> StopCause {
    match main.exit_code {
        _ if main.oom_killed => StopCause::Oom,
        0 => StopCause::Exited,
        137 | 143 => StopCause::Killed,
        _ if !main.error.is_empty() => StopCause::StartFailed,
        _ => StopCause::Crashed,
    }
}

#[cfg(test)]
mod tests;
