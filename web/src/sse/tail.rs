//! The events of the fleet as a stream: what was missed, then what happens, without a gap and without a repeat; and
//! beside them the picture of the fleet, kept up to date.
//!
//! ```text
//!  fresh ───────────────────────────────── snapshot ──┐
//!  resumed ── cursor still stored ── pages, snapshot ──┴── live ── fell behind: resync, end
//!         └── cursor expired ──── resync, snapshot ──┘
//! ```
//!
//! Live are the events, each with its number as `id`, and `picture` frames without one: see [`super::picture`]. A snapshot
//! may be older or newer than the events around it; the `picture` frames make up for that. Whoever asks for them also
//! gets `stats` frames: what the instances use.
//!
//! The live channel is subscribed before the store is asked, so whatever the pages miss is in the channel; what is in
//! both is told by its number.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use claude_hooks_actors::handle::{FleetError, StatsReader, StatsSample};
use claude_hooks_actors::model::{Event, EventFilter, EventPage, FleetSnapshot, FleetStats};
use prometheus_client::metrics::counter::Counter;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};

use super::frame::{comment, frame, greeting, json_frame};
use super::picture::Pictures;
use super::{Frames, PING_EVERY};
use crate::problem::Problem;

/// Events read from the store at a time, and so held for one client.
pub(crate) const PAGE: u32 = 200;

/// What is asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Where the log ends.
    Newest,
    /// At most [`PAGE`] events after this one.
    After(u64),
}

/// Where a client wants to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    Fresh,
    After(u64),
    /// With a cursor that was never ours.
    Unreadable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// More is stored than was read.
    Pages,
    /// Nothing live was received yet: falling behind is the pages' doing, not the client's.
    FirstLive,
    Live,
    Ended,
}

/// One client's stream. `P` reads the store: it is all that is needed of the fleet beside the two channels.
#[derive(Debug)]
pub(crate) struct Tail<P> {
    pages: P,
    filter: EventFilter,
    pictures: Pictures,
    live: broadcast::Receiver<Arc<Event>>,
    /// For whoever also wants to know what the instances use.
    stats: Option<StatsReader>,
    stage: Stage,
    /// Number of the last event that was sent, or behind which the stream begins.
    cursor: u64,
    /// Frames to be sent before anything else is looked at.
    ready: VecDeque<Bytes>,
    ping_at: Instant,
    /// Raised if the client is dropped because it fell behind.
    dropped: Counter,
}

