//! The port of rollouts, method by method.

use async_trait::async_trait;
use claude_hooks_actors::model::{Rollout, RolloutId};
use claude_hooks_actors::ports::{RolloutStore, StoreError};

use crate::store::rollouts::{self, Stored};
use crate::store::{Shared, SqliteStore};

#[async_trait]
impl RolloutStore for SqliteStore {
    async fn insert_rollout(&self, rollout: &Rollout) -> Result<Option<RolloutId>, StoreError> {
        let rollout = rollout.clone();
        self.write("store a rollout", move |transaction| rollouts::insert(transaction, &rollout)).await
    }

    async fn rollout(&self, id: RolloutId) -> Result<Option<Rollout>, StoreError> {
        self.read("read a rollout", move |shared, connection| {
            Ok(understood(shared, rollouts::one(connection, id)?).pop())
        })
        .await
    }

    async fn rollouts(&self, limit: u32) -> Result<Vec<Rollout>, StoreError> {
        self.read("read the rollouts", move |shared, connection| {
            Ok(understood(shared, rollouts::newest(connection, limit)?))
        })
        .await
    }

    async fn open_rollouts(&self) -> Result<Vec<Rollout>, StoreError> {
        self.read("read the rollouts under way", |shared, connection| {
            Ok(understood(shared, rollouts::open(connection)?))
        })
        .await
    }

    async fn change_rollout(&self, rollout: &Rollout, places: &[usize]) -> Result<bool, StoreError> {
        let (rollout, places) = (rollout.clone(), places.to_vec());
        self.write("change a rollout", move |transaction| rollouts::change(transaction, &rollout, &places))
            .await
    }

    async fn prune_rollouts(&self, keep: u32) -> Result<u64, StoreError> {
        self.write("forget old rollouts", move |transaction| rollouts::prune(transaction, keep)).await
    }
}

/// Tells what cannot be understood, and leaves it out.
fn understood(shared: &Shared, stored: Vec<Stored>) -> Vec<Rollout> {
    let mut found = Vec::with_capacity(stored.len());
    for (id, rollout) in stored {
        let place = format!("the rollout {id:?}");
        match rollout {
            Ok(rollout) => {
                shared.odd.forget(&place);
                found.push(rollout);
            }
            Err(problem) => {
                shared.odd.tell(&place, &problem);
            }
        }
    }
    found
}
