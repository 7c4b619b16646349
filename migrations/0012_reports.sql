-- What reports are made of. Every row's key is its profile's, so that telling it twice is telling it once; each table has a way
-- from a profile to its rows, for erasing.

-- When it was seen, clicked and put away first, as far as anybody said.
ALTER TABLE deliveries ADD COLUMN shown_at INTEGER;
ALTER TABLE deliveries ADD COLUMN clicked_at INTEGER;
ALTER TABLE deliveries ADD COLUMN dismissed_at INTEGER;

ALTER TABLE conversions ADD COLUMN message_id TEXT;
ALTER TABLE conversions ADD COLUMN channel TEXT;
-- Of the value; null in rows of before, which were in the workspace's.
ALTER TABLE conversions ADD COLUMN currency TEXT;
ALTER TABLE conversions ADD COLUMN experiment TEXT;
-- Of a marketing message while the workspace had a hold-out: the share that it drew by, and the person's side.
ALTER TABLE conversions ADD COLUMN workspace_share REAL;
ALTER TABLE conversions ADD COLUMN workspace_held_out INTEGER;
CREATE INDEX conversions_by_share ON conversions (workspace_share, sent_at) WHERE workspace_share IS NOT NULL;
-- 0 where another trigger's later message has the credit.
ALTER TABLE conversions ADD COLUMN credited INTEGER NOT NULL DEFAULT 1;

-- Who takes part in an experiment, on which side: one row a person, from their first message or ghost of a message. With an
-- empty `trigger_id` it is the workspace's hold-out, and `experiment` its share.
CREATE TABLE exposures (
  trigger_id TEXT NOT NULL,
  experiment TEXT NOT NULL,
  profile_key TEXT NOT NULL,
  variant TEXT,
  held_out INTEGER NOT NULL,
  exposed_at INTEGER NOT NULL,
  PRIMARY KEY (trigger_id, experiment, profile_key)
) WITHOUT ROWID;
CREATE INDEX exposures_by_profile ON exposures (profile_key);

-- Who left within a day after a message: `opted_out`, `push_disabled`, `uninstalled`.
CREATE TABLE reactions (
  profile_key TEXT NOT NULL,
  fact_seq INTEGER NOT NULL,
  trigger_id TEXT NOT NULL,
  variant TEXT,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  held_out INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  reacted_at INTEGER NOT NULL,
  PRIMARY KEY (profile_key, fact_seq)
) WITHOUT ROWID;
CREATE INDEX reactions_by_trigger ON reactions (trigger_id, sent_at);

-- Anonymous profiles that have become another: what they did is that one's, whichever word of it comes first.
CREATE TABLE merged_profiles (
  from_key TEXT PRIMARY KEY,
  profile_key TEXT NOT NULL,
  merged_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX merged_by_profile ON merged_profiles (profile_key);

-- Days since 1970-01-01 on the workspace's clock.
CREATE TABLE active_days (
  day INTEGER NOT NULL,
  profile_key TEXT NOT NULL,
  first_day INTEGER NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (day, profile_key)
) WITHOUT ROWID;
CREATE INDEX active_days_by_profile ON active_days (profile_key);

-- `stage`: 0 entered, 1 browsed, 2 signed_up, 3 acted, 4 purchased, 5 returned, 6 repurchased.
CREATE TABLE journey_stages (
  profile_key TEXT NOT NULL,
  stage INTEGER NOT NULL,
  reached_at INTEGER NOT NULL,
  PRIMARY KEY (profile_key, stage)
) WITHOUT ROWID;
CREATE INDEX journeys_by_entry ON journey_stages (reached_at) WHERE stage = 0;

-- Triggers that have paused themselves, until somebody activates them again. `detail`: what was counted, as JSON.
CREATE TABLE guardrail_pauses (
  trigger_id TEXT PRIMARY KEY,
  paused_at INTEGER NOT NULL,
  detail TEXT NOT NULL
) WITHOUT ROWID;

-- Why a change was made, where no person made it; as JSON.
ALTER TABLE audit ADD COLUMN detail TEXT;

CREATE TRIGGER no_exposure_of_the_erased BEFORE INSERT ON exposures
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.exposed_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER no_reaction_of_the_erased BEFORE INSERT ON reactions
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.reacted_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER no_merge_of_the_erased BEFORE INSERT ON merged_profiles
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key IN (NEW.profile_key, NEW.from_key) AND erased_at >= NEW.merged_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER no_day_of_the_erased BEFORE INSERT ON active_days
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.told_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER no_stage_of_the_erased BEFORE INSERT ON journey_stages
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.reached_at)
BEGIN
  SELECT RAISE(IGNORE);
END;
