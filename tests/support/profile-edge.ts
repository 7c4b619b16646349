/** The whole Worker from outside: its HTTP, its objects, its queues and D1. */
import { env, exports } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { type ListedDelivery, listDeliveries } from '../../src/store/delivery-list.ts';

export interface Synced {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the API answers
  body: any;
}

/** With the server key, unless another one is given. */
export async function call(
  method: string,
  path: string,
  body?: JsonObject,
  key = 'Bearer sk_dev',
): Promise<Synced> {
  const response = await exports.default.fetch(`http://reflex.test${path}`, {
    method,
    headers: { authorization: key },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

export const WRITE_KEY = `Basic ${btoa('wk_dev:')}`;

export function track(who: JsonObject, event: string, properties: JsonObject = {}, more: JsonObject = {}) {
  const messageId = crypto.randomUUID();
  return call('POST', '/v1/track?sync=1', { messageId, event, properties, ...who, ...more });
}

/** Newest first. */
export async function deliveriesOf(trigger: string): Promise<ListedDelivery[]> {
  return (await listDeliveries(env.DB, { trigger, limit: 1_000 })).items;
}

/** Waits until so many deliveries of the trigger have left. */
export async function sent(trigger: string, count: number): Promise<ListedDelivery[]> {
  return vi.waitFor(
    async () => {
      const records = await deliveriesOf(trigger);
      const done = records.filter(({ status }) => status === 'sent');
      if (done.length < count) throw new Error(`${done.length} of ${count} sent: ${JSON.stringify(records)}`);
      return done;
    },
    { timeout: 10_000, interval: 20 },
  );
}

/** Long enough for whatever is under way in the queues to have come through. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 300));
}
