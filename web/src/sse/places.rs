//! The places of streams, and what is measured of them.

use std::fmt;
use std::sync::Arc;

use claude_hooks_actors::Metrics;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Problem, ProblemKind};

/// Seconds in `Retry-After` when too many streams are open.
const RETRY_STREAM_S: u16 = 30;

/// As many streams as may be open at a time, over all workers.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    most: usize,
    refused: Counter,
    dropped: Counter,
}

impl Places {
    pub(crate) fn new(most: usize) -> Self {
        let free = Arc::new(Semaphore::new(most));
        Self { free, most, refused: Counter::default(), dropped: Counter::default() }
    }

    /// A place for as long as it is kept.
    pub(crate) fn admit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.free).try_acquire_owned().map_err(|_| {
            self.refused.inc();
            let detail = "all streams that the supervisor keeps open at a time are taken";
            Problem::new(ProblemKind::TooManyStreams, detail).retry_after(RETRY_STREAM_S)
        })
    }

    /// Counts clients that were dropped because they fell behind.
    pub(crate) fn dropped(&self) -> Counter {
        self.dropped.clone()
    }

    pub(crate) fn measure(&self, metrics: &Metrics) {
        metrics.register(|registry| {
            registry.register_collector(Box::new(Open(self.clone())));
            registry.register(
                "claude_hooks_streams_refused",
                "Streams that were refused because too many are open",
                self.refused.clone(),
            );
            registry.register(
                "claude_hooks_streams_dropped",
                "Streams of events that were ended because their client fell behind",
                self.dropped.clone(),
            );
        });
    }
}

/// Looked at when somebody asks, so that no end of a stream can be forgotten.
#[derive(Debug)]
struct Open(Places);

impl Collector for Open {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let open = self.0.most.saturating_sub(self.0.free.available_permits());
        let help = "Streams that are open: of events, of containers' and of tasks' output";
        let metric = encoder.encode_descriptor("claude_hooks_streams_open", help, None, MetricType::Gauge)?;
        ConstGauge::new(open).encode(metric)
    }
}
