//! What the CLI printed, as values. Pure; one odd byte voids the whole answer.

mod container;
mod sizes;
mod spec;
mod stats;

use claude_hooks_actors::model::{ContainerId, InstanceName, Limits, ObservedVolume, labels};
use claude_hooks_actors::ports::{RuntimeError, RuntimeEvent};
use serde::Deserialize;

pub(super) use container::{RawLabels, containers};
pub(super) use sizes::sizes;
pub(super) use spec::{image_config, image_of, spec};
pub(super) use stats::{Measured, stats};

/// One line of the list: enough to choose what to inspect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: ContainerId,
    pub(super) names: Vec<String>,
    pub(super) fleet: String,
}

/// Limits as `inspect` writes them: 0, -1 or nothing where there is none.
fn limits(memory: i64, nano_cpus: i64, pids: Option<i64>) -> Limits {
    Limits {
        memory_bytes: u64::try_from(memory).ok().filter(|bytes| *bytes > 0),
        milli_cpus: u32::try_from(nano_cpus / 1_000_000).ok().filter(|milli| *milli > 0),
        pids: pids.and_then(|pids| u32::try_from(pids).ok()).filter(|pids| *pids > 0),
    }
}

fn garbled(verb: &'static str, detail: impl Into<String>) -> RuntimeError {
    RuntimeError::Garbled { verb, detail: detail.into() }
}

/// Text of whole lines; a last line without its newline was cut off.
fn whole_lines<'a>(verb: &'static str, stdout: &'a [u8]) -> Result<std::str::Lines<'a>, RuntimeError> {
    let text = std::str::from_utf8(stdout).map_err(|_| garbled(verb, "it is not UTF-8"))?;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(garbled(verb, "its last line is cut off"));
    }
    Ok(text.lines())
}

/// Lines of `id`, `names` and the fleet label as a JSON string, with tabs between.
pub(super) fn list(stdout: &[u8]) -> Result<Vec<Listed>, RuntimeError> {
    whole_lines("ps", stdout)?.map(|line| listed(line).ok_or_else(|| odd_line("ps", line))).collect()
}

fn listed(line: &str) -> Option<Listed> {
    let mut fields = line.split('\t');
    let (id, names, fleet) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() || names.is_empty() {
        return None;
    }
    // A legacy link shows as one more name, with the other container's in front.
    let names = names.split(',').filter(|name| !name.contains('/')).map(Into::into).collect();
    Some(Listed { id: ContainerId::parse(id)?, names, fleet: serde_json::from_str(fleet).ok()? })
}

fn odd_line(verb: &'static str, line: &str) -> RuntimeError {
    let shown: String = line.chars().take(100).collect();
    garbled(verb, format!("the line {shown:?}"))
}

/// A volume's name and its place on the engine's host, a JSON list per line.
pub(super) fn mountpoints(stdout: &[u8]) -> Result<Vec<(String, String)>, RuntimeError> {
    let verb = "volume inspect";
    let lines = whole_lines(verb, stdout)?.filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line).map_err(|_| odd_line(verb, line))).collect()
}

/// A full container id per line.
pub(super) fn ids(verb: &'static str, stdout: &[u8]) -> Result<Vec<ContainerId>, RuntimeError> {
    whole_lines(verb, stdout)?
        .map(|line| ContainerId::parse(line).ok_or_else(|| odd_line(verb, line)))
        .collect()
}

/// A name per line.
pub(super) fn names(verb: &'static str, stdout: &[u8]) -> Result<Vec<String>, RuntimeError> {
    let name = |line: &str| if line.is_empty() { Err(odd_line(verb, line)) } else { Ok(line.to_owned()) };
    whole_lines(verb, stdout)?.map(name).collect()
}

/// One line with one full container id.
pub(super) fn id(verb: &'static str, stdout: &[u8]) -> Result<ContainerId, RuntimeError> {
    let mut all = ids(verb, stdout)?;
    match (all.pop(), all.len()) {
        (Some(id), 0) => Ok(id),
        _ => Err(garbled(verb, "it is not one container id")),
    }
}

/// One line with an image id; podman leaves the algorithm out.
pub(super) fn image_id(verb: &'static str, stdout: &[u8]) -> Result<String, RuntimeError> {
    let mut lines = whole_lines(verb, stdout)?;
    match (lines.next(), lines.next()) {
        (Some(line), None) => full_image_id(line).ok_or_else(|| odd_line(verb, line)),
        _ => Err(garbled(verb, "it is not one image id")),
    }
}

fn full_image_id(text: &str) -> Option<String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    ContainerId::parse(digits).map(|_| format!("sha256:{digits}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawVolume {
    name: String,
    /// Absent on engines that restored the volume from an old version.
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    labels: Option<RawLabels>,
}

/// What `volume inspect` prints.
pub(super) fn volumes(stdout: &[u8]) -> Result<Vec<ObservedVolume>, RuntimeError> {
    let raw: Vec<RawVolume> = serde_json::from_slice(stdout)
        .map_err(|error| garbled("volume inspect", format!("its JSON: {error}")))?;
    let observed = |raw: RawVolume| ObservedVolume {
        name: raw.name,
        created_at: raw.created_at,
        labels: raw.labels.unwrap_or_default().ours(),
    };
    Ok(raw.into_iter().map(observed).collect())
}

/// Docker's form of an event (`Action`, `Actor`) and podman's (`Status`, `ID`, `Attributes`).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawEvent {
    action: Option<String>,
    status: Option<String>,
    #[serde(rename = "ID")]
    id: Option<String>,
    attributes: Option<RawAttributes>,
    actor: Option<RawActor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawActor {
    #[serde(rename = "ID")]
    id: Option<String>,
    attributes: Option<RawAttributes>,
}

#[derive(Deserialize)]
struct RawAttributes {
    #[serde(rename = "claude-hooks.instance")]
    instance: Option<String>,
}

/// A line of the event stream: `Ok(None)` for one that is of no interest, `Err` says why it is not understood.
pub(super) fn event(line: &[u8]) -> Result<Option<RuntimeEvent>, String> {
    let raw: RawEvent = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let Some(action) = raw.action.or(raw.status) else { return Err("it has no action".into()) };
    if action.starts_with("exec_") {
        return Ok(None);
    }
    let (id, attributes) = match raw.actor {
        Some(actor) => (actor.id, actor.attributes),
        None => (raw.id, raw.attributes),
    };
    let label = attributes.and_then(|attributes| attributes.instance).unwrap_or_default();
    let instance =
        InstanceName::parse(&label).map_err(|error| format!("its label {}: {error}", labels::INSTANCE))?;
    let action = match action.as_str() {
        // podman's words
        "died" => "die".into(),
        "remove" => "destroy".into(),
        _ => action,
    };
    Ok(Some(RuntimeEvent { instance, container: id.and_then(|id| ContainerId::parse(&id)), action }))
}

#[cfg(test)]
mod tests;
