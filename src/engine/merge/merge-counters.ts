/**
 * What both profiles counted, together. A count stands only where each of the two kept it, or never had an event of its
 * name: otherwise it goes, and whoever asks again builds it from the history of both.
 */

import type { Draft } from '../delta.ts';
import { MAX_KEPT } from '../language/conditions/counted-form.ts';
import { forget, hashOf, keepWithinLimit } from '../language/counters.ts';
import type { CounterEntry, ProfileState, SectionValues } from '../state.ts';

type Built = SectionValues['built'];

/** `own` is the known profile as it was before the merge. */
export function mergeCounters(
  draft: Draft,
  own: Pick<ProfileState, 'built' | 'counts'>,
  theirs: Pick<ProfileState, 'built' | 'counts' | 'counters'>,
): void {
  const kept = new Map<string, { own: boolean; theirs: boolean }>();
  for (const name of new Set([...own.built.keys(), ...theirs.built.keys()])) {
    const merged: Built = {};
    for (const hash of new Set([...hashesOf(own, name), ...hashesOf(theirs, name)])) {
      const [mine, others] = [markOf(own, name, hash), markOf(theirs, name, hash)];
      if (!mine || !others) {
        forget(draft, name, hash);
        continue;
      }
      kept.set(hash, { own: mine.dropped ?? false, theirs: others.dropped ?? false });
      merged[hash] = mine.dropped || others.dropped ? { dropped: true } : {};
    }
    if (Object.keys(merged).length > 0) draft.put('built', name, merged);
  }
  addCounts(draft, theirs.counters, kept);
  keepWithinLimit(draft);
}

function hashesOf({ built }: Pick<ProfileState, 'built'>, name: string): string[] {
  return Object.keys(built.get(name) ?? {});
}

/** A profile without any event of the name has counted them all. */
function markOf({ built, counts }: Pick<ProfileState, 'built' | 'counts'>, name: string, hash: string) {
  return built.get(name)?.[hash] ?? (counts.has(name) ? undefined : {});
}

/** A value that one of the two has dropped is known to neither. */
function addCounts(
  draft: Draft,
  theirs: ProfileState['counters'],
  kept: Map<string, { own: boolean; theirs: boolean }>,
): void {
  for (const [key] of [...draft.entries('counters')]) {
    if (kept.get(hashOf(key))?.theirs && !theirs.has(key)) draft.remove('counters', key);
  }
  for (const [key, entry] of theirs) {
    const dropped = kept.get(hashOf(key));
    if (!dropped) continue;
    const before = draft.get('counters', key);
    if (before) draft.put('counters', key, sum(before, entry));
    else if (!dropped.own) draft.put('counters', key, entry);
  }
}

function sum(a: CounterEntry, b: CounterEntry): CounterEntry {
  const n = a.n + b.n;
  if (!a.recent && !b.recent) return { n };
  const recent = [...(a.recent ?? []), ...(b.recent ?? [])].sort((x, y) => x - y).slice(-MAX_KEPT);
  return { n, recent };
}
