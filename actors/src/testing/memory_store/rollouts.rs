//! Rollouts.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{MemoryStore, StoreVerb};
use crate::model::{Rollout, RolloutId};
use crate::ports::{RolloutStore, StoreError};

pub(super) type RolloutTable = BTreeMap<RolloutId, Rollout>;

#[async_trait]
impl RolloutStore for MemoryStore {
    async fn insert_rollout(&self, rollout: &Rollout) -> Result<Option<RolloutId>, StoreError> {
        self.call(StoreVerb::InsertRollout, |s| {
            let mut open = s.rollouts.values().filter(|other| !other.state.has_ended());
            let in_the_way = open.find(|other| other.overlaps(rollout.agent_type.as_ref()));
            if let Some(other) = in_the_way.filter(|_| !rollout.state.has_ended()) {
                return Ok(Some(other.id));
            }
            s.rollouts.insert(rollout.id, rollout.clone());
            Ok(None)
        })
        .await
    }

    async fn rollout(&self, id: RolloutId) -> Result<Option<Rollout>, StoreError> {
        self.call(StoreVerb::Rollout, |s| Ok(s.rollouts.get(&id).cloned())).await
    }

    async fn rollouts(&self, limit: u32) -> Result<Vec<Rollout>, StoreError> {
        self.call(StoreVerb::Rollouts, |s| {
            Ok(s.rollouts.values().rev().take(limit as usize).cloned().collect())
        })
        .await
    }

    async fn open_rollouts(&self) -> Result<Vec<Rollout>, StoreError> {
        self.call(StoreVerb::OpenRollouts, |s| {
            Ok(s.rollouts.values().filter(|rollout| !rollout.state.has_ended()).cloned().collect())
        })
        .await
    }

    async fn change_rollout(&self, rollout: &Rollout, places: &[usize]) -> Result<bool, StoreError> {
        self.call(StoreVerb::ChangeRollout, |s| {
            let Some(stored) = s.rollouts.get_mut(&rollout.id) else { return Ok(false) };
            let Rollout { state, reason, ended_at, .. } = rollout.clone();
            *stored = Rollout { state, reason, ended_at, ..stored.clone() };
            for place in places {
                if let (Some(stored), Some(member)) =
                    (stored.members.get_mut(*place), rollout.members.get(*place))
                {
                    stored.clone_from(member);
                }
            }
            Ok(true)
        })
        .await
    }

    async fn prune_rollouts(&self, keep: u32) -> Result<u64, StoreError> {
        self.call(StoreVerb::PruneRollouts, |s| {
            let ended = s.rollouts.values().rev().filter(|rollout| rollout.state.has_ended());
            let old: Vec<RolloutId> = ended.skip(keep as usize).map(|rollout| rollout.id).collect();
            for id in &old {
                s.rollouts.remove(id);
            }
            Ok(old.len() as u64)
        })
        .await
    }
}
