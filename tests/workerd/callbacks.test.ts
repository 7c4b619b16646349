/** What providers report reaches messages, people and addresses: the real Worker, profiles and D1. */
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import { applyReports, type Telling } from '../../src/callbacks/apply-reports.ts';
import type { Report } from '../../src/channels/callbacks/callback.ts';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import worker from '../../src/index.ts';
import type { ExportMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { profileStub } from '../../src/protocol/stubs.ts';
import { aDispatcher, aProvider, fired } from '../support/dispatcher.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  keptQueue,
  publish,
  reasons,
  send,
  startClock,
  stateOnDisk,
  tablesOf,
  user,
  visitor,
} from '../support/profile-world.ts';
import { CERTIFICATE, CERTIFICATE_URL, signedBySns, TOPIC } from '../support/sns-signer.ts';
import { api } from '../support/workerd-api.ts';

vi.setConfig({ testTimeout: 20_000 });

const RESEND = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
const TWILIO = 'the-auth-token';
const LINE = 'the-channel-secret';
const NHN = 'typed-in-at-the-console';

const email = { provider: 'resend', settings: { from: 'a@example.com' }, secret: 're_0123456789' };

beforeAll(async () => {
  const texts = {
    defaultLocale: 'ko',
    locales: {
      ko: {
        email: { subject: 'a', html: 'a', text: 'a' },
        sms: { text: 'a' },
        line: { text: 'a' },
        in_app: { layout: 'modal', title: 'a' },
      },
    },
  };
  await publish({ id: 'mailed', entry: { on: [{ event: 'Mailed' }] } }, ['email'], texts);
  await publish({ id: 'texted', entry: { on: [{ event: 'Texted' }] } }, ['sms'], texts);
  await publish({ id: 'lined', entry: { on: [{ event: 'Lined' }] } }, ['line'], texts);
  await publish(
    { id: 'hears', entry: { on: [{ message: 'failed', trigger: 'mailed' }] } },
    ['in_app'],
    texts,
  );
  const accountSid = `AC${'0'.repeat(32)}`;
  const written = [
    await api.admin('PUT', 'channels/email', { ...email, callbackSecret: RESEND }),
    await api.admin('PUT', 'channels/sms', {
      ...{ provider: 'twilio', settings: { accountSid, from: '+15005550006' }, secret: TWILIO },
    }),
    await api.admin('PUT', 'channels/line', {
      ...{ provider: 'line', settings: {}, secret: 'an-access-token', callbackSecret: LINE },
    }),
  ];
  for (const { status, text } of written) expect(status, text).toBe(201);
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function mac(secret: string, hash: string, text: string): Promise<string> {
  const bytes = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', bytes.encode(secret), { name: 'HMAC', hash }, false, [
    'sign',
  ]);
  return btoa(
    String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes.encode(text)))),
  );
}

const RESEND_MAIL = { provider: 'resend', channels: ['email'] } as const;
let posted = 0;
/** As Resend sends it, by Svix. */
async function byResend(...about: Parameters<typeof signedByResend>) {
  return api.stranger('POST', '/v1/callbacks/resend', undefined, signedByResend(...about));
}

function signedByResend(
  type: string,
  messageId: string | null,
  more: JsonObject = {},
  id = `svix_${++posted}`,
  ageMs = 0,
) {
  const now = new Date();
  const data = {
    ...(messageId && { tags: { message_id: messageId } }),
    ...more,
  };
  const raw = JSON.stringify({ type, created_at: new Date(now.getTime() - ageMs).toISOString(), data });
  const headers = {
    'svix-id': id,
    'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
    'svix-signature': new Webhook(RESEND).sign(id, now, raw),
  };
  return { raw, headers };
}

/** To a Worker whose stream of exports is set up, on this queue. */
async function byResendOver(EXPORT_STREAM: object, { raw, headers }: ReturnType<typeof signedByResend>) {
  const bindings = { ...env, EXPORT_STREAM, EXPORT_WEBHOOK_URL: 'https://warehouse.example.com' } as Env;
  const request = new Request('http://reflex.test/v1/callbacks/resend', {
    method: 'POST',
    headers,
    body: raw,
  });
  return worker.fetch(request as never, bindings, createExecutionContext());
}

