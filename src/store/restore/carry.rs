//! What the present database of the same fleet knows better than a backup of it.
//!
//! A backup says what was wanted and what had happened. What docker holds, and which numbers were given out, did not go
//! back in time with it.

use std::path::Path;

use rusqlite::Connection;

/// `present` has the same schema as the database of `connection`.
pub(super) fn over(connection: &Connection, present: &Path) -> rusqlite::Result<()> {
    connection.execute("ATTACH DATABASE ?1 AS present", [present.to_string_lossy()])?;
    let done = connection.execute_batch(CARRY);
    let detached = connection.execute_batch("DETACH DATABASE present");
    done.and(detached)
}

const CARRY: &str = "
BEGIN IMMEDIATE;

-- A fence is larger than all before it, and a reader of events asks for what comes after the last that it saw.
DELETE FROM main.sqlite_sequence WHERE name IN (SELECT name FROM present.sqlite_sequence AS p
    WHERE p.seq > main.sqlite_sequence.seq AND p.name = main.sqlite_sequence.name);
INSERT INTO main.sqlite_sequence (name, seq)
    SELECT name, seq FROM present.sqlite_sequence
    WHERE name NOT IN (SELECT name FROM main.sqlite_sequence);

-- Whoever read a row that is replaced must be told when he writes it.
UPDATE main.agents AS a
    SET generation = (SELECT p.generation + 1 FROM present.agents AS p WHERE p.name = a.name)
    WHERE EXISTS (SELECT 1 FROM present.agents AS p WHERE p.name = a.name AND p.generation > a.generation);

-- Which volume is the agent's: it may have been made, or its loss accepted, after the backup.
UPDATE main.agents AS a
    SET volume = (SELECT p.volume FROM present.agents AS p WHERE p.name = a.name)
    WHERE EXISTS (SELECT 1 FROM present.agents AS p WHERE p.name = a.name AND p.volume IS NOT NULL);

-- Which containers there are, which of them was being replaced, and which images they are to have.
DELETE FROM main.instance_memory;
INSERT INTO main.instance_memory SELECT * FROM present.instance_memory;
DELETE FROM main.recreate_journal;
INSERT INTO main.recreate_journal SELECT * FROM present.recreate_journal;
DELETE FROM main.rollout_members;
DELETE FROM main.rollouts;
INSERT INTO main.rollouts SELECT * FROM present.rollouts;
INSERT INTO main.rollout_members SELECT * FROM present.rollout_members;
DELETE FROM main.tombstones;
INSERT INTO main.tombstones SELECT * FROM present.tombstones
    WHERE name NOT IN (SELECT name FROM main.agents);

COMMIT;
";
