/** Every code that a provider's reports are documented to carry: what it says of the message, and of the person. */
import { describe, expect, it } from 'vitest';
import { aCallback, aChannel } from '../../../tests/support/callback-kit.ts';
import type { ReportKind } from '../../engine/runs/hear-report.ts';
import type { JsonObject } from '../../engine/vocabulary.ts';
import type { Report } from './callback.ts';
import { lineCallbacks } from './line.ts';
import { callbacksOf } from './registry.ts';
import { twilioCallbacks } from './twilio.ts';
import { whatsappCallbacks } from './whatsapp.ts';

const NOW = Date.UTC(2026, 10, 24, 3);
const ID = 'msg_0123456789abcdefghijkl_0123456789a_0';
const NUMBER = { kind: 'phone', value: '+821012345678' };

/** Null: it is left out. */
type Said = [kind: ReportKind, of?: Report['of']] | null;

function said([report, ...more]: Report[]): Said {
  expect(more).toEqual([]);
  if (!report) return null;
  return report.of === 'marketing' ? [report.kind, report.of] : [report.kind];
}

describe('Twilio', () => {
  const read = (fields: Record<string, string>, query = `?message_id=${ID}`) =>
    twilioCallbacks.read(
      aCallback(
        new URLSearchParams({ MessageSid: 'SM1', ...fields }).toString(),
        {},
        { now: NOW, url: `https://r.example/v1/callbacks/twilio${query}` },
      ),
      [],
    );
  const status = (MessageStatus: string, ErrorCode?: string) =>
    read({ MessageStatus, To: NUMBER.value, From: '+15005550006', ...(ErrorCode && { ErrorCode }) });
  const answer = (Body: string, more: Record<string, string> = {}) =>
    read({ Body, From: NUMBER.value, To: '+15005550006', SmsStatus: 'received', ...more }, '');

  it.each<[string, string | undefined, Said]>([
    ['accepted', undefined, null],
    ['queued', undefined, null],
    ['sending', undefined, null],
    ['sent', undefined, null],
    ['canceled', undefined, null],
    ['delivered', undefined, ['delivered']],
    ['read', undefined, ['opened']],
    ['failed', undefined, ['failed']],
    ['failed', '21211', ['bounced']],
    ['failed', '21614', ['bounced']],
    ['failed', '21610', ['refused']],
    ['undelivered', '30005', ['bounced']],
    ['undelivered', '30006', ['bounced']],
    ['failed', '21612', ['failed']],
    ['failed', '21408', ['failed']],
    ['failed', '21617', ['failed']],
    ['failed', '30001', ['failed']],
    ['undelivered', '30003', ['failed']],
    ['undelivered', '30007', ['failed']],
    ['undelivered', '30008', ['failed']],
  ])('%s %s says %j', (name, code, expected) => {
    expect(said(status(name, code))).toEqual(expected);
  });

  it.each<[string, Said]>([
    ['STOP', ['opted_out']],
    ['stop', ['opted_out']],
    [' Stop. ', ['opted_out']],
    ['STOPALL', ['opted_out']],
    ['UNSUBSCRIBE', ['opted_out']],
    ['CANCEL', ['opted_out']],
    ['END', ['opted_out']],
    ['QUIT', ['opted_out']],
    ['REVOKE', ['opted_out']],
    ['opt out', ['opted_out']],
    ['OPTOUT', ['opted_out']],
    ['Please stop by the shop', null],
    ['START', null],
    ['UNSTOP', null],
    ['YES', null],
    ['HELP', null],
    ['', null],
  ])('the answer %j says %j', (body, expected) => {
    expect(said(answer(body))).toEqual(expected);
  });

  it('believes Twilio’s own word for it, whatever the language', () => {
    expect(said(answer('수신거부', { OptOutType: 'STOP' }))).toEqual(['opted_out']);
    expect(said(answer('START', { OptOutType: 'START' }))).toBeNull();
  });

  it('names the message by the address that was called, a person by the number alone', () => {
    expect(status('undelivered', '30005')[0]).toMatchObject({
      id: 'SM1:undelivered',
      code: '30005',
      messageId: ID,
      address: NUMBER,
    });
    expect(answer('STOP')[0]).toMatchObject({
      id: 'SM1:received',
      messageId: null,
      address: NUMBER,
      channel: 'sms',
    });
  });
});

