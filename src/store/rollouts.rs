//! Rollouts to and from the model.

use claude_hooks_actors::model::{
    InstanceName, Rollout, RolloutId, RolloutMember, RolloutState, Strategy, TypeName,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, named_params};

use super::columns::{Reader, text_of};
use super::error::Fault;

const COLUMNS: &str = "id, type, state, strategy, reason, created_at, ended_at";

/// The id as it is stored, and the rollout, or why it cannot be understood.
pub(super) type Stored = (String, Result<Rollout, String>);

/// `Some`: one that has not ended is in the way, and nothing was stored.
pub(super) fn insert(transaction: &Transaction<'_>, rollout: &Rollout) -> Result<Option<RolloutId>, Fault> {
    let agent_type = rollout.agent_type.as_ref().map(AsRef::as_ref);
    if !rollout.state.has_ended()
        && let Some(id) = in_the_way(transaction, agent_type)?
    {
        return Ok(Some(id));
    }
    let sql = format!("INSERT INTO rollouts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    let values = (
        rollout.id.to_string(),
        agent_type,
        rollout.state.to_string(),
        serde_json::to_string(&rollout.strategy)?,
        &rollout.reason,
        text_of(rollout.created_at),
        rollout.ended_at.map(text_of),
    );
    transaction.execute(&sql, values)?;
    for (place, member) in rollout.members.iter().enumerate() {
        put(transaction, rollout.id, place, member)?;
    }
    Ok(None)
}

fn in_the_way(transaction: &Transaction<'_>, agent_type: Option<&str>) -> Result<Option<RolloutId>, Fault> {
    let sql = "SELECT id FROM rollouts WHERE ended_at IS NULL AND (type IS NULL OR ?1 IS NULL OR type = ?1) \
               ORDER BY id LIMIT 1";
    let id: Option<String> = transaction.query_row(sql, [agent_type], |row| row.get(0)).optional()?;
    let parsed = |id: String| {
        RolloutId::parse(&id).ok_or_else(|| Fault::Value(format!("the rollout {id:?} has no id")))
    };
    id.map(parsed).transpose()
}

fn put(
    transaction: &Transaction<'_>,
    rollout: RolloutId,
    place: usize,
    member: &RolloutMember,
) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO rollout_members \
               (rollout, place, instance, type, canary, state, image, from_image_id, to_image_id, reason, since) \
               VALUES (:rollout, :place, :instance, :type, :canary, :state, :image, :from, :to, :reason, :since)";
    transaction.prepare_cached(sql)?.execute(named_params! {
        ":rollout": rollout.to_string(),
        ":place": i64::try_from(place).unwrap_or(i64::MAX),
        ":instance": member.instance.as_ref(),
        ":type": member.agent_type.as_ref(),
        ":canary": member.canary,
        ":state": member.state.to_string(),
        ":image": member.image,
        ":from": member.from_image_id,
        ":to": member.to_image_id,
        ":reason": member.reason,
        ":since": text_of(member.since),
    })?;
    Ok(())
}

pub(super) fn change(
    transaction: &Transaction<'_>,
    rollout: &Rollout,
    places: &[usize],
) -> Result<bool, Fault> {
    let sql = "UPDATE rollouts SET state = ?2, reason = ?3, ended_at = ?4 WHERE id = ?1";
    let id = rollout.id.to_string();
    let values = (&id, rollout.state.to_string(), &rollout.reason, rollout.ended_at.map(text_of));
    if transaction.prepare_cached(sql)?.execute(values)? == 0 {
        return Ok(false);
    }
    for place in places {
        if let Some(member) = rollout.members.get(*place) {
            put(transaction, rollout.id, *place, member)?;
        }
    }
    Ok(true)
}

pub(super) fn one(connection: &Connection, id: RolloutId) -> Result<Vec<Stored>, Fault> {
    all(connection, "WHERE id = ?1", [id.to_string()])
}

pub(super) fn newest(connection: &Connection, limit: u32) -> Result<Vec<Stored>, Fault> {
    all(connection, "ORDER BY id DESC LIMIT ?1", [limit])
}

pub(super) fn open(connection: &Connection) -> Result<Vec<Stored>, Fault> {
    all(connection, "WHERE ended_at IS NULL ORDER BY id", [])
}

fn all(connection: &Connection, which: &str, values: impl Params) -> Result<Vec<Stored>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM rollouts {which}");
    let mut statement = connection.prepare_cached(&sql)?;
    let heads: Vec<Stored> = statement.query_map(values, head)?.collect::<Result<_, _>>()?;
    let whole = |(id, head): Stored| {
        let members = members(connection, &id)?;
        let rollout = head.and_then(|head| Ok(Rollout { members: members?, ..head }));
        Ok((id, rollout))
    };
    heads.into_iter().map(whole).collect()
}

/// A rollout without its members.
fn head(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let mut reader = Reader::new(row);
    let stored = reader.text("id")?.unwrap_or_default();
    let id = reader.parsed("id", |text| RolloutId::parse(text).ok_or("not a uuid"))?;
    let agent_type = reader.parsed("type", TypeName::parse)?;
    let state: Option<RolloutState> = reader.word("state")?;
    let strategy: Option<Strategy> = reader.json("strategy")?;
    let reason = reader.text("reason")?;
    let created_at: Option<Timestamp> = reader.word("created_at")?;
    let ended_at = reader.word("ended_at")?;
    let rollout = match (reader.broken, id, state, strategy, created_at) {
        (None, Some(id), Some(state), Some(strategy), Some(created_at)) => {
            Ok(Rollout { id, agent_type, state, strategy, reason, created_at, ended_at, members: Vec::new() })
        }
        (broken, ..) => Err(broken.unwrap_or_else(|| "a column is empty".into())),
    };
    Ok((stored, rollout))
}

fn members(connection: &Connection, rollout: &str) -> Result<Result<Vec<RolloutMember>, String>, Fault> {
    let sql = "SELECT place, instance, type, canary, state, image, from_image_id, to_image_id, reason, since \
               FROM rollout_members WHERE rollout = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let members: Vec<Result<RolloutMember, String>> =
        statement.query_map([rollout], member)?.collect::<Result<_, _>>()?;
    Ok(members.into_iter().collect())
}

fn member(row: &Row<'_>) -> rusqlite::Result<Result<RolloutMember, String>> {
    let mut reader = Reader::new(row);
    let instance = reader.parsed("instance", InstanceName::parse)?;
    let agent_type = reader.parsed("type", TypeName::parse)?;
    let state = reader.word("state")?;
    let image = reader.text("image")?.unwrap_or_default();
    let from_image_id = reader.text("from_image_id")?.unwrap_or_default();
    let to_image_id = reader.text("to_image_id")?;
    let reason = reader.text("reason")?;
    let since = reader.word("since")?;
    let canary = row.get("canary")?;
    Ok(match (reader.broken, instance, agent_type, state, since) {
        (None, Some(instance), Some(agent_type), Some(state), Some(since)) => Ok(RolloutMember {
            instance,
            agent_type,
            canary,
            state,
            image,
            from_image_id,
            to_image_id,
            reason,
            since,
        }),
        (broken, ..) => Err(format!("a member: {}", broken.unwrap_or_else(|| "a column is empty".into()))),
    })
}

pub(super) fn prune(transaction: &Transaction<'_>, keep: u32) -> Result<u64, Fault> {
    let sql = "DELETE FROM rollouts WHERE id IN \
               (SELECT id FROM rollouts WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT -1 OFFSET ?1)";
    Ok(transaction.execute(sql, [keep])? as u64)
}
