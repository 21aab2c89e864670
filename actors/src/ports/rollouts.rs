//! The port to rollouts.

use std::fmt::Debug;

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Rollout, RolloutId};

/// The store of rollouts. Every write is durable when the call returns.
///
/// Contract, proven on the fake and on the real adapter by `testing::contract::rollouts`:
/// - Of rollouts that may be about the same agent at most one has not ended, however many are begun at once.
#[async_trait]
pub trait RolloutStore: Debug + Send + Sync {
    /// Stores a new one, unless one that has not ended may be about the same agents: then its id. One that has ended
    /// already is in nobody's way.
    async fn insert_rollout(&self, rollout: &Rollout) -> Result<Option<RolloutId>, StoreError>;

    async fn rollout(&self, id: RolloutId) -> Result<Option<Rollout>, StoreError>;

    /// The newest `limit`, newest first.
    async fn rollouts(&self, limit: u32) -> Result<Vec<Rollout>, StoreError>;

    /// All that have not ended, oldest first.
    async fn open_rollouts(&self) -> Result<Vec<Rollout>, StoreError>;

    /// Replaces what can change of a rollout, and those members whose places are given. False: it is not there.
    async fn change_rollout(&self, rollout: &Rollout, places: &[usize]) -> Result<bool, StoreError>;

    /// Forgets the oldest that have ended, beyond the newest `keep`. Returns how many went.
    async fn prune_rollouts(&self, keep: u32) -> Result<u64, StoreError>;
}
