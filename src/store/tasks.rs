//! Tasks to and from the model.

use std::collections::HashSet;
use std::fmt::Display;
use std::time::Duration;

use claude_hooks_actors::model::{
    ClaimTarget, Incarnation, InstanceName, LeaseId, Task, TaskId, TaskSpec, TaskState, TypeName,
};
use claude_hooks_actors::ports::TaskFilter;
use jiff::Timestamp;
use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, params_from_iter};
use serde::{Deserialize, Serialize};

use super::columns::{among, millis, signed, text_of, unsigned};
use super::error::Fault;

/// In the order of [`values`]: all that changes. The column `input` never does.
const COLUMNS: &str = "id, state, target_kind, target_name, agent_type, spec, idempotency_key, lease, instance, \
                       incarnation, attempt, cancelling, cause, detail, exit_code, queued_at, started_at, ended_at, \
                       output_bytes, truncated, volume";
const PLACES: &str =
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21";
/// The same for a change: a cancel that somebody noted meanwhile stays noted.
const CHANGED: &str = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, max(cancelling, ?12), ?13, ?14, ?15, ?16, ?17, \
                       ?18, ?19, ?20, ?21";

/// To which something will happen yet; the condition of the index, word for word, or SQLite would not use it.
pub(super) const OPEN: &str = "state IN ('queued', 'waking', 'running', 'interrupted')";

/// A task as far as it is one: its id as it is stored, and the task, or why it cannot be understood.
pub(super) type StoredTask = (String, Result<Task, String>);

/// A task and the digest of its input, if that is known; empty for none.
pub(super) type Keyed = (Task, Option<String>);

/// The task of an idempotency key.
pub(super) fn of_key(connection: &Connection, key: &str) -> Result<Option<Keyed>, Fault> {
    let sql = format!("SELECT {COLUMNS}, input FROM tasks WHERE idempotency_key = ?1");
    let Some(task) = one(connection, &sql, [key])? else { return Ok(None) };
    let sql = "SELECT input FROM tasks WHERE id = ?1";
    let digest = connection.query_row(sql, [task.id.to_string()], |row| row.get(0))?;
    Ok(Some((task, digest)))
}

/// The task that stands in the way of a new one, by its idempotency key; another of its id is an error.
pub(super) fn known(connection: &Connection, task: &Task) -> Result<Option<Keyed>, Fault> {
    if let Some(key) = &task.idempotency_key
        && let Some(known) = of_key(connection, key)?
    {
        return Ok(Some(known));
    }
    if exists(connection, task.id)? {
        return Err(Fault::Value(format!("there is a task {} already", task.id)));
    }
    Ok(None)
}

pub(super) fn exists(connection: &Connection, id: TaskId) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tasks WHERE id = ?1)";
    connection.query_row(sql, [id.to_string()], |row| row.get(0))
}

/// `None`: it is new.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    task: &Task,
    digest: Option<&str>,
) -> Result<Option<Keyed>, Fault> {
    if let Some(known) = known(transaction, task)? {
        return Ok(Some(known));
    }
    let sql = format!("INSERT INTO tasks ({COLUMNS}, input) VALUES ({PLACES}, ?22)");
    let values = values(task)?.into_iter().chain([digest.map(ToOwned::to_owned).into()]);
    transaction.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(None)
}

/// Of one that has not ended; the task as it is then.
pub(super) fn cancel(transaction: &Transaction<'_>, id: TaskId) -> Result<Option<Task>, Fault> {
    let sql = format!("UPDATE tasks SET cancelling = 1 WHERE id = ?1 AND {OPEN}");
    transaction.prepare_cached(&sql)?.execute([id.to_string()])?;
    by_id(transaction, id)
}

