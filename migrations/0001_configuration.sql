-- What marketers configure: read into every isolate's memory, never on the event path.
--
-- Every change is one batch that writes one row of `audit`, whose key is the new head: two writers that began at the
-- same head can't both commit. A change touches one document, so that `changed_head` tells changes apart.

CREATE TABLE config_head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- Which database this is: what was remembered of another one proves nothing.
  epoch TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- `stop-all`: nothing is decided, released or sent.
  stopped INTEGER NOT NULL DEFAULT 0
);
INSERT INTO config_head (id, epoch, version) VALUES (1, lower(hex(randomblob(8))), 0);

-- One row a version. A draft's is replaced until it goes live; from then on it never changes.
CREATE TABLE document_versions (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  etag TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  author TEXT NOT NULL,
  PRIMARY KEY (kind, id, version)
) WITHOUT ROWID;

-- Where a document stands. Deleted ones keep their row: isolates must hear of it, and version numbers go on.
CREATE TABLE documents (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'archived', 'deleted')),
  -- The version in force, or last in force.
  live_version INTEGER,
  draft_version INTEGER,
  -- The highest number that was ever given out.
  last_version INTEGER NOT NULL,
  activated_at INTEGER,
  changed_at INTEGER NOT NULL,
  -- The configuration heads that created it and last changed it.
  created_head INTEGER NOT NULL,
  changed_head INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX documents_by_change ON documents (changed_head);

-- Keys as SHA-256 digests; the keys themselves are nowhere.
CREATE TABLE keys (
  digest TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('write', 'server', 'admin')),
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID;

-- Encrypted with a key derived from the deployment's secret.
CREATE TABLE channel_secrets (
  channel TEXT PRIMARY KEY,
  ciphertext TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
  -- The configuration head that this change made.
  head INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- Id of the admin token.
  author TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  before_version INTEGER,
  after_version INTEGER
);
