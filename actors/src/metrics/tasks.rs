//! Tasks: how many are in which state, and how long they took.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use strum::IntoEnumIterator as _;

use super::{Counters, Label, Metrics, TASK_BUCKETS, counters};
use crate::model::{Task, TaskState};

#[derive(Debug)]
pub(super) struct Tasks {
    open: Family<Label, Gauge>,
    finished: Counters,
    waits: Histogram,
    runs: Histogram,
}

impl Tasks {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let open = Family::<Label, Gauge>::default();
        for state in TaskState::iter().filter(|state| !state.is_final()) {
            drop(open.get_or_create(&[("state", state.into())]));
        }
        let tasks = Self {
            open,
            finished: counters("state", TaskState::iter().filter(|state| state.is_final())),
            waits: Histogram::new(TASK_BUCKETS),
            runs: Histogram::new(TASK_BUCKETS),
        };
        registry.register("claude_hooks_tasks", "Tasks that have not ended by state", tasks.open.clone());
        registry.register(
            "claude_hooks_tasks_finished",
            "Tasks that have ended by their last state",
            tasks.finished.clone(),
        );
        registry.register(
            "claude_hooks_task_wait_duration_seconds",
            "Time from when a task was handed in until it ran, or ended without",
            tasks.waits.clone(),
        );
        registry.register(
            "claude_hooks_task_run_duration_seconds",
            "How long tasks ran, of those that did",
            tasks.runs.clone(),
        );
        tasks
    }
}

impl Metrics {
    /// Its end is stored.
    pub(crate) fn task_ended(&self, task: &Task) {
        let tasks = &self.inner.instruments.tasks;
        tasks.finished.get_or_create(&[("state", task.state.into())]).inc();
        let Some(ended) = task.ended_at else { return };
        // The wall clock may have been set back meanwhile.
        let seconds = |from: jiff::Timestamp, to| from.duration_until(to).as_secs_f64().max(0.0);
        tasks.waits.observe(seconds(task.queued_at, task.started_at.unwrap_or(ended)));
        if let Some(started) = task.started_at {
            tasks.runs.observe(seconds(started, ended));
        }
    }
}

/// A task that is under way is counted in its state for as long as this is kept.
#[derive(Debug)]
pub(crate) struct InState {
    metrics: Metrics,
    state: TaskState,
}

impl InState {
    pub(crate) fn new(metrics: Metrics, state: TaskState) -> Self {
        let place = Self { metrics, state };
        place.add(1);
        place
    }

    pub(crate) fn change(&mut self, state: TaskState) {
        self.add(-1);
        self.state = state;
        self.add(1);
    }

    /// The ended are not counted among the open.
    fn add(&self, one: i64) {
        if !self.state.is_final() {
            self.metrics
                .inner
                .instruments
                .tasks
                .open
                .get_or_create(&[("state", self.state.into())])
                .inc_by(one);
        }
    }
}

impl Drop for InState {
    fn drop(&mut self) {
        self.add(-1);
    }
}
