//! How much the instances use of their limits, as last measured.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::limits::levels;
use crate::model::{InstanceName, TypeName, Usage};

pub(crate) type ByInstance = BTreeMap<InstanceName, (TypeName, Usage)>;

#[derive(Clone, Debug, Default)]
pub(super) struct Used(Arc<Mutex<ByInstance>>);

impl Used {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let used = Self::default();
        registry.register_collector(Box::new(used.clone()));
        used
    }

    pub(super) fn replace(&self, usage: ByInstance) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = usage;
    }
}

impl Collector for Used {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut metric = encoder.encode_descriptor(
            "claude_hooks_instance_limit_ratio",
            "How much a running instance uses of what it may use, as last measured; 1 is the wall",
            None,
            MetricType::Gauge,
        )?;
        for (name, (agent_type, usage)) in &used {
            for level in levels(usage) {
                let labels =
                    [("agent", name.as_ref()), ("type", agent_type.as_ref()), ("wall", level.wall().into())];
                ConstGauge::new(level.ratio()).encode(metric.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}
