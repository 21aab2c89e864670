//! Reads the event stream in the background and waits for what a story expects on it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{Event, EventKind};
use reqwest::RequestBuilder;
use tokio::task::JoinHandle;

use super::http::RUNTIME;

/// One frame as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) id: Option<u64>,
    pub(crate) event: String,
    pub(crate) data: String,
}

#[derive(Debug, Default)]
struct State {
    frames: Vec<Frame>,
    pings: usize,
    ended: bool,
}

type Shared = Arc<(Mutex<State>, Condvar)>;

/// An open stream; closed when dropped.
#[derive(Debug)]
pub(crate) struct Stream {
    shared: Shared,
    reader: JoinHandle<()>,
}

impl Stream {
    /// Opens it and waits for the first frame: whatever happens from now on is on the stream.
    #[track_caller]
    pub(crate) fn open(request: RequestBuilder) -> Self {
        let shared = Shared::default();
        let reader = RUNTIME.spawn(read(request, Arc::clone(&shared)));
        let stream = Self { shared, reader };
        let first = stream.wait(Duration::from_secs(10), |state| state.frames.first().cloned());
        assert!(first.is_some(), "the stream began with no frame: {:?}", stream.frames());
        stream
    }

    pub(crate) fn frames(&self) -> Vec<Frame> {
        self.lock().frames.clone()
    }

    /// The stored events among the frames.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.frames().iter().filter_map(as_event).collect()
    }

    pub(crate) fn count(&self, kind: EventKind, instance: &str) -> usize {
        self.events().iter().filter(|event| is(event, kind, instance)).count()
    }

    /// The first such event, which must be on the stream within `patience`.
    #[track_caller]
    pub(crate) fn wait_for(&self, kind: EventKind, instance: &str, patience: Duration) -> Event {
        self.wait_after(0, kind, instance, patience)
    }

    /// The first such event later than the sequence number `after`; an empty `instance` fits every one.
    #[track_caller]
    pub(crate) fn wait_after(
        &self,
        after: u64,
        kind: EventKind,
        instance: &str,
        patience: Duration,
    ) -> Event {
        let fits = |event: &Event| event.seq > after && is(event, kind, instance);
        let found =
            self.wait(patience, |state| state.frames.iter().filter_map(as_event).find(|event| fits(event)));
        found.unwrap_or_else(|| {
            let seen: Vec<String> = self.events().iter().map(brief).collect();
            panic!("no {kind} of {instance:?} after {after} within {patience:?}; on the stream: {seen:#?}")
        })
    }

    /// Waits until the event of this number has come.
    #[track_caller]
    pub(crate) fn wait_for_seq(&self, seq: u64, patience: Duration) {
        let come =
            self.wait(patience, |state| state.frames.iter().any(|frame| frame.id == Some(seq)).then_some(()));
        assert!(come.is_some(), "number {seq} did not come within {patience:?}");
    }

    /// Waits for a comment frame, which is how a ping looks.
    pub(crate) fn wait_for_ping(&self, patience: Duration) -> bool {
        self.wait(patience, |state| (state.pings > 0).then_some(())).is_some()
    }

    /// Whether the daemon ends it within `patience`.
    pub(crate) fn wait_for_end(&self, patience: Duration) -> bool {
        self.wait(patience, |state| state.ended.then_some(())).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<T>(&self, patience: Duration, look: impl Fn(&State) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&state) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            let woken = self.shared.1.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state = woken.0;
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn is(event: &Event, kind: EventKind, instance: &str) -> bool {
    let named = || event.instance.as_ref().is_some_and(|name| name.as_ref() == instance);
    event.kind == kind && (instance.is_empty() || named())
}

fn as_event(frame: &Frame) -> Option<Event> {
    serde_json::from_str(&frame.data).ok()
}

fn brief(event: &Event) -> String {
    let instance = event.instance.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{} {} {instance} {:?} {:?}", event.seq, event.kind, event.cause, event.detail)
}

async fn read(request: RequestBuilder, shared: Shared) {
    let mut text = Vec::new();
    if let Ok(mut response) = request.send().await {
        while let Ok(Some(chunk)) = response.chunk().await {
            text.extend_from_slice(&chunk);
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = text.drain(..end + 2).collect();
                take(&String::from_utf8_lossy(&frame), &shared);
            }
        }
    }
    shared.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
    shared.1.notify_all();
}

fn take(text: &str, shared: &Shared) {
    let mut frame = Frame::default();
    let mut data: Vec<&str> = Vec::new();
    let mut ping = false;
    // The empty line that ends a frame has no colon either, but is no comment.
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => ping = true,
            "id" => frame.id = value.parse().ok(),
            "event" => value.clone_into(&mut frame.event),
            "data" => data.push(value),
            _ => {}
        }
    }
    frame.data = data.join("\n");
    let mut state = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    if !frame.event.is_empty() || !frame.data.is_empty() {
        state.frames.push(frame);
    }
    state.pings += usize::from(ping);
    drop(state);
    shared.1.notify_all();
}