pub(super) fn change(
    transaction: &Transaction<'_>,
    was: TaskState,
    attempt: u32,
    task: &Task,
) -> Result<bool, Fault> {
    let sql =
        format!("UPDATE tasks SET ({COLUMNS}) = ({CHANGED}) WHERE id = ?1 AND state = ?22 AND attempt = ?23");
    let values = values(task)?.into_iter().chain([was.to_string().into(), attempt.into()]);
    Ok(transaction.prepare_cached(&sql)?.execute(params_from_iter(values))? > 0)
}

fn values(task: &Task) -> Result<[Value; 21], Fault> {
    let (target_kind, target_name) = match &task.target {
        ClaimTarget::Instance(name) => ("instance", name.to_string()),
        ClaimTarget::Type(name) => ("type", name.to_string()),
    };
    let spec = serde_json::to_string(&StoredSpec::from(&task.spec))?;
    Ok([
        task.id.to_string().into(),
        task.state.to_string().into(),
        target_kind.to_owned().into(),
        target_name.into(),
        task.agent_type.to_string().into(),
        spec.into(),
        task.idempotency_key.clone().into(),
        task.lease.map(|lease| lease.to_string()).into(),
        task.instance.as_ref().map(ToString::to_string).into(),
        task.incarnation.as_ref().map(ToString::to_string).into(),
        task.attempt.into(),
        task.cancelling.into(),
        task.cause.clone().into(),
        task.detail.clone().into(),
        task.exit_code.into(),
        text_of(task.queued_at).into(),
        task.started_at.map(text_of).into(),
        task.ended_at.map(text_of).into(),
        signed(task.output_bytes).into(),
        task.truncated.into(),
        task.volume.clone().into(),
    ])
}

pub(super) fn by_id(connection: &Connection, id: TaskId) -> Result<Option<Task>, Fault> {
    one(connection, &format!("SELECT {COLUMNS}, input FROM tasks WHERE id = ?1"), [id.to_string()])
}

/// Asked for by name, what cannot be understood is an error: it is not true that there is none.
fn one(connection: &Connection, sql: &str, values: impl Params) -> Result<Option<Task>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    match statement.query_row(values, read).optional()? {
        Some((_, Ok(task))) => Ok(Some(task)),
        Some((id, Err(problem))) => Err(Fault::Value(format!("the task {id}: {problem}"))),
        None => Ok(None),
    }
}

/// A page, newest first: `limit` tasks, and what between them cannot be understood.
pub(super) fn page(
    connection: &Connection,
    filter: &TaskFilter,
    before: Option<TaskId>,
    limit: u32,
) -> Result<Vec<StoredTask>, Fault> {
    let mut values = Vec::new();
    let mut conditions = among("instance", filter.instance.iter().map(AsRef::<str>::as_ref), &mut values);
    conditions += &among("state", filter.states.iter().map(ToString::to_string), &mut values);
    if let Some(before) = before {
        conditions += " AND id < ?";
        values.push(Value::Text(before.to_string()));
    }
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, input FROM tasks WHERE true{conditions} ORDER BY id DESC"
    ))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut found, mut understood) = (Vec::new(), 0);
    // Counted here, not by LIMIT: odd ones must not make a page look like the last.
    while understood < limit
        && let Some(row) = rows.next()?
    {
        let task = read(row)?;
        understood += u32::from(task.1.is_ok());
        found.push(task);
    }
    Ok(found)
}

/// All that are not in a final state, oldest first.
pub(super) fn open(connection: &Connection) -> rusqlite::Result<Vec<StoredTask>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS}, input FROM tasks WHERE {OPEN} ORDER BY id"))?;
    statement.query_map([], read)?.collect()
}