const bounce = { bounce: { type: 'Permanent', subType: 'NoEmail' } };

async function byTwilio(fields: Record<string, string>, query = '') {
  const path = `/v1/callbacks/twilio${query}`;
  const signed = `http://reflex.test${path}${Object.keys(fields)
    .sort()
    .map((name) => name + fields[name])
    .join('')}`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': await mac(TWILIO, 'SHA-1', signed),
  };
  return api.stranger('POST', path, undefined, { raw: new URLSearchParams(fields).toString(), headers });
}
const stop = (From: string, MessageSid = `SM${++posted}`) =>
  byTwilio({ From, To: '+15005550006', Body: 'STOP', MessageSid });

/** A message that its provider has taken. */
async function sent(name: string, event: string, provider = aProvider(name, { reports: 'addresses' })) {
  const started = await fired(await reachable(name), event);
  await aDispatcher(provider).consume([started.hint]);
  return { ...started, id: started.hint.messageId, provider };
}

async function reachable(name: string, phone = `010-${1000 + ++posted}-5678`): Promise<ProfileRef> {
  const ref = await user(name);
  await send(ref, [
    anEvent('$identify', {}, { traits: { email: `${name}@example.com`, phone, lineUserId: `U${name}` } }),
    ...['email', 'sms', 'line'].map((channel) =>
      anEvent('$consent', { channel, purpose: 'marketing', granted: true }, { origin: 'server' }),
    ),
  ]);
  return ref;
}

async function row(id: string) {
  const delivery = await env.DB.prepare('SELECT status, reason FROM deliveries WHERE id = ?')
    .bind(id)
    .first<{ status: number; reason: string }>();
  const { results } = await env.DB.prepare(
    'SELECT kind, provider, code FROM delivery_reports WHERE id = ? ORDER BY kind',
  )
    .bind(id)
    .all();
  return {
    status: delivery?.status,
    reason: delivery?.reason,
    reports: results.map(({ kind, code }) => `${kind} ${code}`),
  };
}

const consentOf = async (ref: ProfileRef, channel: string) =>
  (await stateOnDisk(ref))?.consents.get(`${channel}|marketing`)?.[0];
const strays = async () =>
  (await env.DB.prepare('SELECT sum(n) AS n FROM stray_reports').first<{ n: number | null }>())?.n ?? 0;

