//! The registry: turns rows into instance actors and routes what concerns one instance.
//!
//! It owns the map from names to actors and the picture that readers see. It never awaits an instance: it sends with
//! `try_send`, and a full mailbox is dropped on the floor, which the one who waits for the answer hears as "busy". It
//! reads a row anew for every change instead of trusting a message, so that late messages cannot bring back old rows.

mod fleet;
mod images;
mod lives;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::instance::{Birth, Instance, Permits};
use super::messages::{
    Ask, Booted, HeardBy, HintOf, InUse, Ping, Redeclare, Refresh, RowRead, RowsChanged, SetRow, SetUse,
    Settle, Settled, SuspendFleet, Targets, UseOf, ViewChanged, WhyOf,
};
use super::watchdog::Watchdog;
use crate::effects::Tools;
use crate::look::Looker;
use crate::metrics::Refused;
use crate::model::{
    Agent, AgentView, Catalog, ContainerId, Desired, FleetSnapshot, InstanceMemory, InstanceName, Outcome,
};
use crate::ports::{RecreateJournal, Target};

/// Pause before a row that could not be read is read again.
const READ_AGAIN: Duration = Duration::from_secs(2);

/// Why nothing is done when all rows are gone at once.
const EMPTIED: &str = "the table of agents is empty although containers of this fleet exist and nobody deleted their \
                       agents: nothing is removed. Restore the database, or remove the containers by hand";

/// All that outlived the last daemon.
#[derive(Debug, Default)]
pub(crate) struct Boot {
    pub(crate) rows: Vec<Agent>,
    pub(crate) memories: BTreeMap<InstanceName, InstanceMemory>,
    pub(crate) journals: Vec<RecreateJournal>,
    /// Names that were deleted and whose container may still be there.
    pub(crate) tombstones: Vec<InstanceName>,
    /// Who needs which instance.
    pub(crate) uses: BTreeMap<InstanceName, InUse>,
}

#[derive(Debug)]
struct Entry {
    /// `None` between a death and the next life.
    addr: Option<Addr<Instance>>,
    epoch: u64,
    row: Option<Agent>,
    /// The newest read of the row that was taken over.
    order: u64,
    known: Vec<ContainerId>,
    deaths: u32,
    died: Option<Instant>,
}

#[derive(Debug)]
pub(crate) struct Registry {
    catalog: Arc<Catalog>,
    tools: Tools,
    looker: Looker,
    permits: Arc<Permits>,
    watchdog: Addr<Watchdog>,
    entries: BTreeMap<InstanceName, Entry>,
    boot: Option<Boot>,
    /// What is stored of names that have no row any more. Each gets an actor once the fleet was seen, which removes what
    /// is left and then forgets it.
    leftovers: BTreeMap<InstanceName, (InstanceMemory, Option<RecreateJournal>)>,
    snapshot: watch::Sender<Arc<FleetSnapshot>>,
    /// Numbers actors and reads of rows.
    counter: u64,
    suspended: Option<String>,
    /// Who needs which instance; an actor that comes back is told again.
    uses: BTreeMap<InstanceName, InUse>,
    /// The last fleet look found containers of ours, no row, and no deletion that explains it.
    orphaned: bool,
    /// Another process took all rows away at once.
    emptied: bool,
    /// Containers under names of ours that no row wants, as the last fleet look found them.
    strangers: BTreeMap<InstanceName, ContainerId>,
    booted: bool,
}

