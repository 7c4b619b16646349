-- Copies of the documents in force, many in a row: what an isolate reads when it starts. `documents` and
-- `document_versions` stay the truth; each row here says which of their changes it holds, so that what it doesn't hold is
-- known to be missing and read there.

CREATE TABLE config_packs (
  -- Holds every document whose last change, when it was packed, was after `from_head` and up to `to_head`.
  to_head INTEGER PRIMARY KEY,
  from_head INTEGER NOT NULL,
  -- Documents in it.
  size INTEGER NOT NULL,
  -- Whether it was made when everything was packed anew.
  is_base INTEGER NOT NULL,
  -- A JSON array of rows, as `live-documents.ts` reads them from `documents`.
  body TEXT NOT NULL
);

-- What was in force at some head, for explanations.
CREATE INDEX audit_by_document ON audit (kind, id, head);
