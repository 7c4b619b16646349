/** Providers report to the running server, each by its own library: what was sent to their stand-ins, and what became of it. */
import { Webhook } from 'svix';
import twilio from 'twilio';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Api, apiOf } from '../support/api.ts';
import { captureServer } from '../support/capture-server.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { user, type Visitor } from '../support/visitor.ts';

const SOON = { timeout: 10_000, interval: 50 };
const TOKEN = 'an-auth-token-of-twilio';
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;

let server: RunningServer;
let api: Api;
let providers: Awaited<ReturnType<typeof captureServer>>;
beforeAll(async () => {
  providers = await captureServer(({ path }) => ({
    status: path === '/emails' ? 200 : 201,
    body: path === '/emails' ? { id: 'e1' } : { sid: 'SM1', status: 'queued' },
  }));
  server = await startServer();
  api = apiOf(server);
  const settings = { accountSid: `AC${'0'.repeat(32)}`, from: '+15005550006', endpoint: providers.url };
  await put('channels/sms', {
    provider: 'twilio',
    settings: { ...settings, callbackUrl: `${server.url}/v1/callbacks/twilio` },
    secret: TOKEN,
  });
  await put('channels/email', {
    provider: 'resend',
    settings: { from: 'a@example.com', endpoint: providers.url },
    secret: 're_0123456789',
    callbackSecret: SECRET,
  });
  const ko = {
    sms: { text: '{{event.properties.order_id}}' },
    email: { subject: 'a', html: 'a', text: 'a' },
  };
  await put('templates/receipt', { defaultLocale: 'ko', locales: { ko } });
  for (const channel of ['sms', 'email']) {
    const trigger = {
      ...{ id: channel, category: 'transactional', transactionalReason: 'a test' },
      entry: { on: [{ event: `By ${channel}` }] },
      reeligibility: { mode: 'always' },
      steps: [{ id: 'tell', send: { channels: [channel], template: 'receipt' } }],
    };
    await put('triggers', trigger, 'POST');
    await put(`triggers/${channel}/activate`, undefined, 'POST');
  }
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await providers?.close();
});

async function put(path: string, body: unknown, method = 'PUT'): Promise<void> {
  const { status, text } = await api.admin(method, path, body);
  expect(status, text).toBeLessThan(300);
}

async function someone(traits: object): Promise<Visitor> {
  const visitor = user(api);
  const { status } = await api.server('POST', '/v1/identify', { ...visitor.ids, traits });
  expect(status).toBe(200);
  return visitor;
}

async function hasStatus(visitor: Visitor, ...statuses: string[]): Promise<void> {
  await vi.waitFor(
    async () => expect((await visitor.deliveries()).map(({ status }) => status)).toEqual(statuses),
    SOON,
  );
}

/** As Twilio calls, at an address that it was given. */
function byTwilio(url: string, fields: Record<string, string>) {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': twilio.getExpectedTwilioSignature(TOKEN, url, fields),
  };
  const raw = new URLSearchParams(fields).toString();
  return api.stranger('POST', url.slice(server.url.length), undefined, { raw, headers });
}

it('Twilio: delivered by the address that came with the message, and stopped for two who share a number', async () => {
  const one = await someone({ phone: '010-2222-3333' });
  const two = await someone({ phone: '+82 10-2222-3333' });
  await one.track('By sms', { order_id: 'A-1' });
  await hasStatus(one, 'sent');
  const [delivery] = await one.deliveries();
  const sent = new URLSearchParams(providers.requests.at(-1)?.body);
  const callback = sent.get('StatusCallback') ?? '';
  expect(new URL(callback).searchParams.get('message_id')).toBe(delivery?.id);
  const status = { MessageSid: 'SM1', To: '+821022223333', From: '+15005550006' };
  expect(await byTwilio(callback, { ...status, MessageStatus: 'sent' })).toMatchObject({ status: 200 });
  expect(await byTwilio(callback, { ...status, MessageStatus: 'delivered' })).toMatchObject({ status: 200 });
  await hasStatus(one, 'delivered');
  const calls = providers.requests.length;
  const answer = { MessageSid: 'SM2', From: '+821022223333', To: '+15005550006', Body: 'Stop' };
  expect(await byTwilio(`${server.url}/v1/callbacks/twilio`, answer)).toMatchObject({
    status: 200,
    text: '<Response/>',
  });
  await one.track('By sms', { order_id: 'A-2' });
  expect(await one.reason('sms', 'By sms')).toMatchObject({ reason: 'suppressed' });
  // Never written to: nobody could have told the profile.
  await two.track('By sms', { order_id: 'A-3' });
  await hasStatus(two, 'cancelled');
  expect(providers.requests).toHaveLength(calls);
});

it('Resend: opened and complained of, signed by Svix; forged, it is nothing', async () => {
  const reader = await someone({ email: 'reader@example.com' });
  await reader.track('By email');
  await hasStatus(reader, 'sent');
  const { tags } = JSON.parse(providers.requests.at(-1)?.body ?? '') as {
    tags: { name: string; value: string }[];
  };
  const post = (type: string, secret = SECRET) => {
    const now = new Date();
    const id = `svix_${type}`;
    const data = {
      to: ['reader@example.com'],
      tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])),
    };
    const raw = JSON.stringify({ type, created_at: now.toISOString(), data });
    const headers = {
      'svix-id': id,
      'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
      'svix-signature': new Webhook(secret).sign(id, now, raw),
    };
    return api.stranger('POST', '/v1/callbacks/resend', undefined, { raw, headers });
  };
  const forged = `whsec_${btoa('f123456789abcdef0123456789abcdef')}`;
  expect(await post('email.complained', forged)).toMatchObject({ status: 401 });
  expect(await post('email.opened')).toMatchObject({ status: 200 });
  await hasStatus(reader, 'shown');
  expect(await post('email.complained')).toMatchObject({ status: 200 });
  await reader.track('By email');
  expect(await reader.reason('email', 'By email')).toMatchObject({ reason: 'suppressed' });
});
