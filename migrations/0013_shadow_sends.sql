-- What shadow versions would have sent, as profiles tell of it: one row each, under the profile's key and the fact's
-- number, so that writing it twice is writing it once. `decided_at` is also the `created_at` of the delivery that the live
-- version made of the same event, where it made one.

CREATE TABLE shadow_sends (
  profile_key TEXT NOT NULL,
  fact_seq INTEGER NOT NULL,
  trigger_id TEXT NOT NULL,
  trigger_version INTEGER NOT NULL,
  variant TEXT,
  channel TEXT NOT NULL,
  -- It would have been sent, had the person not been in the hold-out.
  held_out INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (profile_key, fact_seq)
) WITHOUT ROWID;

CREATE INDEX shadow_sends_by_trigger ON shadow_sends (trigger_id, decided_at);

CREATE TRIGGER no_shadow_send_of_the_erased BEFORE INSERT ON shadow_sends
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.decided_at)
BEGIN
  SELECT RAISE(IGNORE);
END;
