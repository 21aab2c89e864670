//! Images: what references mean, what a registry offers, and how what runs from them behaves.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::state::State;
use crate::ports::RuntimeError;

/// How a process made from an image behaves from its next start on. The default stays up and heeds SIGTERM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// Ends by itself so long after its start, with this exit code.
    pub exits: Option<(Duration, i64)>,
    /// `docker start` fails with this text.
    pub cannot_start: Option<String>,
    /// Takes the whole grace of a stop and ends with 137.
    pub ignores_term: bool,
    /// Lines that it prints when it starts.
    pub says: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Images {
    /// Reference with tag -> id.
    tags: BTreeMap<String, String>,
    /// By id, so that a container keeps what it was made from.
    behaviours: BTreeMap<String, Behaviour>,
    /// Reference with tag -> id, in the registry.
    registry: BTreeMap<String, String>,
}

impl Images {
    pub(super) fn find(&self, reference: &str) -> Option<String> {
        if self.tags.values().any(|id| id == reference) {
            return Some(reference.to_owned());
        }
        self.tags.get(&with_tag(reference)).cloned()
    }

    pub(super) fn behaviour(&self, id: &str) -> Behaviour {
        self.behaviours.get(id).cloned().unwrap_or_default()
    }

    pub(super) fn behave(&mut self, id: String, behaviour: Behaviour) {
        self.behaviours.insert(id, behaviour);
    }

    pub(super) fn tag(&mut self, reference: &str, id: String) {
        self.tags.insert(with_tag(reference), id);
    }

    pub(super) fn untag(&mut self, reference: &str) {
        self.tags.remove(&with_tag(reference));
    }

    fn names(&self, id: &str) -> usize {
        self.tags.values().filter(|named| *named == id).count()
    }

    pub(super) fn tags(&self, repository: &str) -> Vec<String> {
        let tag = |name: &String| Some(name.strip_prefix(repository)?.strip_prefix(':')?.to_owned());
        self.tags.keys().filter_map(tag).collect()
    }

    pub(super) fn publish(&mut self, reference: &str, id: String) {
        self.registry.insert(with_tag(reference), id);
    }

    /// What the registry has under the reference.
    pub(super) fn offered(&self, reference: &str) -> Option<String> {
        self.registry.get(&with_tag(reference)).cloned()
    }
}

impl State {
    pub(super) fn new_image_id(&mut self) -> String {
        let text = format!("image {}", self.serial());
        format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())))
    }

    /// `docker image rm` of a name.
    pub(super) fn untag(&mut self, name: &str) -> Result<(), RuntimeError> {
        let Some(id) = self.images.tags.get(&with_tag(name)).cloned() else { return Ok(()) };
        let user = self.containers.values().find(|container| container.seen.image_id == id);
        if let Some(user) = user.filter(|_| self.images.names(&id) == 1) {
            let detail = format!(
                "conflict: unable to remove repository reference \"{name}\" (must force) - container {} is using its \
                 referenced image",
                user.seen.id.short()
            );
            return Err(RuntimeError::Conflict { detail });
        }
        self.images.untag(name);
        Ok(())
    }

    /// What a reference means; an image without a name is here as long as a container uses it, or nobody pruned it.
    pub(super) fn find_image(&self, reference: &str) -> Option<String> {
        let used = || self.containers.values().any(|container| container.seen.image_id == reference);
        self.images.find(reference).or_else(|| used().then(|| reference.to_owned()))
    }

    pub(super) fn need_image(&self, reference: &str) -> Result<String, RuntimeError> {
        self.find_image(reference).ok_or_else(|| RuntimeError::NoSuchImage {
            image: reference.to_owned(),
            detail: format!("No such image: {}", with_tag(reference)),
        })
    }
}

/// `agent` means `agent:latest`; a colon before a slash belongs to a port.
fn with_tag(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if last.contains([':', '@']) { reference.to_owned() } else { format!("{reference}:latest") }
}
