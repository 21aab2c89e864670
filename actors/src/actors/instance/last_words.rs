//! What is saved of a container that ended unasked, before docker starts it anew or somebody removes it.

use std::time::Duration;

use actix::{AsyncContext as _, Context};

use super::super::messages::Looked;
use super::Instance;
use super::state::Busy;
use crate::look::Look;
use crate::ports::LastWords;

/// Longest that a look waits for it: the death is told at the latest then.
const PATIENCE: Duration = Duration::from_secs(5);

impl Instance {
    /// Takes a look in, after saving what an unasked end in it leaves behind.
    pub(super) fn take_in(&mut self, look: Look, ctx: &mut Context<Self>) {
        let ended = if look.last_words.is_none() { self.state.ended_unasked(&look) } else { None };
        let Some(container) = ended else {
            let events = self.state.observe(look, self.now());
            return self.emit(events);
        };
        self.generation += 1;
        self.state.busy = Some(Busy::Looking);
        let (generation, addr, runtime) = (self.generation, ctx.address(), self.tools.runtime.clone());
        actix::spawn(async move {
            let words = match tokio::time::timeout(PATIENCE, runtime.last_words(&container)).await {
                Ok(Ok(words)) => words,
                Ok(Err(error)) => {
                    log::info!(container = container.name.as_str(); "its last words cannot be read: {error}");
                    LastWords::default()
                }
                Err(_) => LastWords::default(),
            };
            addr.do_send(Looked { generation, result: Ok(Look { last_words: Some(words), ..look }) });
        });
    }
}
