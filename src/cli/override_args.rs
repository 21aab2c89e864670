//! `agents create` and `agents update`: what an agent says differently from its type.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use claude_hooks_actors::model::{InstanceName, Lifecycle, Mount, TypeName, parse_cpus, parse_memory};
use serde_json::{Map, Value, json};

use super::args::Force;

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
    /// The members of a request; what was not said is not there.
    fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| value.map(|value| members.insert(key.to_owned(), value));
        put("lifecycle", self.lifecycle.map(|lifecycle| json!(lifecycle)));
        put("image", self.image.as_ref().map(|image| json!(image)));
        let env: BTreeMap<_, _> = self.env.iter().cloned().collect();
        put("env", (!env.is_empty()).then(|| json!(env)));
        put("mounts", (!self.mounts.is_empty()).then(|| json!(self.mounts)));
        put("network", self.network.as_ref().map(|network| json!(network)));
        put("command", (!self.command.is_empty()).then(|| json!(self.command)));
        let mut limits = Map::new();
        let mut put =
            |key: &str, value: Option<Value>| value.map(|value| limits.insert(key.to_owned(), value));
        put("memory", self.memory.as_ref().map(|memory| json!(memory)));
        put("cpus", self.cpus.map(|cpus| json!(cpus)));
        put("pids", self.pids.map(|pids| json!(pids)));
        if !limits.is_empty() {
            members.insert("limits".to_owned(), limits.into());
        }
        members
    }
}

impl CreateArgs {
    /// The body of `POST agents`.
    pub(super) fn body(&self) -> Value {
        let mut members = self.overrides.members();
        members.insert("name".to_owned(), json!(self.name));
        members.insert("type".to_owned(), json!(self.agent_type));
        members.into()
    }
}

impl UpdateArgs {
    /// The JSON merge patch of `PATCH agents/{name}`, in which null takes an override back.
    pub(super) fn body(&self) -> Result<Value, String> {
        let mut members = self.overrides.members();
        for field in &self.unset {
            let (outer, inner) = match field.as_str() {
                "lifecycle" | "image" | "command" | "env" | "mounts" | "network" => (None, field.as_str()),
                "memory" | "cpus" | "pids" => (Some("limits"), field.as_str()),
                variable => (Some("env"), variable.strip_prefix("env.").unwrap_or(variable)),
            };
            let place = match outer {
                None => Some(&mut members),
                Some(outer) => {
                    members.entry(outer.to_owned()).or_insert_with(|| Map::new().into()).as_object_mut()
                }
            };
            let both = || format!("{field} cannot be set and unset at once");
            let place = place.ok_or_else(both)?;
            if place.insert(inner.to_owned(), Value::Null).is_some_and(|before| !before.is_null()) {
                return Err(both());
            }
        }
        if members.is_empty() {
            return Err("nothing to change: give at least one option, see --help".to_owned());
        }
        Ok(members.into())
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
