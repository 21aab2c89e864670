//! What the picture of the fleet shows, as numbers; made when somebody asks.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use strum::IntoEnumIterator as _;
use tokio::sync::watch;

use crate::model::{AgentView, ConditionType, FleetSnapshot, Lifecycle, ParkKind, Phase, Power, Wall};

#[derive(Debug)]
pub(super) struct Picture(watch::Receiver<Arc<FleetSnapshot>>);

impl Picture {
    pub(super) fn new(snapshot: watch::Receiver<Arc<FleetSnapshot>>) -> Self {
        Self(snapshot)
    }
}

/// Numbers of a type.
#[derive(Default)]
struct Pool {
    desired: i64,
    running: i64,
    unsatisfied: i64,
    leased: i64,
    unhealthy: i64,
    stale: i64,
}

impl Collector for Picture {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let snapshot = self.0.borrow().clone();
        phases(&snapshot, &mut encoder)?;
        pools(&snapshot, &mut encoder)?;
        instances(&snapshot, &mut encoder)?;
        parked(&snapshot, &mut encoder)?;
        let reachable = snapshot.docker_reachable == Some(true);
        flag(
            &mut encoder,
            "claude_hooks_docker_reachable",
            "Whether docker answered when it was last asked",
            reachable,
        )?;
        flag(&mut encoder, "claude_hooks_booted", "Whether the boot pass is done", snapshot.booted)?;
        let suspended = snapshot.suspended.is_some();
        flag(
            &mut encoder,
            "claude_hooks_suspended",
            "Whether nothing is reconciled because the database is suspect",
            suspended,
        )
    }
}

/// Every phase of each type and lifecycle that there is, so that one which empties falls to 0 instead of vanishing.
fn phases(snapshot: &FleetSnapshot, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let mut counts: BTreeMap<(&str, &str), BTreeMap<&'static str, i64>> = BTreeMap::new();
    for agent in snapshot.agents.values() {
        let lifecycle = match agent.lifecycle {
            _ if agent.host_mode => "host",
            Lifecycle::Hot => "hot",
            Lifecycle::Lazy => "lazy",
        };
        let phases = counts
            .entry((agent.agent_type.as_ref(), lifecycle))
            .or_insert_with(|| Phase::iter().map(|phase| (phase.into(), 0)).collect());
        *phases.entry(agent.observed.phase.into()).or_default() += 1;
    }
    let series = counts.into_iter().flat_map(|((agent_type, lifecycle), phases)| {
        let labels = move |phase| [("type", agent_type), ("lifecycle", lifecycle), ("phase", phase)];
        phases.into_iter().map(move |(phase, count)| (labels(phase), count))
    });
    gauges(encoder, "claude_hooks_instances", "Instances by type, lifecycle and phase", series)
}

fn pools(snapshot: &FleetSnapshot, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let mut pools: BTreeMap<&str, Pool> = BTreeMap::new();
    for agent in snapshot.agents.values() {
        let pool = pools.entry(agent.agent_type.as_ref()).or_default();
        let (desired, running) = (must_run(agent), agent.observed.phase == Phase::Running);
        pool.desired += i64::from(desired);
        pool.running += i64::from(running);
        pool.unsatisfied += i64::from(desired && !running);
        pool.leased += i64::from(agent.lease.is_some());
        pool.unhealthy += i64::from(holds(agent, ConditionType::Unhealthy));
        let stale = |c: &crate::model::Condition| c.kind == ConditionType::Stale && c.status;
        pool.stale += i64::from(agent.conditions.iter().any(stale));
    }
    let mut tell = |name, help, count: fn(&Pool) -> i64| {
        let series = pools.iter().map(|(agent_type, pool)| ([("type", *agent_type)], count(pool)));
        gauges(encoder, name, help, series)
    };
    tell(
        "claude_hooks_instances_desired_running",
        "Instances that are to run: hot ones that nobody stopped, lazy ones that somebody needs",
        |pool| pool.desired,
    )?;
    tell("claude_hooks_instances_running", "Instances that run, wanted or not", |pool| pool.running)?;
    tell("claude_hooks_instances_unsatisfied", "Instances that are to run and do not", |pool| {
        pool.unsatisfied
    })?;
    tell("claude_hooks_instances_unhealthy", "Instances whose health checks fail", |pool| pool.unhealthy)?;
    tell(
        "claude_hooks_instances_stale",
        "Instances whose container is of another image than the image's name means now",
        |pool| pool.stale,
    )?;
    tell("claude_hooks_leases_held", "Instances that are leased", |pool| pool.leased)
}

fn holds(agent: &AgentView, kind: ConditionType) -> bool {
    agent.conditions.iter().any(|condition| condition.kind == kind && condition.status)
}

fn must_run(agent: &AgentView) -> bool {
    let needed = || agent.lease.is_some() || agent.task.is_some() || holds(agent, ConditionType::KeptAwake);
    !agent.host_mode
        && agent.parked.is_none()
        && match (agent.desired.power, agent.lifecycle) {
            (Power::Off, Lifecycle::Hot | Lifecycle::Lazy) => false,
            (Power::On, Lifecycle::Hot) => true,
            (Power::On, Lifecycle::Lazy) => needed(),
        }
}

/// Every kind, so that one which empties falls to 0 instead of vanishing.
fn parked(snapshot: &FleetSnapshot, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let parked = || snapshot.agents.values().filter_map(|agent| agent.parked.as_ref());
    let count = |kind| parked().filter(|parked| parked.kind == kind).count();
    let series = ParkKind::iter().map(|kind| {
        let word: &'static str = kind.into();
        ([("kind", word)], i64::try_from(count(kind)).unwrap_or(i64::MAX))
    });
    gauges(encoder, "claude_hooks_agents_parked", "Agents that get no work until they are reopened", series)
}

fn instances(snapshot: &FleetSnapshot, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let agents = || snapshot.agents.values();
    let conditions = agents().flat_map(|agent| {
        agent.conditions.iter().map(|condition| {
            let [name, agent_type] = names(agent);
            ([name, agent_type, ("condition", condition.kind.into())], i64::from(condition.status))
        })
    });
    gauges(
        encoder,
        "claude_hooks_instance_condition",
        "What holds (1), or does not (0), for an instance",
        conditions,
    )?;
    let mut near: BTreeMap<(&str, Wall), i64> = BTreeMap::new();
    for agent in agents() {
        for wall in Wall::iter() {
            *near.entry((agent.agent_type.as_ref(), wall)).or_default() +=
                i64::from(agent.near.contains(&wall));
        }
    }
    let near = near
        .into_iter()
        .map(|((agent_type, wall), count)| ([("type", agent_type), ("wall", wall.into())], count));
    gauges(
        encoder,
        "claude_hooks_instances_near_limit",
        "Instances that use nearly all that they may use of something",
        near,
    )?;
    let restarts = agents().filter_map(|agent| {
        let restarts = agent.observed.restart_count?;
        Some((names(agent), i64::try_from(restarts).unwrap_or(i64::MAX)))
    });
    let help = "How often docker has restarted the present container of an instance by itself";
    gauges(encoder, "claude_hooks_container_restarts", help, restarts)
}

/// Not `instance`: Prometheus calls the scraped program so.
fn names(agent: &AgentView) -> [(&'static str, &str); 2] {
    [("agent", agent.name.as_ref()), ("type", agent.agent_type.as_ref())]
}

fn flag(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, set: bool) -> fmt::Result {
    ConstGauge::new(i64::from(set)).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

fn gauges<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    series: impl Iterator<Item = (L, i64)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in series {
        ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}