impl Registry {
    pub(crate) fn new(
        catalog: Arc<Catalog>,
        tools: Tools,
        looker: Looker,
        permits: Arc<Permits>,
        watchdog: Addr<Watchdog>,
        boot: Boot,
        snapshot: watch::Sender<Arc<FleetSnapshot>>,
    ) -> Self {
        Self {
            catalog,
            tools,
            looker,
            permits,
            watchdog,
            entries: BTreeMap::new(),
            boot: Some(boot),
            leftovers: BTreeMap::new(),
            snapshot,
            counter: 0,
            suspended: None,
            uses: BTreeMap::new(),
            orphaned: false,
            emptied: false,
            strangers: BTreeMap::new(),
            booted: false,
        }
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    fn publish(&self, change: impl FnOnce(&mut FleetSnapshot)) {
        self.snapshot.send_modify(|current| {
            let mut next = FleetSnapshot::clone(current);
            next.generation += 1;
            change(&mut next);
            *current = Arc::new(next);
        });
    }

    fn is_suspended(&self) -> bool {
        self.suspended.is_some() || self.orphaned || self.emptied
    }

    /// Gives birth to the actor of `name`, or to the next one after a death.
    fn spawn(
        &mut self,
        name: &InstanceName,
        memory: InstanceMemory,
        journal: Option<RecreateJournal>,
        ctx: &mut Context<Self>,
    ) {
        let epoch = self.next();
        let known = memory.container.iter().cloned().collect();
        let birth = Birth {
            name: name.clone(),
            epoch,
            memory,
            journal,
            first_pass: !self.booted,
            suspended: self.is_suspended(),
            in_use: self.uses.get(name).cloned().unwrap_or_default(),
        };
        let instance = Instance::new(
            birth,
            self.tools.clone(),
            self.looker.clone(),
            self.permits.clone(),
            ctx.address(),
            self.watchdog.clone(),
        );
        let entry = self.entries.entry(name.clone()).or_insert_with(|| Entry {
            addr: None,
            epoch,
            row: None,
            order: 0,
            known,
            deaths: 0,
            died: None,
        });
        entry.addr = Some(instance.start());
        entry.epoch = epoch;
    }

    /// Notes a full mailbox, for whoever wonders why the fleet is busy.
    fn refused(&self, what: Refused, refused: bool) {
        if refused {
            self.tools.metrics.mailbox_refused(what);
        }
    }

    /// Tells the actor its row, and who waits for it.
    fn tell_row(&self, name: &InstanceName, settle: Option<Settle>) {
        let Some(entry) = self.entries.get(name) else { return };
        let row = entry.row.clone();
        let desired = row.as_ref().map_or(Desired::Gone, |row| self.catalog.resolve(row));
        if let Some(addr) = &entry.addr {
            // Never dropped: a row that is not heard of would be a container that does not follow.
            addr.do_send(SetRow { row, desired, settle });
        }
    }

    fn broadcast<M>(&self, message: impl Fn() -> M)
    where
        M: actix::Message + Send + 'static,
        M::Result: Send,
        Instance: Handler<M>,
    {
        for addr in self.entries.values().filter_map(|entry| entry.addr.as_ref()) {
            addr.do_send(message());
        }
    }
}

impl Actor for Registry {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(Boot { rows, mut memories, journals, tombstones, uses }) = self.boot.take() else { return };
        self.uses = uses;
        let mut journals: BTreeMap<InstanceName, RecreateJournal> =
            journals.into_iter().map(|journal| (journal.instance.clone(), journal)).collect();
        for row in rows {
            let name = row.name.clone();
            self.spawn(&name, memories.remove(&name).unwrap_or_default(), journals.remove(&name), ctx);
            if let Some(entry) = self.entries.get_mut(&name) {
                entry.row = Some(row);
            }
            self.tell_row(&name, None);
        }
        let mut names: BTreeSet<InstanceName> = memories.keys().chain(journals.keys()).cloned().collect();
        names.extend(tombstones);
        let left = |name: InstanceName| {
            let memory = memories.remove(&name).unwrap_or_default();
            let journal = journals.remove(&name);
            (name, (memory, journal))
        };
        self.leftovers = names.into_iter().map(left).collect();
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if std::thread::panicking() {
            log::error!("the registry panicked");
        }
    }
}

impl Handler<Refresh> for Registry {
    type Result = ();

