//! Rows, and what they ask for.

use crate::model::{Agent, Desired, InstanceName, Lifecycle, Overrides, Power};
use crate::testing::{catalog, name, type_name};

/// What a container is made of, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) lifecycle: Lifecycle,
    pub(super) version: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    None,
    Host,
    Broken,
    Wants { spec: Spec, on: bool },
}

impl Row {
    pub(super) fn spec(self) -> Option<Spec> {
        match self {
            Self::Wants { spec, .. } => Some(spec),
            Self::None | Self::Host | Self::Broken => None,
        }
    }

    pub(super) fn is(self, lifecycle: Lifecycle, power: bool) -> bool {
        matches!(self, Self::Wants { spec, on } if spec.lifecycle == lifecycle && on == power)
    }

    pub(super) fn is_lazy(self) -> bool {
        self.spec().is_some_and(|spec| spec.lifecycle == Lifecycle::Lazy)
    }

    pub(super) fn desired(self) -> Desired {
        let (agent_type, image, power) = match self {
            Self::None => return Desired::Gone,
            Self::Host => return Desired::Host,
            Self::Broken => return Desired::Unresolvable { reason: "no such type".into() },
            Self::Wants { spec, on } => {
                let agent_type = if spec.lifecycle == Lifecycle::Hot { "dev" } else { "lazy" };
                let power = if on { Power::On } else { Power::Off };
                (agent_type, format!("agent:{}", spec.version), power)
            }
        };
        catalog().resolve(&Agent {
            name: instance(),
            agent_type: type_name(agent_type),
            overrides: Overrides { image: Some(image), ..Overrides::default() },
            power,
            generation: 1,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
            volume: None,
            broken: None,
        })
    }
}

pub(super) fn instance() -> InstanceName {
    name("a")
}
