/** Which triggers are tried on what happened: all that listen, or of very many those that the index doesn't rule out. */

import { winsBefore } from '../compile/compile-config.ts';
import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { messageSubject, SUBJECT, segmentSubject } from '../compile/equality-key.ts';
import { type KeyedListeners, type Listeners, lookedUp } from '../compile/listeners.ts';
import type { LookedUp, RuledOut } from '../reasons.ts';
import { type Round, scopeOf } from '../round.ts';
import type { Scope } from '../scope.ts';
import type { Event, Json } from '../vocabulary.ts';
import { type Happening, indexName, isLate } from './happening.ts';

/** In the order in which they win. What the index looked up goes into the round: `explain/ruled-out.ts` reads it. */
export function listenersTo(round: Round, happenings: Happening[]): CompiledTrigger[] {
  const [only, ...more] = happenings;
  if (!only) return [];
  if (more.length === 0) return triedOn(round, only);
  const all = new Set(happenings.flatMap((happening) => triedOn(round, happening)));
  return [...all].sort(winsBefore);
}

function triedOn(round: Round, happening: Happening): CompiledTrigger[] {
  const name = indexName(happening);
  if (happening.kind === 'timer') return ownerOf(round, happening.trigger, name);
  const listeners = round.config.byEvent.get(name);
  if (!listeners) return [];
  return find(round, happening, name, listeners);
}

/** A timer is one trigger's own: to the others nothing has happened. */
function ownerOf({ config }: Round, id: string, name: string): CompiledTrigger[] {
  const owner = config.triggers.get(id);
  return owner?.listening.some((one) => one.name === name) ? [owner] : [];
}

function find(
  round: Round,
  happening: Happening,
  name: string,
  { all, index }: Listeners,
): CompiledTrigger[] {
  if (!index) return all;
  const scope = scopeOf(round, null, null);
  const buckets = index.rest.length > 0 ? [index.rest] : [];
  const reads = index.keyed.map((one) => {
    const values = valuesOf(one, happening, scope);
    for (const value of values) {
      const found = one.byValue.get(value);
      if (found) buckets.push(found);
    }
    return { name, by: one.by, values };
  });
  const [first = [], ...more] = buckets;
  const tried = more.length === 0 ? first : [...new Set(buckets.flat())].sort(winsBefore);
  if (tried.length < all.length) round.ruledOut.push(...reads);
  return tried;
}

function valuesOf({ by, read, normalized }: KeyedListeners, happening: Happening, scope: Scope): Json[] {
  if (by === SUBJECT || !read) return subjectsOf(happening);
  return lookedUp(read(scope), normalized);
}

function subjectsOf(happening: Happening): string[] {
  switch (happening.kind) {
    case 'attribute':
      return [happening.path];
    case 'segment':
      return [segmentSubject(happening.segment, happening.change)];
    case 'message':
      return [messageSubject(happening.what), messageSubject(happening.what, happening.trigger)];
    case 'event':
    case 'timer':
      return [];
  }
}

/** No equality that a person writes is longer; a longer text that was found is kept as one that nobody asks for. */
const MAX_KEPT_CHARS = 200;

/** For the log: what explains, later, each of the triggers that were not tried. */
export function ruledOutIn({ config, now, ruledOut }: Round, event: Event): RuledOut {
  const looked = new Map<string, LookedUp>();
  for (const { name, by, values } of ruledOut) {
    const key = `${name}\n${by}`;
    const before = looked.get(key)?.values ?? [];
    looked.set(key, { name, by, values: [...new Set([...before, ...values.map(kept)])] });
  }
  const record: RuledOut = { head: config.head, looked: [...looked.values()] };
  if (config.stopped) record.reason = 'paused';
  else if (isLate(event, now)) record.reason = 'late_event';
  return record;
}

function kept(value: Json): Json {
  if (typeof value === 'string') {
    return value.length > MAX_KEPT_CHARS ? `${value.slice(0, MAX_KEPT_CHARS)}…` : value;
  }
  // Lists within lists equal nothing.
  return typeof value === 'object' ? null : value;
}
