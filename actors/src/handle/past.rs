//! What happened: the log of events, and the timeline that is told from it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{FleetError, FleetHandle};
use crate::model::{EventFilter, EventPage, TypeName};
use crate::ports::PastQuery;
use crate::timeline::{FLEET_KINDS, PHASE_KINDS, Present, Timeline, timeline};

impl FleetHandle {
    pub async fn events_after(
        &self,
        after: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, FleetError> {
        Ok(self.parts.tools.store.events_after(after, limit, filter).await?)
    }

    pub async fn events_before(
        &self,
        before: u64,
        limit: u32,
        filter: &EventFilter,
    ) -> Result<EventPage, FleetError> {
        Ok(self.parts.tools.store.events_before(before, limit, filter).await?)
    }

    pub async fn latest_events(&self, limit: u32, filter: &EventFilter) -> Result<EventPage, FleetError> {
        Ok(self.parts.tools.store.latest_events(limit, filter).await?)
    }

    /// The time of the fleet's own clock.
    pub fn now(&self) -> Timestamp {
        self.parts.tools.clock.wall()
    }

    /// What the instances of `filter` went through in a window, of which `from` must be before `to`.
    pub async fn timeline(
        &self,
        (from, to): (Timestamp, Timestamp),
        filter: &EventFilter,
    ) -> Result<Timeline, FleetError> {
        let query = PastQuery {
            from,
            to,
            filter: filter.clone(),
            phases: PHASE_KINDS.to_vec(),
            fleet: FLEET_KINDS.to_vec(),
        };
        // Before the picture is taken: what it shows is then not older than the events.
        let past = self.parts.tools.store.past_events(&query).await?;
        let snapshot = self.snapshot();
        let wanted = snapshot.agents.values().filter(|agent| filter.wants(&agent.name, &agent.agent_type));
        let present: Vec<Present> = wanted
            .map(|agent| Present {
                instance: agent.name.clone(),
                agent_type: agent.agent_type.clone(),
                phase: agent.observed.phase,
                since: agent.observed.since,
            })
            .collect();
        let catalog = self.catalog();
        let types = catalog.types.values();
        let hosts: BTreeSet<TypeName> = types
            .filter(|declared| declared.container.is_none())
            .map(|declared| declared.name.clone())
            .collect();
        Ok(timeline((from, to), &past, &present, &hosts))
    }
}
