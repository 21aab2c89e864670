//! The specification of endings: what was asked for is done, done once, and what is healed is forgiven.

use super::rules::{Past, Rule, no};
use super::world::{Container, World};
use crate::decide::Request;
use crate::model::{ContainerState, Lifecycle};
use crate::testing::container_id;

/// Only an operator can end this: a recreate must be undone, but somebody took the name meanwhile.
pub(super) fn is_stuck(world: &World) -> bool {
    world.journal.is_some() && world.foreign().is_some()
}

/// Nothing can make this better any more, so nothing may be kept against it.
pub(super) fn is_forgiven(world: &World, past: &Past) -> Rule {
    let healthy = world.row.is(Lifecycle::Hot, true) && world.foreign().is_none() && world.main().is_some();
    no(healthy && past.looping, "a crash loop is not forgotten after ten minutes of health")
}

/// What must have become of `before` when `request` was all that happened since, and nothing is left to do.
pub(super) fn promise(before: &World, halted: bool, request: Request, after: &World) -> Rule {
    // While docker removes it, whoever asks is told so and has to ask again.
    let removing = before.containers.iter().any(|container| container.state == ContainerState::Removing);
    if is_stuck(after) || before.journal.is_some() || removing {
        return Ok(());
    }
    if let Some(foreign) = before.foreign().filter(|_| before.row.spec().is_some()) {
        let new = after.main().filter(|new| new.named && new.volume == foreign.volume);
        if request != Request::Adopt {
            return no(
                after.holder().map(|holder| holder.id) != Some(foreign.id),
                "it did not leave a foreign one alone",
            );
        }
        let up = before.row.is(Lifecycle::Hot, true) || before.row.is_lazy() && foreign.is_up();
        let adopted = new.is_some_and(|new| new.is_up() == up || before.row.is_lazy() && new.lives > 0);
        let refused = foreign.is_going() || foreign.state == ContainerState::Restarting;
        return no(!adopted && !refused, "the foreign one was not adopted");
    }
    if before.row.spec().is_none() || halted && request != Request::Recover {
        return Ok(());
    }
    let Some(new) = after.main() else { return Err("it did not recover") };
    // A lazy one has fallen asleep again since.
    let ran = after.begun > before.begun || before.main().is_some_and(Container::runs);
    let ran = new.runs() || before.row.is_lazy() && ran;
    match request {
        Request::Start | Request::Restart => no(!ran, "it did not run"),
        Request::Stop => no(new.is_up(), "it was not stopped"),
        Request::Recreate => no(before.find(&container_id(new.id)).is_some(), "it was not made anew"),
        Request::Adopt | Request::Recover => Ok(()),
    }
}

/// The same for a world that was at rest, where nothing but the request was to be done.
pub(super) fn only_once(before: &World, halted: bool, request: Request, after: &World) -> Rule {
    let untouched = before.containers == after.containers;
    if is_stuck(before) || halted {
        return Ok(());
    }
    if before.row.spec().is_none() || before.foreign().is_some() {
        return no(!untouched && request != Request::Adopt, "nobody asked for that");
    }
    let Some(old) = before.main() else { return Ok(()) };
    let was_up = old.is_up() && before.row.is_lazy();
    let up = before.row.is(Lifecycle::Hot, true) || was_up;
    let (made, begun) = (after.made - before.made, after.begun - before.begun);
    let (wanted_made, wanted_begun) = match request {
        Request::Start => (0, u32::from(!old.is_up())),
        Request::Restart => (0, 1),
        Request::Recreate => (1, u32::from(up)),
        Request::Stop | Request::Adopt | Request::Recover => (0, 0),
    };
    no(made != wanted_made, "it made another number than it should")?;
    no(begun != wanted_begun, "it started another number than it should")
}
