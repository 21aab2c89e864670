//! What each action does to the world: the design's sentences as calls of docker, any of which may fail.

use std::time::Duration;

use super::row::instance;
use super::world::{Container, World, set};
use crate::decide::{Action, RecreateCause};
use crate::model::{ContainerId, ContainerState, InstanceObservation, Lifecycle, RestartPolicy};
use crate::ports::{RecreateJournal, RecreateStep};
use crate::testing::container_id;

/// A new container must stay up for so long before the old one is given up.
const PROOF: Duration = Duration::from_millis(700);
/// How long a removal that docker is at is waited for.
const REMOVAL: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// Docker said no, or nothing.
    Call,
    /// The state volume is not the row's.
    Halted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Make,
    Start,
    Unpause,
    Stop,
    Remove,
    Rename,
    Policy,
}

/// One call that worked: on what, as it was before, and how many run on its volume afterwards.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) verb: Verb,
    pub(super) on: Container,
    pub(super) together: usize,
}

/// One effect under way.
#[derive(Debug)]
struct Effect<'a> {
    world: &'a mut World,
    calls: Vec<Call>,
}

type Done = Result<(), Failed>;

/// Runs one action on what was seen; says which calls were made.
pub(super) fn run(world: &mut World, action: &Action, seen: &InstanceObservation) -> (Done, Vec<Call>) {
    let id = |id: &ContainerId| u64::from_str_radix(id.as_ref(), 16).expect("made by container_id");
    let main = seen.main.as_ref().map(|main| id(&main.id));
    let extra: Vec<u64> = seen.extra.iter().map(|extra| id(&extra.id)).collect();
    let mut effect = Effect { world, calls: Vec::new() };
    let done = match action {
        Action::None | Action::LookAgain => Ok(()),
        Action::Create { start } => effect.create(*start),
        Action::Start { id: it } => effect.start(id(it)),
        Action::Unpause { id: it } => effect.unpause(id(it)),
        Action::Stop { .. } => effect.each(main, Effect::stop),
        Action::Restart { .. } => {
            effect.each(main, Effect::stop).and_then(|()| effect.each(main, Effect::start))
        }
        Action::Recreate { old, cause, start } => effect.recreate(id(old), *cause, *start),
        Action::Remove => {
            effect.each(extra.into_iter().chain(main), Effect::remove).map(|()| effect.world.journal = None)
        }
        Action::RemoveExtra => effect.each(extra, Effect::remove),
        Action::Clear { id: it } => effect.remove_now(id(it)),
        Action::RenameBack { id: it } => effect.rename(id(it), true),
        Action::SetPolicy { id: it, policy } => effect.policy(id(it), *policy),
        Action::Calm { id: it } => {
            effect.policy(id(it), RestartPolicy::No).and_then(|()| effect.stop(id(it)))
        }
        Action::Replay => effect.replay(),
        Action::RememberVolume => effect.remember(main),
        Action::AcceptLoss => {
            effect.world.recorded = None;
            Ok(())
        }
    };
    // It may have worked although it says that it failed.
    let done = done.and_then(|()| effect.call());
    (done, effect.calls)
}

