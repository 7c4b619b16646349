/**
 * Queue `fanout`: each message is one page of profiles that are to hear of something. Every one of them gets it as an
 * event; when all have it, the page is settled where it came from and the message acknowledged. Whether it is still owed
 * is asked first: while it lay in the queue the price may have risen again, the broadcast been stopped, or a copy of it been
 * told. Where one profile couldn't be reached the whole message comes again: those that have the event recognise it by its
 * id.
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
  watchers(shard: string): Pick<WatcherRpc, 'owesPage' | 'settlePage' | 'owesTopicPage' | 'settleTopicPage'>;
  scheduler(): Pick<SchedulerRpc, 'owesPage' | 'settlePage'>;
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

/** One page: whether it is owed, whom it is for, and whom to tell when all have it. */
interface Work {
  owes(): Promise<boolean>;
  told: Told[];
  settle(): Promise<void>;
}

async function tellPage(body: FanoutMessage, deps: FanoutDeps): Promise<RetryAfterSeconds> {
  const work = workOf(body, deps);
  if (work === null) return RETRY_SECONDS;
  try {
    if (!(await work.owes())) return null;
    const retryAfter = await tellAll(work.told, deps);
    if (retryAfter === null) await work.settle();
    return retryAfter;
  } catch (error) {
    return delayAfter(error);
  }
}

/** Null for a newer build's message: it may be this Worker's turn to be updated. */
function workOf(body: FanoutMessage, deps: FanoutDeps): Work | null {
  if (body?.v !== 1) return null;
  switch (body.kind) {
    case 'page': {
      const { shard, page, change } = body;
      return {
        owes: () => deps.watchers(shard).owesPage(change.version, page),
        told: toldOf(body, deps.now),
        settle: () => deps.watchers(shard).settlePage(change.version, page),
      };
    }
    case 'topic': {
      const { shard, walk, page, change, profiles } = body;
      const eventFor = (profileKey: string) => topicEvent(change, profileKey, deps.now());
      return {
        owes: () => deps.watchers(shard).owesTopicPage(walk, change.version, page),
        told: profiles.map((key) => ({ key, eventFor })),
        settle: () => deps.watchers(shard).settleTopicPage(walk, change.version, page),
      };
    }
    case 'broadcast': {
      const { trigger, instantAt, page, profiles } = body;
      const eventFor = (profileKey: string) =>
        trigger === SEGMENTS
          ? segmentsEvent(instantAt, profileKey)
          : broadcastEvent(trigger, instantAt, profileKey, deps.now());
      return {
        owes: () => deps.scheduler().owesPage(trigger, instantAt, page),
        told: profiles.map((key) => ({ key, eventFor })),
        settle: () => deps.scheduler().settlePage(trigger, instantAt, page),
      };
    }
    default:
      body satisfies never;
      return null;
  }
}

function toldOf({ change, watchers }: WatcherPage, now: () => number): Told[] {
  return watchers.map(({ profile, reference }) => {
    const told: ItemChange = reference === null ? change : { ...change, reference };
    return { key: profile, eventFor: (profileKey) => itemEvent(told, profileKey, now()) };
  });
}

function backOff(seconds: number, attempts: number): number {
  return Math.min(Math.ceil(seconds) * 2 ** Math.max(0, attempts - 1), MAX_RETRY_SECONDS);
}
