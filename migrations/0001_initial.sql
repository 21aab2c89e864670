-- The first schema. Migrations are append-only: a released one is never edited, the next number says what is different.
-- Each runs in one transaction, together with the raising of user_version.

PRAGMA application_id = 0x636c686b; -- "clhk"

-- One row, one agent. `INSERT INTO agents(name, type) VALUES ('dev-2', 'dev')` is enough; what is NULL follows the type.
CREATE TABLE agents (
    name TEXT NOT NULL PRIMARY KEY
        CONSTRAINT "a name is [a-z0-9][a-z0-9-]{0,62} and does not end in -prev" CHECK (
            name GLOB '[a-z0-9]*' AND name NOT GLOB '*[^a-z0-9-]*' AND name NOT GLOB '*-prev'
            AND length(name) <= 63 AND length(name) = length(CAST(name AS BLOB))),
    type TEXT NOT NULL
        CONSTRAINT "a type is [a-z0-9][a-z0-9-]{0,62}" CHECK (
            type GLOB '[a-z0-9]*' AND type NOT GLOB '*[^a-z0-9-]*'
            AND length(type) <= 63 AND length(type) = length(CAST(type AS BLOB))),
    lifecycle TEXT
        CONSTRAINT "lifecycle is hot, lazy or NULL" CHECK (lifecycle IN ('hot', 'lazy')),
    image TEXT
        CONSTRAINT "image is NULL or not empty" CHECK (image <> ''),
    -- ["program", "argument"]
    command TEXT
        CONSTRAINT "command is NULL or a JSON array" CHECK (
            command IS NULL OR CASE WHEN json_valid(command) THEN json_type(command) = 'array' ELSE 0 END),
    -- {"KEY": "value"}, added to the type's
    env TEXT NOT NULL DEFAULT '{}'
        CONSTRAINT "env is a JSON object" CHECK (
            CASE WHEN json_valid(env) THEN json_type(env) = 'object' ELSE 0 END),
    -- [{"source": "/on/host", "target": "/in/container", "read_only": true}], added to the type's
    mounts TEXT NOT NULL DEFAULT '[]'
        CONSTRAINT "mounts is a JSON array" CHECK (
            CASE WHEN json_valid(mounts) THEN json_type(mounts) = 'array' ELSE 0 END),
    network TEXT
        CONSTRAINT "network is NULL or not empty" CHECK (network <> ''),
    memory_bytes INTEGER
        CONSTRAINT "memory_bytes is NULL or above 0" CHECK (memory_bytes > 0),
    -- thousandths of a processor
    milli_cpus INTEGER
        CONSTRAINT "milli_cpus is NULL or above 0" CHECK (milli_cpus BETWEEN 1 AND 4294967295),
    pids INTEGER
        CONSTRAINT "pids is NULL or above 0" CHECK (pids BETWEEN 1 AND 4294967295),
    -- off holds a hot agent down
    power TEXT NOT NULL DEFAULT 'on'
        CONSTRAINT "power is on or off" CHECK (power IN ('on', 'off')),
    generation INTEGER NOT NULL DEFAULT 1
        CONSTRAINT "generation is above 0" CHECK (generation > 0),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        CONSTRAINT "created_at is like 2026-01-31T12:00:00.000Z" CHECK (
            created_at GLOB '????-??-??T??:??:??*Z' AND julianday(created_at) IS NOT NULL),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
        CONSTRAINT "updated_at is like 2026-01-31T12:00:00.000Z" CHECK (
            updated_at GLOB '????-??-??T??:??:??*Z' AND julianday(updated_at) IS NOT NULL),
    -- written by the supervisor: the state volume that the agent has
    volume TEXT
        CONSTRAINT "volume is NULL or a JSON object" CHECK (
            volume IS NULL OR CASE WHEN json_valid(volume) THEN json_type(volume) = 'object' ELSE 0 END)
) STRICT;

