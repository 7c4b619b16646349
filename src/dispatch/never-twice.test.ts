/**
 * Every provider that can't tell a second call from a first: it takes the message, and then its answer is lost in some way.
 * However often the message is claimed again, however dispatchers die, and whoever replays it: it is called once.
 */
import { describe, expect, test } from 'vitest';
import { aWorld, hint } from '../../tests/support/dispatch-world.ts';
import { routeFor } from '../channels/registry.ts';
import type { ChannelSettings } from '../engine/documents.ts';
import { aConfig, aTemplate, aTrigger, send } from '../engine/testing/builders.ts';
import { VirtualProfile } from '../engine/testing/virtual-profile.ts';
import { CHANNELS, type Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { PROVIDER_NAMES } from '../protocol/provider-schemas.ts';

interface Row {
  channel: Channel;
  provider: string;
  settings: JsonObject;
  secret: string;
  content?: JsonObject;
}

const FROM = { from: 'news@example.com' };
const text = { text: '주문이 접수되었습니다.' };
const TWILIO = { accountSid: `AC${'0'.repeat(32)}`, from: '+15005550006' };
const NHN = { appKey: 'KEY', from: '0212345678' };
const ROWS: Row[] = [
  { channel: 'sms', provider: 'nhn', settings: NHN, secret: 'secret-key' },
  { channel: 'lms', provider: 'nhn', settings: NHN, secret: 'secret-key' },
  { channel: 'sms', provider: 'twilio', settings: TWILIO, secret: 'auth-token' },
  { channel: 'lms', provider: 'twilio', settings: TWILIO, secret: 'auth-token' },
  {
    channel: 'whatsapp',
    provider: 'whatsapp',
    settings: { phoneNumberId: '12345', apiVersion: 'v23.0' },
    secret: 'token-token',
    content: { templateName: 'order', language: 'ko' },
  },
  {
    channel: 'webhook',
    provider: 'slack',
    settings: {},
    secret: 'https://hooks.slack.com/services/T/B/X',
    content: { data: { text: 'x' } },
  },
  {
    channel: 'email',
    provider: 'ses',
    settings: { region: 'ap-northeast-2', accessKeyId: 'AKIA0123456789ABCDEF', ...FROM },
    secret: 'secret-access-key',
    content: { subject: 'S', text: 'T', html: '<p>T</p>' },
  },
  {
    channel: 'email',
    provider: 'cloudflare',
    settings: { accountId: '0'.repeat(32), ...FROM },
    secret: 'api-token-0',
    content: { subject: 'S', text: 'T', html: '<p>T</p>' },
  },
];

/** How the answer of a provider that has taken the message is lost. */
const timeout = () => Object.assign(new Error('timed out'), { name: 'TimeoutError' });
const LOST: [string, () => Response | Error][] = [
  ['times out', timeout],
  ['resets the connection', () => new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })],
  ['is cut off by a gateway', () => new Response('Bad Gateway', { status: 502 })],
  ['answers in a tongue of its own', () => new Response('<html>', { status: 200 })],
];

function aLife({ channel, provider, settings, secret, content = text }: Row) {
  const template = aTemplate({ locales: { ko: { [channel]: content } } });
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    steps: [send({ channels: [channel] })],
    delivery: { expireAfter: '30d' },
  });
  const document = { id: channel, provider, settings } as ChannelSettings;
  const config = aConfig({ triggers: [trigger], templates: [template], channels: [document] });
  const profile = new VirtualProfile({ config });
  profile.identify({
    email: 'someone@example.com',
    phone: '010-1234-5678',
    lineUserId: `U${'0'.repeat(32)}`,
  });
  const { world, consume, requests } = aWorld();
  Object.assign(world, { template, secret, channels: new Map([[channel, document]]) });
  world.profile = {
    claim: (id) => profile.claim(id),
    settle: (id, settlement) => void profile.settle(id, settlement),
  };
  profile.track('Hello');
  const id = profile.outbox()[0]?.messageId ?? '';
  const dispatch = async () => {
    world.clock.now = profile.now;
    await consume([hint(id), hint(id)]);
  };
  return { profile, world, dispatch, id, requests };
}

const named = ROWS.map((row) => [`${row.provider} (${row.channel})`, row] as const);

describe.each(named)('%s is called once', (_, row) => {
  test.each(LOST)('where it takes the message and %s', async (__, lost) => {
    const { profile, world, dispatch, id, requests } = aLife(row);
    world.answers.push(...Array.from({ length: 50 }, lost));
    for (let hour = 0; hour < 30; hour++) {
      await dispatch();
      profile.advance('1h');
    }
    expect(requests).toHaveLength(1);
    expect(profile.outbox()).toEqual([]);
    expect(profile.facts.some(({ kind }) => kind === 'message_cancelled')).toBe(false);
    // Given up, or taken for sent where the status alone says so.
    expect(profile.state.settled.has(id)).toBe(true);
  });

  test('where whoever has called it dies before a word of it is written', async () => {
    const { profile, world, dispatch, requests } = aLife(row);
    for (let kill = 0; kill < 6; kill++) {
      // Neither D1 nor the profile hears of it: the lease ends.
      world.failing.set('record', 2).set('settle', 2);
      await dispatch();
      profile.advance('40s');
    }
    world.failing.clear();
    for (let hour = 0; hour < 30; hour++) {
      await dispatch();
      profile.advance('1h');
    }
    expect(requests).toHaveLength(1);
    expect(profile.outbox()).toEqual([]);
  });
});

test('no provider of the kind is left out', () => {
  const all = PROVIDER_NAMES.flatMap((provider) =>
    CHANNELS.flatMap((channel) => {
      const route = routeFor(channel, { id: channel, provider, settings: {} }, false);
      return route && !route.adapter.idempotent && !route.adapter.lookUp ? [`${provider} (${channel})`] : [];
    }),
  );
  expect(all.sort()).toEqual(named.map(([name]) => name).sort());
});