describe('a delivery that its provider reports on', () => {
  it('rises, whatever the order, and is told of each kind once', async () => {
    const { id } = await sent('rises', 'Mailed');
    expect(await row(id)).toMatchObject({ status: 50 });
    for (const [type, status] of [
      ['email.clicked', 100],
      ['email.delivered', 100],
      ['email.opened', 100],
      ['email.sent', 100],
      ['email.delivered', 100],
    ] as const) {
      expect(await byResend(type, id)).toMatchObject({ status: 200, body: { success: true } });
      expect((await row(id)).status).toBe(status);
    }
    expect((await row(id)).reports).toEqual(['clicked clicked', 'delivered delivered', 'opened opened']);
  });

  it('that arrived costs its profile nothing; one that was opened costs one event, once', async () => {
    const { ref, id } = await sent('costs', 'Mailed');
    const { cost } = await meter(ref);
    expect(await cost(() => byResend('email.delivered', id))).toMatchObject({ rows: 0, commits: 0 });
    expect(await cost(() => byResend('email.opened', id, {}, 'same'))).toMatchObject({ commits: 1 });
    expect(await cost(() => byResend('email.opened', id, {}, 'same'))).toMatchObject({ rows: 0, commits: 0 });
    expect((await row(id)).reports).toEqual(['delivered delivered', 'opened opened']);
  });

  it('that failed is told to triggers, and lowers nothing that is known to have arrived', async () => {
    const { ref, id } = await sent('fails', 'Mailed');
    await byResend('email.failed', id, { failed: { reason: 'x' } });
    expect(await row(id)).toMatchObject({ status: 60, reason: 'provider_error', reports: ['failed x'] });
    expect(await reasons(ref, '$report')).toEqual(['hears: sent']);
    const shown = await profileStub(env, ref.key).next({});
    expect(shown.kind === 'done' && shown.due.messages.map(({ trigger }) => trigger)).toEqual(['hears']);
    const { id: arrived } = await sent('arrived', 'Mailed');
    await byResend('email.delivered', arrived);
    await byResend('email.failed', arrived);
    expect((await row(arrived)).status).toBe(80);
  });

  it('that nobody knew the outcome of is known now', async () => {
    const provider = aProvider('lost', { reports: 'messages' });
    provider.answer = () => ({ kind: 'unknown', code: 'timeout' });
    const { id } = await sent('lost', 'Mailed', provider);
    expect((await row(id)).status).toBe(40);
    await byResend('email.delivered', id);
    expect(await row(id)).toMatchObject({ status: 80, reason: 'sent' });
  });

  it('is told to the stream of exports, and asked for again where that does not take it', async () => {
    const { id } = await sent('streamed', 'Mailed');
    const queue = keptQueue<ExportMessage>();
    const full = { sendBatch: () => Promise.reject(new Error('Too Many Requests')) };
    const report = signedByResend('email.delivered', id);
    expect((await byResendOver(full, report)).status).toBe(503);
    expect(await row(id)).toMatchObject({ status: 80 });
    expect((await byResendOver(queue, report)).status).toBe(200);
    expect(queue.calls).toEqual([[{ v: 1, kind: 'export', deliveries: [id], conversions: [] }]]);
    // It says nothing of how the delivery stands.
    await byResendOver(queue, signedByResend('email.delivered', 'not-ours'));
    expect(queue.calls).toHaveLength(1);
  });

  it('that isn’t ours is counted, and answered as any other', async () => {
    const before = await strays();
    expect(await byResend('email.delivered', 'not-ours')).toMatchObject({ status: 200 });
    expect(await byResend('email.bounced', null, bounce)).toMatchObject({ status: 200 });
    expect(await strays()).toBe(before + 2);
    const { body } = await api.admin('GET', 'channels/email');
    expect(body.callback).toMatchObject({
      path: '/v1/callbacks/resend',
      hasSecret: true,
      strays: before + 2,
    });
  });

  it('is no affair of a provider that didn’t send it', async () => {
    const { ref, id } = await sent('of-another', 'Texted');
    const before = await strays();
    expect(await byResend('email.complained', id)).toMatchObject({ status: 200 });
    expect(await row(id)).toMatchObject({ status: 50, reports: [] });
    expect((await consentOf(ref, 'sms'))?.granted).toBe(true);
    expect(await strays()).toBe(before + 1);
  });

  it('is listed with what became of it', async () => {
    const { id } = await sent('listed', 'Mailed');
    await byResend('email.opened', id);
    const { body } = await api.admin('GET', 'deliveries?userId=listed');
    expect(body.items).toMatchObject([{ id, channel: 'email', status: 'shown' }]);
  });
});