-- An UPDATE by hand is a change like any other: whoever holds the old generation must be told.
CREATE TRIGGER agents_changed
AFTER UPDATE OF type, lifecycle, image, command, env, mounts, network, memory_bytes, milli_cpus, pids, power ON agents
WHEN NEW.generation = OLD.generation
    AND (NEW.type, NEW.lifecycle, NEW.image, NEW.command, NEW.env, NEW.mounts, NEW.network,
         NEW.memory_bytes, NEW.milli_cpus, NEW.pids, NEW.power)
    IS NOT (OLD.type, OLD.lifecycle, OLD.image, OLD.command, OLD.env, OLD.mounts, OLD.network,
            OLD.memory_bytes, OLD.milli_cpus, OLD.pids, OLD.power)
BEGIN
    UPDATE agents
    SET generation = OLD.generation + 1, updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE name = NEW.name;
END;

CREATE TRIGGER agents_generation_grows
BEFORE UPDATE OF generation ON agents
WHEN NEW.generation < OLD.generation
BEGIN
    SELECT RAISE(ABORT, 'the generation of an agent only grows');
END;

-- Container, volume and memory go by the name; a renamed row would take the volume record of another volume along.
CREATE TRIGGER agents_name_stays
BEFORE UPDATE OF name ON agents
WHEN NEW.name IS NOT OLD.name
BEGIN
    SELECT RAISE(ABORT, 'an agent keeps its name: insert a new row and delete this one');
END;

-- Who this database is. Containers carry the uuid; made here so that no database exists without it.
CREATE TABLE fleet (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    uuid TEXT NOT NULL,
    -- 1: the default rows were written, or were not wanted
    seeded INTEGER NOT NULL DEFAULT 0 CHECK (seeded IN (0, 1)),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

-- A random UUID (version 4).
INSERT INTO fleet (id, uuid) VALUES (1,
    lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
    || '-4' || substr(lower(hex(randomblob(2))), 2)
    || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
    || '-' || lower(hex(randomblob(6))));

-- What happened. AUTOINCREMENT: a number is never used again, also after everything was pruned.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- always nine digits after the second, so that text order is time order
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    instance TEXT,
    type TEXT,
    incarnation TEXT,
    cause TEXT,
    detail TEXT,
    data TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(data)),
    -- seq of the event that led to this one; it may have been pruned
    caused_by INTEGER
) STRICT;

-- Each holds seq as its last column, so a filtered page is read in order.
CREATE INDEX events_by_instance ON events (instance);
CREATE INDEX events_by_kind ON events (kind);
CREATE INDEX events_by_type ON events (type);
CREATE INDEX events_by_time ON events (at);

-- What the supervisor remembers of an instance, with or without a row.
CREATE TABLE instance_memory (
    name TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- Recreates under way; replayed at boot.
CREATE TABLE recreate_journal (
    instance TEXT NOT NULL PRIMARY KEY,
    -- id of the container that is replaced
    old TEXT NOT NULL CHECK (length(old) = 64 AND old NOT GLOB '*[^0-9a-f]*'),
    old_ran INTEGER NOT NULL CHECK (old_ran IN (0, 1)),
    -- docker's restart policy of the old one
    old_policy TEXT NOT NULL CHECK (old_policy IN ('no', 'unless-stopped', 'always', 'on-failure')),
    -- id of the container that replaces it, once it was made
    new TEXT CHECK (length(new) = 64 AND new NOT GLOB '*[^0-9a-f]*'),
    step TEXT NOT NULL CHECK (step IN ('begun', 'verified'))
) STRICT;

-- Names whose row was deleted through the supervisor and whose container may still exist.
CREATE TABLE tombstones (
    name TEXT NOT NULL PRIMARY KEY,
    deleted_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TRIGGER agents_live_again
AFTER INSERT ON agents
BEGIN
    DELETE FROM tombstones WHERE name = NEW.name;
END;
