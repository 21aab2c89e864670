-- What a task began on, and what it was handed in with.

-- Identity of the agent's state volume when the task began. On another volume a missing record proves nothing.
ALTER TABLE tasks ADD COLUMN volume TEXT;

-- Of environment and stdin, which are never in here: '' there are none; NULL there may be some; else a digest under a key
-- that lies beside the database, for tasks with an idempotency_key.
ALTER TABLE tasks ADD COLUMN input TEXT
    CONSTRAINT "input is NULL, empty or 64 hexadecimal digits" CHECK (
        input IS NULL OR input = '' OR length(input) = 64 AND input NOT GLOB '*[^0-9a-f]*');
