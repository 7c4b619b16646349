/**
 * A person with something of everything, every value of theirs unmistakable: whatever erasing must find and an export
 * must tell. One list for both, so that neither can forget what the other knows.
 */
import { Webhook } from 'standardwebhooks';
import { expect, vi } from 'vitest';
import type { Answer, Api } from './api.ts';

export type Marks = Record<(typeof MARKED)[number], string>;

/** What of a person is marked. */
const MARKED = [
  'userId',
  'anonymousId',
  'name',
  'email',
  'city',
  'ownProperty',
  'query',
  'visitorQuery',
  'pagePath',
  'lateOrder',
  'consentSource',
  'deviceToken',
  'messageId',
  'coupon',
  'followed',
] as const;

/** The item that they like; it is the shop's, not theirs. */
export const LIKED_ITEM = 'ring-of-the-marked';
export const REVENUE = 918_273;

export function newMarks(): Marks {
  const nonce = crypto.randomUUID().slice(0, 8);
  const marks = MARKED.map((what) => [what, `mk-${what.toLowerCase()}-${nonce}`]);
  // It has to look like one.
  return { ...(Object.fromEntries(marks) as Marks), email: `mk-email-${nonce}@example.com` };
}

const texts = {
  defaultLocale: 'ko',
  locales: {
    ko: {
      in_app: { layout: 'modal', title: '{{user.traits.name}}', body: '{{event.properties.query}}' },
      push: { title: '{{user.traits.name}}', body: '{{event.properties.query}}' },
      webhook: { data: { to: '{{user.traits.email}}' } },
      email: { subject: '{{user.traits.name}}', html: '{{event.properties.query}}', text: 'x' },
    },
  },
};

const SEARCHED = [{ event: 'Products Searched' }];
const sends = (...channels: string[]) => [{ id: 'send', send: { channels, template: 'marked' } }];

const TRIGGERS = [
  { id: 'marked-shows', entry: { on: SEARCHED }, steps: sends('in_app') },
  {
    id: 'marked-pushes',
    entry: { on: SEARCHED },
    steps: sends('push'),
    goals: [
      { id: 'bought', on: { event: 'Order Completed' }, within: '7d', value: 'event.properties.revenue' },
    ],
  },
  { id: 'marked-mails', entry: { on: SEARCHED }, steps: sends('email') },
  { id: 'marked-waits', entry: { on: SEARCHED }, steps: [{ id: 'wait', wait: '2d' }, ...sends('push')] },
  { id: 'marked-ghosts', entry: { on: SEARCHED }, steps: sends('push'), experiment: { holdout: 1 } },
  // Leaves the outbox only when somebody takes it, which nobody does here.
  {
    id: 'marked-queues',
    entry: { on: [{ event: 'Coupon Entered' }] },
    steps: sends('webhook'),
  },
  {
    id: 'marked-counts',
    entry: {
      on: SEARCHED,
      if: {
        did: 'Products Searched',
        where: { field: 'event.properties.query', op: 'exists' },
        count: { gte: 9 },
      },
    },
    steps: sends('in_app'),
  },
];

/** The documents by which a marked life leaves its traces; once for each server. `hook` answers webhooks with errors. */
const REPORTS_SECRET = `whsec_${btoa('another secret of thirty-two 1234')}`;

export async function publishForMarked(api: Api, hook: string): Promise<void> {
  const { status: hasPolicy, body: policy } = await api.admin('GET', 'policies/workspace');
  const written = [
    await api.admin('PUT', 'policies/workspace', { ...(hasPolicy === 200 && policy), exportDecisions: true }),
    await api.admin('PUT', 'policies/reports', { journey: true, activity: true }),
    await api.admin('PUT', 'templates/marked', texts),
    await api.admin('PUT', 'channels/webhook', {
      provider: 'webhook',
      settings: { url: hook },
      secret: `whsec_${btoa('a secret of thirty-two bytes 123')}`,
    }),
    await api.admin('PUT', 'channels/email', {
      ...{ provider: 'resend', secret: 're_0123456789' },
      settings: { from: 'a@example.com', endpoint: new URL(hook).origin },
      callbackSecret: REPORTS_SECRET,
    }),
  ];
  for (const trigger of TRIGGERS) {
    const transactional = { category: 'transactional', transactionalReason: 'a test' };
    const document = { ...transactional, reeligibility: { mode: 'always' }, ...trigger };
    written.push(
      await api.admin('POST', 'triggers', document),
      await api.admin('POST', `triggers/${trigger.id}/activate`),
    );
  }
  // A version of one of them that only would have sent.
  const { body: pushes } = await api.admin('GET', 'triggers/marked-pushes');
  written.push(
    await api.admin('PUT', 'triggers/marked-pushes', { ...pushes, name: 'in shadow' }),
    await api.admin('POST', 'triggers/marked-pushes/shadow'),
  );
  for (const { status, text } of written) expect(status, text).toBeLessThan(300);
}

