/**
 * Queue `fanout`: each message is one page of an item's watchers. Every watcher's profile gets the change as an event;
 * when all have it, the page is settled in its shard and the message acknowledged. Where one couldn't be reached the
 * whole message comes again: profiles that have the event recognise it by its id.
 */

import { itemEvent } from '../engine/item-event.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import type { FanoutMessage, ProfileRef, ProfileRpc, WatcherRpc } from '../protocol/rpc.ts';

export interface FanoutDeps {
  /** A new stub each time: one that has failed stays broken. */
  profile(key: string): Pick<ProfileRpc, 'ingest'>;
  watchers(shard: string): Pick<WatcherRpc, 'settlePage'>;
  now(): number;
}

type Watcher = FanoutMessage['watchers'][number];
/** Null: the profile has it. */
type RetryAfterSeconds = number | null;

const CONCURRENT_PROFILES = 25;
/** An anonymous profile moves once; a longer chain is a mistake that must not go round for ever. */
const MAX_MOVES = 3;
const RETRY_SECONDS = 5;
const OVERLOADED_SECONDS = 30;
const MAX_RETRY_SECONDS = 600;

export async function consumeFanout(batch: MessageBatch<FanoutMessage>, deps: FanoutDeps): Promise<void> {
  for (const message of batch.messages) {
    const retryAfter = await tellPage(message.body, deps);
    if (retryAfter === null) message.ack();
    else message.retry({ delaySeconds: backOff(retryAfter, message.attempts) });
  }
}

async function tellPage(body: FanoutMessage, deps: FanoutDeps): Promise<RetryAfterSeconds> {
  const outcomes = await mapBounded(body.watchers, CONCURRENT_PROFILES, (watcher) =>
    tellWatcher(body.change, watcher, deps),
  );
  const delays = outcomes.filter((outcome) => outcome !== null);
  if (delays.length > 0) return Math.max(...delays);
  try {
    await deps.watchers(body.shard).settlePage(body.change.version, body.page);
    return null;
  } catch (error) {
    return delayAfter(error);
  }
}

async function tellWatcher(
  change: ItemChange,
  watcher: Watcher,
  deps: FanoutDeps,
): Promise<RetryAfterSeconds> {
  const told: ItemChange = watcher.reference === null ? change : { ...change, reference: watcher.reference };
  // A watcher's row carries no id, for it must name nobody: the profile knows its own.
  let profile: ProfileRef = { kind: 'user', id: '', key: watcher.profile };
  try {
    for (let moves = 0; moves <= MAX_MOVES; moves++) {
      const events = [itemEvent(told, profile.key, deps.now())];
      const result = await deps.profile(profile.key).ingest({ profile, events });
      if (result.kind === 'done') return null;
      if (result.kind === 'unavailable') return result.retryAfterSeconds;
      profile = result.to;
    }
    return RETRY_SECONDS;
  } catch (error) {
    return delayAfter(error);
  }
}

/** An overloaded object must be left alone for a while; anything else may pass at once. */
function delayAfter(error: unknown): number {
  const isOverloaded =
    typeof error === 'object' && error !== null && 'overloaded' in error && error.overloaded === true;
  return isOverloaded ? OVERLOADED_SECONDS : RETRY_SECONDS;
}

function backOff(seconds: number, attempts: number): number {
  return Math.min(Math.ceil(seconds) * 2 ** Math.max(0, attempts - 1), MAX_RETRY_SECONDS);
}

async function mapBounded<T, R>(items: T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
