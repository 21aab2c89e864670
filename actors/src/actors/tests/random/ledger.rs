//! What operators were told: a row that was acknowledged is there, one whose deletion was acknowledged is not.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::model::{Agent, InstanceName, Overrides};

#[derive(Debug, Default)]
struct Entry {
    /// Numbers the orders that change whether the row exists, or what it says.
    orders: u64,
    /// Those that were not answered: what comes of them may come at any time.
    open: BTreeSet<u64>,
    /// What the last order made of it, if that is certain.
    known: Known,
}

/// What is certain about a row.
#[derive(Clone, Debug, Default)]
enum Known {
    #[default]
    Nothing,
    Gone,
    There(Overrides),
}

type Entries = BTreeMap<InstanceName, Entry>;

/// Clones share everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    entries: Rc<RefCell<Entries>>,
}

/// One order for one name.
#[derive(Debug)]
pub(super) struct Order {
    entries: Rc<RefCell<Entries>>,
    name: InstanceName,
    number: u64,
    /// No other one was open when it began.
    alone: bool,
}

impl Ledger {
    /// An order begins: until it is answered nothing is known.
    pub(super) fn begin(&self, name: &InstanceName) -> Order {
        let mut entries = self.entries.borrow_mut();
        let entry = entries.entry(name.clone()).or_default();
        entry.orders += 1;
        entry.known = Known::Nothing;
        let alone = entry.open.is_empty();
        entry.open.insert(entry.orders);
        Order { entries: self.entries.clone(), name: name.clone(), number: entry.orders, alone }
    }

    /// Everything that was begun has ended, answered or not.
    pub(super) fn close(&self) {
        self.entries.borrow_mut().values_mut().for_each(|entry| entry.open.clear());
    }

    /// What is missing, or there although it should not.
    pub(super) fn check(&self, rows: &BTreeMap<InstanceName, Agent>) -> Result<(), String> {
        for (name, entry) in &*self.entries.borrow() {
            let known = match &entry.known {
                Known::Nothing => continue,
                Known::Gone => None,
                Known::There(overrides) => Some(overrides),
            };
            let stored = rows.get(name).map(|row| &row.overrides);
            if known != stored {
                return Err(format!("{name} was acknowledged as {known:?} but the table says {stored:?}"));
            }
        }
        Ok(())
    }
}

impl Order {
    /// It was acknowledged, with this row or none.
    pub(super) fn acknowledged(self, row: Option<Overrides>) {
        self.end(row.map_or(Known::Gone, Known::There));
    }

    /// It failed, or what it did is not known.
    pub(super) fn failed(self) {
        self.end(Known::Nothing);
    }

    fn end(self, known: Known) {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.get_mut(&self.name) else { return };
        entry.open.remove(&self.number);
        if self.alone && entry.orders == self.number {
            entry.known = known;
        }
    }
}
