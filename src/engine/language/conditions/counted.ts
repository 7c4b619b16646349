/** The answer of a counted condition: what the profile keeps, built from history where nobody asked before. */

import type { Scope } from '../../scope.ts';
import type { Condition } from '../../trigger.ts';
import type { Json } from '../../vocabulary.ts';
import { build, type Counter, comparable, countAfter, counterKey, hasRoom } from '../counters.ts';
import { normalizedText } from '../normalized-text.ts';
import { exactText } from '../operators.ts';
import { compilePath } from '../path.ts';
import type { Check } from './check.ts';
import type { CountedForm } from './counted-form.ts';
import { eventsOf } from './events-of.ts';

/** Events that a count is built from, at most: the newest of its name. */
const BUILD_LIMIT = 10_000;

export function compileCounter(
  { hash, name, constants, keyed, lastMs, keep }: CountedForm,
  compile: (condition: Condition, path: string) => Check,
): Counter {
  return {
    hash,
    name,
    counts: constants && compile(constants, 'where'),
    keyed: keyed && { read: compilePath(keyed.path), text: textOf(keyed) },
    lastMs,
    keep,
  };
}

/**
 * How many were counted; null where nothing in force keeps count and history has to be scanned. Asking may build, which
 * is written with the decision.
 */
export function compileCounted(form: CountedForm): (scope: Scope) => number | null {
  const { keyed } = form;
  const read = keyed && compilePath(keyed.asked);
  return (scope) => {
    const counter = scope.config.counters.get(form.hash);
    if (!counter) return null;
    const values: (Json | null)[] = keyed && read ? comparable(read(scope), textOf(keyed)) : [null];
    const [value, ...more] = values;
    if (value === undefined) return 0;
    // An event may carry several of them and counts once.
    return more.length > 0 ? null : countFor(scope, counter, value);
  };
}

function countFor(scope: Scope, counter: Counter, value: Json | null): number | null {
  const { draft, now } = scope;
  const { hash, name, lastMs } = counter;
  const afterAt = lastMs === null ? Number.NEGATIVE_INFINITY : now - lastMs;
  if (!draft.get('built', name)?.[hash]) {
    if (!hasRoom(draft, name)) return null;
    build(draft, counter, eventsOf(scope, name, afterAt, BUILD_LIMIT), scope);
  }
  const entry = draft.get('counters', counterKey(counter, value));
  if (!entry) return draft.get('built', name)?.[hash]?.dropped ? null : 0;
  return entry.recent ? countAfter(entry.recent, afterAt) : entry.n;
}

/** The instants in the window that an unkeyed count keeps; null where none is kept. */
export function keptInstants({ hash, name, lastMs, keyed }: CountedForm, scope: Scope): number[] | null {
  if (lastMs === null || keyed || !scope.draft.get('built', name)?.[hash]) return null;
  const { recent = [] } = scope.draft.get('counters', hash) ?? {};
  return recent.filter((at) => at > scope.now - lastMs);
}

function textOf({ normalized }: { normalized: boolean }): (value: string) => string {
  return normalized ? normalizedText : exactText;
}
