-- Rollouts: a new image for many agents, one after the other. Each step is written before it is taken.

CREATE TABLE rollouts (
    id TEXT NOT NULL PRIMARY KEY
        CONSTRAINT "id is a uuid in small letters" CHECK (
            id GLOB '????????-????-????-????-????????????' AND replace(id, '-', '') NOT GLOB '*[^0-9a-f]*'
            AND length(replace(id, '-', '')) = 32 AND length(CAST(id AS BLOB)) = 36),
    -- NULL: all types
    type TEXT,
    state TEXT NOT NULL
        CONSTRAINT "state is a state of a rollout" CHECK (
            state IN ('running', 'paused', 'done', 'rolled_back', 'aborted', 'failed')),
    -- {"width": 1, "canary": 1, "watch_s": 30, "drain_s": null, "pull": null}
    strategy TEXT NOT NULL
        CONSTRAINT "strategy is a JSON object" CHECK (
            CASE WHEN json_valid(strategy) THEN json_type(strategy) = 'object' ELSE 0 END),
    reason TEXT,
    created_at TEXT NOT NULL
        CONSTRAINT "created_at is like 2026-01-31T12:00:00.000Z" CHECK (
            created_at GLOB '????-??-??T??:??:??*Z' AND julianday(created_at) IS NOT NULL),
    ended_at TEXT
        CONSTRAINT "ended_at is NULL or like 2026-01-31T12:00:00.000Z" CHECK (
            ended_at IS NULL OR ended_at GLOB '????-??-??T??:??:??*Z' AND julianday(ended_at) IS NOT NULL),
    CONSTRAINT "ended_at comes with an end" CHECK ((ended_at IS NULL) = (state IN ('running', 'paused')))
) STRICT;

CREATE INDEX rollouts_open ON rollouts (id) WHERE ended_at IS NULL;

CREATE TABLE rollout_members (
    rollout TEXT NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
    -- in the order in which they are taken
    place INTEGER NOT NULL
        CONSTRAINT "place is 0 or above" CHECK (place >= 0),
    -- needs no row: the agent may be deleted meanwhile
    instance TEXT NOT NULL,
    type TEXT NOT NULL,
    canary INTEGER NOT NULL
        CONSTRAINT "canary is 0 or 1" CHECK (canary IN (0, 1)),
    state TEXT NOT NULL
        CONSTRAINT "state is a state of a member" CHECK (
            state IN ('pending', 'draining', 'recreating', 'watching', 'done', 'rolling_back', 'rolled_back', 'skipped',
                      'failed')),
    image TEXT NOT NULL,
    from_image_id TEXT NOT NULL,
    to_image_id TEXT,
    reason TEXT,
    since TEXT NOT NULL
        CONSTRAINT "since is like 2026-01-31T12:00:00.000Z" CHECK (
            since GLOB '????-??-??T??:??:??*Z' AND julianday(since) IS NOT NULL),
    PRIMARY KEY (rollout, place)
) STRICT, WITHOUT ROWID;
