//! How many restarts for the sake of health the whole fleet may have.
//!
//! ```text
//!  room ──so many within a window, and one more wanted──▶ incident: one restart a window
//!    ▲                                                        │
//!    └────────── all that it is about are well, or gone ──────┘
//! ```
//!
//! The budget is pure; [`HealthRestartBudget`] lends the one of a fleet to all its instances.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::model::{HealthBudget, HealthSource, InstanceName, TypeName};

/// What an instance that wants to be restarted has: what several have in common may be the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) agent_type: Option<TypeName>,
    pub(crate) image: String,
    pub(crate) source: HealthSource,
    pub(crate) probe: Vec<String>,
}

/// What is told of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Incident {
    pub(crate) concerned: BTreeMap<InstanceName, Complaint>,
    pub(crate) limits: HealthBudget,
}

#[derive(Debug)]
pub(super) struct Budget {
    limits: HealthBudget,
    /// Restarts, oldest first; those before the window are of no interest, but the last one is during an incident.
    restarts: Vec<(InstanceName, Instant)>,
    /// Those that were restarted or want to be, and are not well yet.
    ailing: BTreeMap<InstanceName, Complaint>,
    /// Whom the incident was about so far, while there is one.
    incident: Option<BTreeMap<InstanceName, Complaint>>,
}

impl Budget {
    pub(super) fn new(limits: HealthBudget) -> Self {
        Self { limits, restarts: Vec::new(), ailing: BTreeMap::new(), incident: None }
    }

    /// When the next restart may be; not after `now`: at once.
    pub(super) fn turn(&self, now: Instant) -> Instant {
        let HealthBudget { restarts: most, window } = self.limits;
        let recent: Vec<Instant> =
            self.restarts.iter().map(|(_, at)| *at).filter(|at| now < *at + window).collect();
        let most = if self.incident.is_some() { 1 } else { most.max(1) as usize };
        let pushed_out_by = recent.len().checked_sub(most).and_then(|index| recent.get(index));
        pushed_out_by.map_or(now, |at| *at + window)
    }

    /// Takes a restart out of it, if there is one.
    pub(super) fn spend(&mut self, name: &InstanceName, complaint: Complaint, now: Instant) -> bool {
        if self.turn(now) > now {
            return false;
        }
        self.restarts.retain(|(_, at)| now < *at + self.limits.window);
        self.restarts.push((name.clone(), now));
        self.ails(name, complaint);
        true
    }

    /// A restart of before the supervisor began.
    pub(super) fn recall(&mut self, name: &InstanceName, at: Instant) {
        if self.restarts.iter().all(|(of, _)| of != name) {
            let place = self.restarts.partition_point(|(_, other)| *other <= at);
            self.restarts.insert(place, (name.clone(), at));
        }
    }

    /// One would be restarted, but for the budget. Tells if that begins an incident.
    pub(super) fn refuse(&mut self, name: &InstanceName, complaint: Complaint) -> Option<Incident> {
        self.ails(name, complaint);
        if self.incident.is_some() {
            return None;
        }
        self.incident = Some(self.ailing.clone());
        Some(Incident { concerned: self.ailing.clone(), limits: self.limits })
    }

    /// One is well, or nothing is wanted of it any more. Tells if that ends an incident.
    pub(super) fn well(&mut self, name: &InstanceName) -> Option<Incident> {
        self.ailing.remove(name)?;
        if !self.ailing.is_empty() {
            return None;
        }
        self.incident.take().map(|concerned| Incident { concerned, limits: self.limits })
    }

    fn ails(&mut self, name: &InstanceName, complaint: Complaint) {
        if let Some(concerned) = &mut self.incident {
            concerned.insert(name.clone(), complaint.clone());
        }
        self.ailing.insert(name.clone(), complaint);
    }
}

impl Incident {
    /// What all that are concerned have in common.
    fn shared(&self) -> Value {
        let all = || self.concerned.values();
        let Some(first) = all().next() else { return Value::Null };
        let mut shared = json!({});
        let mut same = |key: &str, is_same: &dyn Fn(&Complaint) -> bool, value: Value| {
            if all().all(is_same) {
                shared[key] = value;
            }
        };
        same("type", &|c| c.agent_type == first.agent_type, json!(first.agent_type));
        same("image", &|c| c.image == first.image, json!(first.image));
        same("source", &|c| c.source == first.source, json!(first.source));
        let probes = first.source == HealthSource::Probe;
        same("probe", &|c| probes && c.probe == first.probe, json!(first.probe));
        shared
    }

    pub(crate) fn data(&self) -> Value {
        let instances: Vec<&InstanceName> = self.concerned.keys().collect();
        let HealthBudget { restarts, window } = self.limits;
        json!({ "instances": instances, "shared": self.shared(), "restarts": restarts, "window_s": window.as_secs() })
    }

    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.concerned.keys().map(AsRef::as_ref).collect();
        names.join(", ")
    }
}

/// The budget of a fleet.
#[derive(Debug)]
pub(crate) struct HealthRestartBudget(Mutex<Budget>);

impl HealthRestartBudget {
    pub(crate) fn new(limits: HealthBudget) -> Self {
        Self(Mutex::new(Budget::new(limits)))
    }

    /// Nothing in it can panic half way.
    fn budget(&self) -> MutexGuard<'_, Budget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn turn(&self, now: Instant) -> Instant {
        self.budget().turn(now)
    }

    pub(crate) fn spend(&self, name: &InstanceName, complaint: Complaint, now: Instant) -> bool {
        self.budget().spend(name, complaint, now)
    }

    pub(crate) fn recall(&self, name: &InstanceName, at: Instant) {
        self.budget().recall(name, at);
    }

    pub(crate) fn refuse(&self, name: &InstanceName, complaint: Complaint) -> Option<Incident> {
        self.budget().refuse(name, complaint)
    }

    pub(crate) fn well(&self, name: &InstanceName) -> Option<Incident> {
        self.budget().well(name)
    }
}
