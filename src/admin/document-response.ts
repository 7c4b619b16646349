import type { Issue } from '../engine/checks/issue.ts';
import type { Warning } from '../engine/checks/warning.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { ApiError } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { StoredDocument } from '../store/stored-document.ts';
import type { Written } from '../store/write-documents.ts';
import { unprocessable } from './request-document.ts';

/** Why the caller's check refused a change. */
export type Objection = { kind: 'invalid' | 'in_use'; issues: Issue[] };

/** A document as it is read: its own fields, and where it stands. */
export function shown(stored: StoredDocument): Record<string, unknown> {
  return {
    ...stored.document,
    version: stored.version,
    status: stored.status,
    liveVersion: stored.liveVersion,
    liveStatus: stored.liveStatus,
    updatedAt: new Date(stored.changedAt).toISOString(),
    updatedBy: stored.author,
  };
}

export function documentResponse(
  stored: StoredDocument,
  {
    status = 200,
    ...extra
  }: {
    status?: number;
    warnings?: Warning[];
    hasSecret?: boolean;
    callback?: JsonObject;
    health?: JsonObject;
    backfill?: JsonObject;
  } = {},
): Response {
  const response = jsonResponse({ ...shown(stored), ...extra }, status);
  response.headers.set('etag', stored.etag);
  return response;
}

/** What was written, or the refusal as the client reads it. Throws 404, 409, 422 or 503. */
export function writtenOrThrow(written: Written<Objection>, kind: string, id: string): StoredDocument {
  if (written.kind === 'done') return written.value;
  if (written.kind === 'busy') throw busy();
  const { refused } = written;
  switch (refused.kind) {
    case 'not_found':
      throw notFound(kind, id);
    case 'exists':
      throw new ApiError(409, 'exists', `There is a ${kind} \`${id}\` already; PUT replaces it.`);
    case 'stale':
      throw new ApiError(
        409,
        'stale',
        `The ${kind} has changed since the version that If-Match names; read it again.`,
      );
    case 'impossible':
      throw new ApiError(409, 'conflict', refused.message);
    case 'checked':
      if (refused.reason.kind === 'invalid') throw unprocessable(kind, refused.reason.issues);
      throw new ApiError(409, 'in_use', `The ${kind} \`${id}\` is in use.`, {
        issues: refused.reason.issues,
      });
    default:
      return refused satisfies never;
  }
}

export function notFound(kind: string, id: string): ApiError {
  return new ApiError(404, 'not_found', `There is no ${kind} \`${id}\`.`);
}

export function busy(): ApiError {
  return new ApiError(503, 'busy', 'Others are changing the configuration; nothing was changed.', {
    retryAfterSeconds: 1,
  });
}
