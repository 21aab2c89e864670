//! Whether a container is of the image that its instance is pinned to.

use super::RecreateCause;
use crate::model::{DesiredContainer, ObservedContainer, Pin, PinKind};

/// Why the container is to be replaced by one of the pinned image, if so. One of another spec is drift, whatever its image.
pub(crate) fn image_due(
    desired: &DesiredContainer,
    main: &ObservedContainer,
    pin: Option<&Pin>,
) -> Option<RecreateCause> {
    let pin = pin.filter(|pin| pin.image == desired.spec.image && pin.image_id() != main.image_id)?;
    Some(match pin.kind {
        PinKind::Trial { failed: None, .. } => RecreateCause::Rollout,
        PinKind::Trial { failed: Some(_), .. } | PinKind::Kept { .. } => RecreateCause::Rollback,
    })
}
