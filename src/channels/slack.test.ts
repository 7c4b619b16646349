import { expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, sendDeps } from '../../tests/support/channel-kit.ts';
import { judgeSlack, slackAdapter, slackBody } from './slack.ts';

const secret = 'https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx';

it('posts the template’s data to the address that is the secret', async () => {
  const server = await captureServer(() => ({ body: 'ok' }));
  const deps = sendDeps({ settings: { endpoint: server.url }, secret });
  const message = aMessageFor('webhook', { data: '실반지가 팔렸어요' });
  expect(await slackAdapter.send(message, deps)).toEqual({ kind: 'accepted' });
  expect(server.requests).toMatchObject([
    {
      method: 'POST',
      path: '/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx',
      body: '{"text":"실반지가 팔렸어요"}',
    },
  ]);
  await server.close();
});

it.each([
  [
    { text: 'a', blocks: [{ type: 'divider' }], channel: '#x' },
    { text: 'a', blocks: [{ type: 'divider' }] },
  ],
  [{ blocks: [] }, { blocks: [] }],
  ['a', { text: 'a' }],
  ['', null],
  [null, null],
  [{ price: 1 }, null],
])('of %j posts %j', (data, body) => {
  expect(slackBody(data)).toEqual(body);
});

it('posts nowhere else', async () => {
  const deps = sendDeps({
    fetch: async () => expect.unreachable(),
    secret: 'https://evil.example.com/services/a',
  });
  expect(await slackAdapter.send(aMessageFor('webhook', { data: 'a' }), deps)).toMatchObject({
    scope: 'account',
    code: 'secret_unusable',
  });
});

const account = { kind: 'rejected', scope: 'account' };
it.each([
  [200, 'ok', { kind: 'accepted' }],
  [400, 'invalid_payload', { kind: 'rejected', scope: 'message', code: 'invalid_payload' }],
  [400, 'no_text', { kind: 'rejected', scope: 'message', code: 'no_text' }],
  [403, 'action_prohibited', account],
  [404, 'no_service', account],
  [404, 'channel_not_found', account],
  [410, 'channel_is_archived', account],
  [429, '', { kind: 'retry', afterMs: 1_000 }],
  [503, '', { kind: 'retry' }],
  [500, 'rollup_error', { kind: 'unknown' }],
])('%i %s means %j', (status, text, expected) => {
  expect(judgeSlack(answerOf(status, text), 0)).toMatchObject(expected);
});
