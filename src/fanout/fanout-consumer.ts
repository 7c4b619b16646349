/**
 * Queue `fanout`: each message is one page of profiles that are to hear of something. Every one of them gets it as an
 * event; when all have it, the page is settled where it came from and the message acknowledged. A page of watchers is
 * asked for first: while it lay in the queue the price may have risen again, and nobody is to hear of one that is gone. Where one couldn't be
 * reached the whole message comes again: profiles that have the event recognise it by its id.
 */

import { itemEvent, topicEvent } from '../engine/items/item-event.ts';
import { broadcastEvent } from '../engine/runs/broadcast.ts';
import { SEGMENTS, segmentsEvent } from '../engine/segments/memberships.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import type { WatcherRpc } from '../protocol/catalog-rpc.ts';
import type { FanoutMessage, WatcherPage } from '../protocol/queue-messages.ts';
import type { SchedulerRpc } from '../protocol/rpc.ts';
import { delayAfter, type RetryAfterSeconds, type TellDeps, type Told, tellAll } from './tell-profiles.ts';

export interface FanoutDeps extends TellDeps {
  watchers(shard: string): Pick<WatcherRpc, 'owesPage' | 'settlePage' | 'settleTopicPage'>;
  scheduler(): Pick<SchedulerRpc, 'settlePage'>;
  now(): number;
}

const RETRY_SECONDS = 10;
const MAX_RETRY_SECONDS = 600;

export async function consumeFanout(batch: MessageBatch<FanoutMessage>, deps: FanoutDeps): Promise<void> {
  for (const message of batch.messages) {
    const retryAfter = await tellPage(message.body, deps);
    if (retryAfter === null) message.ack();
    else message.retry({ delaySeconds: backOff(retryAfter, message.attempts) });
  }
}

async function tellPage(body: FanoutMessage, deps: FanoutDeps): Promise<RetryAfterSeconds> {
  // A newer build's message: it may be this Worker's turn to be updated.
  if (body?.v !== 1) return RETRY_SECONDS;
  switch (body.kind) {
    case 'page':
      return tellWatchers(body, deps);
    case 'topic': {
      const { shard, walk, page, change, profiles } = body;
      const told = profiles.map(
        (key): Told => ({ key, eventFor: (profileKey) => topicEvent(change, profileKey, deps.now()) }),
      );
      return settled(await tellAll(told, deps), () =>
        deps.watchers(shard).settleTopicPage(walk, change.version, page),
      );
    }
    case 'broadcast': {
      const { trigger, instantAt, page, profiles } = body;
      const told = profiles.map(
        (key): Told => ({
          key,
          eventFor: (profileKey) =>
            trigger === SEGMENTS
              ? segmentsEvent(instantAt, profileKey)
              : broadcastEvent(trigger, instantAt, profileKey, deps.now()),
        }),
      );
      return settled(await tellAll(told, deps), () => deps.scheduler().settlePage(trigger, instantAt, page));
    }
    default:
      body satisfies never;
      return RETRY_SECONDS;
  }
}

async function tellWatchers(body: WatcherPage, deps: FanoutDeps): Promise<RetryAfterSeconds> {
  const { version } = body.change;
  try {
    if (!(await deps.watchers(body.shard).owesPage(version, body.page))) return null;
  } catch (error) {
    return delayAfter(error);
  }
  return settled(await tellAll(toldOf(body, deps.now), deps), () =>
    deps.watchers(body.shard).settlePage(version, body.page),
  );
}

function toldOf({ change, watchers }: WatcherPage, now: () => number): Told[] {
  return watchers.map(({ profile, reference }) => {
    const told: ItemChange = reference === null ? change : { ...change, reference };
    return { key: profile, eventFor: (profileKey) => itemEvent(told, profileKey, now()) };
  });
}

async function settled(
  outcome: RetryAfterSeconds,
  settlePage: () => Promise<void>,
): Promise<RetryAfterSeconds> {
  if (outcome !== null) return outcome;
  try {
    await settlePage();
    return null;
  } catch (error) {
    return delayAfter(error);
  }
}

function backOff(seconds: number, attempts: number): number {
  return Math.min(Math.ceil(seconds) * 2 ** Math.max(0, attempts - 1), MAX_RETRY_SECONDS);
}
