/**
 * Load by the clock: a request is sent when its time has come, whether or not the ones before have been answered, and its
 * latency counts from that time, so that a server that stalls hides nothing. Who is refused goes away.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_HEADERS } from './campaign.ts';
import { PatientClient, type Reply, wallClock } from './client.ts';

export interface Sent {
  messageIds: string[];
  /** 200, 503, …; 0 where the connection failed. */
  status: number;
  retryAfter: string | null;
  /** Since the first one of this load was due. */
  dueMs: number;
  latencyMs: number;
}

const TICK_MS = 2;
/** As many connections as a front before the server keeps. What is due while all wait for an answer is not sent, and counted. */
const MOST_OPEN = 1_000;

export interface OpenLoop {
  sent: Sent[];
  /** Due while too many were unanswered. */
  unsent: number;
}

let serial = 0;

/** Who sends what: ordinary events, each of the next one of so many users, so many to a request. */
export interface Traffic {
  users: number;
  batch: number;
}

function nextRequest({ users, batch }: Traffic): { messageIds: string[]; text: string } {
  const events = Array.from({ length: batch }, () => {
    const messageId = `load-${++serial}`;
    const properties = { product_id: `item-${serial % 40}`, price: 10_000, currency: 'KRW' };
    return {
      type: 'track',
      messageId,
      userId: `user-${serial % users}`,
      event: 'Product Viewed',
      properties,
    };
  });
  return { messageIds: events.map(({ messageId }) => messageId), text: JSON.stringify({ batch: events }) };
}

export async function openLoop(
  url: string,
  { perSecond, seconds, traffic }: { perSecond: number; seconds: number; traffic: Traffic },
): Promise<OpenLoop> {
  const client = await connected(url);
  const result: OpenLoop = { sent: [], unsent: 0 };
  const total = Math.round(perSecond * seconds);
  const beganAt = wallClock();
  const open = new Set<Promise<void>>();
  for (let count = 0; count < total; ) {
    const dueUntil = Math.min(total, Math.floor(((wallClock() - beganAt) / 1000) * perSecond) + 1);
    for (; count < dueUntil; count++) {
      if (open.size >= MOST_OPEN) result.unsent++;
      else track(open, sendOne(client, beganAt, (count / perSecond) * 1000, traffic, result.sent));
    }
    await sleep(TICK_MS);
  }
  await Promise.all(open);
  client.close();
  return result;
}

/**
 * All connections are there before the load comes, as those of a front are: a busy workerd accepts next to none, so that new
 * ones would wait in the system's queue, where nobody can refuse them.
 */
async function connected(url: string): Promise<PatientClient> {
  const client = new PatientClient(url, { maxSockets: MOST_OPEN });
  await Promise.all(Array.from({ length: MOST_OPEN }, () => client.send('GET', '/health', {}, '')));
  return client;
}

/** As many at once as there are connections, each waiting for its answer: what the server can do. */
export async function closedLoop(
  url: string,
  { connections, seconds, traffic }: { connections: number; seconds: number; traffic: Traffic },
): Promise<OpenLoop & { perSecond: number }> {
  const client = new PatientClient(url, { maxSockets: connections });
  const sent: Sent[] = [];
  const beganAt = wallClock();
  const lane = async () => {
    while (wallClock() - beganAt < seconds * 1000) {
      await sendOne(client, beganAt, wallClock() - beganAt, traffic, sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  client.close();
  const taken = sent.filter(({ status }) => status === 200).length;
  return { sent, unsent: 0, perSecond: taken / ((wallClock() - beganAt) / 1000) };
}

async function sendOne(
  client: PatientClient,
  beganAt: number,
  dueMs: number,
  traffic: Traffic,
  sent: Sent[],
): Promise<void> {
  const { messageIds, text } = nextRequest(traffic);
  const reply: Reply | null = await client.send('POST', '/v1/batch', CLIENT_HEADERS, text);
  sent.push({
    messageIds,
    status: reply?.status ?? 0,
    retryAfter: reply?.retryAfter ?? null,
    dueMs,
    latencyMs: wallClock() - beganAt - dueMs,
  });
}

function track(open: Set<Promise<void>>, work: Promise<void>): void {
  const tracked = work.finally(() => open.delete(tracked));
  open.add(tracked);
}
