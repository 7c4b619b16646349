/** Every code that a provider's reports are documented to carry: what it says of the message, and of the person. */
import { describe, expect, it } from 'vitest';
import { aCallback, aChannel } from '../../../tests/support/callback-kit.ts';
import { signedBySns } from '../../../tests/support/sns-signer.ts';
import type { ReportKind } from '../../engine/runs/hear-report.ts';
import type { Channel } from '../../engine/trigger.ts';
import type { JsonObject } from '../../engine/vocabulary.ts';
import type { Report } from './callback.ts';
import { lineCallbacks } from './line.ts';
import { nhnCallbacks } from './nhn.ts';
import { callbacksOf } from './registry.ts';
import { resendCallbacks } from './resend.ts';
import { sesCallbacks } from './ses.ts';
import { solapiCallbacks } from './solapi.ts';
import { twilioCallbacks } from './twilio.ts';
import { whatsappCallbacks } from './whatsapp.ts';

const NOW = Date.UTC(2026, 10, 24, 3);
const ID = 'msg_0123456789abcdefghijkl_0123456789a_0';
const NUMBER = { kind: 'phone', value: '+821012345678' };
const MAIL = { kind: 'email', value: 'someone@example.com' };

/** Null: it is left out. */
type Said = [kind: ReportKind, of?: Report['of']] | null;

function said([report, ...more]: Report[]): Said {
  expect(more).toEqual([]);
  if (!report) return null;
  return report.of === 'marketing' ? [report.kind, report.of] : [report.kind];
}

describe('Resend', () => {
  const read = (type: string, more: JsonObject = {}) => {
    const data = { email_id: 'e1', to: [MAIL.value], tags: { message_id: ID }, ...more };
    const body = JSON.stringify({ type, created_at: '2026-11-24T02:59:00.000Z', data });
    return resendCallbacks.read(aCallback(body, { 'svix-id': 'svix_1' }, { now: NOW }), []);
  };

  it.each<[string, JsonObject, Said]>([
    ['email.sent', {}, null],
    ['email.scheduled', {}, null],
    ['email.delivery_delayed', {}, null],
    ['email.received', {}, null],
    ['contact.updated', {}, null],
    ['email.delivered', {}, ['delivered']],
    ['email.opened', {}, ['opened']],
    ['email.clicked', {}, ['clicked']],
    ['email.failed', { failed: { reason: 'reached_daily_quota' } }, ['failed']],
    ['email.bounced', { bounce: { type: 'Permanent', subType: 'General' } }, ['bounced']],
    ['email.bounced', { bounce: { type: 'Transient', subType: 'MailboxFull' } }, ['failed']],
    ['email.bounced', { bounce: { type: 'Undetermined', subType: 'Undetermined' } }, ['failed']],
    ['email.suppressed', { suppressed: { type: 'OnAccountSuppressionList' } }, ['bounced']],
    ['email.complained', {}, ['complained']],
  ])('%s %j says %j', (type, more, expected) => {
    expect(said(read(type, more))).toEqual(expected);
  });

  it('names the message by the tag, in either form, and the address', () => {
    const [report] = read('email.bounced', { bounce: { type: 'Permanent', subType: 'NoEmail' } });
    const at = Date.UTC(2026, 10, 24, 2, 59);
    expect(report).toMatchObject({ id: 'svix_1', code: 'NoEmail', at, messageId: ID, address: MAIL });
    const [listed] = read('email.opened', { tags: [{ name: 'message_id', value: ID }] });
    expect(listed?.messageId).toBe(ID);
    expect(read('email.opened', { tags: {} })[0]?.messageId).toBeNull();
  });

  it('repeats no text of a bounce, which may hold the address', () => {
    const [report] = read('email.failed', { failed: { reason: 'no such user someone@example.com' } });
    expect(report?.code).toBe('failed');
  });
});

describe('SES', () => {
  const read = async (event: JsonObject, type = 'Notification') => {
    const mail = {
      destination: [MAIL.value],
      tags: { message_id: [ID], 'ses:from-domain': ['x'] },
      timestamp: '2026-11-24T02:00:00Z',
    };
    const message = await signedBySns({
      Type: type,
      Message: JSON.stringify({ mail, ...event }),
      Token: 't',
      SubscribeURL: 'x',
    });
    return sesCallbacks.read(aCallback(JSON.stringify(message), {}, { now: NOW }), []);
  };
  const bounce = (bounceType: string) => ({
    eventType: 'Bounce',
    bounce: {
      bounceType,
      bounceSubType: 'General',
      bouncedRecipients: [{ emailAddress: MAIL.value }],
      timestamp: '2026-11-24T02:00:01Z',
    },
  });

  it.each<[string, JsonObject, Said]>([
    ['Send', { eventType: 'Send' }, null],
    ['DeliveryDelay', { eventType: 'DeliveryDelay' }, null],
    ['Delivery', { eventType: 'Delivery', delivery: {} }, ['delivered']],
    ['Open', { eventType: 'Open', open: {} }, ['opened']],
    ['Click', { eventType: 'Click', click: {} }, ['clicked']],
    ['Reject', { eventType: 'Reject', reject: { reason: 'Bad content' } }, ['failed']],
    ['Rendering Failure', { eventType: 'Rendering Failure' }, ['failed']],
    ['Bounce, Permanent', bounce('Permanent'), ['bounced']],
    ['Bounce, Transient', bounce('Transient'), ['failed']],
    ['Bounce, Undetermined', bounce('Undetermined'), ['failed']],
    ['Complaint', { eventType: 'Complaint', complaint: { complaintFeedbackType: 'abuse' } }, ['complained']],
    [
      'Complaint, not spam',
      { eventType: 'Complaint', complaint: { complaintFeedbackType: 'not-spam' } },
      null,
    ],
    [
      'Subscription, all',
      { eventType: 'Subscription', subscription: { newTopicPreferences: { unsubscribeAll: true } } },
      ['opted_out', 'marketing'],
    ],
    [
      'Subscription, some',
      { eventType: 'Subscription', subscription: { newTopicPreferences: { unsubscribeAll: false } } },
      null,
    ],
    ['something new', { eventType: 'Telepathy' }, null],
  ])('%s', async (_, event, expected) => {
    expect(said(await read(event))).toEqual(expected);
  });

  it('names the message by the tag, and the address', async () => {
    const [report] = await read(bounce('Permanent'));
    expect(report).toMatchObject({
      code: 'General',
      messageId: ID,
      address: MAIL,
      at: Date.UTC(2026, 10, 24, 2, 0, 1),
    });
  });

  it('reports nothing by what is no notification', async () => {
    expect(await read(bounce('Permanent'), 'SubscriptionConfirmation')).toEqual([]);
  });
});

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

