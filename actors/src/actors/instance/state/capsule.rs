//! Which ends are worth saving something of, and what is put aside.

use super::{Busy, State};
use crate::look::Look;
use crate::model::{Capsule, ContainerState, ObservedContainer};
use crate::notice::{Fact, Noticed, notice};

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
        let capsule =
            Capsule { log_tail: words.log_tail, oom_killed, task: self.in_use.task, disk: words.disk };
        if noticed.facts.iter().any(|fact| matches!(fact, Fact::Missing { incarnation: Some(_), .. })) {
            // Its log went with it.
            let left = Capsule { task: self.in_use.task, ..Capsule::default() };
            noticed.memory.last_stop.iter_mut().for_each(|last| last.capsule = Some(left.clone()));
        }
        for fact in &mut noticed.facts {
            if let Fact::Stopped { stop, reason: None } = fact {
                stop.capsule = Some(capsule.clone());
                if let Some(last) =
                    noticed.memory.last_stop.as_mut().filter(|l| l.incarnation == stop.incarnation)
                {
                    last.capsule = Some(capsule.clone());
                }
            }
        }
    }
}
