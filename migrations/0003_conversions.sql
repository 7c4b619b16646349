-- Goals that were met after a trigger's first message to a profile. One row each, keyed by the fact that told of it, so
-- that telling it twice is telling it once.

CREATE TABLE conversions (
  profile_key TEXT NOT NULL,
  fact_seq INTEGER NOT NULL,
  trigger_id TEXT NOT NULL,
  trigger_version INTEGER NOT NULL,
  variant TEXT,
  goal TEXT NOT NULL,
  -- 1 for people who were held out: the difference to the others is what the messages did.
  held_out INTEGER NOT NULL,
  -- In the goal's own unit; null where it names no value.
  value REAL,
  sent_at INTEGER NOT NULL,
  converted_at INTEGER NOT NULL,
  PRIMARY KEY (profile_key, fact_seq)
) WITHOUT ROWID;

CREATE INDEX conversions_by_trigger ON conversions (trigger_id, converted_at);
