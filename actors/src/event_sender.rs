//! The way to the event log, usable from actors, effects and plain functions alike.

use tokio::sync::{mpsc, oneshot};

use crate::model::NewEvent;

/// What goes to the event log, in order.
#[derive(Debug)]
pub(crate) enum LogItem {
    Event(Box<NewEvent>),
    /// Answered once everything before it is stored.
    Flush(oneshot::Sender<()>),
}

/// Cheap to clone; never blocks. The producers are as slow as docker, so the channel needs no bound.
#[derive(Clone, Debug)]
pub(crate) struct EventSender {
    items: mpsc::UnboundedSender<LogItem>,
}

impl EventSender {
    pub(crate) fn channel() -> (Self, mpsc::UnboundedReceiver<LogItem>) {
        let (items, receiver) = mpsc::unbounded_channel();
        (Self { items }, receiver)
    }

    pub(crate) fn emit(&self, event: NewEvent) {
        if self.items.send(LogItem::Event(Box::new(event))).is_err() {
            log::warn!("an event came after the event log had stopped");
        }
    }

    /// Waits until all that was emitted before is stored; false if the log has stopped.
    pub(crate) async fn flush(&self) -> bool {
        let (done, stored) = oneshot::channel();
        self.items.send(LogItem::Flush(done)).is_ok() && stored.await.is_ok()
    }
}
