//! Rows of `agents` to and from the model.

use std::collections::BTreeMap;

use claude_hooks_actors::model::{
    Agent, AgentChange, InstanceName, Lifecycle, Limits, Mount, NewAgent, Overrides, Power, TypeName,
    VolumeRecord,
};
use claude_hooks_actors::ports::StoreError;
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, named_params};

use super::columns::Reader;
use super::error::Fault;

const SELECT: &str = "SELECT name, type, lifecycle, image, command, env, mounts, network, memory_bytes, milli_cpus, \
                      pids, power, generation, created_at, updated_at, volume FROM agents";

/// What the constraint of the primary key reports; every other constraint is a value that the schema refuses.
const TAKEN: i32 = rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY;

pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Result<Agent, String>>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY name"))?;
    statement.query_map([], read)?.collect()
}

pub(super) fn one(connection: &Connection, name: &InstanceName) -> rusqlite::Result<Option<Agent>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE name = ?1"))?;
    // The name was parsed by the caller, so the row's can be.
    Ok(statement.query_row([name.as_ref()], read).optional()?.and_then(Result::ok))
}

pub(super) fn any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM agents)", [], |row| row.get(0))
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    agents: &[NewAgent],
    now: Timestamp,
) -> Result<Vec<Agent>, Fault> {
    let sql = "INSERT INTO agents (name, type, lifecycle, image, command, env, mounts, network, memory_bytes, \
               milli_cpus, pids, created_at, updated_at) \
               VALUES (:name, :type, :lifecycle, :image, :command, :env, :mounts, :network, :memory_bytes, \
               :milli_cpus, :pids, :now, :now)";
    let mut statement = transaction.prepare_cached(sql)?;
    for agent in agents {
        let columns = Columns::of(&agent.overrides)?;
        let inserted = statement.execute(named_params! {
            ":name": agent.name.as_ref(),
            ":type": agent.agent_type.as_ref(),
            ":lifecycle": columns.lifecycle,
            ":image": agent.overrides.image,
            ":command": columns.command,
            ":env": columns.env,
            ":mounts": columns.mounts,
            ":network": agent.overrides.network,
            ":memory_bytes": columns.memory_bytes,
            ":milli_cpus": agent.overrides.limits.milli_cpus,
            ":pids": agent.overrides.limits.pids,
            ":now": text_of(now),
        });
        match inserted {
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.code == ErrorCode::ConstraintViolation && error.extended_code == TAKEN =>
            {
                return Err(StoreError::AlreadyExists(agent.name.clone()).into());
            }
            other => other?,
        };
    }
    agents.iter().map(|agent| present(transaction, &agent.name)).collect()
}

pub(super) fn update(
    transaction: &Transaction<'_>,
    name: &InstanceName,
    expected: Option<u64>,
    change: &AgentChange,
    now: Timestamp,
) -> Result<Agent, Fault> {
    at_generation(transaction, name, expected)?;
    let power: Option<&str> = change.power.map(Into::into);
    let now = text_of(now);
    // One statement each way: the trigger for changes by hand raises the generation where the statement does not.
    let Some(overrides) = &change.overrides else {
        // The overrides stay byte for byte: a row that cannot be understood is not made worse.
        let sql = "UPDATE agents SET power = coalesce(?2, power), generation = generation + 1, updated_at = ?3 \
                   WHERE name = ?1";
        transaction.execute(sql, (name.as_ref(), power, now))?;
        return present(transaction, name);
    };
    let columns = Columns::of(overrides)?;
    let sql = "UPDATE agents SET power = coalesce(:power, power), generation = generation + 1, updated_at = :now, \
               lifecycle = :lifecycle, image = :image, command = :command, env = :env, mounts = :mounts, \
               network = :network, memory_bytes = :memory_bytes, milli_cpus = :milli_cpus, pids = :pids \
               WHERE name = :name";
    transaction.execute(
        sql,
        named_params! {
            ":name": name.as_ref(),
            ":power": power,
            ":now": now,
            ":lifecycle": columns.lifecycle,
            ":image": overrides.image,
            ":command": columns.command,
            ":env": columns.env,
            ":mounts": columns.mounts,
            ":network": overrides.network,
            ":memory_bytes": columns.memory_bytes,
            ":milli_cpus": overrides.limits.milli_cpus,
            ":pids": overrides.limits.pids,
        },
    )?;
    present(transaction, name)
}

