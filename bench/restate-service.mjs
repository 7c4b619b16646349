/**
 * The same work on Restate: a virtual object for each user, which remembers the last ids, counts, asks the condition
 * and, where it holds, sends the webhook as a durable step. Started by `restate.mjs` with the sink's URL and its port.
 */
import * as restate from '@restatedev/restate-sdk';

const [sinkUrl, port] = process.argv.slice(2);
const REMEMBERED_IDS = 32;

const user = restate.object({
  name: 'user',
  handlers: {
    event: async (ctx, { messageId, event, properties }) => {
      const seen = (await ctx.get('seen')) ?? [];
      if (seen.includes(messageId)) return { success: true };
      ctx.set('seen', [...seen, messageId].slice(-REMEMBERED_IDS));
      ctx.set('count', ((await ctx.get('count')) ?? 0) + 1);
      const fires = event === 'price_drop' && properties.price < 25 && properties.category === 'shoes';
      if (fires) await ctx.run('hook', () => tell(ctx.key, messageId, properties));
      return { success: true };
    },
  },
});

async function tell(userId, id, { item, serial }) {
  const response = await fetch(sinkUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, data: { user: userId, item, serial } }),
  });
  if (!response.ok) throw new Error(`The sink answered with ${response.status}.`);
}

await restate.serve({ services: [user], port: Number(port) });
