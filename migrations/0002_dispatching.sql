-- Dispatching: who works with which instance, what must be remembered of instances for that, and tasks.

-- Claims on instances; one that has not ended has no ended_at. AUTOINCREMENT: a fence is never given again, also after
-- everything was pruned.
CREATE TABLE leases (
    fence INTEGER PRIMARY KEY AUTOINCREMENT
        CONSTRAINT "fence is above 0" CHECK (fence > 0),
    id TEXT NOT NULL UNIQUE
        CONSTRAINT "id is a uuid in small letters" CHECK (
            id GLOB '????????-????-????-????-????????????' AND replace(id, '-', '') NOT GLOB '*[^0-9a-f]*'
            AND length(replace(id, '-', '')) = 32 AND length(CAST(id AS BLOB)) = 36),
    -- needs no row: a lease may outlive it for a moment
    instance TEXT NOT NULL,
    holder TEXT NOT NULL,
    -- milliseconds
    ttl_ms INTEGER NOT NULL
        CONSTRAINT "ttl_ms is above 0" CHECK (ttl_ms > 0),
    acquired_at TEXT NOT NULL
        CONSTRAINT "acquired_at is like 2026-01-31T12:00:00.000Z" CHECK (
            acquired_at GLOB '????-??-??T??:??:??*Z' AND julianday(acquired_at) IS NOT NULL),
    expires_at TEXT NOT NULL
        CONSTRAINT "expires_at is like 2026-01-31T12:00:00.000Z" CHECK (
            expires_at GLOB '????-??-??T??:??:??*Z' AND julianday(expires_at) IS NOT NULL),
    ended_at TEXT
        CONSTRAINT "ended_at is NULL or like 2026-01-31T12:00:00.000Z" CHECK (
            ended_at IS NULL OR ended_at GLOB '????-??-??T??:??:??*Z' AND julianday(ended_at) IS NOT NULL),
    ended_by TEXT
        CONSTRAINT "ended_by is released, expired, revoked or NULL" CHECK (
            ended_by IN ('released', 'expired', 'revoked')),
    CONSTRAINT "ended_at and ended_by come together" CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;

-- Whoever asks and however many ask at once: one lease on an instance.
CREATE UNIQUE INDEX leases_open ON leases (instance) WHERE ended_at IS NULL;

-- What holds for an instance beside its row.
CREATE TABLE standing (
    instance TEXT NOT NULL PRIMARY KEY,
    -- 1: no new lease is granted on it
    cordoned INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "cordoned is 0 or 1" CHECK (cordoned IN (0, 1)),
    -- it is kept awake until then
    hold_until TEXT
        CONSTRAINT "hold_until is NULL or like 2026-01-31T12:00:00.000Z" CHECK (
            hold_until IS NULL OR hold_until GLOB '????-??-??T??:??:??*Z' AND julianday(hold_until) IS NOT NULL),
    -- when its last lease ended
    last_used_at TEXT
        CONSTRAINT "last_used_at is NULL or like 2026-01-31T12:00:00.000Z" CHECK (
            last_used_at IS NULL
            OR last_used_at GLOB '????-??-??T??:??:??*Z' AND julianday(last_used_at) IS NOT NULL)
) STRICT;

-- A new row of an old name is another agent: it is not cordoned because the one before it was.
CREATE TRIGGER agents_begin_anew
AFTER INSERT ON agents
BEGIN
    DELETE FROM standing WHERE instance = NEW.name;
END;

-- Tasks. Their environment and stdin, which may hold secrets, are files beside the database and never in it.
CREATE TABLE tasks (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT "id is a uuid in small letters" CHECK (
            id GLOB '????????-????-????-????-????????????' AND replace(id, '-', '') NOT GLOB '*[^0-9a-f]*'
            AND length(replace(id, '-', '')) = 32 AND length(CAST(id AS BLOB)) = 36),
    state TEXT NOT NULL
        CONSTRAINT "state is a state of a task" CHECK (
            state IN ('queued', 'waking', 'running', 'succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted',
                      'lost')),
    target_kind TEXT NOT NULL
        CONSTRAINT "target_kind is instance or type" CHECK (target_kind IN ('instance', 'type')),
    target_name TEXT NOT NULL,
    agent_type TEXT NOT NULL,
    -- {"argv": ["program", "argument"], "workdir": null, "timeout_ms": null, "retry": false}
    spec TEXT NOT NULL
        CONSTRAINT "spec is a JSON object" CHECK (
            CASE WHEN json_valid(spec) THEN json_type(spec) = 'object' ELSE 0 END),
    idempotency_key TEXT,
    -- id of the lease that its caller holds
    lease TEXT,
    instance TEXT,
    incarnation TEXT,
    attempt INTEGER NOT NULL
        CONSTRAINT "attempt is 0 or above" CHECK (attempt BETWEEN 0 AND 4294967295),
    cancelling INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "cancelling is 0 or 1" CHECK (cancelling IN (0, 1)),
    cause TEXT,
    detail TEXT,
    exit_code INTEGER,
    queued_at TEXT NOT NULL
        CONSTRAINT "queued_at is like 2026-01-31T12:00:00.000Z" CHECK (
            queued_at GLOB '????-??-??T??:??:??*Z' AND julianday(queued_at) IS NOT NULL),
    started_at TEXT
        CONSTRAINT "started_at is NULL or like 2026-01-31T12:00:00.000Z" CHECK (
            started_at IS NULL OR started_at GLOB '????-??-??T??:??:??*Z' AND julianday(started_at) IS NOT NULL),
    ended_at TEXT
        CONSTRAINT "ended_at is NULL or like 2026-01-31T12:00:00.000Z" CHECK (
            ended_at IS NULL OR ended_at GLOB '????-??-??T??:??:??*Z' AND julianday(ended_at) IS NOT NULL),
    output_bytes INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "output_bytes is 0 or above" CHECK (output_bytes >= 0),
    truncated INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "truncated is 0 or 1" CHECK (truncated IN (0, 1))
) STRICT;

-- A second task with the same key is the first one.
CREATE UNIQUE INDEX tasks_by_key ON tasks (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX tasks_by_instance ON tasks (instance, id);
-- Those to which something will happen yet.
CREATE INDEX tasks_open ON tasks (id) WHERE state IN ('queued', 'waking', 'running', 'interrupted');
