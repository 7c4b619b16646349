-- Messages that would have been sent, had the person not been in a hold-out: what conversions of the hold-out are
-- measured against. One row each, under the id that the message would have had.

CREATE TABLE holdouts (
  id TEXT PRIMARY KEY,
  profile_key TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  trigger_version INTEGER NOT NULL,
  variant TEXT,
  channel TEXT NOT NULL,
  held_out_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX holdouts_by_trigger ON holdouts (trigger_id, held_out_at);
