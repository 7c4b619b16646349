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

const ok = () => Response.json({ success: true });

export default {
  async fetch(request, env) {
    // An unread body resets the connection: every rung pays for reading it.
    const body = await request.text();
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/worker') return ok();
    const user = searchParams.get('user');
    if (pathname === '/object') await env.EMPTY.getByName(user).take(body);
    if (pathname === '/row') await env.ROW.getByName(user).take(body, Date.now());
    return ok();
  },
};
