//! The state volumes: which there are, whose they are, and which are kept for nobody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FleetError, FleetHandle};
use crate::effects::volume;
use crate::model::{InstanceName, ObservedContainer, ObservedVolume, VolumeRecord};
use crate::ports::Target;

/// One state volume of the fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VolumeView {
    pub name: String,
    /// Whose state it is or was.
    pub instance: Option<InstanceName>,
    /// Whether a row has it. Without one it is kept until it is wiped, or a new row of the name takes it over.
    pub has_row: bool,
    /// Docker's text. Docker up to 20.10, at least, tells when something was last made or removed at the volume's top.
    pub created_at: String,
    /// Name of the fleet's container that mounts it.
    pub container: Option<String>,
    /// `null`: it was not asked for, or nobody knows.
    pub size_bytes: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VolumeList {
    pub items: Vec<VolumeView>,
    /// Why the sizes that were asked for are not told.
    pub sizes_unknown: Option<String>,
}

impl FleetHandle {
    /// State volumes that no row has; with `all` also those that one has. Sizes cost a walk through all files.
    pub async fn volumes(&self, all: bool, sizes: bool) -> Result<VolumeList, FleetError> {
        let tools = &self.parts.tools;
        let rows = tools.store.agents().await?;
        let of_rows: BTreeMap<String, InstanceName> = rows
            .iter()
            .map(|row| (volume::name_of(&tools.prefix, &row.name, row.volume.as_ref()), row.name.clone()))
            .collect();
        let mut seen = tools.runtime.fleet_volumes().await?;
        // An adopted one has no label of ours.
        let adopted: Vec<String> = rows
            .iter()
            .filter_map(|row| match &row.volume {
                Some(VolumeRecord::Adopted { name, .. }) => Some(name.clone()),
                Some(VolumeRecord::Pending { .. } | VolumeRecord::Ours { .. }) | None => None,
            })
            .filter(|name| seen.iter().all(|volume| volume.name != *name))
            .collect();
        seen.extend(tools.runtime.volumes(&adopted).await?);
        seen.retain(|volume| all || !of_rows.contains_key(&volume.name));
        let expected: Vec<Target> =
            rows.iter().map(|row| Target { name: row.name.clone(), known: Vec::new() }).collect();
        let containers = tools.runtime.observe_fleet(&expected).await?.containers;
        let measured = if sizes { tools.runtime.volume_sizes().await } else { Ok(BTreeMap::new()) };
        // The volumes are worth listing without them.
        let (bytes, sizes_unknown) = match measured {
            Ok(bytes) => (bytes, None),
            Err(error) => (BTreeMap::new(), Some(error.to_string())),
        };
        let view = |volume: ObservedVolume| {
            let labelled = volume.labels.instance.as_deref().and_then(|name| InstanceName::parse(name).ok());
            let row = of_rows.get(&volume.name);
            let mounts = |seen: &&ObservedContainer| seen.state_volume.as_ref() == Some(&volume.name);
            VolumeView {
                instance: row.cloned().or(labelled),
                has_row: row.is_some(),
                container: containers.iter().find(mounts).map(|container| container.name.clone()),
                size_bytes: bytes.get(&volume.name).copied(),
                created_at: volume.created_at,
                name: volume.name,
            }
        };
        let mut items: Vec<VolumeView> = seen.into_iter().map(view).collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(VolumeList { items, sizes_unknown })
    }
}
