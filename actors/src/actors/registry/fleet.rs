//! What the registry makes of a look at the whole fleet.

use std::collections::{BTreeMap, BTreeSet};

use actix::{Context, Handler, MessageResult};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::oneshot;

use super::super::messages::{Adoptable, DockerDown, FleetLook, FleetUsage, Observed, Settle, Suspend};
use super::{EMPTIED, Registry};
use crate::decide::{Request, Rule};
use crate::look::Look;
use crate::metrics::Refused;
use crate::model::{ContainerId, EventKind, InstanceName, InstanceObservation, NewEvent};
use crate::ports::RuntimeError;

impl Registry {
    fn docker_state(&self, error: Option<&RuntimeError>) {
        let before = self.snapshot.borrow().docker_reachable;
        match error {
            Some(error) if before != Some(false) => {
                let reason = error.to_string();
                log::warn!("docker cannot be asked: {reason}");
                let event = NewEvent::new(EventKind::DockerUnreachable, self.tools.clock.wall());
                self.tools.events.emit(event.cause(error.word()).detail(reason.clone()));
                self.publish(|snapshot| {
                    snapshot.docker_reachable = Some(false);
                    snapshot.docker_error = Some(reason.clone());
                });
                self.broadcast(|| DockerDown { reason: reason.clone() });
            }
            Some(_) => {}
            None => {
                if before == Some(false) {
                    log::info!("docker answers again");
                    self.tools
                        .events
                        .emit(NewEvent::new(EventKind::DockerRecovered, self.tools.clock.wall()));
                }
                if before != Some(true) {
                    self.publish(|snapshot| {
                        snapshot.docker_reachable = Some(true);
                        snapshot.docker_error = None;
                    });
                }
            }
        }
    }

    pub(super) fn suspend(&mut self, change: impl FnOnce(&mut Self)) {
        let reason = |registry: &Self| {
            registry.suspended.clone().or_else(|| registry.is_suspended().then(|| EMPTIED.to_owned()))
        };
        let before = reason(self);
        change(self);
        let after = reason(self);
        if before == after {
            return;
        }
        if let Some(reason) = &after {
            log::error!("nothing is reconciled: {reason}");
            let event =
                NewEvent::new(EventKind::DatabaseSuspect, self.tools.clock.wall()).detail(reason.clone());
            self.tools.events.emit(event);
        } else {
            log::info!("the database is in order again");
        }
        let suspended = after.is_some();
        self.broadcast(|| Suspend { suspended });
        self.publish(|snapshot| snapshot.suspended = after);
    }

    /// Strangers: containers under our prefix that are not ours and that no row names. Each is told once; who wants it
    /// adopts it.
    fn meet_strangers(&mut self, seen: &BTreeMap<InstanceName, InstanceObservation>, at: Timestamp) {
        let fleet = self.tools.fleet;
        let strangers = seen
            .iter()
            .filter(|(name, _)| !self.entries.contains_key(*name))
            .filter_map(|(name, observation)| Some((name.clone(), observation.stranger(fleet)?.id.clone())));
        let strangers: BTreeMap<InstanceName, ContainerId> = strangers.collect();
        for (name, id) in &strangers {
            if self.strangers.get(name) != Some(id) {
                let container = self.tools.prefix.container(name);
                log::warn!(container = container.as_str(); "{}", Rule::Stranger.explanation());
                let event = NewEvent::new(EventKind::NameConflict, at)
                    .instance(name)
                    .cause("stranger")
                    .detail(format!("{container} ({}): {}", id.short(), Rule::Stranger.explanation()))
                    .data(json!({ "container": id.as_ref() }));
                self.tools.events.emit(event);
            }
        }
        self.strangers = strangers;
    }

    /// Orphans: containers of ours without a row. They get an actor that removes them, unless all rows are gone at once
    /// and nobody deleted them: then the table was emptied, and nothing is done at all.
    fn adopt_orphans(
        &mut self,
        seen: &BTreeMap<InstanceName, InstanceObservation>,
        tombstones: &[InstanceName],
        ctx: &mut Context<Self>,
    ) {
        let has_ours = |observation: &InstanceObservation| observation.main.is_some();
        let orphans: Vec<InstanceName> = seen
            .iter()
            .filter(|(name, observation)| has_ours(observation) && !self.entries.contains_key(*name))
            .map(|(name, _)| name.clone())
            .collect();
        let no_row_left = self.entries.values().all(|entry| entry.row.is_none());
        let unexplained = orphans.iter().any(|name| !tombstones.contains(name));
        let orphaned = no_row_left && unexplained;
        self.suspend(|registry| registry.orphaned = orphaned);
        if self.is_suspended() {
            return;
        }
        for name in &orphans {
            log::info!(instance = name.as_ref(); "a container of ours has no row: it is removed, its volume stays");
        }
        let mut leftovers = std::mem::take(&mut self.leftovers);
        let forgotten = leftovers.keys().filter(|name| !self.entries.contains_key(*name)).cloned();
        let names: BTreeSet<InstanceName> = forgotten.chain(orphans).collect();
        for name in names {
            let (memory, journal) = leftovers.remove(&name).unwrap_or_default();
            self.spawn(&name, memory, journal, ctx);
            self.tell_row(&name, None);
        }
    }
}

impl Handler<FleetLook> for Registry {
    type Result = MessageResult<FleetLook>;

    fn handle(&mut self, look: FleetLook, ctx: &mut Self::Context) -> Self::Result {
        let FleetLook { seen, began, at, tombstones, settle, adopt } = look;
        self.docker_state(seen.as_ref().err());
        let Ok(mut seen) = seen else { return MessageResult(Vec::new()) };
        self.adopt_orphans(&seen, &tombstones, ctx);
        self.meet_strangers(&seen, at);
        let mut waiting = Vec::new();
        let names: Vec<InstanceName> = self.entries.keys().cloned().collect();
        for name in names {
            let absent = InstanceObservation { at: Some(at), ..InstanceObservation::default() };
            let observation = seen.remove(&name).unwrap_or(absent);
            let request = observation.foreign.as_ref().filter(|_| adopt).map(|_| Request::Adopt);
            if let Some(addr) = self.entries.get(&name).and_then(|entry| entry.addr.as_ref()) {
                let settle = settle.then(|| {
                    let (reply, settled) = oneshot::channel();
                    waiting.push((name, settled));
                    Settle { request, look_after: began, reply }
                });
                // A full mailbox misses this look, and the next one is due soon; who waits is told "busy".
                let look = Look { observation, began, last_words: None };
                self.refused(Refused::Look, addr.try_send(Observed { look, settle }).is_err());
            }
        }
        MessageResult(waiting)
    }
}

impl Handler<FleetUsage> for Registry {
    type Result = ();

    fn handle(&mut self, FleetUsage { seen }: FleetUsage, _: &mut Self::Context) {
        for (name, usage) in seen {
            if let Some(addr) = self.entries.get(&name).and_then(|entry| entry.addr.as_ref()) {
                // A full mailbox misses this sample; another one comes.
                self.refused(Refused::Look, addr.try_send(usage).is_err());
            }
        }
    }
}

impl Handler<Adoptable> for Registry {
    type Result = MessageResult<Adoptable>;

    fn handle(&mut self, _: Adoptable, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.strangers.keys().cloned().collect())
    }
}
