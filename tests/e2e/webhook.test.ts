import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { type Delivery, user, type Visitor } from '../support/visitor.ts';
import { type HookAnswer, receiveWebhooks, type WebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = `whsec_${btoa('a secret of thirty-two bytes 123')}`;
const EXPORT_SECRET = `whsec_${btoa('another secret, of 32 bytes 4567')}`;
const SOON = { timeout: 8_000, interval: 30 };

/** What the endpoint answers, by the order that the event names. */
const ANSWERS: Record<string, (attempt: number) => HookAnswer> = {
  takes: () => ({ status: 204 }),
  failsOnce: (attempt) => ({ status: attempt === 1 ? 500 : 200 }),
  isBusyOnce: (attempt) =>
    attempt === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 },
  redirects: () => ({ status: 307, headers: { location: '/elsewhere' } }),
  refuses: () => ({ status: 400 }),
};

let server: RunningServer;
let api: Api;
let endpoint: WebhookReceiver;
/** Takes the stream of exports: at the second time. */
let warehouse: WebhookReceiver;
/** Came first: what the warehouse has refused of it comes again while the other tests run. */
let early: Visitor & { id: string };
beforeAll(async () => {
  endpoint = await receiveWebhooks(({ body }, attempt) => {
    const answer = ANSWERS[JSON.parse(body).data?.order];
    return answer ? answer(attempt) : { status: 404 };
  });
  warehouse = await receiveWebhooks((_, attempt) => ({ status: attempt === 1 ? 503 : 204 }));
  server = await startServer({
    env: { EXPORT_WEBHOOK_URL: warehouse.url, EXPORT_WEBHOOK_SECRET: EXPORT_SECRET },
  });
  api = apiOf(server);
  await putChannel(endpoint.url);
  await put('templates/order', {
    defaultLocale: 'ko',
    locales: {
      ko: {
        webhook: {
          data: {
            order: '{{event.properties.order_id}}',
            text: '{{user.traits.name}}님의 주문: {{event.properties.revenue}}',
            list: ['{{user.id}}', 'fixed'],
          },
        },
      },
    },
    defaults: { 'user.traits.name': '고객' },
  });
  await put(
    'triggers',
    {
      id: 'order-hook',
      category: 'transactional',
      transactionalReason: 'the receipt of an order',
      entry: { on: [{ event: 'Order Completed' }] },
      reeligibility: { mode: 'always' },
      steps: [{ id: 'tell', send: { channels: ['webhook'], template: 'order' } }],
    },
    'POST',
  );
  await put('triggers/order-hook/activate', undefined, 'POST');
  early = await orders('takes');
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await endpoint?.close();
  await warehouse?.close();
});

async function put(path: string, body: unknown, method = 'PUT'): Promise<void> {
  const { status, text } = await api.admin(method, path, body);
  expect(status, text).toBeLessThan(300);
}

function putChannel(url: string): Promise<void> {
  return put('channels/webhook', { provider: 'webhook', settings: { url }, secret: SECRET });
}

/** A user whose order makes the endpoint answer in that way. */
async function orders(order: string): Promise<Visitor & { id: string }> {
  const visitor = user(api);
  await visitor.track('Order Completed', { order_id: order, revenue: 45_000, products: [] });
  return { ...visitor, id: 'userId' in visitor.ids ? visitor.ids.userId : '' };
}

async function deliveryOf(visitor: Visitor, status: string): Promise<Delivery> {
  return vi.waitFor(async () => {
    const deliveries = await visitor.deliveries();
    expect(deliveries).toMatchObject([{ trigger: 'order-hook', channel: 'webhook', status }]);
    return deliveries[0] as Delivery;
  }, SOON);
}

async function deadLetterOf(delivery: Delivery): Promise<object | undefined> {
  const { body } = await api.admin('GET', 'dead-letters');
  return body.items.find(({ messageId }: { messageId: string }) => messageId === delivery.id);
}

function attemptsOf(visitor: { id: string }) {
  return endpoint.received.filter(({ body }) => JSON.parse(body).user.id === visitor.id);
}

function verified(hook: { body: string; headers: Record<string, string> }): unknown {
  return new Webhook(SECRET).verify(hook.body, hook.headers);
}

