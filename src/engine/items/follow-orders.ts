/**
 * A profile registers with the watcher shard of every topic that it follows, as soon as that begins and before any trigger
 * asks. The order leaves through the outbox, one at a time for each topic, as those to watch items do (`watch-orders.ts`):
 * where a newer one is wanted meanwhile, it takes the older one's place and leaves when that was answered. The answer says
 * nothing: a topic has no price.
 */
import type { Delta } from '../delta.ts';
import { OFFER_AGAIN_MS, putOut, type Round, type RoundInput, startRound } from '../round.ts';
import type { FollowOrder, OutboxEntry } from '../vocabulary.ts';

export function putFollowOrders(round: Round, topics: Iterable<string>): void {
  for (const topic of topics) {
    const pending = round.draft.get('outbox', followId(topic));
    if (pending?.kind !== 'follow') order(round, topic);
    else round.draft.put('outbox', pending.id, { ...pending, follow: orderFor(round, topic) });
  }
}

/** Another's row, which goes: that of an anonymous profile that has become this one. */
export function putFollowRemoval(round: Round, topic: string, profile: string): void {
  const follow = { topic, profile, on: false, at: round.now };
  const retryAt = round.now + OFFER_AGAIN_MS;
  putOut(round, { kind: 'follow', id: `follow:${profile}:${topic}`, follow, retryAt });
}

/** The shard has carried out the order. */
export function settleFollow(input: RoundInput & { id: string; order: FollowOrder }): {
  delta: Delta;
  effects: OutboxEntry[];
} {
  const round = startRound(input, null);
  const { draft } = round;
  const pending = draft.get('outbox', input.id);
  if (pending?.kind === 'follow') {
    const { on, at } = pending.follow;
    if (on === input.order.on && at === input.order.at) draft.remove('outbox', input.id);
    else order(round, input.order.topic);
  }
  return { delta: draft.delta(), effects: round.effects };
}

function followId(topic: string): string {
  return `follow:${topic}`;
}

function order(round: Round, topic: string): void {
  const retryAt = round.now + OFFER_AGAIN_MS;
  putOut(round, { kind: 'follow', id: followId(topic), follow: orderFor(round, topic), retryAt });
}

function orderFor({ draft }: Round, topic: string): FollowOrder {
  const entry = draft.get('topics', topic);
  return { topic, on: entry?.on ?? false, at: entry?.at ?? 0 };
}
