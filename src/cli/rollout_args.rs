//! `rollouts …`: what may be typed.

use clap::{Args, Subcommand};
use claude_hooks_actors::model::{RolloutId, TypeName};
use serde_json::{Map, Value, json};

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
    /// The body of `POST rollouts`.
    pub(super) fn body(&self) -> Value {
        let mut strategy = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| value.map(|value| strategy.insert(key.to_owned(), value));
        put("width", self.width.map(|width| json!(width)));
        put("canary", self.canary.map(|canary| json!(canary)));
        put("watch_s", self.watch.map(|time| json!(time)));
        put("drain_s", self.drain.map(|time| json!(time)));
        put("pull", self.pull.map(|pull| json!(pull)));
        json!({ "type": self.agent_type, "strategy": strategy })
    }
}

fn rollout_id(text: &str) -> Result<RolloutId, String> {
    RolloutId::parse(text)
        .ok_or_else(|| "not the id of a rollout, such as `claude-hooks rollouts list` shows".to_owned())
}
