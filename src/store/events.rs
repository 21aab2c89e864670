//! The event log: numbered without gaps, read in pages, cut at the old end.

use std::collections::{HashMap, VecDeque};

use claude_hooks_actors::model::{
    Event, EventFilter, EventPage, Incarnation, InstanceName, LocalEventId, NewEvent, TypeName,
};
use claude_hooks_actors::ports::EventRetention;
use jiff::{SignedDuration, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, named_params, params_from_iter};

use super::columns::{among, signed, text_of, unsigned};
use super::error::Fault;

/// Causes that are remembered; what led to an event was stored seconds before it, not thousands of events.
const RECENT: usize = 4096;

const SELECT: &str =
    "SELECT seq, at, kind, instance, type, incarnation, cause, detail, data, caused_by FROM events";

/// Sequence numbers of the events that this process stored lately.
#[derive(Debug, Default)]
pub(super) struct Recent {
    numbers: HashMap<LocalEventId, u64>,
    order: VecDeque<LocalEventId>,
}

impl Recent {
    pub(super) fn remember(&mut self, id: LocalEventId, seq: u64) {
        if self.numbers.insert(id, seq).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.numbers.remove(&oldest);
        }
    }

    fn number(&self, id: LocalEventId) -> Option<u64> {
        self.numbers.get(&id).copied()
    }
}

/// The numbers are ours to give, because a cause may come after its effect in the same call; the transaction has the
/// only right to write.
pub(super) fn append(
    transaction: &Transaction<'_>,
    events: &[NewEvent],
    recent: &Recent,
) -> Result<Vec<Event>, Fault> {
    let first = newest(transaction)? + 1;
    let numbered = || events.iter().zip(first..);
    let here: HashMap<LocalEventId, u64> = numbered().map(|(event, seq)| (event.id, seq)).collect();
    let cause = |id: LocalEventId| here.get(&id).copied().or_else(|| recent.number(id));
    let stored: Vec<Event> = numbered()
        .map(|(event, seq)| Event {
            seq,
            at: event.at,
            kind: event.kind,
            instance: event.instance.clone(),
            agent_type: event.agent_type.clone(),
            incarnation: event.incarnation.clone(),
            cause: event.cause.clone(),
            detail: event.detail.clone(),
            data: event.data.clone(),
            caused_by: event.caused_by.and_then(cause),
        })
        .collect();
    let sql = "INSERT INTO events (seq, at, kind, instance, type, incarnation, cause, detail, data, caused_by) \
               VALUES (:seq, :at, :kind, :instance, :type, :incarnation, :cause, :detail, :data, :caused_by)";
    let mut statement = transaction.prepare_cached(sql)?;
    for event in &stored {
        statement.execute(named_params! {
            ":seq": signed(event.seq),
            ":at": text_of(event.at),
            ":kind": <&str>::from(event.kind),
            ":instance": event.instance.as_ref().map(AsRef::<str>::as_ref),
            ":type": event.agent_type.as_ref().map(AsRef::<str>::as_ref),
            ":incarnation": event.incarnation.as_ref().map(ToString::to_string),
            ":cause": event.cause,
            ":detail": event.detail,
            ":data": event.data.to_string(),
            ":caused_by": event.caused_by.map(signed),
        })?;
    }
    Ok(stored)
}

/// Which end of the matching events a page is taken from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Page {
    After(u64),
    Before(u64),
}

/// An event that could not be understood: its number, and why.
pub(super) type OddEvent = (u64, String);

