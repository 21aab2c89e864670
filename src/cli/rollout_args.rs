//! `rollouts …`: what may be typed.

use clap::{Args, Subcommand};
use claude_hooks_actors::model::{RolloutId, TypeName};
use claude_hooks_web::wire::{NewRollout, StrategyWish};

use super::lease_args::seconds;

#[derive(Debug, Subcommand)]
pub(super) enum RolloutsVerb {
    /// The latest rollouts
    #[command(visible_alias = "ls")]
    List,
    /// Give agents the image that its name means now, one after the other
    Start(StartArgs),
    /// One rollout with all its members
    Show(IdArgs),
    /// Follow a rollout to its end
    Follow(IdArgs),
    /// Let nobody else begin; who is under way goes on
    Pause(IdArgs),
    /// Go on; who went back is tried once more
    Resume(IdArgs),
    /// End it; everybody keeps the image that they have
    Abort(IdArgs),
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct IdArgs {
    /// The rollout
    #[arg(value_parser = rollout_id)]
    pub(super) id: RolloutId,
}

#[derive(Args, Debug)]
pub(super) struct StartArgs {
    /// All agents of this type [default: of every type]
    #[arg(value_name = "TYPE")]
    agent_type: Option<TypeName>,
    /// So many at a time once the first ones are done [default: 1]
    #[arg(long, value_name = "COUNT")]
    width: Option<u32>,
    /// So many of each type first [default: 1]
    #[arg(long, value_name = "COUNT")]
    canary: Option<u32>,
    /// Watch each for so long before it is done [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    watch: Option<u64>,
    /// Wait so long for whoever works with one [default: for ever]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    drain: Option<u64>,
    /// Fetch the images first, or do not [default: as the types say]
    #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pull: Option<bool>,
    /// Only say what would be done
    #[arg(long, conflicts_with = "follow")]
    pub(super) dry_run: bool,
    /// Follow it to its end
    #[arg(long, short)]
    pub(super) follow: bool,
}

impl StartArgs {
    /// What is asked of the daemon.
    pub(super) fn rollout(&self) -> NewRollout {
        NewRollout {
            agent_type: self.agent_type.clone(),
            strategy: StrategyWish {
                width: self.width,
                canary: self.canary,
                watch_s: self.watch,
                drain_s: self.drain,
                pull: self.pull,
            },
        }
    }
}

fn rollout_id(text: &str) -> Result<RolloutId, String> {
    RolloutId::parse(text)
        .ok_or_else(|| "not the id of a rollout, such as `claude-hooks rollouts list` shows".to_owned())
}
