//! What agents say of their work: the picture shows each word, the event log one in a while.

use std::time::Duration;

use actix::{Context, Handler};
use tokio::time::Instant;

use super::{Dispatcher, SetProgress};
use crate::model::{EventKind, InstanceName, NewEvent, Progress};

/// At most one event of an instance within this time: it tells the last word.
const TOLD_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Said {
    pub(super) progress: Progress,
    /// When an event last told of it.
    told: Option<Instant>,
    /// The last word was not told yet.
    owed: bool,
}

impl Said {
    fn due(&self) -> Option<Instant> {
        self.owed.then_some(self.told).flatten().map(|told| told + TOLD_EVERY)
    }
}

impl Dispatcher {
    /// Tells what is due.
    pub(super) fn tell_progress(&mut self) {
        let (now, wall) = (self.tools.clock.now(), self.tools.clock.wall());
        let due = |said: &Said| said.owed && said.due().is_none_or(|due| due <= now);
        let due: Vec<InstanceName> =
            self.progress.iter().filter(|(_, said)| due(said)).map(|(name, _)| name.clone()).collect();
        for name in due {
            let Some(said) = self.progress.get_mut(&name) else { continue };
            (said.told, said.owed) = (Some(now), false);
            let event = NewEvent::new(EventKind::AgentProgress, wall).instance(&name).cause("agent");
            let event = event.detail(said.progress.text.clone());
            self.emit_about(&name, event);
        }
    }

    pub(super) fn next_progress(&self) -> Option<Instant> {
        self.progress.values().filter_map(Said::due).min()
    }
}

impl Handler<SetProgress> for Dispatcher {
    type Result = ();

    fn handle(&mut self, SetProgress { name, text }: SetProgress, ctx: &mut Context<Self>) {
        let progress = Progress { text, at: self.tools.clock.wall() };
        let told = self.progress.get(&name).and_then(|said| said.told);
        self.progress.insert(name.clone(), Said { progress, told, owed: true });
        self.tell(&name);
        self.advance(ctx);
    }
}
