-- A dead letter may be replayed while its message lives.

-- When the message expires; null where that isn't known.
ALTER TABLE dead_letters ADD COLUMN expires_at INTEGER;
-- When it was replayed last; null again where it failed once more, or could not be replayed.
ALTER TABLE dead_letters ADD COLUMN replayed_at INTEGER;
