/**
 * The profiles of a sample, one after the other. A key is a keyed hash of the user's id, so the order of the registry's
 * shards and of the keys in them is as good as drawn: the first n are a sample, the same n every time.
 */
import type { Env } from '../../bindings.ts';
import { REGISTRY_SHARDS, registryShard } from '../../protocol/stubs.ts';
import type { Spending } from './spending.ts';

export interface Place {
  shard: number;
  /** The last key that was passed; '' before the first. */
  after: string;
  /** Passed so far, over all answers. */
  passed: number;
}

export const START: Place = { shard: 0, after: '', passed: 0 };

const FORM = /^(\d{1,3})\.(\d{1,12})\.([^.]{0,160})$/;

export function placeText({ shard, after, passed }: Place): string {
  return `${shard}.${passed}.${after}`;
}

/** Null where it is none that an answer has given. */
export function readPlace(text: string): Place | null {
  const [, shard, passed, after] = FORM.exec(text) ?? [];
  const place = { shard: Number(shard), passed: Number(passed), after: after ?? '' };
  return shard !== undefined && place.shard < REGISTRY_SHARDS ? place : null;
}

/** Each key with the place after it, and each shard's end. It stops where nothing may be spent any more. */
export async function* sampledProfiles(
  env: Env,
  from: Place,
  pageSize: number,
  spending: Spending,
): AsyncGenerator<{ key: string | null; next: Place | null }> {
  let { shard, after, passed } = from;
  while (shard < REGISTRY_SHARDS) {
    if (!spending.has(1)) return;
    spending.spend();
    const page = await registryShard(env, shard).page(after, pageSize);
    for (const key of page.keys) {
      passed += 1;
      after = key;
      yield { key, next: { shard, after, passed } };
    }
    if (page.cursor !== null) continue;
    shard += 1;
    after = '';
    yield { key: null, next: shard < REGISTRY_SHARDS ? { shard, after, passed } : null };
  }
}
