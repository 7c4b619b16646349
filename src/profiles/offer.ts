/**
 * Takes what a profile's outbox holds to where it belongs. Everything here may be lost or repeated: the entry stays in
 * the outbox until it is settled, and is offered again when its time has come.
 */
import type { Fact, OutboxEntry, WatchOrder } from '../engine/vocabulary.ts';
import { packMessages } from '../objects/pack-messages.ts';
import type { WatcherRpc } from '../protocol/catalog-rpc.ts';
import type { DispatchMessage, FactsMessage } from '../protocol/queue-messages.ts';
import type { ProfileRpc } from '../protocol/rpc.ts';
import type { WatchAnswer } from './missed-news.ts';

export type FollowEntry = Extract<OutboxEntry, { kind: 'follow' }>;
export type WatchEntry = Extract<OutboxEntry, { kind: 'watch' }>;
type MergedEntry = Extract<OutboxEntry, { kind: 'merged' }>;

export interface OfferDeps {
  dispatch: Pick<Queue<DispatchMessage>, 'sendBatch'>;
  facts: Pick<Queue<FactsMessage>, 'sendBatch'>;
  watchers(shard: string): Pick<WatcherRpc, 'watch' | 'follow'>;
  firstShard(itemId: string): string;
  firstTopicShard(topic: string): string;
  profile(key: string): Pick<ProfileRpc, 'releaseFrozen'>;
  /** What the profile does with the answers. */
  watched(entry: WatchEntry, result: WatchAnswer): Promise<void>;
  followed(entry: FollowEntry): Promise<void>;
  released(entryId: string): Promise<void>;
}

/** Of one queue message; 128 KB at most. A fact of decisions is as heavy as it has answers. */
const FACTS_PER_MESSAGE = 100;
const ANSWERS_PER_FACT = 4;
/** Calls to other objects under way at once. */
const CONCURRENT_CALLS = 20;
/** An item or topic is split seldom; a longer chain is a mistake. */
const MAX_MOVES = 4;

/** Never throws: what fails keeps nothing else from being offered, and is offered again by the alarm. */
export async function offer(profile: string, entries: OutboxEntry[], deps: OfferDeps): Promise<void> {
  const messages: DispatchMessage[] = [];
  const facts: FactsMessage['facts'] = [];
  const calls: (() => Promise<void>)[] = [];
  for (const entry of entries) {
    switch (entry.kind) {
      case 'message':
        messages.push({ v: 1, kind: 'message', profile, messageId: entry.id });
        break;
      case 'fact':
        facts.push(entry.fact);
        break;
      case 'watch':
        calls.push(() => placeWatch(profile, entry, deps));
        break;
      case 'follow':
        calls.push(() => placeFollow(profile, entry, deps));
        break;
      case 'merged':
        calls.push(() => release(entry, deps));
        break;
    }
  }
  const factMessages = chunks(facts, FACTS_PER_MESSAGE, weightOf).map(
    (some): FactsMessage => ({ v: 1, kind: 'facts', profile, facts: some }),
  );
  await Promise.all([sendAll(deps.dispatch, messages), sendAll(deps.facts, factMessages), callAll(calls)]);
}

async function sendAll<T>(queue: Pick<Queue<T>, 'sendBatch'>, messages: T[]): Promise<void> {
  for (const batch of packMessages(messages)) {
    await attempt(async () => {
      await queue.sendBatch(batch.map((body) => ({ body, contentType: 'json' as const })));
    });
  }
}

async function callAll(calls: (() => Promise<void>)[]): Promise<void> {
  for (const some of chunks(calls, CONCURRENT_CALLS)) await Promise.all(some.map(attempt));
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // The alarm comes back for it.
  }
}

async function placeWatch(profile: string, entry: WatchEntry, deps: OfferDeps): Promise<void> {
  const order: WatchOrder = { ...entry.watch, ...(entry.offered !== undefined && { again: true }) };
  let shard = deps.firstShard(order.itemId);
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const result = await deps.watchers(shard).watch(order.profile ?? profile, order);
    if (result.kind === 'unavailable') return;
    if (result.kind === 'watching' || result.kind === 'removed') {
      await deps.watched(entry, result);
      return;
    }
    // Overtaken, or a newer build's answer: the order stays.
    if (result.kind !== 'moved') return;
    shard = result.shard;
  }
}

async function placeFollow(profile: string, entry: FollowEntry, deps: OfferDeps): Promise<void> {
  const order = entry.follow;
  let shard = deps.firstTopicShard(order.topic);
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const result = await deps.watchers(shard).follow(order.profile ?? profile, order);
    if (result.kind === 'done') await deps.followed(entry);
    if (result.kind !== 'moved') return;
    shard = result.shard;
  }
}

async function release(entry: MergedEntry, deps: OfferDeps): Promise<void> {
  await deps.profile(entry.from).releaseFrozen(entry.mergeId);
  await deps.released(entry.id);
}

function weightOf({ decided }: Fact): number {
  return 1 + (decided?.answers.length ?? 0) / ANSWERS_PER_FACT;
}

/** In order, none heavier than that; one that is by itself goes alone. */
function chunks<T>(all: T[], weight: number, weightOfOne: (one: T) => number = () => 1): T[][] {
  const parts: T[][] = [];
  let room = 0;
  for (const one of all) {
    const own = weightOfOne(one);
    if (own > room) {
      parts.push([]);
      room = weight;
    }
    room -= own;
    parts.at(-1)?.push(one);
  }
  return parts;
}
