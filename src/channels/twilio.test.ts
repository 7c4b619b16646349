import twilio from 'twilio';
import { expect, it } from 'vitest';
import { captureServer } from '../../tests/support/capture-server.ts';
import { aMessageFor, answerOf, PHONE, sendDeps } from '../../tests/support/channel-kit.ts';
import { judgeTwilio, twilioAdapter } from './twilio.ts';

const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;
const secret = 'auth-token';
const message = aMessageFor('sms', { text: 'a & b = 실반지 💍' }, { to: [PHONE] });

interface TheirRequest {
  method: string;
  uri: string;
  username: string;
  password: string;
  data: Record<string, string>;
}

/** Twilio's own client, which names the request before it encodes it. */
async function theirs(create: Record<string, string>): Promise<TheirRequest | undefined> {
  const requests: TheirRequest[] = [];
  const httpClient = {
    request: async (options: TheirRequest) => {
      requests.push(options);
      return { statusCode: 201, body: { sid: 'SM1' } };
    },
  };
  const client = twilio(accountSid, secret, { httpClient: httpClient as never });
  await client.messages.create(create as never);
  return requests[0];
}

it.each([
  [{ from: '+15005550006' }, { from: '+15005550006' }],
  [{ messagingServiceSid: `MG${'0'.repeat(32)}` }, { messagingServiceSid: `MG${'0'.repeat(32)}` }],
])('asks Twilio for the same as Twilio’s own client, by %j', async (settings, sender) => {
  const their = await theirs({ to: '+821012345678', body: String(message.content.text), ...sender });
  const server = await captureServer(() => ({ status: 201, body: { sid: 'SM1', status: 'queued' } }));
  const deps = sendDeps({ settings: { accountSid, ...settings, endpoint: server.url }, secret });
  expect(await twilioAdapter.send(message, deps)).toEqual({ kind: 'accepted', providerId: 'SM1' });
  const [our] = server.requests;
  expect(our?.method).toBe(their?.method.toUpperCase());
  expect(`https://api.twilio.com${our?.path}`).toBe(their?.uri);
  const basic = Buffer.from(`${their?.username}:${their?.password}`).toString('base64');
  expect(our?.headers.authorization).toBe(`Basic ${basic}`);
  expect(our?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(our?.body))).toEqual(their?.data);
  await server.close();
});

it('signs in by an API key where there is one', async () => {
  const server = await captureServer(() => ({ status: 201, body: { sid: 'SM1' } }));
  const apiKeySid = `SK${'0'.repeat(32)}`;
  const settings = { accountSid, apiKeySid, from: '+15005550006', endpoint: server.url };
  await twilioAdapter.send(message, sendDeps({ settings, secret }));
  expect(server.requests[0]?.path).toContain(accountSid);
  expect(atob(String(server.requests[0]?.headers.authorization).slice(6))).toBe(`${apiKeySid}:${secret}`);
  await server.close();
});

it('names the message in the address that Twilio reports to, as its own client would', async () => {
  const callbackUrl = 'https://reflex.example/v1/callbacks/twilio?a=b';
  const server = await captureServer(() => ({ status: 201, body: { sid: 'SM1' } }));
  const settings = { accountSid, from: '+15005550006', callbackUrl, endpoint: server.url };
  await twilioAdapter.send(message, sendDeps({ settings, secret }));
  const their = await theirs({
    to: '+821012345678',
    body: String(message.content.text),
    from: '+15005550006',
    statusCallback: `${callbackUrl}&message_id=${message.id}`,
  });
  expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual(their?.data);
  await server.close();
});

const account = { kind: 'rejected', scope: 'account' };
const address = { kind: 'rejected', scope: 'address' };
const refused = { kind: 'rejected', scope: 'message' };
it.each([
  [201, { sid: 'SM1' }, { kind: 'accepted', providerId: 'SM1' }],
  [201, {}, { kind: 'unknown' }],
  [400, { code: 21211 }, address],
  [400, { code: 21614 }, address],
  [400, { code: 30005 }, address],
  [400, { code: 30006 }, address],
  [400, { code: 21610 }, { ...address, revokeConsent: true }],
  [400, { code: 21612 }, account],
  [400, { code: 21408 }, account],
  [401, { code: 20003 }, account],
  [400, { code: 21606 }, account],
  [400, { code: 21659 }, account],
  [400, { code: 21617 }, refused],
  [400, { code: 30007 }, refused],
  [400, { code: 99999 }, { ...refused, code: '99999' }],
  [429, { code: 20429 }, { kind: 'retry' }],
  [429, {}, { kind: 'retry' }],
  [400, { code: 30001 }, { kind: 'retry' }],
  [400, { code: 30003 }, { kind: 'retry' }],
  [400, { code: 30008 }, { kind: 'unknown' }],
  [503, {}, { kind: 'retry' }],
  [500, {}, { kind: 'unknown' }],
])('%i %j means %j', (status, body, expected) => {
  expect(judgeTwilio(answerOf(status, body), 0)).toMatchObject(expected);
});
