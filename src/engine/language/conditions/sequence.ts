/**
 * `sequence`: whether some of the profile's events follow each other as its items say, all of them within (now − `within`,
 * now].
 *
 * One pass over the events in their order, as a machine would read them. `alive[i]`: the first i `did`s have happened
 * one after the other, and nothing has happened since that the `didNot`s behind the i-th exclude. So a `didNot` between
 * two `did`s watches over what lies strictly between them, one at the end watches until now, and one at the beginning
 * from the window's start. With `same`, every `did` must share a value under that path, and a `didNot` excludes only
 * events that share it too: each value is a machine of its own.
 */

import type { Scope, TestedEvent } from '../../scope.ts';
import { durationMs } from '../../time/duration.ts';
import type { Condition, SequenceCondition } from '../../trigger.ts';
import { elements } from '../operators.ts';
import { compilePath, type PathReader } from '../path.ts';
import type { Check } from './check.ts';
import { eventsOf } from './events-of.ts';

type Where = (condition: Condition | undefined, path: string) => Check | null;

interface Item {
  name: string;
  where: Check | null;
  excluded: boolean;
}

/** Items in a row: what may not happen before it, and the `did` that ends the stretch; null after the last. */
interface Stretch {
  excluded: Item[];
  did: Item | null;
}

export function compileSequence(condition: SequenceCondition, path: string, compileWhere: Where): Check {
  const items = condition.sequence.map((item, i): Item => {
    const where = compileWhere(item.where, `${path}.sequence.${i}`);
    return 'did' in item
      ? { name: item.did, where, excluded: false }
      : { name: item.didNot, where, excluded: true };
  });
  const names = [...new Set(items.map(({ name }) => name))];
  const stretches = stretchesOf(items);
  const withinMs = durationMs(condition.within);
  const same = condition.same === undefined ? null : compilePath(condition.same);
  return (scope) => {
    const events = inOrder(
      names.flatMap((name) => eventsOf(scope, name, scope.now - withinMs)),
      names,
    );
    const happened = furthest(stretches, events, scope, same);
    return happened === stretches.length - 1 ? null : { path: `${path}.sequence`, values: { happened } };
  };
}

function stretchesOf(items: Item[]): Stretch[] {
  const stretches: Stretch[] = [];
  let excluded: Item[] = [];
  for (const item of items) {
    if (item.excluded) excluded.push(item);
    else {
      stretches.push({ excluded, did: item });
      excluded = [];
    }
  }
  return [...stretches, { excluded, did: null }];
}

/** Oldest first; what happened in one millisecond in the order in which the sequence names it. */
function inOrder(events: TestedEvent[], names: string[]): TestedEvent[] {
  return events.sort((a, b) => a.timestamp - b.timestamp || names.indexOf(a.name) - names.indexOf(b.name));
}

/** How many of the `did`s stand, in the machine that got furthest. */
function furthest(
  stretches: Stretch[],
  events: TestedEvent[],
  scope: Scope,
  same: PathReader | null,
): number {
  const machines = new Map<string, boolean[]>();
  // The machine of the values that no event had yet: what it has come through, a new value's machine has too.
  const fresh = [true, ...stretches.slice(1).map(() => false)];
  for (const event of events) {
    const under = { ...scope, event };
    const values = same ? elements(same(under)).map((value) => JSON.stringify(value)) : [''];
    const hits = stretches.map(({ excluded, did }) => ({
      excluded: excluded.some((item) => matches(item, under)),
      did: did !== null && matches(did, under),
    }));
    for (const value of new Set(values)) machines.set(value, step(machines.get(value) ?? fresh, hits));
  }
  return Math.max(0, ...[...machines.values()].map((alive) => alive.lastIndexOf(true)));
}

function matches({ name, where }: Item, under: Scope & { event: TestedEvent }): boolean {
  return under.event.name === name && (!where || where(under) === null);
}

function step(alive: boolean[], hits: { excluded: boolean; did: boolean }[]): boolean[] {
  return alive.map((stands, i) => {
    const arrives = i > 0 && alive[i - 1] === true && hits[i - 1]?.did === true;
    return arrives || (stands && hits[i]?.excluded !== true);
  });
}
