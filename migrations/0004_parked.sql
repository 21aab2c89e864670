-- What else holds for an instance beside its row.

-- Parked: no claims and no starts until it is reopened.
-- {"kind": "quota", "reason": "…", "until": null, "reopens_at": null, "since": "…", "by": "operator"}
ALTER TABLE standing ADD COLUMN parked TEXT
    CONSTRAINT "parked is NULL or a JSON object" CHECK (
        parked IS NULL OR CASE WHEN json_valid(parked) THEN json_type(parked) = 'object' ELSE 0 END);

-- It cannot go on without a person: {"reason": "…", "since": "…", "by": "agent"}
ALTER TABLE standing ADD COLUMN needs_human TEXT
    CONSTRAINT "needs_human is NULL or a JSON object" CHECK (
        needs_human IS NULL OR CASE WHEN json_valid(needs_human) THEN json_type(needs_human) = 'object' ELSE 0 END);