it('arrives once, rendered, and passes the verifier of Standard Webhooks', async () => {
  const visitor = await orders('takes');
  const delivery = await deliveryOf(visitor, 'sent');
  expect(delivery).toMatchObject({ reason: 'sent', attempts: 1 });
  const [hook, ...more] = attemptsOf(visitor);
  expect(more).toEqual([]);
  expect(hook?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': delivery.id });
  expect(hook && verified(hook)).toMatchObject({
    type: 'reflex.message',
    message: { id: delivery.id, trigger: 'order-hook', version: 1, category: 'transactional' },
    user: { id: visitor.id },
    data: { order: 'takes', text: '고객님의 주문: 45000', list: [visitor.id, 'fixed'] },
  });
});

it('is refused by the verifier where one byte of it was changed', async () => {
  const visitor = await orders('takes');
  await deliveryOf(visitor, 'sent');
  const [hook] = attemptsOf(visitor);
  expect(hook).toBeDefined();
  const forged = { headers: hook?.headers ?? {}, body: (hook?.body ?? '').replace('45000', '45001') };
  expect(() => verified(forged)).toThrow('signature');
});

it('comes again after a failure: same id, same bytes, signed anew', async () => {
  const visitors = await Promise.all([orders('failsOnce'), orders('isBusyOnce')]);
  for (const visitor of visitors) {
    const delivery = await deliveryOf(visitor, 'sent');
    expect(delivery.attempts).toBe(2);
    const attempts = attemptsOf(visitor);
    expect(attempts).toHaveLength(2);
    expect(attempts.map(({ headers }) => headers['webhook-id'])).toEqual([delivery.id, delivery.id]);
    expect(attempts[1]?.body).toBe(attempts[0]?.body);
    for (const hook of attempts) verified(hook);
    // Not before the second that the busy one asked for.
    expect((attempts[1]?.at ?? 0) - (attempts[0]?.at ?? 0)).toBeGreaterThan(1_000);
  }
});

describe('an endpoint that has moved', () => {
  afterAll(() => putChannel(endpoint.url));

  it('is not followed: its messages are kept, untried, and the channel says why', async () => {
    await putChannel(`${endpoint.url}?moved`);
    const visitor = await orders('redirects');
    const delivery = await deliveryOf(visitor, 'queued');
    expect(delivery).toMatchObject({ attempts: 0 });
    expect(await deadLetterOf(delivery)).toBeUndefined();
    expect(endpoint.received.map(({ path }) => path)).not.toContain('/elsewhere');
    const { body } = await api.admin('GET', 'channels/webhook');
    expect(body.health).toMatchObject({ state: 'open', cause: 'refused', code: 'http_307' });
    expect(server.output()).toContain('"code":"http_307"');
    await orders('takes');
    expect(endpoint.received.filter(({ path }) => path.endsWith('?moved'))).toHaveLength(1);
  });
});

it('is replayed from the dead letters under the same id, byte for byte', async () => {
  const visitor = await orders('refuses');
  const delivery = await deliveryOf(visitor, 'failed');
  ANSWERS.refuses = () => ({ status: 200 });
  const replays = await Promise.all(
    [1, 2, 3].map(() => api.admin('POST', `dead-letters/${delivery.id}/replay`)),
  );
  expect(replays.map(({ status }) => status)).toEqual([200, 200, 200]);
  await deliveryOf(visitor, 'sent');
  ANSWERS.refuses = () => ({ status: 400 });
  const attempts = attemptsOf(visitor);
  expect(attempts).toHaveLength(2);
  expect(attempts[1]?.body).toBe(attempts[0]?.body);
  expect(attempts[1]?.headers['webhook-id']).toBe(delivery.id);
});

it('is not sent again where the endpoint refuses it for good', async () => {
  const visitor = await orders('refuses');
  const delivery = await deliveryOf(visitor, 'failed');
  expect(delivery).toMatchObject({ reason: 'provider_error', attempts: 1 });
  expect(await deadLetterOf(delivery)).toMatchObject({ code: 'http_400' });
});

it('keeps its secret to itself', async () => {
  const answers = [
    await api.admin('GET', 'channels/webhook'),
    await api.admin('GET', 'channels'),
    await api.admin('GET', 'audit'),
  ];
  for (const { status, text } of answers) {
    expect(status).toBe(200);
    expect(text).not.toContain(SECRET.slice(6));
  }
  expect(answers[0]?.body).toMatchObject({ provider: 'webhook', hasSecret: true });
});

describe('an address of the inner network', () => {
  afterAll(() => putChannel(endpoint.url));

  it.each([
    'http://10.0.0.1/hook',
    'http://169.254.169.254/latest/meta-data/',
    'http://192.168.0.1/hook',
    'http://[fd00::1]/hook',
    'http://2852039166/hook',
    'http://0x0a000001/hook',
    'http://metadata.internal/hook',
  ])('is not called: %s', async (url) => {
    await putChannel(url);
    const visitor = await orders('takes');
    expect(await deliveryOf(visitor, 'queued')).toMatchObject({ attempts: 0 });
    const { body } = await api.admin('GET', 'channels/webhook');
    expect(body.health).toMatchObject({ state: 'open', cause: 'refused', code: 'url_refused' });
    expect(attemptsOf(visitor)).toEqual([]);
  });
});

it('is told to a warehouse as well, again until it is taken, under a signature of its own', async () => {
  const delivery = await deliveryOf(early, 'sent');
  type Told = { type: string; lines: { id: string; status: string }[] };
  const told = () =>
    warehouse.received.filter(({ body }) =>
      (JSON.parse(body) as Told).lines.some(({ id, status }) => id === delivery.id && status === 'sent'),
    );
  await vi.waitFor(() => expect(told().length).toBeGreaterThan(1), { timeout: 30_000, interval: 100 });
  const [first, second] = told();
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  for (const hook of told()) {
    expect(new Webhook(EXPORT_SECRET).verify(hook.body, hook.headers)).toMatchObject({
      type: 'reflex.export',
    });
    expect(hook.body).not.toContain(early.id);
  }
  const { text } = await api.admin('GET', 'export/deliveries');
  const pulled = text.split('\n').find((line) => line.includes(delivery.id));
  expect((JSON.parse(told().at(-1)?.body ?? '') as Told).lines).toContainEqual(JSON.parse(pulled ?? ''));
});