impl<P, F> Tail<P>
where
    P: Fn(Ask) -> F + 'static,
    F: Future<Output = Result<EventPage, FleetError>>,
{
    /// Asks the store for the first time, so that its refusal is still an ordinary answer. `live` must have been
    /// subscribed before.
    pub(crate) async fn open(
        pages: P,
        filter: EventFilter,
        pictures: watch::Receiver<Arc<FleetSnapshot>>,
        live: broadcast::Receiver<Arc<Event>>,
        resume: Resume,
    ) -> Result<Self, Problem> {
        let ask = if let Resume::After(after) = resume { Ask::After(after) } else { Ask::Newest };
        let page = pages(ask).await?;
        let mut tail = Self {
            pages,
            pictures: Pictures::new(pictures, filter.clone()),
            filter,
            live,
            stats: None,
            stage: Stage::FirstLive,
            cursor: page.newest,
            ready: VecDeque::from([greeting()]),
            ping_at: Instant::now() + PING_EVERY,
            dropped: Counter::default(),
        };
        match resume {
            Resume::Fresh => tail.show_snapshot(),
            Resume::Unreadable => tail.start_over("the cursor is not one of this log", &page),
            Resume::After(after) => {
                tail.cursor = after;
                tail.take_page(page);
            }
        }
        Ok(tail)
    }

    /// Tells what the instances use, too.
    pub(crate) fn with_stats(self, stats: Option<StatsReader>) -> Self {
        Self { stats, ..self }
    }

    /// Counts it there if the client is dropped.
    pub(crate) fn counting(self, dropped: Counter) -> Self {
        Self { dropped, ..self }
    }

    /// The picture to begin with; its id is where whoever comes back goes on.
    fn show_snapshot(&mut self) {
        let frame = self.pictures.whole(self.cursor, Some(self.cursor));
        self.ready.push_back(frame);
    }

    /// What the client has seen does not lead to what is stored: it must take a new picture.
    fn start_over(&mut self, reason: &str, page: &EventPage) {
        let data = json!({ "reason": reason, "oldest": page.oldest, "newest": page.newest });
        self.ready.push_back(frame("resync", None, &data.to_string()));
        self.cursor = page.newest;
        self.stage = Stage::FirstLive;
        self.show_snapshot();
    }

    fn take_page(&mut self, page: EventPage) {
        if let Some(reason) = expired(self.cursor, &page) {
            return self.start_over(reason, &page);
        }
        self.stage = if page.items.len() < PAGE as usize { Stage::FirstLive } else { Stage::Pages };
        for event in page.items {
            self.cursor = event.seq;
            self.ready.push_back(event_frame(&event));
        }
        if self.stage == Stage::FirstLive && !self.pictures.were_shown() {
            // Without an id: the last event's holds.
            let frame = self.pictures.whole(self.cursor, None);
            self.ready.push_back(frame);
        }
    }

    fn end_with(&mut self, last: Bytes) {
        self.stage = Stage::Ended;
        self.ready.push_back(last);
    }

    /// Looks once: at the store, or at the channel until something comes or a ping is due.
    async fn step(&mut self) {
        match self.stage {
            Stage::Ended => {}
            Stage::Pages => match (self.pages)(Ask::After(self.cursor)).await {
                Ok(page) => self.take_page(page),
                Err(error) => self.end_with(json_frame("error", None, &Problem::from(error).to_json())),
            },
            Stage::FirstLive | Stage::Live => tokio::select! {
                // Events first: they can be missed, while of pictures the last one says it all.
                biased;
                received = self.live.recv() => self.take_live(received),
                goes_on = self.pictures.changed() => {
                    if goes_on {
                        self.ready.extend(self.pictures.difference());
                    } else {
                        self.stage = Stage::Ended;
                    }
                }
                sample = next_sample(&mut self.stats) => self.take_sample(sample),
                () = sleep_until(self.ping_at) => self.ready.push_back(comment("ping")),
            },
        }
    }

    fn take_live(&mut self, received: Result<Arc<Event>, RecvError>) {
        match received {
            Ok(event) => {
                self.stage = Stage::Live;
                self.tell(&event);
            }
            Err(RecvError::Lagged(_)) if self.stage == Stage::FirstLive => self.stage = Stage::Pages,
            Err(RecvError::Lagged(missed)) => {
                self.dropped.inc();
                // Without an id: the client comes back with the last one it got and misses nothing.
                let data = json!({ "reason": "the client was too slow", "missed": missed });
                self.end_with(frame("resync", None, &data.to_string()));
            }
            Err(RecvError::Closed) => self.stage = Stage::Ended,
        }
    }

    /// Why there is none is in the picture: docker is away.
    fn take_sample(&mut self, sample: Option<StatsSample>) {
        match sample {
            Some(Ok(stats)) => self.ready.push_back(stats_frame(&stats, &self.filter)),
            Some(Err(error)) => log::debug!("no sample of what the instances use: {error}"),
            None => self.stats = None,
        }
    }

    fn tell(&mut self, event: &Event) {
        if event.seq <= self.cursor {
            return;
        }
        self.cursor = event.seq;
        if self.filter.matches(event) {
            self.ready.push_back(event_frame(event));
        }
    }
}

impl<P, F> Frames for Tail<P>
where
    P: Fn(Ask) -> F + 'static,
    F: Future<Output = Result<EventPage, FleetError>>,
{
    async fn next_frame(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                self.ping_at = Instant::now() + PING_EVERY;
                return Some(frame);
            }
            if self.stage == Stage::Ended {
                return None;
            }
            self.step().await;
        }
    }
}

/// Never, if nobody asked for samples.
async fn next_sample(stats: &mut Option<StatsReader>) -> Option<StatsSample> {
    match stats {
        Some(stats) => stats.next().await,
        None => std::future::pending().await,
    }
}

fn stats_frame(stats: &FleetStats, filter: &EventFilter) -> Bytes {
    let mut stats = stats.clone();
    stats.items.retain(|item| filter.wants(&item.instance, &item.agent_type));
    json_frame("stats", None, &stats)
}

fn event_frame(event: &Event) -> Bytes {
    json_frame(event.kind.into(), Some(event.seq), event)
}

/// Why nobody can go on after `cursor`, if so: what came next was deleted, or this log never got that far.
fn expired(cursor: u64, page: &EventPage) -> Option<&'static str> {
    if cursor > page.newest {
        return Some("the cursor is newer than every event: the database is another one");
    }
    (cursor.saturating_add(1) < page.oldest).then_some("the events after the cursor were deleted")
}

#[cfg(test)]
mod tests;
