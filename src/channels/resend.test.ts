import { Resend } from 'resend';
import { expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, EMAIL, MESSAGE_ID, sendDeps } from '../../tests/support/channel-kit.ts';
import { judgeResend, resendAdapter } from './resend.ts';

const content = { subject: '(광고) 가격 인하', html: '<p>실반지</p>', text: '실반지' };
const settings = { from: 'Shop <news@example.com>', replyTo: 'help@example.com' };
const emailHeaders = { 'List-Unsubscribe': '<https://edge.example.com/u/x>' };
const secret = 're_0123456789';
const message = aMessageFor('email', content, { to: [EMAIL], emailHeaders });

it('asks Resend for the same as Resend’s own client', async () => {
  const server = await captureServer(() => ({ body: { id: '7f1e' } }));
  const client = new Resend(secret, { baseUrl: server.url });
  await client.emails.send(
    {
      from: settings.from,
      to: 'someone@example.com',
      subject: content.subject,
      html: content.html,
      text: content.text,
      replyTo: settings.replyTo,
      headers: emailHeaders,
      tags: [{ name: 'message_id', value: MESSAGE_ID }],
    },
    { idempotencyKey: MESSAGE_ID },
  );
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret });
  expect(await resendAdapter.send(message, deps)).toEqual({ kind: 'accepted', providerId: '7f1e' });
  const [theirs, ours] = server.requests.map(({ method, path, headers, body }) => ({
    method,
    path,
    authorization: headers.authorization,
    key: headers['idempotency-key'],
    type: headers['content-type'],
    body: JSON.parse(body),
  }));
  expect(ours).toEqual(theirs);
  expect(ours?.key).toBe(MESSAGE_ID);
  await server.close();
});

it('sends the same key and the same bytes on every attempt', async () => {
  const server = await captureServer(() => ({ status: 500 }));
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret });
  await resendAdapter.send(message, deps);
  await resendAdapter.send(structuredClone(message), { ...deps, now: () => Date.now() + 300_000 });
  const [first, second] = server.requests;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  await server.close();
});

it.each(['someone', 'a@b@c', 'a b@example.com', '', 7])('writes to nobody at %s', async (value) => {
  const to = [{ kind: 'email' as const, value }];
  const deps = sendDeps({ fetch: async () => expect.unreachable(), settings, secret });
  expect(await resendAdapter.send({ ...message, to }, deps)).toMatchObject({
    scope: 'address',
    code: 'email_invalid',
  });
});

const NOW = Date.UTC(2026, 10, 24, 5);
const account = { kind: 'rejected', scope: 'account' };
const refused = { kind: 'rejected', scope: 'message' };
it.each([
  [400, 'validation_error', refused],
  [422, 'validation_error', refused],
  [403, 'validation_error', account],
  [422, 'missing_required_field', refused],
  [422, 'invalid_from_address', account],
  [422, 'invalid_attachment', refused],
  [422, 'invalid_parameter', refused],
  [422, 'invalid_access', account],
  [422, 'invalid_region', account],
  [400, 'invalid_idempotency_key', refused],
  [409, 'invalid_idempotent_request', refused],
  [409, 'concurrent_idempotent_requests', { kind: 'retry' }],
  [401, 'missing_api_key', account],
  [401, 'restricted_api_key', account],
  [403, 'invalid_api_key', account],
  [404, 'not_found', account],
  [405, 'method_not_allowed', refused],
  [451, 'security_error', account],
  [429, 'rate_limit_exceeded', { kind: 'retry', afterMs: 3_000 }],
  [429, 'daily_quota_exceeded', { kind: 'park', untilAt: Date.UTC(2026, 10, 25) }],
  [429, 'monthly_quota_exceeded', { kind: 'park', untilAt: NOW + 86_400_000 }],
  [500, 'application_error', { kind: 'retry' }],
  [500, 'internal_server_error', { kind: 'retry' }],
  [502, undefined, { kind: 'retry', code: 'http_502' }],
  [200, undefined, { kind: 'accepted' }],
])('%i %s means %j', (status, name, expected) => {
  const body = status === 200 ? { id: '7f1e' } : { statusCode: status, name, message: 'words' };
  const answer = answerOf(status, body, status === 429 ? { 'retry-after': '3' } : {});
  expect(judgeResend(answer, NOW)).toMatchObject(expected);
});
