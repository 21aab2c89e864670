//! How the registry's actors end: done, dead and replaced, or told to finish.

use std::time::Duration;

use actix::{AsyncContext as _, Handler, MessageResult};
use tokio::sync::oneshot;

use super::super::messages::{Died, Finish, Finished, Quiesce, Refresh, Respawn};
use super::{Entry, Registry};
use crate::model::{EventKind, NewEvent};

/// Pause before an actor that died is replaced, doubling with each death within [`CALM`].
const RESPAWN_FIRST: Duration = Duration::from_millis(500);
const RESPAWN_MOST: Duration = Duration::from_mins(1);
/// Without a death for this long, the next one is the first again.
const CALM: Duration = Duration::from_mins(10);

impl Handler<Finished> for Registry {
    type Result = ();

    fn handle(&mut self, Finished { name, epoch }: Finished, _: &mut Self::Context) {
        let gone = |entry: &Entry| entry.epoch == epoch && entry.row.is_none();
        if !self.entries.get(&name).is_some_and(gone) {
            return;
        }
        self.entries.remove(&name);
        if self.snapshot.borrow().agents.contains_key(&name) {
            self.publish(|snapshot| {
                snapshot.agents.remove(&name);
            });
        }
        let store = self.tools.store.clone();
        actix::spawn(async move {
            if let Err(error) = store.clear_tombstone(&name).await {
                log::warn!(instance = name.as_ref(); "cannot forget that the agent was deleted: {error}");
            }
        });
    }
}

impl Handler<Died> for Registry {
    type Result = ();

    fn handle(&mut self, Died { name, epoch, panicked }: Died, ctx: &mut Self::Context) {
        let now = self.tools.clock.now();
        let Some(entry) = self.entries.get_mut(&name).filter(|entry| entry.epoch == epoch) else { return };
        entry.addr = None;
        let calm = entry.died.is_none_or(|died| now.duration_since(died) > CALM);
        entry.deaths = if calm { 1 } else { entry.deaths.saturating_add(1) };
        entry.died = Some(now);
        let pause = RESPAWN_FIRST.saturating_mul(1 << (entry.deaths - 1).min(10)).min(RESPAWN_MOST);
        log::error!(instance = name.as_ref(), panicked = panicked; "the actor died, another one comes in {pause:?}");
        ctx.notify_later(Respawn { name, epoch }, pause);
    }
}

impl Handler<Respawn> for Registry {
    type Result = ();

    fn handle(&mut self, Respawn { name, epoch }: Respawn, ctx: &mut Self::Context) {
        let dead = |entry: &&mut Entry| entry.epoch == epoch && entry.addr.is_none();
        let Some(entry) = self.entries.get_mut(&name).filter(dead) else { return };
        let agent_type = entry.row.as_ref().map(|row| row.agent_type.clone());
        // What it had learned and stored is read again; the new actor gets it with its row.
        let mut event = NewEvent::new(EventKind::ActorRestarted, self.tools.clock.wall()).instance(&name);
        event.agent_type = agent_type;
        self.tools
            .events
            .emit(event.cause("panic").detail("the actor of this instance died and was replaced"));
        ctx.address().do_send(Refresh::unasked(name));
    }
}

impl Handler<Quiesce> for Registry {
    type Result = MessageResult<Quiesce>;

    fn handle(&mut self, _: Quiesce, _: &mut Self::Context) -> Self::Result {
        let mut waiting = Vec::new();
        for addr in self.entries.values().filter_map(|entry| entry.addr.as_ref()) {
            let (done, finished) = oneshot::channel();
            addr.do_send(Finish { done });
            waiting.push(finished);
        }
        MessageResult(waiting)
    }
}

#[cfg(any(test, feature = "testing"))]
impl Handler<super::super::messages::PanicIn> for Registry {
    type Result = bool;

    fn handle(
        &mut self,
        super::super::messages::PanicIn { name }: super::super::messages::PanicIn,
        _: &mut Self::Context,
    ) -> bool {
        let addr = self.entries.get(&name).and_then(|entry| entry.addr.as_ref());
        addr.is_some_and(|addr| addr.try_send(super::super::messages::InjectPanic).is_ok())
    }
}
