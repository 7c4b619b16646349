/** The calls of a request's body, checked one by one; what is wrong with one loses none of the others. */
import type { JsonObject } from '../engine/vocabulary.ts';
import { ApiError, invalidRequest } from '../http/api-error.ts';
import { parseBody } from '../http/parse-schema.ts';
import {
  batchCall,
  type CallType,
  MAX_BATCH_EVENTS,
  MAX_EVENT_BYTES,
  type Rejection,
} from '../protocol/events.ts';
import { checkCall, nestsTooDeep } from './check-call.ts';
import { type AcceptedCall, type Envelope, normalize } from './normalize.ts';

export interface ReadCalls {
  accepted: (AcceptedCall & { index: number })[];
  rejected: Rejection[];
}

/** A batch's own context goes into each of its events, so that it is multiplied by their number. */
const MAX_SHARED_CONTEXT_CHARACTERS = 8 * 1024;

const mintId = () => crypto.randomUUID();

/** The one call of `/v1/track` and its like. Throws 400 or 413 where it is refused. */
export function readCall(type: CallType, body: unknown, bodyBytes: number, envelope: Envelope): ReadCalls {
  const checked = checkCall(type, body, bodyBytes > MAX_EVENT_BYTES);
  if (!checked.ok) {
    if (checked.code === 'too_large') throw new ApiError(413, 'too_large', checked.message);
    throw invalidRequest(`This is not a valid ${type} call.`, checked.issues);
  }
  return { accepted: [{ ...normalize(type, checked.body, envelope, mintId), index: 0 }], rejected: [] };
}

/** The calls of `/v1/batch`. Throws 400 where the batch itself is malformed. */
export function readBatch(body: unknown, bodyBytes: number, envelope: Envelope): ReadCalls {
  const what = `A batch is {"batch": [events]} with at most ${MAX_BATCH_EVENTS} events.`;
  const data = parseBody(batchCall, body, what);
  const shared = sharedEnvelope(data, bodyBytes, envelope);
  const calls: ReadCalls = { accepted: [], rejected: [] };
  const mayBeLarge = bodyBytes > MAX_EVENT_BYTES;
  for (const [index, raw] of data.batch.entries()) {
    const checked = checkCall((raw as { type?: unknown } | null)?.type, raw, mayBeLarge);
    if (checked.ok) {
      calls.accepted.push({ ...normalize(checked.type, checked.body, shared, mintId), index });
    } else {
      calls.rejected.push({ index, code: checked.code, message: checked.message });
    }
  }
  return calls;
}

function sharedEnvelope(
  batch: { context?: unknown; sentAt?: unknown },
  bodyBytes: number,
  envelope: Envelope,
): Envelope {
  const shared = { ...envelope, sentAt: batch.sentAt ?? envelope.sentAt };
  if (!batch.context) return shared;
  if (
    nestsTooDeep(batch.context) ||
    (bodyBytes > MAX_SHARED_CONTEXT_CHARACTERS &&
      JSON.stringify(batch.context).length > MAX_SHARED_CONTEXT_CHARACTERS)
  ) {
    const message = `may have at most ${MAX_SHARED_CONTEXT_CHARACTERS} characters of JSON and 20 levels`;
    throw invalidRequest('The context that the events share is too large.', [{ path: 'context', message }]);
  }
  return { ...shared, context: batch.context as JsonObject };
}