describe('LINE', () => {
  it('tells of whoever has gone, and of nothing else', () => {
    const source = { type: 'user', userId: `U${'0'.repeat(32)}` };
    const events = ['follow', 'message', 'postback', 'delivery', 'unfollow'].map((type) => ({
      ...{ type, source, webhookEventId: `w-${type}`, timestamp: NOW - 5_000 },
    }));
    expect(lineCallbacks.read(aCallback(JSON.stringify({ events }), {}, { now: NOW }), [])).toEqual([
      {
        ...{ id: 'w-unfollow', kind: 'opted_out', code: 'unfollow', at: NOW - 5_000, messageId: null },
        ...{ address: { kind: 'line', value: source.userId }, channel: 'line', of: 'everything' },
      },
    ]);
    expect(lineCallbacks.read(aCallback('{"events":[]}'), [])).toEqual([]);
  });
});

describe('WhatsApp', () => {
  const read = (value: JsonObject) =>
    whatsappCallbacks.read(
      aCallback(JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] }), {}, { now: NOW }),
      [],
    );
  const status = (name: string, code?: number) =>
    read({
      statuses: [
        {
          id: 'wamid.1',
          status: name,
          recipient_id: '821012345678',
          timestamp: String(NOW / 1000 - 60),
          biz_opaque_callback_data: ID,
          ...(code !== undefined && { errors: [{ code, title: 'x' }] }),
        },
      ],
    });

  it.each<[string, number | undefined, Said]>([
    ['sent', undefined, null],
    ['deleted', undefined, null],
    ['delivered', undefined, ['delivered']],
    ['read', undefined, ['opened']],
    ['failed', undefined, ['failed']],
    ['failed', 131026, ['bounced']],
    ['failed', 131050, ['refused', 'marketing']],
    ['failed', 131049, ['failed']],
    ['failed', 131047, ['failed']],
    ['failed', 131056, ['failed']],
    ['failed', 132000, ['failed']],
  ])('%s %s says %j', (name, code, expected) => {
    expect(said(status(name, code))).toEqual(expected);
  });

  it('names the message, the number and the moment', () => {
    expect(status('failed', 131026)[0]).toMatchObject({
      id: 'wamid.1:failed',
      code: '131026',
      messageId: ID,
      address: NUMBER,
      at: NOW - 60_000,
    });
  });

  it.each<[JsonObject, Said]>([
    [{ category: 'marketing_messages', value: 'stop' }, ['opted_out', 'marketing']],
    [{ category: 'marketing_messages', value: 'resume' }, null],
    [{ category: 'something_else', value: 'stop' }, null],
  ])('the preference %j says %j', (preference, expected) => {
    expect(
      said(read({ user_preferences: [{ wa_id: '821012345678', timestamp: NOW / 1000, ...preference }] })),
    ).toEqual(expected);
  });

  it('says nothing by what people write', () => {
    expect(read({ messages: [{ from: '821012345678', text: { body: 'STOP' } }] })).toEqual([]);
  });
});

it.each(['fcm', 'apns', 'web_push', 'cloudflare', 'slack', 'webhook', 'log', 'constructor', ''])(
  '%s calls nobody back',
  (provider) => {
    expect(callbacksOf(provider)).toBeNull();
  },
);

it.each(['resend', 'ses', 'twilio', 'line', 'whatsapp', 'solapi', 'nhn'])(
  '%s that says nothing readable says nothing',
  (provider) => {
    for (const body of [
      '',
      'null',
      '[]',
      '{}',
      '[null,1,"x"]',
      '{"events":[1],"entry":[{}],"hooks":[null]}',
      '\u0000',
    ]) {
      expect(
        callbacksOf(provider)
          ?.read(aCallback(body), [aChannel('sms')])
          .filter(({ messageId, address }) => messageId ?? address),
      ).toEqual([]);
    }
  },
);
