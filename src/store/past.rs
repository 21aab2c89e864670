//! What happened in a window of time, and how it stood when it began.

use claude_hooks_actors::model::{Event, EventKind};
use claude_hooks_actors::ports::{PastEvents, PastQuery};
use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::columns::{among, text_of, unsigned};
use super::error::Fault;
use super::events::{OddEvent, newest, read};

/// `data` may be long, and is only told of the fleet's own events.
const SELECT: &str = "SELECT seq, at, kind, instance, type, incarnation, cause, detail, \
                      CASE WHEN instance IS NULL THEN data ELSE 'null' END AS data, caused_by FROM events";

/// The events, and those in their range that could not be understood.
pub(super) fn events(
    connection: &mut Connection,
    query: &PastQuery,
) -> Result<(PastEvents, Vec<OddEvent>), Fault> {
    // One snapshot, or a prune in between would take away what the window stands on.
    let snapshot = connection.transaction()?;
    let sql = "SELECT seq, at FROM events ORDER BY seq LIMIT 1";
    let mut oldest = (newest(&snapshot)? + 1, None);
    let mut statement = snapshot.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    if let Some(row) = rows.next()? {
        oldest = (unsigned(row.get(0)?), row.get::<_, String>(1)?.parse::<Timestamp>().ok());
    }
    let mut odd = Vec::new();
    let before = read_all(&snapshot, &before(query), &mut odd)?;
    let within = read_all(&snapshot, &within(query), &mut odd)?;
    Ok((PastEvents { before, within, oldest: oldest.0, oldest_at: oldest.1 }, odd))
}

/// A statement with its values.
type Asked = (String, Vec<Value>);

fn before(query: &PastQuery) -> Asked {
    let from = || Value::Text(text_of(query.from));
    let mut values = vec![from()];
    let phases = kinds(&query.phases, &mut values);
    let whose = whose(query, &mut values);
    values.push(from());
    let fleet = kinds(&query.fleet, &mut values);
    let sql = format!(
        "{SELECT} WHERE seq IN (
             SELECT max(seq) FROM events WHERE at < ?{phases} AND instance IS NOT NULL{whose} GROUP BY instance
             UNION ALL
             SELECT max(seq) FROM events WHERE at < ?{fleet} AND instance IS NULL GROUP BY kind)
         ORDER BY seq"
    );
    (sql, values)
}

fn within(query: &PastQuery) -> Asked {
    let mut values = vec![Value::Text(text_of(query.from)), Value::Text(text_of(query.to))];
    let whose = whose(query, &mut values);
    values.push(Value::Text(text_of(query.from)));
    let fleet = kinds(&query.fleet, &mut values);
    let sql = format!(
        "SELECT * FROM (
             {SELECT} WHERE at >= ? AND at <= ? AND instance IS NOT NULL{whose}
             UNION ALL
             {SELECT} WHERE at >= ?{fleet} AND instance IS NULL)
         ORDER BY seq"
    );
    (sql, values)
}

fn kinds(kinds: &[EventKind], values: &mut Vec<Value>) -> String {
    among("kind", kinds.iter().map(|kind| <&str>::from(*kind)), values)
}

fn whose(query: &PastQuery, values: &mut Vec<Value>) -> String {
    let instances = among("instance", query.filter.instances.iter().map(AsRef::<str>::as_ref), values);
    instances + &among("type", query.filter.types.iter().map(AsRef::<str>::as_ref), values)
}

fn read_all(
    connection: &Connection,
    (sql, values): &Asked,
    odd: &mut Vec<OddEvent>,
) -> Result<Vec<Event>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(event) => events.push(event),
            Err(error) => odd.push((unsigned(row.get("seq")?), error.to_string())),
        }
    }
    Ok(events)
}