describe('SOLAPI', () => {
  const read = (type: string, statusCode: string, event = 'SINGLE-REPORT') =>
    solapiCallbacks.read(
      aCallback(
        JSON.stringify([
          { messageId: 'M1', to: '01012345678', type, statusCode, customFields: { message_id: ID } },
        ]),
        { 'x-solapi-event-name': event },
        { now: NOW },
      ),
      [],
    );

  it.each<[string, string, Said]>([
    ['SMS', '2000', null],
    ['SMS', '3000', null],
    ['SMS', '4000', ['delivered']],
    ['LMS', '4000', ['delivered']],
    ['ATA', '4000', ['delivered']],
    ['SMS', '3020', ['failed']],
    ['SMS', '1010', ['failed']],
    ['ATA', '3008', ['bounced']],
    ['ATA', '3018', ['bounced']],
    ['ATA', '3019', ['bounced']],
    ['ATA', '3020', ['refused']],
    ['BMS_FREE', '3020', ['refused']],
    ['ATA', '3021', ['bounced']],
    ['ATA', '3005', null],
    ['ATA', '3015', ['failed']],
    ['BMS_FREE', '3022', ['failed']],
  ])('%s %s says %j', (type, code, expected) => {
    expect(said(read(type, code))).toEqual(expected);
  });

  it('names the message and the number, and leaves reports of groups alone', () => {
    expect(read('ATA', '3020')[0]).toMatchObject({
      id: 'M1:3020',
      code: '3020',
      messageId: ID,
      address: NUMBER,
    });
    expect(read('SMS', '4000', 'GROUP-REPORT')).toEqual([]);
  });
});

describe('NHN', () => {
  const read = (event: string, hook: JsonObject, channel: Channel = 'sms') =>
    nhnCallbacks.read(
      aCallback(
        JSON.stringify({
          event,
          appKey: 'a',
          hooks: [{ hookId: 'h1', recipientNo: '01012345678', ...hook }],
        }),
        {},
        { now: NOW },
      ),
      [aChannel(channel)],
    );
  const result = (channel: Channel, resultCode: string, messageStatus?: string) =>
    read(
      'MESSAGE_RESULT_UPDATE',
      { recipientGroupingKey: ID, resultCode, ...(messageStatus && { messageStatus }) },
      channel,
    );

  it.each<[Channel, string, string | undefined, Said]>([
    ['sms', '1000', 'COMPLETED', ['delivered']],
    ['lms', '1000', 'COMPLETED', ['delivered']],
    ['sms', '3020', 'FAILED', ['failed']],
    ['sms', '1000', 'CANCEL', ['failed']],
    ['sms', '1000', 'DUPLICATED', ['failed']],
    ['sms', '1000', 'FAILED_AD', ['failed']],
    ['kakao_info', '1000', undefined, ['delivered']],
    ['kakao_info', '0', undefined, ['delivered']],
    ['kakao_info', '3008', undefined, ['bounced']],
    ['kakao_info', '3018', undefined, ['bounced']],
    ['kakao_info', '3019', undefined, ['bounced']],
    ['kakao_info', '3020', undefined, ['refused']],
    ['kakao_brand', '3021', undefined, ['bounced']],
    ['kakao_info', '3005', undefined, null],
    ['kakao_info', '3016', undefined, ['failed']],
    ['kakao_info', '1021', undefined, ['failed']],
    ['kakao_brand', '3022', undefined, ['failed']],
  ])('%s %s %s says %j', (channel, code, status, expected) => {
    expect(said(result(channel, code, status))).toEqual(expected);
  });

  it.each<[string, Said]>([
    ['UNSUBSCRIBE', ['opted_out', 'marketing']],
    ['CONVERSION_BLOCK', null],
    ['INTERNATIONAL_DELIVERY_RECEIPT', null],
    ['TEMPLATE_STATUS', null],
  ])('%s says %j', (event, expected) => {
    expect(said(read(event, { unsubscribeNo: '0801234567' }))).toEqual(expected);
  });

  it('names the message or the number, and counts in Seoul’s time where no zone is named', () => {
    const createdDateTime = '2026-11-24T11:00:00.000+09:00';
    const at = Date.UTC(2026, 10, 24, 2);
    expect(read('UNSUBSCRIBE', { createdDateTime })[0]).toMatchObject({
      id: 'h1',
      messageId: null,
      address: NUMBER,
      channel: 'sms',
      at,
    });
    const receiveDate = '2026-11-24T11:00:00';
    const report = read(
      'MESSAGE_RESULT_UPDATE',
      { recipientGroupingKey: ID, resultCode: '3020', receiveDate },
      'kakao_info',
    );
    expect(report[0]).toMatchObject({ messageId: ID, address: NUMBER, code: '3020', at });
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
