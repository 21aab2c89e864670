//! The known keys, read from the embedded default file.

use std::sync::LazyLock;

use super::DEFAULT_SETTINGS;

/// What kind of value a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Switch,
    List,
}

impl Kind {
    /// What is allowed, to stand behind "must be".
    pub(super) fn allowed(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a whole number",
            Self::Switch => "true or false",
            Self::List => "a list of texts: [\"…\", \"…\"]",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Key {
    /// `section.name`, the form in messages and in `check-config`.
    pub(super) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("CLAUDE_HOOKS_{}_{}", self.section.to_uppercase(), self.name.to_uppercase())
    }
}

pub(super) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let defaults: toml::Table =
        DEFAULT_SETTINGS.parse().expect("config/default.toml is checked by a test of this crate");
    let mut keys = Vec::new();
    for (section, table) in &defaults {
        for (name, value) in table.as_table().into_iter().flatten() {
            let kind = match value {
                toml::Value::Integer(_) | toml::Value::Float(_) => Kind::Number,
                toml::Value::Boolean(_) => Kind::Switch,
                toml::Value::Array(_) => Kind::List,
                toml::Value::String(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => Kind::Text,
            };
            keys.push(Key { section: section.clone(), name: name.clone(), kind });
        }
    }
    keys
});

/// Section names, each once, sorted.
pub(super) fn sections() -> Vec<&'static str> {
    let mut sections: Vec<&str> = KEYS.iter().map(|key| key.section.as_str()).collect();
    sections.dedup();
    sections
}
