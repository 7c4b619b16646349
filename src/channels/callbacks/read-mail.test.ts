/** Every word of the reports on e-mail: what it says of the message, and of the person. */
import { describe, expect, it } from 'vitest';
import { aCallback } from '../../../tests/support/callback-kit.ts';
import { signedBySns } from '../../../tests/support/sns-signer.ts';
import type { ReportKind } from '../../engine/runs/hear-report.ts';
import type { JsonObject } from '../../engine/vocabulary.ts';
import type { Report } from './callback.ts';
import { resendCallbacks } from './resend.ts';
import { sesCallbacks } from './ses.ts';

const NOW = Date.UTC(2026, 10, 24, 3);
const ID = 'msg_0123456789abcdefghijkl_0123456789a_0';
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