describe('a person', () => {
  it('whose address bounced gets nothing more there, until it is another', async () => {
    const { ref, id } = await sent('bounced', 'Mailed');
    await byResend('email.bounced', id, { ...bounce, to: ['Bounced@Example.com'] });
    expect((await stateOnDisk(ref))?.suppressions.get('email')).toMatchObject({ code: 'NoEmail' });
    expect((await consentOf(ref, 'email'))?.granted).toBe(true);
    at(60);
    await send(ref, [anEvent('Mailed')]);
    expect((await reasons(ref, 'Mailed'))[0]).toBe('mailed: suppressed');
    await send(ref, [anEvent('$identify', {}, { traits: { email: 'new@example.com' } }), anEvent('Mailed')]);
    expect((await reasons(ref, 'Mailed'))[0]).toBe('mailed: sent');
  });

  it('who has complained has withdrawn consent, and the ledger says who says so', async () => {
    const { ref, id } = await sent('complains', 'Mailed');
    await byResend('email.complained', id, { to: ['before@example.com'] });
    expect((await row(id)).status).toBe(80);
    // Another address than the one that they have now.
    expect((await consentOf(ref, 'email'))?.granted).toBe(true);
    await byResend('email.complained', id, { to: ['complains@example.com'] });
    expect(await consentOf(ref, 'email')).toMatchObject({
      granted: false,
      source: 'provider',
      evidence: 'resend complained',
    });
    const { body } = await api.server('GET', `/v1/profiles/complains`);
    expect(body.consents).toContainEqual(
      expect.objectContaining({ channel: 'email', granted: false, evidence: 'resend complained' }),
    );
  });

  it('who answers STOP has withdrawn it for texts alone, told by the number alone', async () => {
    const { ref, provider } = await sent('stops', 'Texted');
    const number =
      '+82' +
      String((await stateOnDisk(ref))?.traits.get('phone')?.value)
        .replace(/-/g, '')
        .slice(1);
    const answer = await stop(number);
    expect(answer).toMatchObject({ status: 200, text: '<Response/>' });
    expect(answer.headers.get('content-type')).toContain('xml');
    expect(await consentOf(ref, 'sms')).toMatchObject({ granted: false, evidence: 'twilio STOP' });
    expect((await consentOf(ref, 'email'))?.granted).toBe(true);
    at(60);
    await send(ref, [anEvent('Texted')]);
    expect((await reasons(ref, 'Texted'))[0]).toBe('texted: suppressed');
    expect(provider.calls).toHaveLength(1);
  });

  it('who answers START has agreed to nothing', async () => {
    const { ref } = await sent('starts', 'Texted');
    const phone = String((await stateOnDisk(ref))?.traits.get('phone')?.value);
    await stop(`+82${phone.replace(/-/g, '').slice(1)}`);
    await byTwilio({
      From: `+82${phone.replace(/-/g, '').slice(1)}`,
      To: '+15005550006',
      Body: 'START',
      MessageSid: 'SMs',
    });
    expect(await consentOf(ref, 'sms')).toMatchObject({ granted: false });
  });

  it('who has blocked the LINE account has withdrawn that', async () => {
    const { ref } = await sent('blocks', 'Lined');
    const event = {
      type: 'unfollow',
      timestamp: Date.now(),
      webhookEventId: 'w1',
      source: { userId: 'Ublocks' },
    };
    const raw = JSON.stringify({ events: [event] });
    const headers = { 'x-line-signature': await mac(LINE, 'SHA-256', raw) };
    expect(await api.stranger('POST', '/v1/callbacks/line', undefined, { raw, headers })).toMatchObject({
      status: 200,
    });
    expect(await consentOf(ref, 'line')).toMatchObject({ granted: false, evidence: 'line unfollow' });
  });

  it('who was erased is raised from the dead by no report', async () => {
    const { ref, id } = await sent('erased', 'Texted');
    const phone = String((await stateOnDisk(ref))?.traits.get('phone')?.value);
    const { results } = await env.DB.prepare('SELECT * FROM address_profiles WHERE profile_key = ?')
      .bind(ref.key)
      .all();
    expect(results).toHaveLength(1);
    expect(await api.server('DELETE', '/v1/profiles/erased')).toMatchObject({ status: 200 });
    at(120);
    await byResend('email.bounced', id, bounce, undefined, 3_600_000);
    await stop(`+82${phone.replace(/-/g, '').slice(1)}`);
    expect(await tablesOf(ref)).toEqual(['erasure']);
    for (const table of ['delivery_reports', 'deliveries', 'address_profiles']) {
      const { results: rows } = await env.DB.prepare(`SELECT * FROM ${table}`).all();
      expect(JSON.stringify(rows)).not.toContain(ref.key);
      expect(JSON.stringify(rows)).not.toContain(id);
    }
  });

  it('who has become another profile is told there', async () => {
    const anonymous = await visitor('v-moves');
    await send(anonymous, [anEvent('$identify', {}, { traits: { email: 'someone@example.com' } })]);
    const started = await fired(anonymous, 'Mailed');
    await aDispatcher(aProvider('moves', { reports: 'messages' })).consume([started.hint]);
    const known = await user('moves');
    await send(known, [anEvent('Came')], { links: [anonymous] });
    await byResend('email.bounced', started.hint.messageId, bounce);
    expect((await stateOnDisk(known))?.suppressions.has('email')).toBe(true);
  });
});

