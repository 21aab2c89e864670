//! What is kept beside the rows: memory, tombstones, recreates under way, the mark of the first start.

use claude_hooks_actors::model::{ContainerId, InstanceMemory, InstanceName};
use claude_hooks_actors::ports::{Identity, RecreateJournal};
use rusqlite::{Connection, Row, Transaction};

use super::error::Fault;
use super::identity;

pub(super) fn identity(connection: &Connection) -> Result<Identity, Fault> {
    let seeded = connection.query_row("SELECT seeded FROM fleet", [], |row| row.get(0))?;
    Ok(Identity { fleet: identity::fleet(connection)?, seeded })
}

pub(super) fn mark_seeded(transaction: &Transaction<'_>) -> Result<(), Fault> {
    transaction.execute("UPDATE fleet SET seeded = 1", [])?;
    Ok(())
}

pub(super) fn tombstones(connection: &Connection) -> Result<Vec<InstanceName>, Fault> {
    let mut statement = connection.prepare_cached("SELECT name FROM tombstones ORDER BY name")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    names.iter().map(|name| parsed("tombstones", name)).collect()
}

pub(super) fn clear_tombstone(transaction: &Transaction<'_>, name: &InstanceName) -> Result<(), Fault> {
    transaction.execute("DELETE FROM tombstones WHERE name = ?1", [name.as_ref()])?;
    Ok(())
}

/// A name as it is stored, and the memory, or why it cannot be understood.
pub(super) type StoredMemory = (String, Result<(InstanceName, InstanceMemory), String>);

/// Memories by name; what cannot be understood comes back as a text, to be told and left out: it is only what was last
/// seen, and the next look replaces it.
pub(super) fn memories(connection: &Connection) -> Result<Vec<StoredMemory>, Fault> {
    let mut statement = connection.prepare_cached("SELECT name, body FROM instance_memory ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let read = |(name, body): (String, String)| {
        let memory = InstanceName::parse(&name).map_err(|error| error.to_string()).and_then(|parsed| {
            let memory = serde_json::from_str(&body).map_err(|error| error.to_string())?;
            Ok((parsed, memory))
        });
        (name, memory)
    };
    Ok(rows.map(|row| row.map(read)).collect::<Result<_, _>>()?)
}

pub(super) fn save_memory(
    transaction: &Transaction<'_>,
    name: &InstanceName,
    memory: Option<&InstanceMemory>,
) -> Result<(), Fault> {
    match memory {
        Some(memory) => {
            let sql = "INSERT OR REPLACE INTO instance_memory (name, body) VALUES (?1, ?2)";
            transaction.execute(sql, (name.as_ref(), serde_json::to_string(memory)?))?;
        }
        None => {
            transaction.execute("DELETE FROM instance_memory WHERE name = ?1", [name.as_ref()])?;
        }
    }
    Ok(())
}

/// All of them or an error: a recreate that is not replayed leaves an instance without its container.
pub(super) fn journals(connection: &Connection) -> Result<Vec<RecreateJournal>, Fault> {
    let sql = "SELECT instance, old, old_ran, old_policy, new, step FROM recreate_journal ORDER BY instance";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut journals = Vec::new();
    while let Some(row) = rows.next()? {
        journals.push(journal(row)?);
    }
    Ok(journals)
}

fn journal(row: &Row<'_>) -> Result<RecreateJournal, Fault> {
    let (instance, old, policy): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
    let (new, step): (Option<String>, String) = (row.get(4)?, row.get(5)?);
    let odd = |what: &str| Fault::Value(format!("recreate_journal of {instance}: {what}"));
    Ok(RecreateJournal {
        instance: parsed("recreate_journal", &instance)?,
        old: ContainerId::parse(&old).ok_or_else(|| odd("old is not a container id"))?,
        old_ran: row.get(2)?,
        old_policy: policy.parse().map_err(|_| odd("old_policy is no restart policy"))?,
        new: new
            .map(|new| ContainerId::parse(&new).ok_or_else(|| odd("new is not a container id")))
            .transpose()?,
        step: step.parse().map_err(|_| odd("step is neither begun nor verified"))?,
    })
}

pub(super) fn put_journal(transaction: &Transaction<'_>, journal: &RecreateJournal) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO recreate_journal (instance, old, old_ran, old_policy, new, step)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let RecreateJournal { instance, old, old_ran, old_policy, new, step } = journal;
    let new = new.as_ref().map(AsRef::as_ref);
    transaction.execute(
        sql,
        (instance.as_ref(), old.as_ref(), old_ran, old_policy.to_string(), new, step.to_string()),
    )?;
    Ok(())
}

pub(super) fn clear_journal(transaction: &Transaction<'_>, instance: &InstanceName) -> Result<(), Fault> {
    transaction.execute("DELETE FROM recreate_journal WHERE instance = ?1", [instance.as_ref()])?;
    Ok(())
}

fn parsed(table: &str, name: &str) -> Result<InstanceName, Fault> {
    InstanceName::parse(name).map_err(|error| Fault::Value(format!("{table} holds {name:?}: {error}")))
}
