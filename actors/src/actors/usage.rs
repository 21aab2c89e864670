//! Minds the limits: has what the instances use measured once in a while and hands each its part.
//!
//! A task, not an actor: it owns nothing but when it last walked through which volume. It is one more reader of the
//! samples, so nothing is measured twice while a page looks, nothing while docker is away, and never two samples at a
//! time. The next pause begins when the sample is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use tokio::sync::watch;

use super::messages::{FleetUsage, UsageSeen};
use super::registry::Registry;
use crate::effects::Tools;
use crate::model::{AgentView, DiskState, FleetSnapshot, FleetStats, InstanceStats, StateSize, Usage};
use crate::ports::RuntimeError;
use crate::stats::Samples;

mod sizes;

use sizes::Sizes;

#[derive(Debug)]
pub(crate) struct Minder {
    tools: Tools,
    samples: Samples,
    snapshot: watch::Receiver<Arc<FleetSnapshot>>,
    registry: Addr<Registry>,
    sizes: Sizes,
}

impl Minder {
    pub(crate) fn new(
        tools: Tools,
        samples: Samples,
        snapshot: watch::Receiver<Arc<FleetSnapshot>>,
        registry: Addr<Registry>,
    ) -> Self {
        Self { tools, samples, snapshot, registry, sizes: Sizes::default() }
    }

    /// Runs until the supervisor stops; without an interval, nobody minds the limits.
    pub(crate) async fn mind_limits(
        mut self,
        interval: Option<Duration>,
        mut stopping: watch::Receiver<bool>,
    ) {
        let Some(interval) = interval else { return };
        let minding = async {
            let mut failing = false;
            loop {
                tokio::time::sleep(interval).await;
                let result = self.sample().await;
                match &result {
                    // An outage is told by the picture, and a failure that goes on was told.
                    Err(error) if !failing && !error.is_outage() => {
                        log::warn!("what the agents use cannot be measured: {error}");
                    }
                    Ok(()) | Err(_) => {}
                }
                failing = result.is_err();
            }
        };
        tokio::select! {
            () = minding => {}
            // Also when nobody is left who could stop it.
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }

    async fn sample(&mut self) -> Result<(), RuntimeError> {
        let sample = match self.samples.read().next().await {
            Some(Ok(sample)) => sample,
            Some(Err(error)) => {
                self.tools.metrics.usage(BTreeMap::new());
                return Err(error);
            }
            None => return Ok(()),
        };
        let disks = self.disks(&sample).await;
        self.walk(&sample).await;
        let snapshot = self.snapshot.borrow().clone();
        let (mut all, mut measured) = (BTreeMap::new(), BTreeMap::new());
        for item in &sample.items {
            let Some(seen) = seen(&sample, item, &snapshot, &disks, &self.sizes) else { continue };
            measured.insert(item.instance.clone(), (item.agent_type.clone(), seen.usage.clone()));
            all.insert(item.instance.clone(), seen);
        }
        self.tools.metrics.usage(measured);
        self.registry.do_send(FleetUsage { seen: all });
        Ok(())
    }

    /// Room on the disks of all that run, asked for at once.
    async fn disks(&self, sample: &FleetStats) -> BTreeMap<String, DiskState> {
        let volumes: Vec<String> = {
            let snapshot = self.snapshot.borrow();
            let volume =
                |item: &InstanceStats| snapshot.agents.get(&item.instance)?.observed.state_volume.clone();
            sample.items.iter().filter_map(volume).collect()
        };
        if volumes.is_empty() {
            return BTreeMap::new();
        }
        self.tools.runtime.volume_disks(&volumes).await.unwrap_or_else(|error| {
            log::debug!("the disks of the state volumes cannot be asked for: {error}");
            BTreeMap::new()
        })
    }
}

impl Minder {
    /// Walks through at most one volume, of those whose size is limited.
    async fn walk(&mut self, sample: &FleetStats) {
        let limits: BTreeMap<String, u64> = {
            let snapshot = self.snapshot.borrow();
            let limit = |item: &InstanceStats| {
                let agent = snapshot.agents.get(&item.instance)?;
                agent.observed.state_volume.clone().zip(agent.desired.state_limit_bytes)
            };
            sample.items.iter().filter_map(limit).collect()
        };
        let Some(volume) = self.sizes.due(&limits, self.tools.clock.now()) else { return };
        let bytes = self.tools.runtime.volume_size(&volume).await.unwrap_or_else(|error| {
            log::debug!("the size of {volume} cannot be told: {error}");
            None
        });
        self.sizes.walked(volume, bytes, self.tools.clock.now());
    }
}

/// `None` of a life that ended meanwhile.
fn seen(
    sample: &FleetStats,
    item: &InstanceStats,
    snapshot: &FleetSnapshot,
    disks: &BTreeMap<String, DiskState>,
    sizes: &Sizes,
) -> Option<UsageSeen> {
    let agent: &AgentView = snapshot.agents.get(&item.instance)?;
    let of = item.incarnation.clone().filter(|of| agent.observed.incarnation.as_ref() == Some(of))?;
    let volume = agent.observed.state_volume.as_ref();
    let limit_bytes = agent.desired.state_limit_bytes;
    let bytes = volume.and_then(|volume| sizes.bytes(volume));
    let usage = Usage {
        at: sample.at,
        milli_cpus: milli(item.cpu_percent),
        memory_bytes: item.memory_bytes,
        memory_limit_bytes: item.memory_limit_bytes,
        pids: item.pids,
        pids_refused: item.pids_refused,
        limits: agent.observed.limits.clone().unwrap_or_default(),
        disk: volume.and_then(|volume| disks.get(volume)).copied(),
        state: limit_bytes.map(|limit_bytes| StateSize { bytes, limit_bytes }),
    };
    Some(UsageSeen { of, usage })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats saturates")]
fn milli(cpu_percent: f64) -> u64 {
    (cpu_percent * 10.0).round() as u64
}
