//! Which ends are worth saving something of, and what is put aside.

use std::time::Duration;

use super::{Busy, Now, State};
use crate::limits::memory_words;
use crate::look::Look;
use crate::model::{
    Capsule, ContainerState, EventKind, LastStop, NewEvent, ObservedContainer, StopCause, Wall,
};
use crate::notice::{Fact, Noticed, notice};

/// How long after a death an `oom` event of docker can be its explanation: usually milliseconds, more on a busy engine.
const LATE_OOM: Duration = Duration::from_secs(10);

impl State {
    /// The container that the look shows to have ended without an intent of ours, if it is still there.
    pub(in crate::actors::instance) fn ended_unasked(&self, look: &Look) -> Option<ObservedContainer> {
        if matches!(self.busy, Some(Busy::Acting(_))) {
            // Such a look is not taken in.
            return None;
        }
        let main = look.observation.main.as_ref()?;
        let at = look.observation.at?;
        let noticed = notice(&self.memory, &look.observation, at);
        let unasked = |fact: &Fact| matches!(fact, Fact::Stopped { reason: None, .. });
        let readable = !matches!(main.state, ContainerState::Dead | ContainerState::Removing);
        (readable && noticed.facts.iter().any(unasked)).then(|| main.clone())
    }

    /// Puts what was saved beside each end that nobody asked for.
    pub(super) fn fill_capsules(&self, noticed: &mut Noticed, look: &Look) {
        let words = look.last_words.clone().unwrap_or_default();
        let oom_killed = look.observation.main.as_ref().is_some_and(|main| main.oom_killed);
        let capsule = Capsule {
            log_tail: words.log_tail,
            oom_killed,
            task: self.in_use.task,
            disk: words.disk,
            ..Capsule::default()
        };
        if noticed.facts.iter().any(|fact| matches!(fact, Fact::Missing { incarnation: Some(_), .. })) {
            // Its log went with it.
            let left = Capsule { task: self.in_use.task, ..Capsule::default() };
            noticed.memory.last_stop.iter_mut().for_each(|last| last.capsule = Some(left.clone()));
        }
        for fact in &mut noticed.facts {
            if let Fact::Stopped { stop, reason: None } = fact {
                let mut capsule = capsule.clone();
                self.name_wall(stop, &mut capsule, look.observation.main.as_ref());
                stop.capsule = Some(capsule);
                if let Some(last) =
                    noticed.memory.last_stop.as_mut().filter(|l| l.incarnation == stop.incarnation)
                {
                    last.clone_from(stop);
                }
            }
        }
    }

    /// An `oom` event of docker: of a process in a container that lives, or, said late, of a death that was noticed already.
    pub(in crate::actors::instance) fn oom_hint(&mut self, now: Now) -> Option<NewEvent> {
        if let Some(life) = self.memory.running.clone() {
            let limits =
                self.observed.as_ref().and_then(|observed| observed.main.as_ref()).map(|main| &main.limits);
            let words = limits.map(|limits| format!("; {}", memory_words(limits))).unwrap_or_default();
            let detail = format!("the kernel killed a process in the container{words}");
            return Some(
                self.event(EventKind::ContainerOom, now).cause("oom").detail(detail).incarnation(life),
            );
        }
        let unexplained = |stop: &&mut LastStop| {
            stop.cause == StopCause::Killed && now.wall.duration_since(stop.at).unsigned_abs() <= LATE_OOM
        };
        let stop = self.memory.last_stop.as_mut().filter(unexplained)?;
        stop.cause = StopCause::Oom;
        if let Some(capsule) = &mut stop.capsule {
            capsule.oom_killed = true;
            capsule.wall = Some(Wall::Memory);
        }
        let life = stop.incarnation.clone();
        let main = self.observed.as_ref().and_then(|observed| observed.main.as_ref());
        let words = main.filter(|main| main.incarnation() == life).map(|main| memory_words(&main.limits));
        stop.detail = words.or(stop.detail.take());
        let detail = stop.detail.as_deref().unwrap_or("the kernel killed the container for memory");
        let detail = format!("{detail}; docker said so after its end");
        Some(self.event(EventKind::ContainerOom, now).cause("oom").detail(detail).incarnation(life))
    }
}
