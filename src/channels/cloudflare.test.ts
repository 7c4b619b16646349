import { expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, EMAIL, sendDeps } from '../../tests/support/channel-kit.ts';
import { cloudflareAdapter, judgeCloudflare } from './cloudflare.ts';

const content = { subject: '주문 확인', html: '<p>감사합니다</p>', text: '감사합니다' };
const settings = { accountId: '0'.repeat(32), from: 'orders@example.com', replyTo: 'help@example.com' };

it('sends a transactional e-mail', async () => {
  const server = await captureServer(() => ({
    body: {
      success: true,
      errors: [],
      result: { delivered: ['someone@example.com'], permanent_bounces: [], queued: [] },
    },
  }));
  const message = aMessageFor('email', content, { to: [EMAIL] });
  const deps = sendDeps({ settings: { ...settings, endpoint: server.url }, secret: 'token' });
  expect(await cloudflareAdapter.send(message, deps)).toEqual({ kind: 'accepted' });
  const [request] = server.requests;
  expect(request?.path).toBe(`/client/v4/accounts/${'0'.repeat(32)}/email/sending/send`);
  expect(request?.headers.authorization).toBe('Bearer token');
  expect(JSON.parse(request?.body ?? '')).toEqual({
    to: 'someone@example.com',
    from: 'orders@example.com',
    reply_to: 'help@example.com',
    ...content,
  });
  await server.close();
});

it('refuses advertising, which its terms don’t allow', async () => {
  const message = aMessageFor('email', content, { to: [EMAIL], category: 'marketing' });
  const deps = sendDeps({ fetch: async () => expect.unreachable(), settings, secret: 'token' });
  expect(await cloudflareAdapter.send(message, deps)).toEqual({
    kind: 'rejected',
    scope: 'message',
    code: 'advertising_refused',
  });
});

const NOW = Date.UTC(2026, 10, 24, 5);
const errors = (code: string | number, message = '') => ({ success: false, errors: [{ code, message }] });
const account = { kind: 'rejected', scope: 'account' };
const refused = { kind: 'rejected', scope: 'message' };
it.each([
  [200, { success: true, result: { queued: ['a'] } }, { kind: 'accepted' }],
  [200, { success: true, result: { permanent_bounces: ['a'] } }, { kind: 'rejected', scope: 'address' }],
  [200, { success: false, errors: [] }, { kind: 'unknown' }],
  ...[
    'E_VALIDATION_ERROR',
    'E_FIELD_MISSING',
    'E_TOO_MANY_RECIPIENTS',
    'E_TOO_MANY_ATTACHMENTS',
    'E_CONTENT_TOO_LARGE',
    'E_HEADER_NOT_ALLOWED',
  ].map((code) => [400, errors(code), { ...refused, code }] as const),
  [400, errors('E_SENDER_NOT_VERIFIED'), account],
  [400, errors('E_SENDER_DOMAIN_NOT_AVAILABLE'), account],
  [400, errors('E_RECIPIENT_NOT_ALLOWED'), account],
  [400, errors('E_RECIPIENT_SUPPRESSED'), { kind: 'rejected', scope: 'address' }],
  [
    400,
    errors(10_001, 'E_RECIPIENT_SUPPRESSED: someone@example.com'),
    { scope: 'address', code: 'E_RECIPIENT_SUPPRESSED' },
  ],
  [429, errors('E_RATE_LIMIT_EXCEEDED'), { kind: 'retry' }],
  [429, errors('E_DAILY_LIMIT_EXCEEDED'), { kind: 'park', untilAt: Date.UTC(2026, 10, 25) }],
  [500, errors('E_DELIVERY_FAILED'), { kind: 'unknown' }],
  [500, errors('E_INTERNAL_SERVER_ERROR'), { kind: 'unknown' }],
  [500, {}, { kind: 'unknown' }],
  [403, errors(10_000, 'Authentication error'), account],
] as const)('%i %j means %j', (status, body, expected) => {
  expect(judgeCloudflare(answerOf(status, body), NOW)).toMatchObject(expected);
});
