/**
 * Takes what a profile's outbox holds to where it belongs. Everything here may be lost or repeated: the entry stays in
 * the outbox until it is settled, and is offered again when its time has come.
 */
import type { OutboxEntry } from '../engine/vocabulary.ts';
import type { DispatchMessage, FactsMessage, ProfileRpc, WatcherRpc } from '../protocol/rpc.ts';
import type { WatchAnswer } from './missed-drop.ts';

export type WatchEntry = Extract<OutboxEntry, { kind: 'watch' }>;

export interface OfferDeps {
  dispatch: Pick<Queue<DispatchMessage>, 'sendBatch'>;
  facts: Pick<Queue<FactsMessage>, 'sendBatch'>;
  watchers(shard: string): Pick<WatcherRpc, 'watch'>;
  firstShard(itemId: string): string;
  profile(key: string): Pick<ProfileRpc, 'releaseFrozen'>;
  /** What the profile does with the answers. */
  watched(entry: WatchEntry, result: WatchAnswer): Promise<void>;
  released(entryId: string): Promise<void>;
}

/** A batch of a queue takes 100 messages. */
const BATCH = 100;
/** An item is split seldom; a longer chain is a mistake. */
const MAX_MOVES = 4;

export async function offer(profile: string, entries: OutboxEntry[], deps: OfferDeps): Promise<void> {
  const messages: MessageSendRequest<DispatchMessage>[] = [];
  const facts: FactsMessage['facts'] = [];
  const work: Promise<void>[] = [];
  for (const entry of entries) {
    switch (entry.kind) {
      case 'message':
        messages.push({ body: { v: 1, kind: 'message', profile, messageId: entry.id } });
        break;
      case 'fact':
        facts.push(entry.fact);
        break;
      case 'watch':
        work.push(placeWatch(profile, entry, deps));
        break;
      case 'merged':
        work.push(release(entry, deps));
        break;
    }
  }
  for (const batch of chunks(messages)) work.push(deps.dispatch.sendBatch(batch).then(nothing));
  if (facts.length > 0) {
    const batches = chunks(facts).map((some) => ({
      body: { v: 1, kind: 'facts', profile, facts: some } as const,
    }));
    work.push(deps.facts.sendBatch(batches).then(nothing));
  }
  // One that fails keeps no other from being offered; it is offered again by the alarm.
  await Promise.allSettled(work);
}

async function placeWatch(profile: string, entry: WatchEntry, deps: OfferDeps): Promise<void> {
  const order = entry.watch;
  let shard = deps.firstShard(order.itemId);
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const result = await deps.watchers(shard).watch(order.profile ?? profile, order);
    if (result.kind === 'unavailable') return;
    if (result.kind !== 'moved') {
      await deps.watched(entry, result);
      return;
    }
    shard = result.shard;
  }
}

async function release(entry: Extract<OutboxEntry, { kind: 'merged' }>, deps: OfferDeps): Promise<void> {
  await deps.profile(entry.from).releaseFrozen(entry.mergeId);
  await deps.released(entry.id);
}

function chunks<T>(all: T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += BATCH) parts.push(all.slice(at, at + BATCH));
  return parts;
}

function nothing(): void {}
