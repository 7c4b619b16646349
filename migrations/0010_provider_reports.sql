-- What providers report after they have taken a message, and who has refused what.

-- The first report of each kind of a message: what `status`, which only rises, can't tell (one that was opened and then
-- complained of). Never without its delivery, with which it goes.
CREATE TABLE delivery_reports (
  -- The message's id.
  id TEXT NOT NULL,
  -- delivered, opened, clicked, failed, bounced, refused, complained, opted_out.
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  -- In the provider's words.
  code TEXT NOT NULL,
  -- By the provider's clock.
  reported_at INTEGER NOT NULL,
  PRIMARY KEY (id, kind)
) WITHOUT ROWID;

CREATE TRIGGER no_report_without_delivery BEFORE INSERT ON delivery_reports
WHEN NOT EXISTS (SELECT 1 FROM deliveries WHERE id = NEW.id)
BEGIN
  SELECT RAISE(IGNORE);
END;

-- Reports that led to no message of ours, by day: somebody else's, or of messages that were erased.
CREATE TABLE stray_reports (
  provider TEXT NOT NULL,
  -- Days since 1970.
  day INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (provider, day)
) WITHOUT ROWID;

-- Addresses that are dead, or whose holder has told a provider to stop. Asked before each send, so that it holds for
-- everybody who has the address. The key is an HMAC of it under the deployment's secret: it names nobody.
CREATE TABLE address_refusals (
  address_key TEXT NOT NULL,
  -- email, sms (long texts too), kakao_info, kakao_brand, line, whatsapp.
  channel TEXT NOT NULL,
  -- 1: advertising alone; 0: whatever it is about.
  marketing_only INTEGER NOT NULL,
  -- As in `delivery_reports`.
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  code TEXT NOT NULL,
  -- The provider's own name of the report: told again, it is the same, and no later.
  report_id TEXT NOT NULL,
  refused_at INTEGER NOT NULL,
  PRIMARY KEY (address_key, channel, marketing_only)
) WITHOUT ROWID;

-- Whom a message was sent to under an address whose holder may tell the provider, not us, to stop.
CREATE TABLE address_profiles (
  address_key TEXT NOT NULL,
  profile_key TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  PRIMARY KEY (address_key, profile_key)
) WITHOUT ROWID;
CREATE INDEX address_profiles_by_profile ON address_profiles (profile_key);

CREATE TRIGGER no_address_of_the_erased BEFORE INSERT ON address_profiles
WHEN EXISTS (SELECT 1 FROM erasures WHERE profile_key = NEW.profile_key AND erased_at >= NEW.sent_at)
BEGIN
  SELECT RAISE(IGNORE);
END;
