//! Leases and standings to and from the model.

use std::time::Duration;

use claude_hooks_actors::model::{
    HumanNeed, InstanceName, Lease, LeaseEnd, LeaseId, ParkKind, Parked, SaidBy, Standing,
};
use claude_hooks_actors::ports::{LeaseError, StoreError, WantedLease};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::columns::{Reader, millis, signed, text_of, unsigned};
use super::error::Fault;

const STANDING: &str = "instance, cordoned, hold_until, last_used_at, parked, needs_human";
const COLUMNS: &str = "fence, id, instance, holder, ttl_ms, acquired_at, expires_at";

/// One statement chooses and grants: nobody can come between.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    wanted: &WantedLease,
    candidates: &[InstanceName],
) -> Result<Option<Lease>, Fault> {
    let sql = format!(
        "INSERT INTO leases (id, instance, holder, ttl_ms, acquired_at, expires_at) \
         SELECT :id, agents.name, :holder, :ttl_ms, :acquired_at, :expires_at \
         FROM json_each(:candidates) AS candidate \
         JOIN agents ON agents.name = candidate.value \
         LEFT JOIN standing ON standing.instance = agents.name \
         WHERE coalesce(standing.cordoned, 0) = 0 AND standing.parked IS NULL \
         AND NOT EXISTS (SELECT 1 FROM leases WHERE leases.instance = agents.name AND leases.ended_at IS NULL) \
         ORDER BY candidate.key LIMIT 1 \
         RETURNING {COLUMNS}"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let values = named_params! {
        ":id": wanted.id.to_string(),
        ":holder": wanted.holder,
        ":ttl_ms": millis(wanted.ttl),
        ":acquired_at": text_of(wanted.acquired_at),
        ":expires_at": text_of(wanted.expires_at),
        ":candidates": serde_json::to_string(candidates)?,
    };
    statement.query_row(values, read).optional()?.map(whole).transpose()
}

pub(super) fn renew(
    transaction: &Transaction<'_>,
    id: LeaseId,
    fence: u64,
    expires_at: Timestamp,
) -> Result<Result<Lease, LeaseError>, Fault> {
    let sql = format!(
        "UPDATE leases SET expires_at = ?3 WHERE id = ?1 AND fence = ?2 AND ended_at IS NULL RETURNING {COLUMNS}"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let values = (id.to_string(), signed(fence), text_of(expires_at));
    match statement.query_row(values, read).optional()? {
        Some(lease) => Ok(Ok(whole(lease)?)),
        None => Ok(Err(refusal(transaction, id, Some(fence))?)),
    }
}

pub(super) fn end(
    transaction: &Transaction<'_>,
    id: LeaseId,
    fence: Option<u64>,
    end: LeaseEnd,
    at: Timestamp,
) -> Result<Result<Lease, LeaseError>, Fault> {
    let sql = format!(
        "UPDATE leases SET ended_at = ?3, ended_by = ?4 \
         WHERE id = ?1 AND fence = coalesce(?2, fence) AND ended_at IS NULL RETURNING {COLUMNS}"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let values = (id.to_string(), fence.map(signed), text_of(at), end.to_string());
    let Some(lease) = statement.query_row(values, read).optional()? else {
        return Ok(Err(refusal(transaction, id, fence)?));
    };
    let lease = whole(lease)?;
    let sql = "INSERT INTO standing (instance, last_used_at) VALUES (?1, ?2) \
               ON CONFLICT (instance) DO UPDATE SET last_used_at = excluded.last_used_at";
    transaction.execute(sql, (lease.instance.as_ref(), text_of(at)))?;
    Ok(Ok(lease))
}

/// Why no lease was changed.
fn refusal(transaction: &Transaction<'_>, id: LeaseId, fence: Option<u64>) -> Result<LeaseError, Fault> {
    let sql = "SELECT fence FROM leases WHERE id = ?1";
    let own = transaction.query_row(sql, [id.to_string()], |row| row.get(0)).optional()?;
    Ok(match own {
        Some(own) => LeaseError::Stale { id, fence: fence.unwrap_or(unsigned(own)) },
        None => LeaseError::Unknown(id),
    })
}

/// A lease as far as it can be understood, and what cannot be in it; or why it is none.
type StoredLease = Result<(Lease, Option<String>), String>;

/// Leases that have not ended, by fence.
pub(super) fn open(connection: &Connection) -> rusqlite::Result<Vec<(u64, StoredLease)>> {
    let sql = format!("SELECT {COLUMNS} FROM leases WHERE ended_at IS NULL ORDER BY fence");
    let mut statement = connection.prepare_cached(&sql)?;
    let read = |row: &Row<'_>| Ok((unsigned(row.get("fence")?), read(row)?));
    statement.query_map([], read)?.collect()
}

/// A lease whose times cannot be read is one that has expired: left out, it would keep its instance for ever.
fn read(row: &Row<'_>) -> rusqlite::Result<StoredLease> {
    let mut reader = Reader::new(row);
    let id = reader.parsed("id", |text| LeaseId::parse(text).ok_or("not a uuid"))?;
    let instance = reader.parsed("instance", InstanceName::parse)?;
    let (Some(id), Some(instance)) = (id, instance) else {
        return Ok(Err(reader.broken.unwrap_or_default()));
    };
    let lease = Lease {
        id,
        instance,
        fence: unsigned(row.get("fence")?),
        holder: reader.text("holder")?.unwrap_or_default(),
        ttl: Duration::from_millis(unsigned(row.get("ttl_ms")?)),
        acquired_at: reader.word("acquired_at")?.unwrap_or(Timestamp::UNIX_EPOCH),
        expires_at: reader.word("expires_at")?.unwrap_or(Timestamp::UNIX_EPOCH),
    };
    Ok(Ok((lease, reader.broken)))
}

/// The lease that a statement changed; an oddity in it is told when leases are listed.
fn whole(stored: StoredLease) -> Result<Lease, Fault> {
    stored.map(|(lease, _)| lease).map_err(Fault::Value)
}

/// An instance as it is stored, and its standing as far as it can be understood.
pub(super) type StoredStanding = (String, Standing, Option<String>);

/// Those that say anything.
pub(super) fn standings(connection: &Connection) -> rusqlite::Result<Vec<StoredStanding>> {
    let sql = format!(
        "SELECT {STANDING} FROM standing WHERE cordoned OR hold_until IS NOT NULL OR last_used_at IS NOT NULL \
         OR parked IS NOT NULL OR needs_human IS NOT NULL ORDER BY instance"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map([], read_standing)?.collect()
}

fn read_standing(row: &Row<'_>) -> rusqlite::Result<StoredStanding> {
    let mut reader = Reader::new(row);
    let instance = reader.text("instance")?.unwrap_or_default();
    let standing = Standing {
        cordoned: row.get("cordoned")?,
        hold_until: reader.word("hold_until")?,
        last_used_at: reader.word("last_used_at")?,
        parked: parked(&mut reader)?,
        needs_human: reader.json("needs_human")?,
    };
    Ok((instance, standing, reader.broken))
}

/// What cannot be understood parks it all the same: the statement that grants says so too, and an operator can reopen it.
fn parked(reader: &mut Reader<'_, '_>) -> rusqlite::Result<Option<Parked>> {
    let Some(text) = reader.text("parked")? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&text).unwrap_or_else(|error| {
        reader.note("parked", &error);
        Parked {
            kind: ParkKind::Other,
            reason: "what the database says about it cannot be understood".to_owned(),
            until: None,
            reopens_at: None,
            since: Timestamp::UNIX_EPOCH,
            by: SaidBy::Operator,
            holder: None,
            account: None,
        }
    })))
}

/// The part of a standing that is set.
#[derive(Clone, Debug)]
pub(super) enum Set {
    Cordoned(bool),
    Hold(Option<Timestamp>),
    Parked(Option<Parked>),
    NeedsHuman(Option<HumanNeed>),
}

pub(super) fn set(transaction: &Transaction<'_>, name: &InstanceName, part: Set) -> Result<Standing, Fault> {
    let (column, value) = match part {
        Set::Cordoned(cordoned) => ("cordoned", rusqlite::types::Value::from(i64::from(cordoned))),
        Set::Hold(until) => ("hold_until", until.map(text_of).into()),
        Set::Parked(parked) => ("parked", parked.as_ref().map(serde_json::to_string).transpose()?.into()),
        Set::NeedsHuman(need) => {
            ("needs_human", need.as_ref().map(serde_json::to_string).transpose()?.into())
        }
    };
    let sql = format!(
        "INSERT INTO standing (instance, {column}) SELECT name, ?2 FROM agents WHERE name = ?1 \
         ON CONFLICT (instance) DO UPDATE SET {column} = excluded.{column} \
         RETURNING {STANDING}"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let set = statement.query_row((name.as_ref(), value), read_standing).optional()?;
    Ok(set.map(|(_, standing, _)| standing).ok_or_else(|| StoreError::NotFound(name.clone()))?)
}

pub(super) fn prune(transaction: &Transaction<'_>, before: Timestamp) -> Result<u64, Fault> {
    let ended = transaction.execute("DELETE FROM leases WHERE ended_at < ?1", [text_of(before)])?;
    transaction.execute("DELETE FROM standing WHERE instance NOT IN (SELECT name FROM agents)", [])?;
    Ok(ended as u64)
}
