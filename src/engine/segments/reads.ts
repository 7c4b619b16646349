/**
 * What a segment's condition looks at. Where none of it has changed and the time that was foreseen has not come, the
 * answer that is kept still holds, and most events change little of what most segments look at.
 *
 * Only what changes nowhere but in rounds that ask segments can be told so: what a claim or a watcher's answer may change
 * in between (what was received, prices in the cart), and what follows the workspace's settings (zones), can't. Such a
 * condition is asked each time.
 */
import type { Round } from '../round.ts';
import type { Meta } from '../state-meta.ts';
import type { Condition, FieldCondition, Window } from '../trigger.ts';

export interface Reads {
  meta: readonly (keyof Meta)[];
  traits: readonly string[];
  /** Names of events: of each, any more of them. */
  events: readonly string[];
}

const NOTHING: Reads = { meta: [], traits: [], events: [] };
const ORDER = 'Order Completed';

const OF_USER: { [field: string]: Reads } = {
  firstSeenAt: { ...NOTHING, meta: ['firstSeenAt'] },
  lastSeenAt: { ...NOTHING, meta: ['lastSeenAt'] },
  orders: { ...NOTHING, meta: ['orderCount', 'orderValue', 'orderLastAt'], events: [ORDER] },
  sessions: { ...NOTHING, meta: ['sessionCount', 'sessionIntervals', 'sessionLastAt'] },
};

/** Null: it has to be asked each time. */
export function readsOf(condition: Condition): Reads | null {
  if ('all' in condition) return together(condition.all.map(readsOf));
  if ('any' in condition) return together(condition.any.map(readsOf));
  if ('not' in condition) return readsOf(condition.not);
  if ('field' in condition) return together(pathsOf(condition).map(ofPath));
  if ('did' in condition) return ofEvents([condition.did], condition.where, condition.window);
  if ('didNot' in condition) return ofEvents([condition.didNot], condition.where, condition.window);
  return null;
}

function ofPath(path: string): Reads | null {
  const [root, field = '', name] = path.split('.');
  if (root !== 'user') return null;
  if (field === 'traits') return name === undefined ? null : { ...NOTHING, traits: [name] };
  return Object.hasOwn(OF_USER, field) ? (OF_USER[field] as Reads) : null;
}

function pathsOf({ field, value }: FieldCondition): string[] {
  return typeof value === 'object' && !Array.isArray(value) ? [field, value.ref] : [field];
}

/** What a `where` says of the event under test stands still with it; what it says of the user doesn't. */
function ofEvents(names: string[], where: Condition | undefined, window: Window | undefined): Reads | null {
  if (window && !('last' in window)) return null;
  return where && !isOfEvent(where) ? null : { ...NOTHING, events: names };
}

function isOfEvent(where: Condition): boolean {
  if ('all' in where) return where.all.every(isOfEvent);
  if ('any' in where) return where.any.every(isOfEvent);
  if ('not' in where) return isOfEvent(where.not);
  return 'field' in where && pathsOf(where).every((path) => path.startsWith('event.'));
}

function together(parts: (Reads | null)[]): Reads | null {
  const all: Reads = { meta: [], traits: [], events: [] };
  return parts.reduce<Reads | null>(
    (sum, one) =>
      sum && one
        ? {
            meta: [...sum.meta, ...one.meta],
            traits: [...sum.traits, ...one.traits],
            events: [...sum.events, ...one.events],
          }
        : null,
    all,
  );
}

/** Whether this round has changed any of it. Asked of every kept segment by every event: it makes no functions. */
export function haveChanged({ meta, traits, events }: Reads, { draft, current }: Round): boolean {
  if (current !== null && events.includes(current.name)) return true;
  const { meta: after, metaBefore: before } = draft;
  for (const field of meta) if (after[field] !== before[field]) return true;
  for (const name of traits) if (draft.isWritten('traits', name)) return true;
  return false;
}
