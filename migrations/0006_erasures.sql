-- Tombstones: this profile was erased then. The key is an HMAC under the deployment's secret; with the rows that carried
-- it gone, it leads to nobody. What a queue or a dispatcher still holds of the time before is turned away here, whoever
-- writes it and however late; what a person does who comes back is newer.

CREATE TABLE erasures (
  profile_key TEXT PRIMARY KEY,
  erased_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX holdouts_by_profile ON holdouts (profile_key);
CREATE INDEX dead_letters_by_profile ON dead_letters (profile_key);

CREATE TRIGGER no_delivery_of_the_erased BEFORE INSERT ON deliveries
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.created_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER no_conversion_of_the_erased BEFORE INSERT ON conversions
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.converted_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

CREATE TRIGGER no_holdout_of_the_erased BEFORE INSERT ON holdouts
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.held_out_at)
BEGIN
  SELECT RAISE(IGNORE);
END;

-- Written in one batch with its delivery, and after it: where that was turned away, so is this.
CREATE TRIGGER no_content_without_delivery BEFORE INSERT ON delivery_contents
WHEN NOT EXISTS (SELECT 1 FROM deliveries WHERE id = NEW.id)
BEGIN
  SELECT RAISE(IGNORE);
END;

-- A letter is written long after what it is about; a day is as long as a message is tried.
CREATE TRIGGER no_letter_of_the_erased BEFORE INSERT ON dead_letters
WHEN EXISTS (
  SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at + 86400000 >= NEW.created_at
) AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = NEW.message_id)
BEGIN
  SELECT RAISE(IGNORE);
END;
