//! The TOML layer: text to fragment, with the line of every key.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::advice;
use super::keys::{KEYS, Kind, sections};
use super::origin::position;
use super::raw::RawSettings;
use super::{ConfigError, Origin};

/// One layer: what it says, and where it says it (by `section.key`).
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    pub(super) raw: RawSettings,
    pub(super) origins: BTreeMap<String, Origin>,
}

/// Parses one file. `origin` makes an origin of a line: a path's, or [`Origin::Default`].
pub(super) fn parse(text: &str, origin: impl Fn(usize) -> Origin) -> Result<Layer, ConfigError> {
    let at = |offset: usize| origin(position(text, offset).0);
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        at: at(error.span().map_or(0, |span| span.start)),
        message: format!("this is not TOML: {}", error.message()),
    })?;
    let origins = check_keys(document.get_ref(), at)?;
    let raw = RawSettings::deserialize(toml::Deserializer::from(document)).map_err(|error| {
        // Names and types are checked above; what is left is a number out of the range of its type.
        ConfigError::Syntax {
            at: at(error.span().map_or(0, |span| span.start)),
            message: "this number is far too large".to_owned(),
        }
    })?;
    Ok(Layer { raw, origins })
}

fn check_keys(
    document: &DeTable<'_>,
    at: impl Fn(usize) -> Origin,
) -> Result<BTreeMap<String, Origin>, ConfigError> {
    let mut origins = BTreeMap::new();
    for (section, table) in in_order(document) {
        let section_at = at(section.span().start);
        let section = section.get_ref().as_ref();
        if !sections().contains(&section) {
            return Err(unknown_section(section_at, section));
        }
        let DeValue::Table(table) = table.get_ref() else {
            let reason = format!("is a section, not a value: write [{section}] on a line of its own");
            return Err(ConfigError::BadValue { at: section_at, key: section.to_owned(), reason });
        };
        for (name, value) in in_order(table) {
            let key_at = at(name.span().start);
            let name = name.get_ref().as_ref();
            let known = KEYS.iter().find(|key| key.section == section && key.name == name);
            let Some(key) = known else { return Err(unknown_key(key_at, section, name)) };
            if !fits(key.kind, value.get_ref()) {
                let given = word(value.get_ref());
                let reason = format!("must be {}, not {given}", key.kind.allowed());
                return Err(ConfigError::BadValue { at: key_at, key: key.path(), reason });
            }
            origins.insert(key.path(), key_at);
        }
    }
    Ok(origins)
}

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

/// In the order of the file, so that the first mistake is the one that is reported.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut entries: Vec<Entry<'a, 'i>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn unknown_section(at: Origin, given: &str) -> ConfigError {
    // A key without its section header is the likeliest way to get here.
    let advice = match KEYS.iter().find(|key| key.name == given) {
        Some(key) => format!("did you mean `{given}` below [{}]?", key.section),
        None => advice(given, &sections()),
    };
    ConfigError::Unknown { at, what: "section", given: given.to_owned(), advice }
}

fn unknown_key(at: Origin, section: &str, given: &str) -> ConfigError {
    let advice = if let Some(key) = KEYS.iter().find(|key| key.name == given) {
        format!("did you mean `{given}` below [{}]?", key.section)
    } else {
        let of_section = KEYS.iter().filter(|key| key.section == section);
        advice(given, &of_section.map(|key| key.name.as_str()).collect::<Vec<_>>())
    };
    ConfigError::Unknown { at, what: "key", given: format!("{section}.{given}"), advice }
}

fn fits(kind: Kind, value: &DeValue<'_>) -> bool {
    match (kind, value) {
        (Kind::Text, DeValue::String(_))
        | (Kind::Number, DeValue::Integer(_))
        | (Kind::Switch, DeValue::Boolean(_)) => true,
        (Kind::List, DeValue::Array(items)) => {
            items.iter().all(|item| matches!(item.get_ref(), DeValue::String(_)))
        }
        (Kind::Text | Kind::Number | Kind::Switch | Kind::List, _) => false,
    }
}

fn word(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list like this",
        DeValue::Table(_) => "a table",
    }
}

/// The origin of a line of `path`.
pub(super) fn line_of(path: &Path) -> impl Fn(usize) -> Origin {
    move |line| Origin::File { path: path.to_owned(), line, column: None }
}