    fn handle(&mut self, refresh: Refresh, ctx: &mut Self::Context) {
        let order = self.next();
        let (store, addr) = (self.tools.store.clone(), ctx.address());
        actix::spawn(async move {
            let name = refresh.name.clone();
            let row = store.agent(&name).await;
            let memories = store.memories().await;
            let journals = store.journals().await;
            match (row, memories, journals) {
                (Ok(row), Ok(mut memories), Ok(journals)) => {
                    let memory = memories.remove(&name).unwrap_or_default();
                    let journal = journals.into_iter().find(|journal| journal.instance == name);
                    addr.do_send(RowRead { order, refresh, row, memory, journal });
                }
                (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
                    log::error!(instance = name.as_ref(); "cannot read the row yet: {error}");
                    // Whoever waits hears "busy" now; the row must be followed all the same.
                    drop(refresh);
                    tokio::time::sleep(READ_AGAIN).await;
                    addr.do_send(Refresh::unasked(name));
                }
            }
        });
    }
}

impl Handler<RowRead> for Registry {
    type Result = ();

    fn handle(&mut self, read: RowRead, ctx: &mut Self::Context) {
        let RowRead { order, refresh: Refresh { name, request, reply }, row, memory, journal } = read;
        let entry = self.entries.get(&name);
        if entry.is_none() && row.is_none() {
            // Neither a row nor a container that we know of: nothing to do, and no docker call.
            if let Some(reply) = reply {
                let _ = reply.send(Settled { outcome: Outcome::Unchanged, reason: None, view: None });
            }
            return;
        }
        // A new actor knows nothing: without its row it would take the container for an orphan.
        let mut untold = entry.is_none_or(|entry| entry.addr.is_none());
        if untold {
            self.spawn(&name, memory, journal, ctx);
        }
        if let Some(entry) = self.entries.get_mut(&name)
            && entry.order < order
        {
            entry.order = order;
            untold |= entry.row != row;
            entry.row = row;
        }
        let now = self.tools.clock.now();
        let settle = reply.map(|reply| Settle { request, look_after: now, reply });
        if untold {
            self.tell_row(&name, settle);
        } else if let (Some(settle), Some(addr)) =
            (settle, self.entries.get(&name).and_then(|e| e.addr.as_ref()))
        {
            // A full mailbox drops the reply, which is the answer "busy".
            self.refused(Refused::Settle, addr.try_send(settle).is_err());
        }
    }
}

impl Handler<RowsChanged> for Registry {
    type Result = MessageResult<RowsChanged>;

    fn handle(
        &mut self,
        RowsChanged { rows, tombstones }: RowsChanged,
        _: &mut Self::Context,
    ) -> Self::Result {
        let lost: Vec<&InstanceName> = self
            .entries
            .iter()
            .filter(|(name, entry)| entry.row.is_some() && !rows.iter().any(|row| row.name == **name))
            .map(|(name, _)| name)
            .collect();
        let emptied = rows.is_empty() && lost.iter().any(|name| !tombstones.contains(name));
        if emptied {
            // The actors keep their rows, so that nothing is taken for an orphan.
            self.suspend(|registry| registry.emptied = true);
            return MessageResult(Vec::new());
        }
        let mut names: BTreeSet<InstanceName> = lost.into_iter().cloned().collect();
        names.extend(
            rows.iter()
                .filter(|row| self.entries.get(&row.name).and_then(|entry| entry.row.as_ref()) != Some(row))
                .map(|row| row.name.clone()),
        );
        self.suspend(|registry| registry.emptied = false);
        MessageResult(names.into_iter().collect())
    }
}

impl Handler<Ask> for Registry {
    type Result = bool;

    fn handle(&mut self, Ask { name, request, reply }: Ask, _: &mut Self::Context) -> bool {
        let Some(entry) = self.entries.get(&name) else { return false };
        if let Some(addr) = &entry.addr {
            let settle = Settle { request, look_after: self.tools.clock.now(), reply };
            self.refused(Refused::Settle, addr.try_send(settle).is_err());
        }
        true
    }
}

impl Handler<Targets> for Registry {
    type Result = MessageResult<Targets>;

    fn handle(&mut self, _: Targets, _: &mut Self::Context) -> Self::Result {
        let host =
            |entry: &Entry| entry.row.as_ref().is_some_and(|row| self.catalog.resolve(row) == Desired::Host);
        let expected = self.entries.iter().filter(|(_, entry)| !host(entry) || !entry.known.is_empty());
        let target = |(name, entry): (&InstanceName, &Entry)| Target {
            name: name.clone(),
            known: entry.known.clone(),
        };
        MessageResult(expected.map(target).collect())
    }
}

