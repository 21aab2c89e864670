//! Rows written past the daemon, as an operator with sqlite3 would.

use rusqlite::{Connection, params};

/// Adds a row without overrides.
#[track_caller]
pub(crate) fn insert_row(db: &Connection, name: &str, agent_type: &str) {
    let inserted = db.execute("INSERT INTO agents (name, type) VALUES (?1, ?2)", params![name, agent_type]);
    assert_eq!(inserted, Ok(1), "a row needs a name and a type, the rest has defaults");
}

#[track_caller]
pub(crate) fn delete_all_rows(db: &Connection) {
    db.execute("DELETE FROM agents", []).expect("rows can be deleted by hand");
}
