-- Who is in a segment, as the profiles' facts tell: by key, one row a profile and segment. The newest word wins, told by the
-- profile's own numbering, whatever arrives late, twice or out of order; who has left keeps a row, so that an older word
-- can't bring them back.

CREATE TABLE segment_members (
  profile_key TEXT NOT NULL,
  segment_id TEXT NOT NULL,
  fact_seq INTEGER NOT NULL,
  is_member INTEGER NOT NULL,
  -- When it was told.
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (profile_key, segment_id)
) WITHOUT ROWID;

CREATE INDEX members_by_segment ON segment_members (segment_id, profile_key) WHERE is_member = 1;

CREATE TRIGGER no_member_of_the_erased BEFORE INSERT ON segment_members
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.changed_at)
BEGIN
  SELECT RAISE(IGNORE);
END;
