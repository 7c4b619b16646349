/** The known user's side of a merge: anonymous profiles are frozen before the turn and folded in within it. */
import type { Config } from '../engine/config.ts';
import { mergeProfiles } from '../engine/merge/merge-profiles.ts';
import type { ProfileState } from '../engine/state.ts';
import { openState } from '../engine/upgrade-state.ts';
import type { OutboxEntry } from '../engine/vocabulary.ts';
import type { FreezeRequest, FreezeResult, ProfileRef, ProfileRpc } from '../protocol/rpc.ts';
import type { TurnStore } from './turn-store.ts';

export interface Frozen {
  from: ProfileRef;
  mergeId: string;
  result: Extract<FreezeResult, { kind: 'frozen' | 'taken' }>;
  /** What was handed over, in this build's layout. */
  handover: ProfileState | null;
}

/**
 * `unavailable` where one of them can't be reached now: the caller tries again later, and nothing has been lost;
 * `not_begun` where only a merge that was begun was to go on.
 */
export async function freezeLinks(
  to: ProfileRef,
  links: ProfileRef[],
  profile: (key: string) => Pick<ProfileRpc, 'freeze'>,
  after: Pick<FreezeRequest, 'erasedAt' | 'begunOnly'> = {},
): Promise<Frozen[] | 'unavailable' | 'not_begun'> {
  const frozen: Frozen[] = [];
  for (const from of links) {
    // Derived: a retry of the same merge is the same merge.
    const mergeId = `${from.key}>${to.key}`;
    const result = await freezeOne(profile(from.key), { profile: from, mergeId, to, ...after });
    if (result.kind === 'not_begun') return 'not_begun';
    // Also a newer build's answer.
    if (result.kind !== 'frozen' && result.kind !== 'taken') return 'unavailable';
    const text = result.kind === 'frozen' && result.handover ? result.handover.state : null;
    const handover = text === null ? null : openState(text);
    // It runs a newer build, and keeps what it has until this one has been brought up to date.
    if (text !== null && !handover) return 'unavailable';
    frozen.push({ from, mergeId, result, handover });
  }
  return frozen;
}

async function freezeOne(profile: Pick<ProfileRpc, 'freeze'>, request: FreezeRequest): Promise<FreezeResult> {
  try {
    return await profile.freeze(request);
  } catch {
    return { kind: 'unavailable', retryAfterSeconds: 1 };
  }
}

/** Within the turn. A link that a concurrent call has made meanwhile is left alone. */
export function foldFrozen(store: TurnStore, config: Config, frozen: Frozen[], now: number): OutboxEntry[] {
  const effects: OutboxEntry[] = [];
  for (const { from, mergeId, result, handover } of frozen) {
    if (store.state.links.has(from.key)) continue;
    if (result.kind === 'taken') {
      store.apply([['links', from.key, { id: from.id, outcome: 'taken' }]]);
      continue;
    }
    const merged = mergeProfiles({
      state: store.state,
      history: store.history,
      config,
      now,
      handover,
      from,
      mergeId,
    });
    store.apply(merged.delta);
    if (result.handover) store.adoptHistory(result.handover.history);
    effects.push(...merged.effects);
  }
  return effects;
}
