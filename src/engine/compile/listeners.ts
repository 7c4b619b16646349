/**
 * The triggers that listen to one name, so that an event costs what the few that can match cost, however many listen.
 *
 * A few are all tried, one by one: each explains itself, with the event. Many are found by what must be equal for them
 * to match. Of a trigger's equalities the one counts that it shares with the fewest others: a category beats a currency.
 */
import { normalizedText } from '../language/normalized-text.ts';
import { elements } from '../language/operators.ts';
import { compilePath, type PathReader } from '../language/path.ts';
import type { Scalar } from '../trigger.ts';
import type { Json } from '../vocabulary.ts';
import type { CompiledTrigger } from './compile-trigger.ts';
import { type EqualityKey, pathOf, SUBJECT } from './equality-key.ts';

/** So many listeners of one name are tried whatever their equalities. */
export const TRIED_ONE_BY_ONE = 16;

export interface Listeners {
  /** In the order in which they win. */
  all: CompiledTrigger[];
  /** Null where all are tried. */
  index: EqualityIndex | null;
}

export interface EqualityIndex {
  keyed: KeyedListeners[];
  /** Those without an equality: always tried. */
  rest: CompiledTrigger[];
}

export interface KeyedListeners {
  by: string;
  /** What is looked up; null for `SUBJECT`, which the happening itself says. */
  read: PathReader | null;
  normalized: boolean;
  byValue: Map<Json, CompiledTrigger[]>;
}

/** In the order in which they win. `triesAll`: none is ruled out, however many there are. */
export function listenersOf(name: string, all: CompiledTrigger[], triesAll: boolean): Listeners {
  return { all, index: triesAll || all.length <= TRIED_ONE_BY_ONE ? null : indexOf(name, all) };
}

function indexOf(name: string, triggers: CompiledTrigger[]): EqualityIndex {
  const shared = countShared(name, triggers);
  const keyed = new Map<string, KeyedListeners>();
  const rest: CompiledTrigger[] = [];
  for (const trigger of triggers) {
    const keys = keysFor(trigger, name).map((choices) => leastShared(choices, shared));
    // One of its `on`s may match whatever the event says.
    if (keys.includes(null)) rest.push(trigger);
    else for (const key of keys) if (key) add(keyed, key, trigger);
  }
  return { keyed: [...keyed.values()], rest };
}

function keysFor(trigger: CompiledTrigger, name: string): EqualityKey[][] {
  return trigger.listening.find((one) => one.name === name)?.keys ?? [[]];
}

type Shared = Map<string, Map<Scalar, number>>;

/** How many equalities name each value. */
function countShared(name: string, triggers: CompiledTrigger[]): Shared {
  const shared: Shared = new Map();
  for (const trigger of triggers) {
    for (const choices of keysFor(trigger, name)) {
      for (const { by, values } of choices) {
        let counts = shared.get(by);
        if (!counts) {
          counts = new Map();
          shared.set(by, counts);
        }
        for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
  }
  return shared;
}

/** Null where there is nothing to choose from. */
function leastShared(choices: EqualityKey[], shared: Shared): EqualityKey | null {
  let best: EqualityKey | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const key of choices) {
    const others = key.values.reduce<number>((sum, value) => sum + (shared.get(key.by)?.get(value) ?? 0), 0);
    if (others >= fewest) continue;
    best = key;
    fewest = others;
  }
  return best;
}

function add(keyed: Map<string, KeyedListeners>, { by, values }: EqualityKey, trigger: CompiledTrigger) {
  let listeners = keyed.get(by);
  if (!listeners) {
    const { path, normalized } = pathOf(by);
    const read = by === SUBJECT ? null : compilePath(path);
    listeners = { by, read, normalized, byValue: new Map() };
    keyed.set(by, listeners);
  }
  for (const value of values) {
    const key = asCompared(value, listeners.normalized);
    const found = listeners.byValue.get(key);
    if (!found) listeners.byValue.set(key, [trigger]);
    else if (found.at(-1) !== trigger) found.push(trigger);
  }
}

/** What was found, in the form in which it is looked up: lists taken apart, texts normalized where the key is. */
export function lookedUp(found: Json[], normalized: boolean): Json[] {
  const values = elements(found);
  return normalized ? values.map((value) => asCompared(value, normalized)) : values;
}

function asCompared(value: Json, normalized: boolean): Json {
  return normalized && typeof value === 'string' ? normalizedText(value) : value;
}