/// Ids of open tasks, also of those that cannot be understood.
pub(super) fn open_ids(connection: &Connection) -> Result<HashSet<String>, Fault> {
    let mut statement = connection.prepare_cached(&format!("SELECT id FROM tasks WHERE {OPEN}"))?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn prune(transaction: &Transaction<'_>, before: Timestamp, keep: u32) -> Result<u64, Fault> {
    let old = format!("DELETE FROM tasks WHERE NOT {OPEN} AND coalesce(ended_at, queued_at) < ?1");
    let mut deleted = transaction.execute(&old, [text_of(before)])?;
    let surplus = format!(
        "DELETE FROM tasks WHERE id IN (SELECT id FROM tasks WHERE NOT {OPEN} \
         ORDER BY coalesce(ended_at, queued_at) DESC, id DESC LIMIT -1 OFFSET ?1)"
    );
    deleted += transaction.execute(&surplus, [keep])?;
    Ok(deleted as u64)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredTask> {
    Ok((row.get("id")?, understand(&Strict(row))))
}

fn understand(row: &Strict<'_, '_>) -> Result<Task, String> {
    let target = match row.get::<String>("target_kind")?.as_str() {
        "instance" => ClaimTarget::Instance(row.required("target_name", InstanceName::parse)?),
        "type" => ClaimTarget::Type(row.required("target_name", TypeName::parse)?),
        other => return Err(format!("the column target_kind cannot be understood: {other:?}")),
    };
    let spec: StoredSpec = row.required("spec", |text| serde_json::from_str(text))?;
    let incarnation = |text: &str| Incarnation::try_from(text.to_owned());
    let time = str::parse::<Timestamp>;
    Ok(Task {
        id: row.required("id", |text| TaskId::parse(text).ok_or("not a uuid"))?,
        state: row.required("state", str::parse::<TaskState>)?,
        target,
        agent_type: row.required("agent_type", TypeName::parse)?,
        spec: spec.into(),
        idempotency_key: row.get("idempotency_key")?,
        lease: row.optional("lease", |text| LeaseId::parse(text).ok_or("not a uuid"))?,
        instance: row.optional("instance", InstanceName::parse)?,
        incarnation: row.optional("incarnation", incarnation)?,
        volume: row.get("volume")?,
        has_input: row.get::<Option<String>>("input")?.is_none_or(|input| !input.is_empty()),
        attempt: row.get("attempt")?,
        cancelling: row.get("cancelling")?,
        cause: row.get("cause")?,
        detail: row.get("detail")?,
        exit_code: row.get("exit_code")?,
        queued_at: row.required("queued_at", time)?,
        started_at: row.optional("started_at", time)?,
        ended_at: row.optional("ended_at", time)?,
        output_bytes: row.get::<i64>("output_bytes").map(unsigned)?,
        truncated: row.get("truncated")?,
    })
}

/// Reads columns; the first that cannot be understood is the error. Half a task must not be run.
struct Strict<'r, 's>(&'r Row<'s>);

impl Strict<'_, '_> {
    fn get<T: FromSql>(&self, column: &str) -> Result<T, String> {
        self.0.get(column).map_err(|error| format!("the column {column} cannot be understood: {error}"))
    }

    fn optional<T, E: Display>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        let text = self.get::<Option<String>>(column)?;
        let parsed = text.map(|text| parse(&text)).transpose();
        parsed.map_err(|error| format!("the column {column} cannot be understood: {error}"))
    }

    fn required<T, E: Display>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, String> {
        self.optional(column, parse)?.ok_or_else(|| format!("the column {column} is NULL"))
    }
}

/// The column `spec`.
#[derive(Serialize, Deserialize)]
struct StoredSpec {
    argv: Vec<String>,
    workdir: Option<String>,
    timeout_ms: Option<u64>,
    retry: bool,
}

impl From<&TaskSpec> for StoredSpec {
    fn from(spec: &TaskSpec) -> Self {
        let TaskSpec { argv, workdir, timeout, retry } = spec.clone();
        Self { argv, workdir, timeout_ms: timeout.map(|timeout| unsigned(millis(timeout))), retry }
    }
}

impl From<StoredSpec> for TaskSpec {
    fn from(stored: StoredSpec) -> Self {
        let StoredSpec { argv, workdir, timeout_ms, retry } = stored;
        Self { argv, workdir, timeout: timeout_ms.map(Duration::from_millis), retry }
    }
}
