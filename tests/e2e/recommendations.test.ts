/** A shop's first three visitors: what two looked at together is recommended to the third. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

let server: RunningServer;
let api: Api;

beforeAll(async () => {
  server = await startServer({ demo: false });
  api = apiOf(server);
  const text = {
    layout: 'banner',
    body: '{{#recommendations}}<{{title}} {{#money}}price{{/money}}>{{/recommendations}}',
  };
  const written = [
    await api.admin('PUT', 'templates/also', { defaultLocale: 'ko', locales: { ko: { in_app: text } } }),
    await api.admin('POST', 'triggers', {
      id: 'also',
      category: 'marketing',
      entry: { on: [{ event: 'Products Searched' }] },
      reeligibility: { mode: 'always' },
      steps: [
        {
          id: 'show',
          send: { channels: ['in_app'], template: 'also', recommend: { from: 'last_viewed', limit: 1 } },
        },
      ],
    }),
    await api.admin('POST', 'triggers/also/activate'),
  ];
  for (const { status, text: answer } of written) expect(status, answer).toBeLessThan(300);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const item = (id: string, patch: object) =>
  api.server('PUT', `/v1/items/${id}`, { title: id, url: `/p/${id}`, price: 5_000, ...patch });

async function track(anonymousId: string, event: string, product_id?: string) {
  const properties = product_id === undefined ? {} : { product_id };
  const { body, status } = await api.client('POST', '/v1/track?sync=1', { anonymousId, event, properties });
  expect(status).toBe(200);
  return body.messages;
}

it('is shown in the answer to their own event, once others have looked', async () => {
  for (const id of ['고리', '목걸이', '팔찌']) await item(id, {});
  await item('다팔린', { stock: 0 });
  for (const visitor of ['하나', '둘']) {
    for (const id of ['다팔린', '고리', '목걸이']) await track(visitor, 'Product Viewed', id);
  }
  await track('셋', 'Product Viewed', '팔찌');
  await vi.waitFor(
    async () => {
      const visitor = crypto.randomUUID();
      await track(visitor, 'Product Viewed', '고리');
      const [message] = await track(visitor, 'Products Searched');
      expect(message).toMatchObject({ trigger: 'also', content: { body: '<목걸이 5,000원>' } });
    },
    { timeout: 15_000, interval: 1_000 },
  );
});
