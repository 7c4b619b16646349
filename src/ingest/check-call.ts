/**
 * Validation on the hot path: a few type checks say yes to nearly every event; zod is asked only to say in words what
 * is wrong with the rest.
 */
import type { Issue } from '../http/api-error.ts';
import { issuesOf } from '../http/parse-schema.ts';
import {
  CALL_SCHEMAS,
  CALL_TYPES,
  type CallBody,
  type CallType,
  MAX_EVENT_BYTES,
  MAX_ID_LENGTH,
  MAX_MESSAGE_ID_LENGTH,
  type Rejection,
} from '../protocol/events.ts';

type CheckedCall =
  | { ok: true; type: CallType; body: CallBody }
  | { ok: false; code: Rejection['code']; message: string; issues: Issue[] };

/** Deep enough for any real event, far from where recursion over it could overflow the stack. */
const MAX_DEPTH = 20;
const encoder = new TextEncoder();

/**
 * @param type from the path; of a batch's event, its own `type`
 * @param mayBeLarge false where the whole request is known to be smaller than one event may be
 */
export function checkCall(type: unknown, raw: unknown, mayBeLarge: boolean): CheckedCall {
  if (!isCallType(type)) {
    return invalid([{ path: 'type', message: `must be one of ${CALL_TYPES.join(', ')}` }]);
  }
  if (!isCall(type, raw)) return invalid(schemaIssues(type, raw));
  if (nestsTooDeep(raw)) {
    return invalid([{ path: '', message: `may nest at most ${MAX_DEPTH} levels` }]);
  }
  if (mayBeLarge && isOversized(raw)) {
    const message = `An event may have at most ${MAX_EVENT_BYTES / 1024} KB (${MAX_EVENT_BYTES} bytes).`;
    return { ok: false, code: 'too_large', message, issues: [] };
  }
  return { ok: true, type, body: raw };
}

/** Whether a call passes its schema; agrees with zod on every input. */
export function isCall(type: CallType, raw: unknown): raw is CallBody {
  return (
    isObject(raw) &&
    isMessageId(raw.messageId) &&
    isId(raw.userId) &&
    isId(raw.anonymousId) &&
    isObjectOrNothing(raw.context) &&
    hasOwnFields[type](raw) &&
    (isPresent(raw.userId) || (type !== 'alias' && isPresent(raw.anonymousId)))
  );
}

type Fields = Record<string, unknown>;

const hasOwnFields: Record<CallType, (raw: Fields) => boolean> = {
  track: ({ event, properties }) =>
    typeof event === 'string' && event !== '' && !event.startsWith('$') && isObjectOrNothing(properties),
  identify: ({ traits }) => isObjectOrNothing(traits),
  page: ({ properties }) => isObjectOrNothing(properties),
  screen: ({ properties }) => isObjectOrNothing(properties),
  group: ({ groupId, traits }) => isId(groupId) && isObjectOrNothing(traits),
  alias: ({ previousId }) => isId(previousId) && isPresent(previousId),
};

function schemaIssues(type: CallType, raw: unknown): Issue[] {
  const { error } = CALL_SCHEMAS[type].safeParse(raw);
  return error ? issuesOf(error) : [];
}

function invalid(issues: Issue[]): CheckedCall {
  const message = issues.map((issue) => `${issue.path} ${issue.message}`.trim()).join('; ');
  return { ok: false, code: 'invalid_request', message: message || 'must be an object', issues };
}

function isCallType(type: unknown): type is CallType {
  return (CALL_TYPES as readonly unknown[]).includes(type);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObjectOrNothing(value: unknown): boolean {
  return value === undefined || value === null || isObject(value);
}

function isMessageId(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && value.length <= MAX_MESSAGE_ID_LENGTH;
}

function isId(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_ID_LENGTH;
  return value === undefined || value === null || Number.isFinite(value);
}

function isPresent(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}

/** Counts UTF-8 bytes only where the number of UTF-16 units leaves it open. */
function isOversized(raw: unknown): boolean {
  const text = JSON.stringify(raw);
  if (text.length > MAX_EVENT_BYTES) return true;
  return text.length * 3 > MAX_EVENT_BYTES && encoder.encode(text).byteLength > MAX_EVENT_BYTES;
}

/** Whether a value nests deeper than any real event does. */
export function nestsTooDeep(value: unknown): boolean {
  return nestsDeeper(value, MAX_DEPTH);
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // JSON's objects have own properties only, and a loop over their names makes no list of them.
  for (const name in value) {
    if (nestsDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  }
  return false;
}
