-- How far each import of items has come: of its lines, all before `lines_done` are in the catalog or were rejected. The
-- step from one part to the next is taken once, by whoever finds `lines_done` where it began.

CREATE TABLE item_imports (
  id TEXT NOT NULL PRIMARY KEY,
  lines_done INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  -- The first of what was rejected, as JSON.
  errors TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;
