-- What marketers read about messages: one narrow row each, no content and no user id (`profile_key` is an HMAC of it).

CREATE TABLE deliveries (
  -- The message's id.
  id TEXT PRIMARY KEY,
  profile_key TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  trigger_version INTEGER NOT NULL,
  variant TEXT,
  channel TEXT NOT NULL,
  -- A rank, so that whatever arrives late, twice or out of order never moves a delivery backwards:
  -- 10 queued, 20 held, 30 cancelled, 40 unknown, 50 sent, 60 failed, 70 dead, 80 delivered, 90 shown, 100 clicked.
  status INTEGER NOT NULL,
  reason TEXT NOT NULL,
  -- How often a provider was asked, as far as it was recorded.
  attempts INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  sent_at INTEGER,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Every listing is newest first. None of these columns changes after the insert, so only it pays for the indexes.
CREATE INDEX deliveries_by_time ON deliveries (created_at, id);
CREATE INDEX deliveries_by_trigger ON deliveries (trigger_id, created_at, id);
CREATE INDEX deliveries_by_profile ON deliveries (profile_key, created_at, id);

-- As rendered; only what the development provider was given, because it goes nowhere else.
CREATE TABLE delivery_contents (
  id TEXT PRIMARY KEY,
  content TEXT NOT NULL
) WITHOUT ROWID;

-- What was given up, and what a queue could not deliver: for a person to look at.
CREATE TABLE dead_letters (
  -- The message's id, or the queue's name and its message's id.
  id TEXT PRIMARY KEY,
  -- `delivery`, or the name of the dead-letter queue.
  source TEXT NOT NULL,
  profile_key TEXT,
  message_id TEXT,
  -- What the provider or the queue said last: `http_503`, `timeout`.
  code TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  -- The queue's message, as JSON.
  body TEXT,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX dead_letters_by_time ON dead_letters (created_at, id);