describe('an address that was refused', () => {
  const SHARED = '010-7777-8888';

  it('is so for everybody who has it, at the very next message, also for one who was never written to', async () => {
    const provider = aProvider('shared', { reports: 'addresses' });
    const first = await fired(await reachable('shared-1', SHARED), 'Texted');
    await aDispatcher(provider).consume([first.hint]);
    expect(provider.calls).toHaveLength(1);
    const second = await fired(await reachable('shared-2', '+82 10 7777 8888'), 'Texted');
    at(1);
    await stop('+821077778888');
    await aDispatcher(provider).consume([second.hint]);
    expect(provider.calls).toHaveLength(1);
    expect(await row(second.hint.messageId)).toMatchObject({ status: 30, reason: 'suppressed' });
    expect(await consentOf(second.ref, 'sms')).toMatchObject({ granted: false, evidence: 'twilio STOP' });
    expect((await stateOnDisk(second.ref))?.outbox.has(second.hint.messageId)).toBe(false);
    const letters = await env.DB.prepare('SELECT 1 FROM dead_letters WHERE message_id = ?')
      .bind(second.hint.messageId)
      .all();
    expect(letters.results).toEqual([]);
  });

  it('is not for who has agreed since', async () => {
    at(100);
    const ref = await user('shared-1');
    await send(ref, [
      anEvent('$consent', { channel: 'sms', purpose: 'marketing', granted: true }, { origin: 'server' }),
    ]);
    const provider = aProvider('again', { reports: 'addresses' });
    const { hint } = await fired(ref, 'Texted');
    await aDispatcher(provider).consume([hint]);
    expect(provider.calls).toHaveLength(1);
    const other = await user('shared-2');
    await send(other, [anEvent('Texted')]);
    expect((await reasons(other, 'Texted'))[0]).toBe('texted: suppressed');
  });

  it('of advertising alone still gets what isn’t', async () => {
    const settings = { appKey: 'app-1', from: '0212345678' };
    const set = await api.admin('PUT', 'channels/lms', {
      provider: 'nhn',
      settings,
      secret: 'nhn-secret-key',
      callbackSecret: NHN,
    });
    expect(set.status, set.text).toBe(201);
    const { path } = set.body.callback;
    expect(path).toMatch(/^\/v1\/callbacks\/nhn\?token=[\w-]{27}$/);
    const ref = await reachable('calls-080', '010-3333-4444');
    const hooks = [{ hookId: 'h1', recipientNo: '01033334444', createdDateTime: new Date().toISOString() }];
    const raw = JSON.stringify({ appKey: 'app-1', event: 'UNSUBSCRIBE', hooks });
    const headers = { 'x-toast-webhook-signature': NHN };
    const first = await fired(ref, 'Texted');
    const provider = aProvider('nhn', { reports: 'addresses' });
    await aDispatcher(provider).consume([first.hint]);
    at(1);
    expect(await api.stranger('POST', path, undefined, { raw, headers })).toMatchObject({ status: 200 });
    expect(await api.stranger('POST', '/v1/callbacks/nhn', undefined, { raw, headers })).toMatchObject({
      status: 401,
    });
    expect(await consentOf(ref, 'sms')).toMatchObject({ granted: false, evidence: 'nhn UNSUBSCRIBE' });
    at(60);
    const { hint } = await fired(ref, 'Texted');
    await aDispatcher(provider).consume([hint]);
    expect(provider.calls).toHaveLength(2);
  });
});

