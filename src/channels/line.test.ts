import { messagingApi } from '@line/bot-sdk';
import { expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, sendDeps } from '../../tests/support/channel-kit.ts';
import { judgeLine, lineAdapter } from './line.ts';
import { uuidOf } from './uuid-of.ts';

const USER = `U${'0123456789abcdef'.repeat(2)}`;
const content = { text: '실반지 68,000원', imageUrl: 'https://cdn.example.com/1.png' };
const message = aMessageFor('line', content, { to: [{ kind: 'line', value: USER }] });
const secret = 'channel-access-token';

it('asks LINE for the same as LINE’s own client', async () => {
  const server = await captureServer(() => ({ body: { sentMessages: [{ id: '461230966842064897' }] } }));
  const client = new messagingApi.MessagingApiClient({ channelAccessToken: secret, baseURL: server.url });
  const messages: messagingApi.Message[] = [
    { type: 'text', text: content.text },
    { type: 'image', originalContentUrl: content.imageUrl, previewImageUrl: content.imageUrl },
  ];
  await client.pushMessage({ to: USER, messages }, await uuidOf(message.id));
  expect(await lineAdapter.send(message, sendDeps({ settings: { endpoint: server.url }, secret }))).toEqual({
    kind: 'accepted',
    providerId: '461230966842064897',
  });
  const [theirs, ours] = server.requests.map(({ method, path, headers, body }) => ({
    method,
    path,
    authorization: headers.authorization,
    retryKey: headers['x-line-retry-key'],
    body: JSON.parse(body),
  }));
  expect(ours).toEqual(theirs);
  await server.close();
});

it('has a retry key of its own for each message, the same on every attempt, in the form of a UUID', async () => {
  const key = await uuidOf('msg_1');
  expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await uuidOf('msg_1')).toBe(key);
  expect(await uuidOf('msg_2')).not.toBe(key);
});

it.each(['someone', `C${USER.slice(1)}`, 7])('sends to nobody at %s', async (value) => {
  const deps = sendDeps({ fetch: async () => expect.unreachable(), secret });
  const to = [{ kind: 'line' as const, value }];
  expect(await lineAdapter.send({ ...message, to }, deps)).toMatchObject({ scope: 'address' });
});

const NOW = Date.UTC(2026, 10, 24);
const account = { kind: 'rejected', scope: 'account' };
it.each([
  [200, { sentMessages: [{ id: '1' }] }, { kind: 'accepted', providerId: '1' }],
  [409, { message: 'The retry key is already accepted' }, { kind: 'accepted', providerId: 'request-0' }],
  [400, { message: 'Failed to send messages' }, { kind: 'rejected', scope: 'address' }],
  [
    400,
    { message: "The property, 'to', in the request body is invalid (line: -, column: -)" },
    { kind: 'rejected', scope: 'address' },
  ],
  [
    400,
    {
      message: 'The request body has 1 error(s)',
      details: [{ message: 'May not be empty', property: 'messages[0].text' }],
    },
    { kind: 'rejected', scope: 'message' },
  ],
  [401, { message: 'Authentication failed' }, account],
  [403, { message: 'Not available' }, account],
  [413, {}, { kind: 'rejected', scope: 'message' }],
  [429, { message: 'The API rate limit has been exceeded. Try again later.' }, { kind: 'retry' }],
  // The month ends in Tokyo.
  [
    429,
    { message: 'You have reached your monthly limit.' },
    { kind: 'park', untilAt: Date.UTC(2026, 10, 30, 15) },
  ],
  [500, {}, { kind: 'retry' }],
  [503, {}, { kind: 'retry' }],
])('%i %j means %j', (status, body, expected) => {
  const headers: Record<string, string> = status === 409 ? { 'x-line-accepted-request-id': 'request-0' } : {};
  expect(judgeLine(answerOf(status, body, headers), NOW)).toMatchObject(expected);
});