/// A page, and the events in its range that could not be understood.
pub(super) fn page(
    connection: &mut Connection,
    page: Page,
    limit: u32,
    filter: &EventFilter,
) -> Result<(EventPage, Vec<OddEvent>), Fault> {
    // One snapshot, or a prune in between would make `oldest` contradict the items.
    let snapshot = connection.transaction()?;
    let newest = newest(&snapshot)?;
    let oldest: Option<i64> = snapshot.query_row("SELECT min(seq) FROM events", [], |row| row.get(0))?;
    let (bound, cursor, direction) = match page {
        Page::After(after) => (">", after, "ASC"),
        Page::Before(before) => ("<", before, "DESC"),
    };
    let mut values = vec![Value::Integer(signed(cursor))];
    let kinds = filter.kinds.iter().map(|kind| <&str>::from(*kind));
    let conditions = [
        among("kind", kinds, &mut values),
        among("instance", filter.instances.iter().map(AsRef::<str>::as_ref), &mut values),
        among("type", filter.types.iter().map(AsRef::<str>::as_ref), &mut values),
        among("cause", filter.causes.iter().map(String::as_str), &mut values),
        containing(filter.text.as_deref(), &mut values),
    ];
    let conditions = conditions.concat();
    let sql = format!("{SELECT} WHERE seq {bound} ?{conditions} ORDER BY seq {direction}");
    let mut statement = snapshot.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut items, mut odd) = (Vec::new(), Vec::new());
    // Counted here, not by LIMIT: a reader that goes on after the last item must get past any number of odd ones.
    while items.len() < limit as usize
        && let Some(row) = rows.next()?
    {
        match read(row) {
            Ok(event) => items.push(event),
            Err(error) => odd.push((unsigned(row.get(0)?), error.to_string())),
        }
    }
    if matches!(page, Page::Before(_)) {
        items.reverse();
    }
    Ok((EventPage { items, oldest: oldest.map_or(newest + 1, unsigned), newest }, odd))
}

/// A condition on all that [`EventFilter::text`] is looked for in. `LIKE` takes ASCII letters in either case.
fn containing(text: Option<&str>, values: &mut Vec<Value>) -> String {
    let Some(text) = text else { return String::new() };
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let columns = ["kind", "instance", "type", "cause", "detail"];
    values.extend(columns.map(|_| Value::Text(format!("%{escaped}%"))));
    let conditions = columns.map(|column| format!("{column} LIKE ? ESCAPE '\\'"));
    format!(" AND ({})", conditions.join(" OR "))
}

pub(super) fn prune(
    transaction: &Transaction<'_>,
    retention: EventRetention,
    now: Timestamp,
) -> Result<u64, Fault> {
    let mut deleted = 0;
    // An age before the beginning of time keeps everything.
    let oldest = SignedDuration::try_from(retention.max_age).ok().and_then(|age| now.checked_sub(age).ok());
    if let Some(oldest) = oldest {
        deleted += transaction.execute("DELETE FROM events WHERE at < ?1", [text_of(oldest)])?;
    }
    if let Ok(count) = i64::try_from(retention.max_count) {
        let sql =
            "DELETE FROM events WHERE seq <= (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ?1)";
        deleted += transaction.execute(sql, [count])?;
    }
    Ok(deleted as u64)
}

/// The highest number that was ever given; `sqlite_sequence` outlives the events.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'";
    connection.query_row(sql, [], |row| row.get(0)).map(unsigned)
}

pub(super) fn read(row: &Row<'_>) -> Result<Event, Box<dyn std::error::Error>> {
    let text = |column| row.get::<_, Option<String>>(column);
    Ok(Event {
        seq: unsigned(row.get("seq")?),
        at: row.get::<_, String>("at")?.parse()?,
        kind: row.get::<_, String>("kind")?.parse()?,
        instance: text("instance")?.as_deref().map(InstanceName::parse).transpose()?,
        agent_type: text("type")?.as_deref().map(TypeName::parse).transpose()?,
        incarnation: text("incarnation")?.map(Incarnation::try_from).transpose()?,
        cause: text("cause")?,
        detail: text("detail")?,
        data: serde_json::from_str(&row.get::<_, String>("data")?)?,
        caused_by: row.get::<_, Option<i64>>("caused_by")?.map(unsigned),
    })
}
