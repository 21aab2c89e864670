//! What the instances use, asked of docker only while somebody looks: a page, or, once in a while, who minds the limits.
//!
//! ```text
//!  nobody looks ── a reader comes ──▶ sample ─▶ publish ─▶ rest ─┐
//!       ▲                               ▲                        │
//!       └──────── the last one left ────┴────────────────────────┘
//! ```
//!
//! **Invariant:** one call at a time, however many look, and none while docker cannot be asked. With the last
//! reader its last sample goes, so that whoever comes later is not shown what was used long ago.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::model::{AgentView, ContainerId, FleetSnapshot, FleetStats, InstanceStats};
use crate::ports::{Clock, Runtime, RuntimeError};

/// From the beginning of one sample to that of the next. Docker itself measures for two seconds; ten containers cost it
/// 0.2 s of processor time for each sample, half of what `docker stats` costs when it is left running.
const PERIOD: Duration = Duration::from_secs(5);

pub type StatsSample = Result<Arc<FleetStats>, RuntimeError>;
type Published = Option<StatsSample>;

/// Who wants samples comes here. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    published: Arc<watch::Sender<Published>>,
    wake: mpsc::Sender<()>,
}

/// Samples as long as it is kept.
#[derive(Debug)]
pub struct StatsReader(watch::Receiver<Published>);

/// Takes the samples.
#[derive(Debug)]
pub(crate) struct Sampler {
    runtime: Arc<dyn Runtime>,
    clock: Arc<dyn Clock>,
    snapshot: watch::Receiver<Arc<FleetSnapshot>>,
    published: Arc<watch::Sender<Published>>,
    wakes: mpsc::Receiver<()>,
}

impl Samples {
    pub(crate) fn new(
        runtime: Arc<dyn Runtime>,
        clock: Arc<dyn Clock>,
        snapshot: watch::Receiver<Arc<FleetSnapshot>>,
    ) -> (Self, Sampler) {
        let published = Arc::new(watch::channel(None).0);
        let (wake, wakes) = mpsc::channel(1);
        let taking = Sampler { runtime, clock, snapshot, published: published.clone(), wakes };
        (Self { published, wake }, taking)
    }

    pub(crate) fn read(&self) -> StatsReader {
        let mut receiver = self.published.subscribe();
        // What another reader is being shown is good enough to begin with.
        receiver.mark_changed();
        // A full channel holds a wake that the sampler has not seen yet, and it looks for readers after each.
        let _ = self.wake.try_send(());
        StatsReader(receiver)
    }
}

impl StatsReader {
    /// The next sample, or why there is none; `None` once there will be no more.
    pub async fn next(&mut self) -> Option<StatsSample> {
        loop {
            self.0.changed().await.ok()?;
            if let Some(sample) = self.0.borrow_and_update().clone() {
                return Some(sample);
            }
        }
    }
}

impl Sampler {
    /// Runs until nobody can come any more.
    pub(crate) async fn run(mut self) {
        while self.wakes.recv().await.is_some() {
            while !self.published.is_closed() {
                let next = Instant::now() + PERIOD;
                tokio::select! {
                    sample = self.sample() => {
                        self.published.send_replace(Some(sample));
                    }
                    // Dropped on its way, the call ends.
                    () = self.published.closed() => break,
                }
                tokio::select! {
                    () = sleep_until(next) => {}
                    () = self.published.closed() => {}
                }
            }
            self.published.send_replace(None);
        }
    }

    async fn sample(&self) -> StatsSample {
        let snapshot = self.snapshot.borrow().clone();
        if snapshot.docker_reachable != Some(true) {
            // The words of docker itself are in the picture.
            let detail = "no look at the fleet succeeds at present".into();
            return Err(RuntimeError::Unreachable { detail });
        }
        let running: BTreeMap<ContainerId, &AgentView> = snapshot
            .agents
            .values()
            .filter_map(|agent| {
                Some((agent.observed.incarnation.as_ref()?.container.clone(), agent.as_ref()))
            })
            .collect();
        let ids: Vec<ContainerId> = running.keys().cloned().collect();
        let measured = if ids.is_empty() { Vec::new() } else { self.runtime.stats(&ids).await? };
        let mut items: Vec<InstanceStats> = measured
            .into_iter()
            .filter_map(|stats| {
                let agent = running.get(&stats.container)?;
                let limits = agent.observed.limits.clone().unwrap_or_default();
                Some(InstanceStats {
                    instance: agent.name.clone(),
                    agent_type: agent.agent_type.clone(),
                    cpu_percent: stats.cpu_percent,
                    cpu_limit_percent: limits.milli_cpus.map(|milli| f64::from(milli) / 10.0),
                    memory_bytes: stats.memory_bytes,
                    memory_limit_bytes: stats.memory_limit_bytes,
                    pids: stats.pids,
                    pids_limit: limits.pids.map(u64::from),
                    pids_refused: stats.pids_refused,
                    incarnation: agent.observed.incarnation.clone(),
                })
            })
            .collect();
        items.sort_by(|a, b| a.instance.cmp(&b.instance));
        Ok(Arc::new(FleetStats { at: self.clock.wall(), items }))
    }
}
