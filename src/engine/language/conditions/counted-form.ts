/**
 * Counted or scanned. A `did` or `didNot` is *counted* where an event can be told to count by itself: its `where` compares
 * the event with constants, and at most one of its paths with what started the run (`entry.`), and its window, if any,
 * rolls. Such a count is kept as events come, one for each value of that path, and answers at once however long the
 * history is. Everything else is *scanned*: history is read event by event, up to a bound.
 */

import { hashId } from '../../hash.ts';
import { durationMs } from '../../time/duration.ts';
import type {
  Condition,
  Count,
  DidCondition,
  DidNotCondition,
  FieldCondition,
  Operator,
} from '../../trigger.ts';

export type CountingCondition = DidCondition | DidNotCondition;

export interface CountedForm {
  /** Conditions that count the same, and are written the same, share what is kept. */
  readonly hash: string;
  /** Of the events that are counted. */
  name: string;
  /** What an event must be by itself; null where its name is enough. */
  constants: Condition | null;
  /** Counted by the values of `path`; whoever asks means those equal to what `asked` reads. */
  keyed: { path: string; asked: string; normalized: boolean } | null;
  /** Null: over the profile's life. */
  lastMs: number | null;
  /** Instants kept of a window: more than any bound of the count, so that dropping older ones changes no answer. */
  keep: number;
}

/** Kept instants of a window, at most; a count within a window can't be told to be higher. */
export const MAX_KEPT = 1_000;

export function classOf(condition: CountingCondition): 'counted' | 'scanned' {
  return isBare(condition) || countedForm(condition) !== null ? 'counted' : 'scanned';
}

/** Only the name and the profile's life: each profile counts every name anyway. */
export function isBare(condition: CountingCondition): boolean {
  return (
    condition.where === undefined &&
    condition.window === undefined &&
    !('distinct' in condition) &&
    !('sum' in condition)
  );
}

/** Documents don't change: asked when they are compiled, and once more for every configuration. */
const forms = new WeakMap<CountingCondition, CountedForm | null>();

/** Null where the condition is scanned, or bare. */
export function countedForm(condition: CountingCondition): CountedForm | null {
  let form = forms.get(condition);
  if (form === undefined) {
    form = isBare(condition) ? null : makeForm(condition);
    forms.set(condition, form);
  }
  return form;
}

function makeForm(condition: CountingCondition): CountedForm | null {
  if ('distinct' in condition || 'sum' in condition) return null;
  const { where, window } = condition;
  if (window && !('last' in window)) return null;
  const split = splitWhere(where);
  if (!split) return null;
  const name = 'did' in condition ? condition.did : condition.didNot;
  const lastMs = window ? durationMs(window.last) : null;
  const { constants, keyed } = split;
  const keep = lastMs === null ? 0 : keptFor('did' in condition ? condition.count : { eq: 0 });
  const by = keyed && [keyed.path, keyed.normalized];
  let hash: string | undefined;
  return {
    // Most documents of an isolate never judge anybody: told when it is asked for.
    get hash() {
      hash ??= hashId(JSON.stringify([name, constants, by, lastMs, keep]));
      return hash;
    },
    name,
    constants,
    keyed,
    lastMs,
    keep,
  };
}

/** In few steps, so that conditions of different bounds share what is kept. */
function keptFor(count: Count | undefined): number {
  const { eq = 1, gt = 1, gte = 1, lt = 1, lte = 1 } = count ?? {};
  const highest = Math.max(eq, gt, gte, lt, lte);
  return [32, 128].find((kept) => highest < kept) ?? MAX_KEPT;
}

type Split = Pick<CountedForm, 'constants' | 'keyed'>;

/** What is constant, and the one comparison that isn't; null where there is more to it. */
function splitWhere(where: Condition | undefined): Split | null {
  if (!where) return { constants: null, keyed: null };
  const parts = 'all' in where ? where.all : [where];
  const constants = parts.filter(isOfEventAlone);
  const [rest, ...more] = parts.filter((part) => !isOfEventAlone(part));
  const keyed = rest ? keyedBy(rest) : null;
  if (more.length > 0 || (rest && !keyed)) return null;
  return { constants: constants.length === 0 ? null : { all: constants }, keyed };
}

/** They ask how long ago something is: the answer changes as time passes. */
const OF_NOW: readonly Operator[] = ['olderThan', 'withinLast', 'withinNext'];

function isOfEventAlone(condition: Condition): boolean {
  if ('all' in condition) return condition.all.every(isOfEventAlone);
  if ('any' in condition) return condition.any.every(isOfEventAlone);
  if ('not' in condition) return isOfEventAlone(condition.not);
  if (!('field' in condition) || !startsWith(condition.field, 'event.')) return false;
  const ref = refOf(condition);
  return !OF_NOW.includes(condition.op) && (ref === null || startsWith(ref, 'event.'));
}

function keyedBy(condition: Condition): CountedForm['keyed'] {
  if (!('field' in condition) || condition.op !== 'eq' || condition.orMissing) return null;
  const asked = refOf(condition);
  if (asked === null || !startsWith(asked, 'entry.') || !startsWith(condition.field, 'event.')) return null;
  return { path: condition.field, asked, normalized: condition.match === 'normalized' };
}

function refOf({ value }: FieldCondition): string | null {
  return typeof value === 'object' && !Array.isArray(value) ? value.ref : null;
}

function startsWith(path: string, root: 'event.' | 'entry.'): boolean {
  return path.startsWith(root);
}

/**
 * The counted forms of all conditions in a document, wherever in it they stand. Looks at the document as JSON: ten
 * thousand of them are walked whenever an isolate starts.
 */
export function countedFormsIn(document: unknown, found: CountedForm[] = []): CountedForm[] {
  if (typeof document !== 'object' || document === null) return found;
  if (!Array.isArray(document) && isCounting(document)) {
    const form = countedForm(document);
    if (form) found.push(form);
  }
  for (const child of Object.values(document)) {
    if (typeof child === 'object') countedFormsIn(child, found);
  }
  return found;
}

function isCounting(value: object): value is CountingCondition {
  return (
    ('did' in value && typeof value.did === 'string') ||
    ('didNot' in value && typeof value.didNot === 'string')
  );
}
