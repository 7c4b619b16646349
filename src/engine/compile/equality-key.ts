/**
 * What must be equal for a trigger to answer at all, read off its document: `event.properties.category eq "shoes"` in a
 * `where`, in `if`, or among the parts of an `all` there. Of ten thousand triggers that listen to one event, only those
 * whose value is found in it need to be tried.
 *
 * Only paths whose value is the same for all triggers of a round are keys: those of the event and its item, and traits.
 */
import { CONSENT_RENEWAL, DATE, INACTIVE, indexNameOf } from '../runs/happening.ts';
import type { Condition, FieldCondition, On, Scalar, Trigger } from '../trigger.ts';

export interface EqualityKey {
  /** A path, its texts as they stand or normalized; or `SUBJECT`. */
  by: string;
  /** Any of them will do. */
  values: readonly Scalar[];
  /** Where in the document that stands. */
  at: string;
}

/** The listeners of one trigger to one name. */
export interface Listening {
  name: string;
  /** For each of its `on`s of that name the keys that there are: if the value of any of them isn't found, it can't match. */
  keys: EqualityKey[][];
}

/** What a derived happening is about: the attribute's path, the segment and its change, the message's fate. */
export const SUBJECT = '$subject';
const NORMALIZED = '~';
/** More values than this are no selection. */
const MAX_VALUES = 50;

const ROOTS = ['event.properties.', 'event.context.', 'item.', 'user.traits.'];

/** What a trigger's entry listens to, each name once. */
export function listeningOf({ entry }: Trigger): Listening[] {
  const common = entry.if ? keysIn(entry.if, 'entry.if') : [];
  const byName = new Map<string, Listening>();
  entry.on.forEach((on, i) => {
    const name = indexNameOf(on);
    const keys = [...subjectOf(on, `entry.on.${i}`), ...whereKeys(on, `entry.on.${i}`), ...common];
    const listening = byName.get(name);
    if (listening) listening.keys.push(keys);
    else byName.set(name, { name, keys: [keys] });
  });
  return [...byName.values()];
}

export function isTimed({ entry }: Trigger): boolean {
  return entry.on.some((on) => {
    const name = indexNameOf(on);
    return name === INACTIVE || name === DATE || name === CONSENT_RENEWAL;
  });
}

/** The path of a key, and whether its texts are compared normalized. */
export function pathOf(by: string): { path: string; normalized: boolean } {
  const normalized = by.startsWith(NORMALIZED);
  return { path: normalized ? by.slice(NORMALIZED.length) : by, normalized };
}

function whereKeys(on: On, path: string): EqualityKey[] {
  return 'where' in on && on.where ? keysIn(on.where, `${path}.where`) : [];
}

function keysIn(condition: Condition, at: string): EqualityKey[] {
  if ('all' in condition) return condition.all.flatMap((one, i) => keysIn(one, `${at}.all.${i}`));
  if (!('field' in condition) || !isKey(condition)) return [];
  const { field, match, value } = condition;
  const values = (Array.isArray(value) ? value : [value]) as Scalar[];
  return [{ by: match === 'normalized' ? `${NORMALIZED}${field}` : field, values, at }];
}

function isKey({ field, op, value, orMissing }: FieldCondition): boolean {
  if (orMissing || !ROOTS.some((root) => field.startsWith(root))) return false;
  if (op === 'in') return Array.isArray(value) && value.length > 0 && value.length <= MAX_VALUES;
  return op === 'eq' && value !== undefined && typeof value !== 'object';
}

function subjectOf(on: On, at: string): EqualityKey[] {
  if ('attribute' in on) return [{ by: SUBJECT, values: [on.attribute], at }];
  if ('topic' in on) return [];
  if ('change' in on) return [{ by: SUBJECT, values: [segmentSubject(on.segment, on.change)], at }];
  if (!('message' in on)) return [];
  return [{ by: SUBJECT, values: [messageSubject(on.message, on.trigger)], at }];
}

export function segmentSubject(segment: string, change: string): string {
  return `${segment} ${change}`;
}

/** Without a trigger: any trigger's. */
export function messageSubject(what: string, trigger?: string): string {
  return trigger === undefined ? what : `${what} ${trigger}`;
}
