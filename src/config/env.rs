//! The layer of the environment: `CLAUDE_HOOKS_<SECTION>_<KEY>`.

use std::collections::BTreeMap;

use super::error::nearest;
use super::file::Layer;
use super::keys::{KEYS, Key, Kind, sections};
use super::raw::RawSettings;
use super::{ConfigError, Origin};

const PREFIX: &str = "CLAUDE_HOOKS_";

/// Variables of ours that set no key.
const OTHERS: [&str; 2] = ["CLAUDE_HOOKS_CONFIG", "CLAUDE_HOOKS_LOG"];

/// Reads the variables of ours. One that looks like a key of ours but is none is an error, since the default would
/// silently hold instead; one that looks like nothing of ours (of a test, of another program) is passed over.
pub(super) fn parse(env: &BTreeMap<String, String>) -> Result<Layer, ConfigError> {
    let mut table = toml::Table::new();
    let mut origins = BTreeMap::new();
    for (variable, text) in env.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        if OTHERS.contains(&variable.as_str()) {
            continue;
        }
        let at = Origin::Env(variable.clone());
        let Some(key) = KEYS.iter().find(|key| key.variable() == *variable) else {
            if let Some(advice) = meant(variable) {
                return Err(ConfigError::Unknown { at, what: "setting", given: variable.clone(), advice });
            }
            continue;
        };
        let value = parse_value(key, text).ok_or_else(|| ConfigError::BadValue {
            at: at.clone(),
            key: key.path(),
            reason: format!("must be {}, not {text:?}", allowed(key.kind)),
        })?;
        let section = table.entry(key.section.clone()).or_insert_with(|| toml::Table::new().into());
        if let Some(section) = section.as_table_mut() {
            section.insert(key.name.clone(), value);
        }
        origins.insert(key.path(), at);
    }
    let raw: RawSettings = table.try_into().expect("names and types were taken from the known keys");
    Ok(Layer { raw, origins })
}

/// The variable that an unknown one was meant to be, in words; `None` if it does not look like a setting.
fn meant(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix(PREFIX)?.to_lowercase();
    let known: Vec<String> = KEYS.iter().map(|key| key.path().replace('.', "_")).collect();
    if let Some(name) = nearest(&rest, known.iter().map(String::as_str)) {
        return Some(format!("did you mean `{PREFIX}{}`?", name.to_uppercase()));
    }
    let section =
        sections().into_iter().find(|s| rest.strip_prefix(s).is_some_and(|r| r.starts_with('_')))?;
    let of_section: Vec<String> =
        KEYS.iter().filter(|key| key.section == section).map(Key::variable).collect();
    Some(format!("known are: {}", of_section.join(", ")))
}

fn parse_value(key: &Key, text: &str) -> Option<toml::Value> {
    Some(match key.kind {
        Kind::Text => toml::Value::String(text.to_owned()),
        Kind::Number => toml::Value::Integer(text.trim().parse().ok()?),
        Kind::Switch => toml::Value::Boolean(text.trim().parse().ok()?),
        Kind::List => toml::Value::Array(
            text.split(':').filter(|part| !part.is_empty()).map(|part| part.to_owned().into()).collect(),
        ),
    })
}

fn allowed(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Number | Kind::Switch => kind.allowed(),
        Kind::List => "paths with ':' between them",
    }
}
