//! New images for many agents, one after the other.

use claude_hooks_actors::model::{Rollout, RolloutId};
use claude_hooks_web::wire::{List, NewRollout, Nothing};

use super::{Answer, Client, ClientError};

/// What is asked of a rollout that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutWish {
    /// Begin with no further member.
    Pause,
    /// Go on; members that went back are tried once more.
    Resume,
    /// Leave everything as it is.
    Abort,
}

impl Client {
    /// The last ones, newest first.
    pub async fn rollouts(&self) -> Result<Answer<List<Rollout>>, ClientError> {
        self.get("rollouts").await
    }

    pub async fn rollout(&self, id: RolloutId) -> Result<Answer<Rollout>, ClientError> {
        self.get(&format!("rollouts/{id}")).await
    }

    /// Begins one.
    pub async fn start_rollout(&self, rollout: &NewRollout) -> Result<Answer<Rollout>, ClientError> {
        self.post("rollouts", rollout).await
    }

    /// What [`Client::start_rollout`] would do; its id is no rollout's.
    pub async fn plan_rollout(&self, rollout: &NewRollout) -> Result<Answer<Rollout>, ClientError> {
        self.post("rollouts?dry_run=1", rollout).await
    }

    pub async fn steer_rollout(
        &self,
        id: RolloutId,
        wish: RolloutWish,
    ) -> Result<Answer<Rollout>, ClientError> {
        let verb = match wish {
            RolloutWish::Pause => "pause",
            RolloutWish::Resume => "resume",
            RolloutWish::Abort => "abort",
        };
        self.post(&format!("rollouts/{id}/{verb}"), &Nothing {}).await
    }
}
