//! What becomes of the rows. By their columns, as they stand: also a row that nobody could understand is counted.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;
use serde::Serialize;

/// Names in order. Values are not told: there may be secrets among the variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowChanges {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<RowChange>,
    pub unchanged: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowChange {
    pub name: String,
    pub columns: Vec<String>,
}

/// Kept by the supervisor, and follows by itself.
const NOT_WISHES: [&str; 4] = ["generation", "created_at", "updated_at", "volume"];

type Row = BTreeMap<String, Value>;

pub(super) fn changes(present: Option<&Connection>, restored: &Connection) -> rusqlite::Result<RowChanges> {
    let mut before = present.map(rows).transpose()?.unwrap_or_default();
    let mut changes = RowChanges::default();
    for (name, row) in rows(restored)? {
        let Some(old) = before.remove(&name) else {
            changes.added.push(name);
            continue;
        };
        let differs = |column: &&String| old.get(*column) != row.get(*column);
        let columns: Vec<String> = row.keys().filter(differs).cloned().collect();
        if columns.is_empty() {
            changes.unchanged += 1;
        } else {
            changes.changed.push(RowChange { name, columns });
        }
    }
    changes.removed = before.into_keys().collect();
    Ok(changes)
}

fn rows(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Row>> {
    let mut statement = connection.prepare("SELECT * FROM agents")?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = statement.query([])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let mut values = Row::new();
        for (at, column) in columns.iter().enumerate() {
            if !NOT_WISHES.contains(&column.as_str()) {
                values.insert(column.clone(), row.get(at)?);
            }
        }
        found.insert(row.get("name")?, values);
    }
    Ok(found)
}
