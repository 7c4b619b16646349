/** Messages that leave the running server by real adapters, to servers in their providers' places. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { captureServer } from '../support/capture-server.ts';
import { type PushBrowser, startPushBrowser, vapidKeys } from '../support/push-browser.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { user, type Visitor } from '../support/visitor.ts';

const SOON = { timeout: 10_000, interval: 50 };
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serviceAccount = JSON.stringify({
  project_id: 'shop-1',
  client_email: 'push@shop-1.example.com',
  private_key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
});

let server: RunningServer;
let api: Api;
let browser: PushBrowser;
let resend: Awaited<ReturnType<typeof captureServer>>;
let google: Awaited<ReturnType<typeof captureServer>>;
let vapid: Awaited<ReturnType<typeof vapidKeys>>;
beforeAll(async () => {
  [browser, resend, google, vapid] = await Promise.all([
    startPushBrowser(),
    captureServer(() => ({ body: { id: 'e1' } })),
    captureServer(({ path }) => ({
      body: path === '/token' ? { access_token: 'a1' } : { name: 'projects/shop-1/messages/1' },
    })),
    vapidKeys(),
  ]);
  server = await startServer();
  api = apiOf(server);
  await put('channels/push', { provider: 'fcm', settings: { endpoint: google.url }, secret: serviceAccount });
  await put('channels/web_push', {
    provider: 'web_push',
    settings: { publicKey: vapid.publicKey, subject: 'mailto:push@example.com', endpoint: browser.url },
    secret: vapid.privateKey,
  });
  await put('channels/email', {
    provider: 'resend',
    settings: { from: 'Shop <orders@example.com>', endpoint: resend.url },
    secret: 're_0123456789',
  });
  const push = {
    title: '주문 확인',
    body: '{{event.properties.order_id}}번 주문',
    link: 'https://shop.example.com/o',
  };
  const email = { subject: '주문 확인', html: '<p>{{event.properties.order_id}}번 주문</p>' };
  await put('templates/receipt', { defaultLocale: 'ko', locales: { ko: { push, web_push: push, email } } });
  const receipt = {
    id: 'receipt',
    category: 'transactional',
    transactionalReason: 'the receipt of an order',
    entry: { on: [{ event: 'Order Completed' }] },
    reeligibility: { mode: 'always' },
    steps: [{ id: 'tell', send: { channels: ['push', 'web_push', 'email'], template: 'receipt' } }],
  };
  await put('triggers', receipt, 'POST');
  await put('triggers/receipt/activate', undefined, 'POST');
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  browser?.close();
  await resend?.close();
  await google?.close();
});

async function put(path: string, body: unknown, method = 'PUT'): Promise<void> {
  const { status, text } = await api.admin(method, path, body);
  expect(status, text).toBeLessThan(300);
}

async function register(someone: Visitor, device: object): Promise<void> {
  const { status, text } = await api.server('POST', '/v1/devices', { ...someone.ids, ...device });
  expect(status, text).toBe(200);
}

async function delivered(someone: Visitor, channel: string): Promise<void> {
  await vi.waitFor(
    async () => expect(await someone.deliveries()).toMatchObject([{ channel, status: 'sent', attempts: 1 }]),
    SOON,
  );
}

it('reaches by e-mail whoever has left an address, under the message’s id', async () => {
  const someone = user(api);
  const identified = await api.server('POST', '/v1/identify', {
    ...someone.ids,
    traits: { email: 'someone@example.com' },
  });
  expect(identified.status).toBe(200);
  await someone.track('Order Completed', { order_id: 'A-1' });
  await delivered(someone, 'email');
  const [delivery] = await someone.deliveries();
  expect(resend.requests).toHaveLength(1);
  const [request] = resend.requests;
  expect(request?.headers).toMatchObject({
    authorization: 'Bearer re_0123456789',
    'idempotency-key': delivery?.id,
  });
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    from: 'Shop <orders@example.com>',
    to: 'someone@example.com',
    subject: '주문 확인',
    html: '<p>A-1번 주문</p>',
  });
});

it('reaches the browser that has subscribed, before the e-mail', async () => {
  const someone = user(api);
  const { hash, ...subscription } = await browser.subscribe(vapid.publicKey);
  await register(someone, { type: 'web_push', subscription });
  await someone.track('Order Completed', { order_id: 'A-2' });
  await delivered(someone, 'web_push');
  const [delivery] = await someone.deliveries();
  expect(await browser.received(hash)).toEqual([
    {
      title: '주문 확인',
      body: 'A-2번 주문',
      link: `https://shop.example.com/o?rfx_mid=${delivery?.id}`,
      data: {
        message_id: delivery?.id,
        trigger: 'receipt',
        link: `https://shop.example.com/o?rfx_mid=${delivery?.id}`,
      },
    },
  ]);
});

it('reaches each of a person’s phones, with one access token', async () => {
  const someone = user(api);
  for (const token of ['phone', 'tablet']) await register(someone, { type: 'fcm', token });
  await someone.track('Order Completed', { order_id: 'A-3' });
  await delivered(someone, 'push');
  const paths = google.requests.map(({ path }) => path);
  expect(paths.filter((path) => path === '/token')).toHaveLength(1);
  const tokens = google.requests.flatMap(({ path, body }) =>
    path === '/v1/projects/shop-1/messages:send' ? [JSON.parse(body).message.token] : [],
  );
  expect(tokens.sort()).toEqual(['phone', 'tablet']);
});

it('says that nobody can be reached who has left nothing', async () => {
  const someone = user(api);
  await someone.track('Order Completed', { order_id: 'A-4' });
  expect(await someone.reason('receipt', 'Order Completed')).toMatchObject({ reason: 'no_channel' });
  expect(await someone.deliveries()).toEqual([]);
});