/**
 * A visitor who likes and searches, becomes a user, and leaves nothing out. Ends when D1 knows of it.
 *
 * @param opened events that nobody listens to; from 64 on there are a snapshot and history in chunks
 */
export async function liveMarked(api: Api, marks: Marks, opened = 70): Promise<void> {
  const { anonymousId, userId } = marks;
  await ok(api.server('PUT', `/v1/items/${LIKED_ITEM}`, { title: 'a ring', price: 100, currency: 'KRW' }));
  await tracks(api, { anonymousId }, [
    { event: 'Products Searched', properties: { query: marks.visitorQuery } },
    { event: 'Product Added to Wishlist', properties: { product_id: LIKED_ITEM, price: 100 } },
  ]);
  const page = { path: `/${marks.pagePath}`, url: `https://shop.example.com/${marks.pagePath}` };
  await ok(api.client('POST', '/v1/page', { anonymousId, context: { page }, properties: page }));
  const traits = { name: marks.name, email: marks.email, address: { city: marks.city } };
  await ok(api.client('POST', '/v1/identify', { userId, anonymousId, traits }));
  for (let i = 0; i < opened; i++) {
    await tracks(api, { userId }, [{ event: 'Opened', properties: { own: `${marks.ownProperty}-${i}` } }]);
  }
  await tracks(api, { userId }, [
    { event: 'Products Searched', properties: { query: marks.query }, messageId: marks.messageId },
    { event: 'Coupon Entered', properties: { coupon: marks.coupon, query: marks.coupon } },
    { event: 'Topic Followed', properties: { type: 'keyword', value: marks.followed } },
    { event: 'Product Added', properties: { product_id: LIKED_ITEM, price: 100, quantity: 1 } },
    {
      event: 'Order Completed',
      properties: { order_id: marks.lateOrder, revenue: REVENUE, products: [{ product_id: 'another' }] },
    },
    { event: 'Push Disabled' },
  ]);
  const path = `/v1/profiles/${userId}`;
  await ok(
    api.server('PUT', `${path}/consents`, [
      { channel: 'push', purpose: 'marketing', granted: true, source: marks.consentSource },
    ]),
  );
  await ok(
    api.server('POST', '/v1/devices', { userId, type: 'fcm', token: marks.deviceToken, platform: 'ios' }),
  );
  let messageId = '';
  await vi.waitFor(
    async () => {
      const { body } = await ok(api.admin('GET', `deliveries?userId=${userId}&trigger=marked-pushes`));
      expect(body.items.map(({ status }: { status: string }) => status)).toContain('sent');
      const mails = await ok(api.admin('GET', `deliveries?userId=${userId}&trigger=marked-mails`));
      messageId = mails.body.items[0].id;
      const report = await ok(api.admin('GET', 'triggers/marked-pushes/report'));
      expect(JSON.stringify(report.body)).toContain('bought');
      const ghosts = await ok(api.admin('GET', 'triggers/marked-ghosts/report'));
      expect(
        report.body.reactions.push_disabled + ghosts.body.heldOutReactions.push_disabled,
      ).toBeGreaterThan(0);
    },
    { timeout: 15_000, interval: 50 },
  );
  await complainedOf(api, messageId, marks.email);
}

/** A provider’s report of a message, which names the address. */
async function complainedOf(api: Api, messageId: string, email: string): Promise<void> {
  const now = new Date();
  const data = { to: [email], tags: { message_id: messageId } };
  const raw = JSON.stringify({ type: 'email.complained', created_at: now.toISOString(), data });
  const headers = {
    'svix-id': crypto.randomUUID(),
    'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
  };
  const signature = new Webhook(REPORTS_SECRET).sign(headers['svix-id'], now, raw);
  await ok(
    api.stranger('POST', '/v1/callbacks/resend', undefined, {
      raw,
      headers: { ...headers, 'svix-signature': signature },
    }),
  );
}

async function tracks(api: Api, ids: object, calls: object[]): Promise<void> {
  const batch = calls.map((call) => ({ type: 'track', messageId: crypto.randomUUID(), ...ids, ...call }));
  await ok(api.client('POST', '/v1/batch', { batch }));
}

async function ok(answering: Promise<Answer>): Promise<Answer> {
  const answer = await answering;
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

/** The marks that stand in a text. */
export function marksIn(text: string, marks: Marks): string[] {
  return Object.entries(marks)
    .filter(([, mark]) => text.includes(mark))
    .map(([what]) => what);
}
