//! Which image the instance's container is made of, and which it should be.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Now, State};
use crate::decide::{Action, RecreateCause, image_due};
use crate::effects::EffectError;
use crate::model::{Desired, DesiredContainer, EventKind, NewEvent, ObservedContainer, Pin, PinKind};

impl State {
    /// What it is made of now, and what it asks for, where both are known and of the same spec.
    fn made_of(&self) -> Option<(&ObservedContainer, &DesiredContainer)> {
        let main = self.observed.as_ref()?.main.as_ref()?;
        match &self.desired {
            Desired::Container(desired) => {
                (main.labels.spec.as_deref() == Some(desired.spec_hash.as_ref())).then_some((main, desired))
            }
            Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
        }
    }

    /// The name of the image that its row asks for.
    pub(in crate::actors::instance) fn wanted_image(&self) -> Option<&str> {
        match &self.desired {
            Desired::Container(desired) => Some(&desired.spec.image),
            Desired::Gone | Desired::Host | Desired::Unresolvable { .. } => None,
        }
    }

    /// The pin, unless the row asks for another image by now.
    pub(in crate::actors::instance) fn pin(&self) -> Option<&Pin> {
        let Desired::Container(desired) = &self.desired else { return None };
        self.memory.pin.as_ref().filter(|pin| pin.image == desired.spec.image)
    }

    /// Why the container is to be replaced by one of the image that it is pinned to, if so.
    pub(super) fn image_due(&self) -> Option<RecreateCause> {
        let (main, desired) = self.made_of()?;
        image_due(desired, main, self.memory.pin.as_ref())
    }

    /// Another pin, or none. Whatever failed before is forgiven: it is another image that is tried.
    pub(in crate::actors::instance) fn set_pin(&mut self, pin: Option<Pin>, now: Now) {
        if self.memory.pin == pin {
            return;
        }
        self.memory.pin = pin;
        self.forgive();
        self.begin_episode(None, false, now);
    }

    /// An operator wants what the name means now.
    pub(in crate::actors::instance) fn unpin_by_hand(&mut self) {
        let kept = |pin: &mut Pin| matches!(pin.kind, PinKind::Kept { .. });
        drop(self.memory.pin.take_if(kept));
    }

    /// A rollout tries an image once: what did not come up is not tried again and again.
    pub(super) fn note_trial(&mut self, action: &Action, error: &EffectError) {
        let tried = matches!(action, Action::Recreate { cause: RecreateCause::Rollout, .. });
        if let Some(Pin { kind: PinKind::Trial { failed, .. }, .. }) = &mut self.memory.pin
            && tried
            && !error.is_outage()
        {
            *failed = Some(error.to_string());
        }
    }

    /// The image id that the image's name means now, where it is not the container's.
    pub(in crate::actors::instance) fn newer_image(&self) -> Option<&str> {
        let (main, desired) = self.made_of()?;
        let (name, means) = self.meaning.as_ref()?;
        (*name == desired.spec.image && *means != main.image_id).then_some(means)
    }

    /// Takes in what the names of images mean now.
    pub(in crate::actors::instance) fn images(
        &mut self,
        ids: &BTreeMap<String, String>,
        now: Now,
    ) -> Option<NewEvent> {
        let Desired::Container(desired) = &self.desired else { return None };
        let name = desired.spec.image.clone();
        self.meaning = ids.get(&name).map(|id| (name.clone(), id.clone()));
        let back = |pin: &mut Pin| {
            matches!(pin.kind, PinKind::Kept { .. })
                && ids.get(&pin.image).map(String::as_str) == Some(pin.image_id())
        };
        // The name means what it is pinned to again.
        drop(self.memory.pin.take_if(back));
        let has = self.observed.as_ref()?.main.as_ref()?.image_id.clone();
        let newer = self.newer_image().map(ToOwned::to_owned);
        let first_seen = newer.is_some() && newer != self.memory.told_stale;
        self.memory.told_stale.clone_from(&newer);
        first_seen.then(|| {
            self.event(EventKind::ContainerStale, now)
                .cause("image_moved")
                .detail(format!("{name} means another image now: a rollout or a recreate adopts it"))
                .data(json!({ "image": name, "has": has, "now": newer }))
        })
    }
}
