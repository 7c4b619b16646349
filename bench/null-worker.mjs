/** The floor: what any design on this platform pays before it does anything. One route for each rung. */
import { DurableObject } from 'cloudflare:workers';

export class EmptyObject extends DurableObject {
  async take(body) {
    return body.length;
  }
}

export class RowObject extends DurableObject {
  #made = false;

  async take(body, at) {
    const { sql } = this.ctx.storage;
    if (!this.#made) {
      sql.exec('CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, at INTEGER, size INTEGER)');
      this.#made = true;
    }
    sql.exec('INSERT INTO events (at, size) VALUES (?, ?)', at, body.length);
    return body.length;
  }
}

const LEASE_MS = 30_000;

/** An outbox and nothing else: what has to leave is a row until it has left. */
export class OutboxObject extends DurableObject {
  #made = false;

  async take(name, body, at) {
    const { sql } = this.ctx.storage;
    if (!this.#made) {
      sql.exec('CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, lease INTEGER, body TEXT)');
      this.#made = true;
    }
    const { id } = sql.exec('INSERT INTO outbox (lease, body) VALUES (?, ?) RETURNING id', at, body).one();
    this.ctx.waitUntil(this.env.OUT.sendBatch([{ body: { name, id }, contentType: 'json' }]));
  }

  async claim(id, at) {
    const { sql } = this.ctx.storage;
    const lease = 'UPDATE outbox SET lease = ?1 WHERE id = ?2 AND lease <= ?3 RETURNING body';
    return sql.exec(lease, at + LEASE_MS, id, at).toArray()[0]?.body ?? null;
  }

  async settle(id) {
    this.ctx.storage.sql.exec('DELETE FROM outbox WHERE id = ?', id);
  }
}

/** Tells many objects of something, so many at a time: a fan-out that knows beforehand whom to tell. */
export class FanObject extends DurableObject {
  async tell(count, body) {
    const left = Array.from({ length: count }, (_, i) => `fan-${i}`).values();
    const teller = async () => {
      for (const name of left) await this.env.ROW.getByName(name).take(body, Date.now());
    };
    await Promise.all(Array.from({ length: FAN_CONCURRENCY }, teller));
  }
}

/** Twice what Reflex asks at once: the null is to be no slower than two of its pages. */
const FAN_CONCURRENCY = 50;

const ok = () => Response.json({ success: true });

export default {
  async fetch(request, env) {
    // An unread body resets the connection: every rung pays for reading it.
    const body = await request.text();
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/worker') return ok();
    if (pathname === '/fan') await env.FAN.getByName('fan').tell(Number(searchParams.get('count')), body);
    if (pathname === '/shard') return Response.json(await askShard(env, JSON.parse(body)));
    const user = searchParams.get('user');
    if (pathname === '/object') await env.EMPTY.getByName(user).take(body);
    if (pathname === '/row') await env.ROW.getByName(user).take(body, Date.now());
    if (pathname === '/fire') await env.OUTBOX.getByName(user).take(user, body, Date.now());
    return ok();
  },

  async queue(batch, env) {
    await Promise.all(batch.messages.map((message) => deliver(message, env)));
  },
};

/** For `fan-out.mjs`: what one of Reflex's watcher shards answers to a call. */
async function askShard(env, { shard, method, args }) {
  return (await env.WATCHERS.getByName(shard)[method](...args)) ?? null;
}

async function deliver(message, env) {
  const { name, id } = message.body;
  const body = await env.OUTBOX.getByName(name).claim(id, Date.now());
  if (body !== null) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(env.SINK_URL, { method: 'POST', headers, body });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The sink answered with ${response.status}.`);
    await env.OUTBOX.getByName(name).settle(id);
  }
  message.ack();
}