impl Effect<'_> {
    fn call(&mut self) -> Done {
        match self.world.trouble.pop_front() {
            Some(true) => Err(Failed::Call),
            Some(false) | None => Ok(()),
        }
    }

    /// A call on one container; `None` if there is no such container.
    fn on(&mut self, id: u64, verb: Verb, change: impl FnOnce(&mut World)) -> Done {
        self.call()?;
        let on = self.world.get(id).cloned().ok_or(Failed::Call)?;
        change(self.world);
        let on_volume = |c: &&Container| c.runs() && c.volume == on.volume;
        let together = self.world.containers.iter().filter(on_volume).count();
        self.calls.push(Call { verb, on, together });
        Ok(())
    }

    fn each(&mut self, ids: impl IntoIterator<Item = u64>, effect: fn(&mut Self, u64) -> Done) -> Done {
        ids.into_iter().try_for_each(|id| effect(self, id))
    }

    fn state(&mut self, id: u64) -> Option<ContainerState> {
        self.world.get(id).map(|container| container.state)
    }

    fn start(&mut self, id: u64) -> Done {
        match self.state(id) {
            Some(ContainerState::Created | ContainerState::Exited) => {
                self.on(id, Verb::Start, |world| world.begin(id))
            }
            Some(ContainerState::Running | ContainerState::Restarting) => self.call(),
            Some(ContainerState::Paused | ContainerState::Dead | ContainerState::Removing) | None => {
                Err(Failed::Call)
            }
        }
    }

    fn unpause(&mut self, id: u64) -> Done {
        self.on(id, Verb::Unpause, |world| {
            if let Some(paused) = world.get(id).filter(|it| it.state == ContainerState::Paused) {
                set(paused, ContainerState::Running, None);
            }
        })
    }

    /// A pending restart of docker's would outlive the stop, so its policy goes first.
    fn stop(&mut self, id: u64) -> Done {
        if self.state(id) == Some(ContainerState::Restarting) {
            self.policy(id, RestartPolicy::No)?;
        }
        if !self.world.get(id).is_some_and(|container| container.is_up()) {
            return Ok(());
        }
        self.on(id, Verb::Stop, |world| {
            world.get(id).into_iter().for_each(|container| set(container, ContainerState::Exited, None));
        })
    }

    fn policy(&mut self, id: u64, policy: RestartPolicy) -> Done {
        self.on(id, Verb::Policy, |world| {
            world.get(id).into_iter().for_each(|container| container.policy = policy);
        })
    }

    fn rename(&mut self, id: u64, to_ours: bool) -> Done {
        let taken = to_ours && self.world.holder().is_some_and(|holder| holder.id != id);
        if taken || self.world.get(id).is_none_or(|container| container.is_going()) {
            return Err(Failed::Call);
        }
        self.on(id, Verb::Rename, |world| {
            world.get(id).into_iter().for_each(|container| container.named = to_ours);
        })
    }

    fn remove(&mut self, id: u64) -> Done {
        self.stop(id)?;
        let Some(container) = self.world.get(id).filter(|it| it.state == ContainerState::Removing) else {
            return self.remove_now(id);
        };
        let due = container.due;
        let due = due.filter(|due| *due <= self.world.now + REMOVAL).ok_or(Failed::Call)?;
        self.world.pass_until(due);
        self.call()
    }

    fn remove_now(&mut self, id: u64) -> Done {
        if self.world.get(id).is_none() {
            return self.call();
        }
        self.on(id, Verb::Remove, |world| world.containers.retain(|container| container.id != id))
    }

    /// The state volume is there or was never made; anything else is for an operator.
    fn create(&mut self, start: bool) -> Done {
        self.call()?;
        let volume = match self.world.recorded {
            Some(lost) if !self.world.volumes.contains(&lost) => return Err(Failed::Halted),
            Some(there) => there,
            None => self.world.own_volume(),
        };
        self.world.recorded = Some(volume);
        let new = self.make(volume)?;
        if start { self.start(new) } else { Ok(()) }
    }

    fn make(&mut self, volume: u64) -> Result<u64, Failed> {
        self.call()?;
        let Some(spec) = self.world.row.spec().filter(|_| self.world.holder().is_none()) else {
            return Err(Failed::Call);
        };
        let on = self.world.put(true, true, spec, volume).clone();
        let id = on.id;
        self.calls.push(Call { verb: Verb::Make, on, together: 0 });
        Ok(id)
    }

    fn recreate(&mut self, old: u64, cause: RecreateCause, start: bool) -> Done {
        self.call()?;
        let Some(before) = self.world.get(old).cloned() else { return Err(Failed::Call) };
        if cause == RecreateCause::Adopted && before.state == ContainerState::Restarting {
            return Err(Failed::Call);
        }
        self.world.recorded = Some(before.volume);
        self.world.journal = Some(RecreateJournal {
            instance: instance(),
            old: container_id(old),
            old_ran: before.is_up(),
            old_policy: crate::model::RestartPolicy::No,
            new: None,
            step: RecreateStep::Begun,
        });
        if let Err(failed) = self.replace(old, before.volume, start) {
            // What cannot be undone now is undone by a replay.
            let _journaled = self.replay();
            return Err(failed);
        }
        if let Some(journal) = &mut self.world.journal {
            journal.step = RecreateStep::Verified;
        }
        self.remove_now(old)?;
        self.world.journal = None;
        Ok(())
    }

    fn replace(&mut self, old: u64, volume: u64, start: bool) -> Done {
        self.rename(old, false)?;
        let new = self.make(volume)?;
        if self.world.get(old).is_some_and(|old| old.is_up()) {
            self.policy(old, RestartPolicy::No)?;
            self.stop(old)?;
        }
        if !start {
            return Ok(());
        }
        self.start(new)?;
        self.world.pass_until(self.world.now + PROOF);
        let stays_up = self.state(new) == Some(ContainerState::Running);
        if stays_up { Ok(()) } else { Err(Failed::Call) }
    }

    /// A begun recreate is undone; a verified one is finished, if what was made is still there.
    fn replay(&mut self) -> Done {
        let Some(journal) = self.world.journal.clone() else { return Ok(()) };
        let Some(old) = self.world.find(&journal.old).cloned() else {
            self.world.journal = None;
            return Ok(());
        };
        let made = |container: &&Container| container.ours && container.id != old.id;
        let made: Vec<Container> = self.world.containers.iter().filter(made).cloned().collect();
        if journal.step == RecreateStep::Verified && made.iter().any(|made| made.named) {
            self.remove_now(old.id)?;
        } else {
            self.each(made.iter().map(|made| made.id), Self::remove_now)?;
            self.put_back(&old, journal.old_ran)?;
        }
        self.world.journal = None;
        Ok(())
    }

    fn put_back(&mut self, old: &Container, ran: bool) -> Done {
        if old.is_going() {
            return self.remove_now(old.id);
        }
        if !old.named {
            self.rename(old.id, true)?;
        }
        if !ran || old.is_up() {
            return Ok(());
        }
        if old.ours && old.spec.lifecycle == Lifecycle::Hot && old.policy == RestartPolicy::No {
            self.policy(old.id, RestartPolicy::UnlessStopped)?;
        }
        self.start(old.id)
    }

    fn remember(&mut self, main: Option<u64>) -> Done {
        self.call()?;
        self.world.recorded = main.and_then(|main| self.world.get(main)).map(|main| main.volume);
        Ok(())
    }
}