it('a report that is quicker than our own note of the message waits for it', async () => {
  const ref = await reachable('quick');
  const { hint } = await fired(ref, 'Mailed');
  const about = { code: 'x', at: Date.now(), address: null, channel: null, of: 'everything' } as const;
  const report: Report = { ...about, id: 'r1', kind: 'delivered', messageId: hint.messageId };
  const slept: number[] = [];
  await applyReports(env, RESEND_MAIL, [report], Date.now(), {
    tell: async () => null,
    stream: async () => {},
    sleep: async (ms) => {
      slept.push(ms);
      await aDispatcher(aProvider('quick', { reports: 'messages' })).consume([hint]);
    },
  });
  expect(slept).toEqual([2_000]);
  expect(await row(hint.messageId)).toMatchObject({ status: 80, reports: ['delivered x'] });
});

it('a report that a profile can’t hear now is asked for again, and then does what it should have done', async () => {
  const { ref, id } = await sent('down', 'Mailed');
  const about = { code: 'x', at: Date.now(), channel: null, of: 'everything' } as const;
  const address = { kind: 'email', value: 'down@example.com' } as const;
  const report: Report = { ...about, id: 'r2', kind: 'bounced', messageId: id, address };
  const down = { tell: async () => 7, stream: async () => {}, sleep: async () => {} };
  const refused = applyReports(env, RESEND_MAIL, [report], Date.now(), down);
  await expect(refused).rejects.toMatchObject({ status: 503, retryAfterSeconds: 7 });
  expect(await row(id)).toMatchObject({ status: 50, reports: [] });
  // Nothing is sent there any more all the same.
  expect(
    await env.DB.prepare('SELECT code FROM address_refusals WHERE report_id = ?').bind('r2').first(),
  ).toEqual({ code: 'x' });
  const tell = (_: unknown, tellings: Telling[]) =>
    Promise.all(tellings.map(({ key, eventFor }) => send({ ...ref, key }, [eventFor(key)]))).then(() => null);
  await applyReports(env, RESEND_MAIL, [report], Date.now(), { ...down, tell });
  expect(await row(id)).toMatchObject({ status: 60, reports: ['bounced x'] });
  expect((await stateOnDisk(ref))?.suppressions.get('email')?.code).toBe('x');
});

describe('whoever is not the provider', () => {
  it('gets one and the same answer, and nothing is kept', async () => {
    const { id, ref } = await sent('forged', 'Mailed');
    const before = [
      await row(id),
      await strays(),
      JSON.stringify([...((await stateOnDisk(ref))?.consents ?? [])]),
    ];
    const raw = JSON.stringify({ type: 'email.complained', data: { tags: { message_id: id } } });
    const answers = await Promise.all([
      api.stranger('POST', '/v1/callbacks/resend', undefined, { raw }),
      api.stranger('POST', '/v1/callbacks/resend', undefined, {
        raw,
        headers: {
          'svix-id': 'x',
          'svix-timestamp': String(Math.floor(Date.now() / 1000)),
          'svix-signature': 'v1,AAAA',
        },
      }),
      api.stranger('POST', '/v1/callbacks/twilio', undefined, { raw: 'Body=STOP&From=%2B821012345678' }),
      api.stranger('POST', '/v1/callbacks/line', undefined, { raw: '{"events":[]}' }),
      // Not set up at all.
      api.stranger('POST', '/v1/callbacks/whatsapp', undefined, { raw: '{}' }),
      api.stranger('POST', '/v1/callbacks/ses', undefined, { raw: '{}' }),
      api.stranger('POST', '/v1/callbacks/solapi', undefined, { raw: '[]' }),
      api.stranger('GET', '/v1/callbacks/whatsapp?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1'),
    ]);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set([`401 ${answers[0]?.text}`]),
    );
    expect([
      await row(id),
      await strays(),
      JSON.stringify([...((await stateOnDisk(ref))?.consents ?? [])]),
    ]).toEqual(before);
  });

  it('may not send more than a callback has', async () => {
    const raw = 'x'.repeat(500 * 1024 + 1);
    expect(await api.stranger('POST', '/v1/callbacks/resend', undefined, { raw })).toMatchObject({
      status: 413,
    });
  });

  it.each(['fcm', 'slack', 'nobody'])('is told that %s has none', async (provider) => {
    expect(await api.stranger('POST', `/v1/callbacks/${provider}`, {})).toMatchObject({ status: 404 });
  });
});

