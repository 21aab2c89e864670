//! Rollouts that have not ended, by state.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use strum::IntoEnumIterator as _;

use super::{Label, Metrics};
use crate::model::RolloutState;

#[derive(Debug)]
pub(super) struct Rollouts {
    open: Family<Label, Gauge>,
}

impl Rollouts {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let open = Family::<Label, Gauge>::default();
        for state in RolloutState::iter().filter(|state| !state.has_ended()) {
            drop(open.get_or_create(&[("state", state.into())]));
        }
        let help = "Rollouts that have not ended by state";
        registry.register("claude_hooks_rollouts", help, open.clone());
        Self { open }
    }
}

/// A rollout that is under way is counted in its state for as long as this is kept.
#[derive(Debug)]
pub(crate) struct RolloutInState {
    metrics: Metrics,
    state: RolloutState,
}

impl RolloutInState {
    pub(crate) fn new(metrics: Metrics, state: RolloutState) -> Self {
        let place = Self { metrics, state };
        place.add(1);
        place
    }

    pub(crate) fn change(&mut self, state: RolloutState) {
        self.add(-1);
        self.state = state;
        self.add(1);
    }

    fn add(&self, one: i64) {
        if !self.state.has_ended() {
            let open = &self.metrics.inner.instruments.rollouts.open;
            open.get_or_create(&[("state", self.state.into())]).inc_by(one);
        }
    }
}

impl Drop for RolloutInState {
    fn drop(&mut self) {
        self.add(-1);
    }
}
