-- What triggers answered to each event, where the workspace exports it: one row a fact, under the profile's key and the fact's
-- number, so that writing it twice is writing it once. Kept for so long as exports may need it (`store/decisions.ts`).

CREATE TABLE decisions (
  profile_key TEXT NOT NULL,
  fact_seq INTEGER NOT NULL,
  -- A hash of the event's id, which is a client's own text.
  event_key TEXT NOT NULL,
  event_name TEXT NOT NULL,
  -- [{ trigger, version, reason, messageId? }], as JSON.
  answers TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  PRIMARY KEY (profile_key, fact_seq)
) WITHOUT ROWID;

-- Exports go by days, and so does what is too old.
CREATE INDEX decisions_by_time ON decisions (decided_at);

CREATE TRIGGER no_decision_of_the_erased BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.decided_at)
BEGIN
  SELECT RAISE(IGNORE);
END;
