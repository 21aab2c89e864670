//! The event log.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::model::{Event, EventFilter, EventKind, EventPage, InstanceName, LocalEventId, NewEvent};
use crate::ports::{EventRetention, PastEvents, PastQuery};

#[derive(Debug, Default)]
pub(super) struct EventLog {
    stored: VecDeque<Event>,
    newest: u64,
    /// A real store forgets old causes; one that lives as long as a test need not.
    numbers: HashMap<LocalEventId, u64>,
}

impl EventLog {
    pub(super) fn all(&self) -> Vec<Event> {
        self.stored.iter().cloned().collect()
    }

    pub(super) fn forget_causes(&mut self) {
        self.numbers.clear();
    }

    pub(super) fn append(&mut self, events: &[NewEvent]) -> Vec<Event> {
        for (event, seq) in events.iter().zip(self.newest + 1..) {
            self.numbers.insert(event.id, seq);
        }
        let numbered: Vec<Event> = events.iter().map(|event| self.number(event)).collect();
        self.stored.extend(numbered.iter().cloned());
        numbered
    }

    fn number(&mut self, event: &NewEvent) -> Event {
        self.newest += 1;
        Event {
            seq: self.newest,
            at: event.at,
            kind: event.kind,
            instance: event.instance.clone(),
            agent_type: event.agent_type.clone(),
            incarnation: event.incarnation.clone(),
            cause: event.cause.clone(),
            detail: event.detail.clone(),
            data: event.data.clone(),
            caused_by: event.caused_by.and_then(|cause| self.numbers.get(&cause).copied()),
        }
    }

    pub(super) fn after(&self, after: u64, limit: u32, filter: &EventFilter) -> EventPage {
        let later = self.stored.iter().filter(|event| event.seq > after && filter.matches(event));
        self.page(later.take(size(limit)).cloned().collect())
    }

    /// The newest ones with `seq < before`.
    pub(super) fn before(&self, before: u64, limit: u32, filter: &EventFilter) -> EventPage {
        let newest_first =
            self.stored.iter().rev().filter(|event| event.seq < before && filter.matches(event));
        let mut items: Vec<Event> = newest_first.take(size(limit)).cloned().collect();
        items.reverse();
        self.page(items)
    }

    pub(super) fn past(&self, query: &PastQuery) -> PastEvents {
        let PastQuery { from, to, filter, phases, fleet } = query;
        let lean = |event: &Event| {
            let data = if event.instance.is_some() { serde_json::Value::Null } else { event.data.clone() };
            Event { data, ..event.clone() }
        };
        let of_fleet = |event: &&Event| event.instance.is_none() && fleet.contains(&event.kind);
        let of_instances = |event: &&Event| event.instance.is_some() && filter.matches(event);
        let mut newest: BTreeMap<(Option<InstanceName>, Option<EventKind>), Event> = BTreeMap::new();
        for event in self.stored.iter().filter(|event| event.at < *from) {
            if of_fleet(&event) {
                newest.insert((None, Some(event.kind)), lean(event));
            } else if of_instances(&event) && phases.contains(&event.kind) {
                newest.insert((event.instance.clone(), None), lean(event));
            }
        }
        let mut before: Vec<Event> = newest.into_values().collect();
        before.sort_by_key(|event| event.seq);
        let within = self.stored.iter().filter(|event| {
            event.at >= *from && (of_fleet(event) || (event.at <= *to && of_instances(event)))
        });
        let oldest = self.stored.front();
        PastEvents {
            before,
            within: within.map(lean).collect(),
            oldest: oldest.map_or(self.newest + 1, |event| event.seq),
            oldest_at: oldest.map(|event| event.at),
        }
    }

    fn page(&self, items: Vec<Event>) -> EventPage {
        let oldest = self.stored.front().map_or(self.newest + 1, |event| event.seq);
        EventPage { items, oldest, newest: self.newest }
    }

    pub(super) fn prune(&mut self, retention: EventRetention, now: Timestamp) -> u64 {
        let before = self.stored.len();
        let age = SignedDuration::try_from(retention.max_age).unwrap_or(SignedDuration::MAX);
        let cutoff = now.checked_sub(age).unwrap_or(Timestamp::MIN);
        self.stored.retain(|event| event.at >= cutoff);
        let kept = usize::try_from(retention.max_count).unwrap_or(usize::MAX);
        let surplus = self.stored.len().saturating_sub(kept);
        self.stored.drain(..surplus);
        u64::try_from(before - self.stored.len()).unwrap_or(u64::MAX)
    }
}

fn size(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
