//! What comes back to an instance: the ends of its effects, looks and writes.

use std::time::Duration;

use actix::Handler;

use super::super::messages::{EffectDone, ImagesNow, Looked, MemorySaved, RoundNow};
use super::state::Busy;
use super::{Instance, jitter};
use crate::decide::Action;

/// Pause after a write of the memory that failed.
const SAVE_AGAIN: Duration = Duration::from_secs(5);

impl Handler<EffectDone> for Instance {
    type Result = ();

    fn handle(&mut self, done: EffectDone, ctx: &mut Self::Context) {
        if done.generation != self.generation {
            return;
        }
        let EffectDone { subject, result, .. } = done;
        self.effect = None;
        // Effects store the memory themselves where an order matters; one that failed may have failed in that.
        self.saved = result.is_ok().then(|| subject.memory.clone());
        let now = self.now();
        let jitter = jitter(&self.state.name, now);
        let remade = matches!(self.state.busy, Some(Busy::Acting(Action::Recreate { .. })));
        let events = self.state.effect_done(*subject, &result, now, jitter);
        self.emit(events);
        match result {
            Err(error) if error.is_outage() => self.watchdog.do_send(RoundNow),
            Ok(()) if remade => self.watchdog.do_send(ImagesNow),
            Ok(()) | Err(_) => {}
        }
        self.look_after = Some(now.mono);
        self.step(ctx);
    }
}

impl Handler<Looked> for Instance {
    type Result = ();

    fn handle(&mut self, Looked { generation, result }: Looked, ctx: &mut Self::Context) {
        if generation != self.generation {
            return;
        }
        self.state.busy = None;
        match result {
            Ok(look) => self.take_in(look, ctx),
            Err(error) => {
                log::warn!(instance = self.state.name.as_ref(); "cannot look: {error}");
                self.look_after = None;
                self.state.look_failed(&error);
                self.watchdog.do_send(RoundNow);
            }
        }
        self.step(ctx);
    }
}

impl Handler<MemorySaved> for Instance {
    type Result = ();

    fn handle(&mut self, MemorySaved { failed }: MemorySaved, ctx: &mut Self::Context) {
        self.saving = false;
        self.save_after = failed.then(|| self.tools.clock.now() + SAVE_AGAIN);
        if failed {
            self.saved = None;
        }
        self.step(ctx);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Handler<super::super::messages::InjectPanic> for Instance {
    type Result = ();

    #[expect(clippy::panic, reason = "a test asks for it, to see that the instance comes back")]
    fn handle(&mut self, _: super::super::messages::InjectPanic, _: &mut Self::Context) {
        panic!("injected by a test");
    }
}
