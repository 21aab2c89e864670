//! The picture of the fleet as frames: whole at first, and from then on what differs.
//!
//! Events alone do not lead from one picture to the next: a lazy agent that is put to sleep is no event, and a view is
//! published some moments before or after the event that goes with it. So a picture that was sent is kept up to date by
//! frames of its own, and whoever applies them sees what the API would answer, whatever he makes of the events.

use std::sync::Arc;

use bytes::Bytes;
use claude_hooks_actors::model::{AgentView, EventFilter, FleetSnapshot, InstanceName};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::frame::frame;

/// What one client was shown, and where the present picture is.
#[derive(Debug)]
pub(super) struct Pictures {
    present: watch::Receiver<Arc<FleetSnapshot>>,
    /// Its instances and types choose the agents; kinds are about events.
    filter: EventFilter,
    shown: Option<Arc<FleetSnapshot>>,
}

impl Pictures {
    pub(super) fn new(present: watch::Receiver<Arc<FleetSnapshot>>, filter: EventFilter) -> Self {
        Self { present, filter, shown: None }
    }

    pub(super) fn were_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// `snapshot`: the whole picture, in the place of whatever the client had.
    pub(super) fn whole(&mut self, cursor: u64, id: Option<u64>) -> Bytes {
        let present = Arc::clone(&self.present.borrow_and_update());
        let agents: Vec<&AgentView> = self.wanted(&present).map(AsRef::as_ref).collect();
        let mut data = fleet(&present);
        data["cursor"] = cursor.into();
        data["agents"] = json!(agents);
        let frame = frame("snapshot", id, &data.to_string());
        self.shown = Some(present);
        frame
    }

    /// Waits for another picture; false once there will be none.
    pub(super) async fn changed(&mut self) -> bool {
        self.present.changed().await.is_ok()
    }

    /// `picture`: the agents that look otherwise than they were shown, and the names of those that are gone. Nothing if
    /// only the time of the last look differs, which it does for every agent with every round.
    pub(super) fn difference(&mut self) -> Option<Bytes> {
        let present = Arc::clone(&self.present.borrow_and_update());
        let shown = self.shown.replace(Arc::clone(&present))?;
        let agents: Vec<&AgentView> = self
            .wanted(&present)
            .filter(|agent| shown.agents.get(&agent.name).is_none_or(|before| !looks_the_same(before, agent)))
            .map(AsRef::as_ref)
            .collect();
        let gone: Vec<&InstanceName> = self
            .wanted(&shown)
            .map(|agent| &agent.name)
            .filter(|name| !present.agents.contains_key(*name))
            .collect();
        let (mut before, mut data) = (fleet(&shown), fleet(&present));
        before["generation"] = data["generation"].clone();
        if agents.is_empty() && gone.is_empty() && before == data {
            return None;
        }
        data["agents"] = json!(agents);
        data["gone"] = json!(gone);
        Some(frame("picture", None, &data.to_string()))
    }

    fn wanted<'a>(&'a self, snapshot: &'a FleetSnapshot) -> impl Iterator<Item = &'a Arc<AgentView>> {
        snapshot.agents.values().filter(|agent| self.filter.wants(&agent.name, &agent.agent_type))
    }
}

/// What is said of the fleet as a whole.
fn fleet(snapshot: &FleetSnapshot) -> Value {
    json!({
        "generation": snapshot.generation,
        "docker_reachable": snapshot.docker_reachable,
        "docker_error": snapshot.docker_error,
        "booted": snapshot.booted,
        "suspended": snapshot.suspended,
    })
}

fn looks_the_same(before: &Arc<AgentView>, now: &Arc<AgentView>) -> bool {
    if Arc::ptr_eq(before, now) {
        return true;
    }
    let mut before = AgentView::clone(before);
    before.observed.observed_at = now.observed.observed_at;
    before == **now
}
