//! Names, parsed once: whoever holds an [`InstanceName`] need not look at it again.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest name, in characters (what a DNS label holds).
const MAX_LEN: usize = 63;

/// Ending that a recreate gives to the container it replaces; an instance must not be able to take that name.
const PREVIOUS_SUFFIX: &str = "-prev";

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name must not be empty")]
    Empty,
    #[error("a name has at most {MAX_LEN} characters, this one has {len}")]
    TooLong { len: usize },
    #[error("a name starts with a letter a-z or a digit, not with {found:?}")]
    BadFirst { found: char },
    #[error("a name holds only a-z, 0-9 and '-', not {found:?} (character {at})")]
    BadCharacter { found: char, at: usize },
    #[error("a name must not end in \"{PREVIOUS_SUFFIX}\": a recreate names the old container so")]
    Reserved,
}

fn check(text: &str) -> Result<(), NameError> {
    let len = text.chars().count();
    if len > MAX_LEN {
        return Err(NameError::TooLong { len });
    }
    for (index, found) in text.chars().enumerate() {
        let alphanumeric = found.is_ascii_lowercase() || found.is_ascii_digit();
        match (index, found) {
            _ if alphanumeric => {}
            (0, _) => return Err(NameError::BadFirst { found }),
            (_, '-') => {}
            _ => return Err(NameError::BadCharacter { found, at: index + 1 }),
        }
    }
    if text.is_empty() { Err(NameError::Empty) } else { Ok(()) }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes `[a-z0-9][a-z0-9-]{0,62}`; anything else is a [`NameError`] that says what is wrong.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                check(text)?;
                let further: fn(&str) -> Result<(), NameError> = $parse;
                further(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

name_type!(
    /// Name of one row of `agents`, for example `dev-2`.
    InstanceName,
    |text| if text.ends_with(PREVIOUS_SUFFIX) { Err(NameError::Reserved) } else { Ok(()) }
);
name_type!(
    /// Name of a kind of agent, for example `dev`; all instances of a type are its pool.
    TypeName,
    |_| Ok(())
);
name_type!(
    /// What every container and volume name of a fleet begins with; `claude-hooks` unless the config says otherwise.
    FleetPrefix,
    |_| Ok(())
);

impl TypeName {
    /// The instance that a first start makes for this type.
    pub fn default_instance(&self) -> Result<InstanceName, NameError> {
        InstanceName::parse(&format!("{self}-default"))
    }
}

impl FleetPrefix {
    /// Name of the container of `instance`.
    pub fn container(&self, instance: &InstanceName) -> String {
        format!("{self}-{instance}")
    }

    /// Name that a recreate gives to the container that it replaces.
    pub fn previous_container(&self, instance: &InstanceName) -> String {
        format!("{self}-{instance}{PREVIOUS_SUFFIX}")
    }

    /// Name of the state volume of `instance`.
    pub fn volume(&self, instance: &InstanceName) -> String {
        format!("{self}-{instance}-state")
    }

    /// The instance whose container would have this name, if it is one of ours by form.
    pub fn instance_of_container(&self, container: &str) -> Option<InstanceName> {
        let rest = container.strip_prefix(self.as_ref())?.strip_prefix('-')?;
        InstanceName::parse(rest).ok()
    }
}

/// Identity of one database and so of one fleet; containers carry it in a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FleetId(Uuid);

impl FleetId {
    /// A new random identity.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// Takes the text form of a UUID.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }
}

impl fmt::Display for FleetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