impl Handler<HintOf> for Registry {
    type Result = ();

    fn handle(&mut self, HintOf { name, action }: HintOf, _: &mut Self::Context) {
        if let Some(addr) = self.entries.get(&name).and_then(|entry| entry.addr.as_ref()) {
            // A hint that finds the mailbox full is one of many.
            self.refused(Refused::Hint, addr.try_send(super::messages::Hint { action }).is_err());
        }
    }
}

impl Handler<UseOf> for Registry {
    type Result = ();

    fn handle(&mut self, UseOf { name, in_use }: UseOf, _: &mut Self::Context) {
        if let Some(addr) = self.entries.get(&name).and_then(|entry| entry.addr.as_ref()) {
            // Never dropped: who works with an instance must be known before it is stopped.
            addr.do_send(SetUse { in_use: in_use.clone() });
        }
        if in_use == InUse::default() {
            self.uses.remove(&name);
        } else {
            self.uses.insert(name, in_use);
        }
    }
}

impl Handler<ViewChanged> for Registry {
    type Result = ();

    fn handle(&mut self, ViewChanged { name, epoch, view, known }: ViewChanged, _: &mut Self::Context) {
        let Some(entry) = self.entries.get_mut(&name).filter(|entry| entry.epoch == epoch) else { return };
        entry.known = known;
        let same = |old: Option<&Arc<AgentView>>| old == view.as_ref();
        if same(self.snapshot.borrow().agents.get(&name)) {
            return;
        }
        self.publish(|snapshot| {
            match view {
                Some(view) => snapshot.agents.insert(name, view),
                None => snapshot.agents.remove(&name),
            };
        });
    }
}

impl Handler<SuspendFleet> for Registry {
    type Result = ();

    fn handle(&mut self, SuspendFleet { reason }: SuspendFleet, _: &mut Self::Context) {
        self.suspend(|registry| registry.suspended = reason);
    }
}

impl Handler<Booted> for Registry {
    type Result = ();

    fn handle(&mut self, _: Booted, _: &mut Self::Context) {
        self.booted = true;
        self.publish(|snapshot| snapshot.booted = true);
    }
}

impl Handler<Redeclare> for Registry {
    type Result = ();

    fn handle(&mut self, Redeclare { catalog }: Redeclare, _: &mut Self::Context) {
        self.catalog = catalog;
        for name in self.entries.keys() {
            self.tell_row(name, None);
        }
        // Lists of types carry the generation, so they must not differ under the same one.
        self.publish(|_| {});
    }
}

impl Handler<WhyOf> for Registry {
    type Result = MessageResult<WhyOf>;

    fn handle(&mut self, WhyOf { name }: WhyOf, _: &mut Self::Context) -> Self::Result {
        let addr = self.entries.get(&name).and_then(|entry| entry.addr.clone());
        MessageResult(addr.map(|addr| {
            let (reply, answer) = oneshot::channel();
            actix::spawn(async move {
                if let Ok(why) = addr.send(super::messages::WhyQuery).await {
                    // Whoever asked may have given up.
                    let _ = reply.send(why);
                }
            });
            answer
        }))
    }
}

impl Handler<HeardBy> for Registry {
    type Result = MessageResult<HeardBy>;

    fn handle(&mut self, HeardBy { name }: HeardBy, _: &mut Self::Context) -> Self::Result {
        let addr = self.entries.get(&name).and_then(|entry| entry.addr.clone());
        MessageResult(addr.map(|addr| {
            let (reply, heard) = oneshot::channel();
            actix::spawn(async move {
                // One that died is told anew when it comes back; whoever asked may have given up.
                let _ = addr.send(Ping).await;
                let _ = reply.send(());
            });
            heard
        }))
    }
}

impl Handler<Ping> for Registry {
    type Result = ();

    fn handle(&mut self, _: Ping, _: &mut Self::Context) {}
}