pub(super) fn delete(
    transaction: &Transaction<'_>,
    name: &InstanceName,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<(), Fault> {
    at_generation(transaction, name, expected)?;
    transaction.execute("DELETE FROM agents WHERE name = ?1", [name.as_ref()])?;
    let sql = "INSERT OR REPLACE INTO tombstones (name, deleted_at) VALUES (?1, ?2)";
    transaction.execute(sql, (name.as_ref(), text_of(now)))?;
    Ok(())
}

pub(super) fn set_volume(
    transaction: &Transaction<'_>,
    name: &InstanceName,
    volume: Option<&VolumeRecord>,
) -> Result<(), Fault> {
    let json = volume.map(serde_json::to_string).transpose()?;
    let sql = "UPDATE agents SET volume = ?2 WHERE name = ?1";
    match transaction.execute(sql, (name.as_ref(), json))? {
        0 => Err(StoreError::NotFound(name.clone()).into()),
        _ => Ok(()),
    }
}

/// Milliseconds, as the defaults of the table write them.
pub(super) fn text_of(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn present(transaction: &Transaction<'_>, name: &InstanceName) -> Result<Agent, Fault> {
    one(transaction, name)?.ok_or_else(|| StoreError::NotFound(name.clone()).into())
}

fn at_generation(
    transaction: &Transaction<'_>,
    name: &InstanceName,
    expected: Option<u64>,
) -> Result<(), Fault> {
    let current = present(transaction, name)?.generation;
    match expected {
        Some(expected) if expected != current => {
            Err(StoreError::GenerationMismatch { name: name.clone(), expected, current }.into())
        }
        _ => Ok(()),
    }
}

/// Overrides as the table holds them.
struct Columns {
    lifecycle: Option<&'static str>,
    command: Option<String>,
    env: String,
    mounts: String,
    memory_bytes: Option<i64>,
}

impl Columns {
    fn of(overrides: &Overrides) -> Result<Self, Fault> {
        let bytes = overrides.limits.memory_bytes.map(i64::try_from).transpose();
        Ok(Self {
            lifecycle: overrides.lifecycle.map(Into::into),
            command: overrides.command.as_ref().map(serde_json::to_string).transpose()?,
            env: serde_json::to_string(&overrides.env)?,
            mounts: serde_json::to_string(&overrides.mounts)?,
            memory_bytes: bytes.map_err(|_| Fault::Value("memory_bytes is above 2^63 - 1".into()))?,
        })
    }
}

/// Only a name that is none makes a row unreadable: no container can ever have it. Everything else that is odd in a row
/// written by hand is kept in `broken`.
fn read(row: &Row<'_>) -> rusqlite::Result<Result<Agent, String>> {
    let mut reader = Reader::new(row);
    let name = match InstanceName::parse(&reader.text("name")?.unwrap_or_default()) {
        Ok(name) => name,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let agent_type = TypeName::parse(&reader.text("type")?.unwrap_or_default());
    let agent_type = agent_type.unwrap_or_else(|error| {
        reader.note("type", &error);
        TypeName::parse("unreadable").expect("it is a name")
    });
    let overrides = Overrides {
        lifecycle: reader.word::<Lifecycle>("lifecycle")?,
        image: reader.text("image")?,
        command: reader.json("command")?,
        env: reader.json::<BTreeMap<String, String>>("env")?.unwrap_or_default(),
        mounts: reader.json::<Vec<Mount>>("mounts")?.unwrap_or_default(),
        network: reader.text("network")?,
        limits: Limits {
            memory_bytes: reader.number("memory_bytes")?,
            milli_cpus: reader.number("milli_cpus")?,
            pids: reader.number("pids")?,
        },
    };
    // Not `On` by chance: what cannot be read asks for nothing.
    let power = reader.word::<Power>("power")?.unwrap_or(Power::Off);
    let generation = reader.number("generation")?.unwrap_or_default();
    let created_at = reader.word("created_at")?.unwrap_or(Timestamp::UNIX_EPOCH);
    let updated_at = reader.word("updated_at")?.unwrap_or(Timestamp::UNIX_EPOCH);
    let volume = reader.json("volume")?;
    let broken = reader.broken;
    Ok(Ok(Agent { name, agent_type, overrides, power, generation, created_at, updated_at, volume, broken }))
}
