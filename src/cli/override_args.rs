//! `agents create` and `agents update`: what an agent says differently from its type.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use claude_hooks_actors::model::{InstanceName, Lifecycle, Mount, TypeName, parse_cpus, parse_memory};

use super::args::Force;
use crate::client::wire::{AgentPatch, Change, LimitsPatch, Memory, NewAgent};

#[derive(Args, Debug)]
pub(super) struct CreateArgs {
    /// Such as dev-2
    pub(super) name: InstanceName,
    /// The kind of agent, as declared in agents.json
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) agent_type: TypeName,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
}

#[derive(Args, Debug)]
pub(super) struct UpdateArgs {
    /// The agent
    pub(super) name: InstanceName,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
    /// Follow the type again in this: lifecycle, image, command, env, mounts, network, memory, cpus, pids, or a single
    /// variable of the environment by its name; may be repeated
    #[arg(long, value_name = "FIELD")]
    pub(super) unset: Vec<String>,
    #[command(flatten)]
    pub(super) force: Force,
}

#[derive(Args, Debug, Default)]
pub(super) struct OverrideArgs {
    /// hot: always running; lazy: stopped until work arrives
    #[arg(long, value_name = "hot|lazy", value_parser = lifecycle)]
    lifecycle: Option<Lifecycle>,
    /// Image of the container
    #[arg(long)]
    image: Option<String>,
    /// Set a variable; may be repeated
    #[arg(long = "env", short = 'e', value_name = "KEY=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Mount a directory of the host; may be repeated, and replaces all mounts of an earlier change
    #[arg(long = "mount", value_name = "SOURCE:TARGET[:ro]", value_parser = mount)]
    mounts: Vec<Mount>,
    /// Docker network of the container
    #[arg(long)]
    network: Option<String>,
    /// At most so much memory, such as 512m or 4g
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<String>,
    /// At most so many processors, such as 2 or 0.5
    #[arg(long, value_name = "NUMBER", value_parser = cpus)]
    cpus: Option<f64>,
    /// At most so many processes and threads
    #[arg(long, value_name = "COUNT")]
    pids: Option<u32>,
    /// What to run instead of the type's command
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl OverrideArgs {
    /// What was said; what was not stays as it is.
    fn patch(&self) -> AgentPatch {
        let env: BTreeMap<_, _> =
            self.env.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
        let limits = LimitsPatch {
            memory: self.memory.clone().map(Memory::Text).into(),
            cpus: self.cpus.into(),
            pids: self.pids.into(),
        };
        AgentPatch {
            lifecycle: self.lifecycle.into(),
            image: self.image.clone().into(),
            command: Some(self.command.clone()).filter(|command| !command.is_empty()).into(),
            env: Some(env).filter(|env| !env.is_empty()).into(),
            mounts: Some(self.mounts.clone()).filter(|mounts| !mounts.is_empty()).into(),
            network: self.network.clone().into(),
            limits: Some(limits).filter(|limits| *limits != LimitsPatch::default()).into(),
        }
    }
}

impl CreateArgs {
    pub(super) fn agent(&self) -> NewAgent {
        let (name, agent_type) = (self.name.clone(), self.agent_type.clone());
        NewAgent { name, agent_type, overrides: self.overrides.patch() }
    }
}

impl UpdateArgs {
    pub(super) fn patch(&self) -> Result<AgentPatch, String> {
        let mut patch = self.overrides.patch();
        for field in &self.unset {
            let done = match field.as_str() {
                "lifecycle" => unset(&mut patch.lifecycle),
                "image" => unset(&mut patch.image),
                "command" => unset(&mut patch.command),
                "env" => unset(&mut patch.env),
                "mounts" => unset(&mut patch.mounts),
                "network" => unset(&mut patch.network),
                "memory" => members(&mut patch.limits).is_some_and(|limits| unset(&mut limits.memory)),
                "cpus" => members(&mut patch.limits).is_some_and(|limits| unset(&mut limits.cpus)),
                "pids" => members(&mut patch.limits).is_some_and(|limits| unset(&mut limits.pids)),
                variable => {
                    let variable = variable.strip_prefix("env.").unwrap_or(variable).to_owned();
                    members(&mut patch.env)
                        .is_some_and(|env| env.insert(variable, None).is_none_or(|before| before.is_none()))
                }
            };
            if !done {
                return Err(format!("{field} cannot be set and unset at once"));
            }
        }
        if patch == AgentPatch::default() {
            return Err("nothing to change: give at least one option, see --help".to_owned());
        }
        Ok(patch)
    }
}

/// False if it is set.
fn unset<T>(change: &mut Change<T>) -> bool {
    let is_set = matches!(change, Change::Set(_));
    if !is_set {
        *change = Change::Unset;
    }
    !is_set
}

/// What is changed of an object; none if it is taken back as a whole.
fn members<T: Default>(change: &mut Change<T>) -> Option<&mut T> {
    if change.keeps() {
        *change = Change::Set(T::default());
    }
    match change {
        Change::Set(members) => Some(members),
        Change::Keep | Change::Unset => None,
    }
}

fn lifecycle(text: &str) -> Result<Lifecycle, String> {
    text.parse().map_err(|_| "must be hot or lazy".to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn mount(text: &str) -> Result<Mount, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, read_only) = match parts.as_slice() {
        [source, target] | [source, target, "rw"] => (source, target, false),
        [source, target, "ro"] => (source, target, true),
        _ => return Err("write SOURCE:TARGET or SOURCE:TARGET:ro".to_owned()),
    };
    // The daemon runs elsewhere: what is relative here is nothing there.
    if !Path::new(source).is_absolute() || !Path::new(target).is_absolute() {
        return Err("SOURCE and TARGET must be absolute paths".to_owned());
    }
    Ok(Mount { source: (*source).into(), target: (*target).into(), read_only })
}

fn memory(text: &str) -> Result<String, String> {
    parse_memory(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn cpus(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    parse_cpus(number).map(|_| number).map_err(|error| error.to_string())
}
