/** Items with watchers, for the fan-out's bench: profiles that like them, rows of others, and drops. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient } from '../scripts/server/api-client.mjs';

const USERS_PER_BATCH = 100;
const ROWS_PER_CALL = 2_000;
/** Of the rows that no drop crosses, those that stand in the shard with the ones that it does. */
const ROWS_BESIDE = 40_000;
const CURRENCY = 'KRW';
export const FIRST_PRICE = 100_000;
/** Below whatever the price falls to: whoever stands there is never told. */
const UNCROSSED = 10_000_000;
const PAGE = 200;

/** @param {{ urls: { reflex: string, nulls: string }, key: string }} bench */
export function watchedItems({ urls, key }) {
  const server = createApiClient(urls.reflex, 'sk_dev');
  const admin = createApiClient(urls.reflex, 'at_dev');
  const versions = new Map();

  const shard = async (name, method, ...args) => {
    const body = JSON.stringify({ shard: name, method, args });
    const response = await fetch(`${urls.nulls}/shard`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${method} of ${name}: ${response.status}`);
    return response.json();
  };

  const put = async (id, price, more = {}) => {
    await server('PUT', `/v1/items/${id}`, { price, currency: CURRENCY, ...more });
    versions.set(id, (versions.get(id) ?? 0) + 1);
  };

  return {
    /** Where every webhook goes from here on; answers with the times at which they came. */
    async sink() {
      const arrived = [];
      const listener = createServer(async (request, response) => {
        for await (const _ of request);
        arrived.push(performance.now());
        response.writeHead(204).end();
      });
      await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${listener.address().port}/hook`;
      const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
      await admin('PUT', '/admin/api/channels/webhook', { provider: 'webhook', settings: { url }, secret });
      return { arrived, close: () => listener.close() };
    },

    /** A trigger on drops of items of this category. */
    async trigger(category, channel, content) {
      await admin('PUT', `/admin/api/templates/${category}`, {
        defaultLocale: 'en',
        locales: { en: { [channel]: content } },
      });
      await admin('POST', '/admin/api/triggers', {
        id: category,
        category: 'transactional',
        transactionalReason: 'measured, not sent to anybody',
        entry: {
          on: [
            {
              item: 'price_drop',
              relation: ['liked'],
              where: { field: 'item.category', op: 'eq', value: category },
            },
          ],
          key: ['item.id'],
        },
        reeligibility: { mode: 'always' },
        steps: [{ id: 'tell', send: { channels: [channel], template: category } }],
      });
      await admin('POST', `/admin/api/triggers/${category}/activate`);
    },

    /** An item that so many users like, and whose other watchers began at a price that it never falls below. */
    async item(id, category, likes, uncrossed = 0) {
      await put(id, FIRST_PRICE, { category, title: id });
      for (let shardNo = 0, from = 0; from < uncrossed; shardNo++) {
        const to = Math.min(uncrossed, from + ROWS_BESIDE);
        await this.rows(shardNo === 0 ? `watchers:0:0:${id}` : `watchers:9:${shardNo}:${id}`, from, to);
        from = to;
      }
      for (let from = 0; from < likes; from += USERS_PER_BATCH)
        await this.like(id, from, Math.min(likes, from + USERS_PER_BATCH));
      await this.registered(id, likes);
    },

    async rows(name, from, to) {
      for (let at = from; at < to; at += ROWS_PER_CALL) {
        const rows = Array.from({ length: Math.min(ROWS_PER_CALL, to - at) }, (_, i) => ({
          currency: CURRENCY,
          reference: UNCROSSED,
          profile: `uncrossed-${at + i}`,
          relations: 1,
          since: 0,
        }));
        await shard(name, 'adopt', rows);
      }
      await shard(name, 'begin', { item: null, version: 0, changedAt: 0, prices: [], adopted: null });
    },

    async like(id, from, to) {
      const batch = Array.from({ length: to - from }, (_, i) => ({
        type: 'track',
        event: 'Product Added to Wishlist',
        userId: `watcher-${from + i}`,
        messageId: `like-${id}-${from + i}`,
        properties: { product_id: id },
      }));
      const response = await fetch(`${urls.reflex}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
        body: JSON.stringify({ batch }),
      });
      if (!response.ok) throw new Error(`likes: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    },

    /** Until the last of them is registered; an order that is given comes in some milliseconds. */
    async registered() {
      await sleep(1_500);
    },

    /** The price falls. Answers when every page has been settled; milliseconds. To ask costs workerd time as well. */
    async drop(id, price, crossed, askAgainMs = 2) {
      const startedAt = performance.now();
      await put(id, price);
      const version = versions.get(id);
      const pages = Math.ceil(crossed / PAGE);
      for (let page = 0; page < pages; page++) {
        while (await shard(`watchers:0:0:${id}`, 'owesPage', version, page)) await sleep(askAgainMs);
      }
      return performance.now() - startedAt;
    },

    /** How many messages a user has got of this trigger. */
    async received(user, trigger) {
      const { messages } = await server('GET', `/v1/messages/next?userId=${user}&limit=50`);
      return messages.filter((message) => message.trigger === trigger).length;
    },
  };
}
