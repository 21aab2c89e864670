//! The event log: numbers events, stores them, fans them out.
//!
//! It owns the order of events. It never waits for a reader: the channel to them is bounded, and a reader that falls
//! behind is told so by the channel and has to start over. Events that come while a batch is being stored share the next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot};

use crate::event_sender::LogItem;
use crate::metrics::Metrics;
use crate::model::{Event, NewEvent};
use crate::ports::{AgentStore, EventRetention};

/// Most events in one transaction.
const BATCH: usize = 256;
/// How many events a reader may be behind.
const READER_LAG: usize = 1024;
/// So many stored events are looked through for old ones at once.
const PRUNE_EVERY: usize = 500;
/// Pause after a failed write; the database may be locked by a backup.
const RETRY: Duration = Duration::from_secs(1);
/// Tries before a batch is given up, so that a broken disk does not fill the memory.
const TRIES: u32 = 30;

#[derive(Debug)]
pub(crate) struct EventLog {
    store: Arc<dyn AgentStore>,
    items: mpsc::UnboundedReceiver<LogItem>,
    readers: broadcast::Sender<Arc<Event>>,
    retention: EventRetention,
    since_pruned: usize,
    metrics: Metrics,
}

impl EventLog {
    pub(crate) fn new(
        store: Arc<dyn AgentStore>,
        items: mpsc::UnboundedReceiver<LogItem>,
        retention: EventRetention,
        metrics: Metrics,
    ) -> Self {
        let (readers, _) = broadcast::channel(READER_LAG);
        Self { store, items, readers, retention, since_pruned: PRUNE_EVERY, metrics }
    }

    pub(crate) fn readers(&self) -> broadcast::Sender<Arc<Event>> {
        self.readers.clone()
    }

    /// Runs until every sender is gone.
    pub(crate) async fn run(mut self) {
        let mut items = Vec::new();
        while self.items.recv_many(&mut items, BATCH).await > 0 {
            let mut events: Vec<NewEvent> = Vec::new();
            let mut waiting: Vec<oneshot::Sender<()>> = Vec::new();
            for item in items.drain(..) {
                match item {
                    LogItem::Event(event) => events.push(*event),
                    LogItem::Flush(done) => waiting.push(done),
                }
            }
            self.store(events).await;
            for done in waiting {
                // Whoever asked may have given up.
                let _ = done.send(());
            }
        }
    }

    async fn store(&mut self, events: Vec<NewEvent>) {
        if events.is_empty() {
            return;
        }
        for event in &events {
            self.metrics.count(event);
        }
        for attempt in 1..=TRIES {
            match self.store.append_events(&events).await {
                Ok(stored) => {
                    self.since_pruned += stored.len();
                    for event in stored {
                        // An error only says that nobody listens at present.
                        let _ = self.readers.send(Arc::new(event));
                    }
                    return self.prune().await;
                }
                Err(error) if attempt == TRIES => {
                    self.metrics.events_lost(events.len());
                    log::error!(lost = events.len(); "events are lost, the database does not take them: {error}");
                }
                Err(error) => {
                    log::warn!(attempt = attempt; "the database does not take events yet: {error}");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    async fn prune(&mut self) {
        if self.since_pruned < PRUNE_EVERY {
            return;
        }
        self.since_pruned = 0;
        match self.store.prune_events(self.retention).await {
            Ok(0) => {}
            Ok(pruned) => log::info!(pruned = pruned; "old events deleted"),
            Err(error) => log::warn!("old events cannot be deleted: {error}"),
        }
    }
}
