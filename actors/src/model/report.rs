//! What a reconcile did, or would do.

use serde::{Deserialize, Serialize};

use super::InstanceName;

/// What became of one instance.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Created,
    Started,
    Recreated,
    Removed,
    Unchanged,
    Failed,
}

/// Names by outcome, each list sorted; `reasons` says why each failed one failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReconcileReport {
    pub created: Vec<InstanceName>,
    pub started: Vec<InstanceName>,
    pub recreated: Vec<InstanceName>,
    pub removed: Vec<InstanceName>,
    pub unchanged: Vec<InstanceName>,
    pub failed: Vec<InstanceName>,
    #[serde(default)]
    pub reasons: std::collections::BTreeMap<InstanceName, String>,
}

impl ReconcileReport {
    /// The buckets in the order in which they are printed.
    pub fn buckets(&self) -> [(Outcome, &[InstanceName]); 6] {
        [
            (Outcome::Created, &self.created),
            (Outcome::Started, &self.started),
            (Outcome::Recreated, &self.recreated),
            (Outcome::Removed, &self.removed),
            (Outcome::Unchanged, &self.unchanged),
            (Outcome::Failed, &self.failed),
        ]
    }

    pub fn push(&mut self, name: InstanceName, outcome: Outcome, reason: Option<String>) {
        if let Some(reason) = reason {
            self.reasons.insert(name.clone(), reason);
        }
        let bucket = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Started => &mut self.started,
            Outcome::Recreated => &mut self.recreated,
            Outcome::Removed => &mut self.removed,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Failed => &mut self.failed,
        };
        let place = bucket.binary_search(&name).unwrap_or_else(|place| place);
        bucket.insert(place, name);
    }

    /// Whether the name stands in a bucket already.
    pub fn contains(&self, name: &InstanceName) -> bool {
        self.buckets().iter().any(|(_, names)| names.binary_search(name).is_ok())
    }

    /// One line per bucket: `[agents-sync] created: a, b`; `-` stands for an empty one.
    pub fn lines(&self) -> Vec<String> {
        let line = |(outcome, names): (Outcome, &[InstanceName])| {
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            let names = if names.is_empty() { "-".to_owned() } else { names.join(", ") };
            format!("[agents-sync] {outcome}: {names}")
        };
        self.buckets().into_iter().map(line).collect()
    }
}

/// What reconcile would do to one instance, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanItem {
    pub instance: InstanceName,
    /// Name of the action: `create`, `start`, `recreate`, `remove`, `none`, …
    pub action: String,
    pub outcome: Outcome,
    /// Name of the rule that decided.
    pub rule: String,
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub items: Vec<PlanItem>,
}