describe('SNS', () => {
  const post = async (message: object) =>
    api.stranger('POST', '/v1/callbacks/ses', undefined, {
      raw: JSON.stringify(message),
      headers: { 'content-type': 'text/plain' },
    });

  it('is asked to send, and then believed', async () => {
    const { id } = await sent('by-sns', 'Mailed');
    const settings = {
      region: 'ap-northeast-2',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      from: 'a@example.com',
      topicArn: TOPIC,
    };
    const set = await api.admin('PUT', 'channels/email', {
      provider: 'ses',
      settings,
      secret: 'a-secret-access-key',
    });
    expect(set.status, set.text).toBe(200);
    // The other provider's secret has gone with it.
    expect(set.body.callback).toMatchObject({ path: '/v1/callbacks/ses', hasSecret: false });
    const asked: string[] = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      const url = input instanceof Request ? input.url : String(input);
      asked.push(url);
      return new Response(url === CERTIFICATE_URL ? CERTIFICATE : '');
    });
    const SubscribeURL = `https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=t`;
    const subscription = await signedBySns({ Type: 'SubscriptionConfirmation', SubscribeURL, Token: 't' });
    expect(await post(subscription)).toMatchObject({ status: 200 });
    expect(asked).toEqual([CERTIFICATE_URL, SubscribeURL]);
    const Message = JSON.stringify({
      eventType: 'Delivery',
      delivery: {},
      mail: { tags: { message_id: [id] } },
    });
    const notification = await signedBySns({ Message }, '1');
    expect(await post({ ...notification, Message: Message.replace('Delivery', 'Bounce') })).toMatchObject({
      status: 401,
    });
    expect(await post(notification)).toMatchObject({ status: 200 });
    expect(await row(id)).toMatchObject({ status: 80, reports: ['delivered Delivery'] });
    await api.admin('PUT', 'channels/email', { ...email, callbackSecret: RESEND });
  });
});

it('a callback’s secret can be written and never read', async () => {
  const stored = await env.DB.prepare('SELECT * FROM channel_secrets').all();
  const answers = [
    await api.admin('GET', 'channels'),
    await api.admin('GET', 'channels/line'),
    stored.results,
  ];
  expect(JSON.stringify(answers)).not.toContain(LINE);
  expect(answers[1]).toMatchObject({
    body: { hasSecret: true, callback: { path: '/v1/callbacks/line', hasSecret: true } },
  });
  const kept = await api.admin('PUT', 'channels/line', { provider: 'line', settings: {} });
  expect(kept.body.callback.hasSecret).toBe(true);
  const forgotten = await api.admin('PUT', 'channels/line', {
    provider: 'line',
    settings: {},
    callbackSecret: null,
  });
  expect(forgotten.body.callback.hasSecret).toBe(false);
  const wrong = await api.admin('PUT', 'channels/lms', {
    provider: 'nhn',
    settings: { appKey: 'a', from: '0212345678' },
    callbackSecret: 'short',
  });
  expect(wrong).toMatchObject({ status: 422, body: { error: { issues: [{ path: 'callbackSecret' }] } } });
  const none = await api.admin('PUT', 'channels/push', {
    provider: 'fcm',
    settings: {},
    callbackSecret: 'x'.repeat(20),
  });
  expect(none.status).toBe(422);
});
