/** What the adapters ask of the runtime itself: its WebCrypto, its `fetch`, its tables of numbers. */
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { expect, it } from 'vitest';
import { fcmAdapter } from '../../src/channels/fcm.ts';
import { phoneOf } from '../../src/channels/phone.ts';
import { resendAdapter } from '../../src/channels/resend.ts';
import { solapiAdapter } from '../../src/channels/solapi.ts';
import { webPushAdapter } from '../../src/channels/web-push.ts';
import { aMessageFor, EMAIL, PHONE, sendDeps } from '../support/channel-kit.ts';

function recorder(body: object) {
  const requests: Request[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    requests.push(new Request(url, init));
    return Response.json(body);
  };
  return { requests, fetch };
}

const base64Url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
const fromBase64Url = (text: string) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

it('encrypts a web push and signs for it', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { x = '', y = '', d = '' } = await exportJWK(privateKey);
  const publicKey = base64Url(new Uint8Array([4, ...fromBase64Url(x), ...fromBase64Url(y)]));
  const { requests, fetch } = recorder({});
  const keys = { p256dh: publicKey, auth: base64Url(crypto.getRandomValues(new Uint8Array(16))) };
  const value = { endpoint: 'https://push.example.com/1', keys };
  const message = aMessageFor(
    'web_push',
    { body: '안녕' },
    { to: [{ kind: 'web_push', value, deviceId: 'd' }] },
  );
  const settings = { publicKey, subject: 'mailto:a@example.com' };
  expect((await webPushAdapter.send(message, sendDeps({ fetch, settings, secret: d }))).kind).toBe(
    'accepted',
  );
  expect((await requests[0]?.arrayBuffer())?.byteLength).toBe(4_096);
  expect(requests[0]?.headers.get('authorization')).toMatch(/^vapid t=\S+\.\S+\.\S+, k=B/);
});

it('signs for Google with an RSA key', async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 });
  const secret = JSON.stringify({
    project_id: 'p',
    client_email: 'a@example.com',
    private_key: await exportPKCS8(privateKey),
  });
  const { requests, fetch } = recorder({ access_token: 't', name: 'projects/p/messages/1' });
  const message = aMessageFor('push', { body: 'b' }, { to: [{ kind: 'fcm', value: 't', deviceId: 'd' }] });
  expect((await fcmAdapter.send(message, sendDeps({ fetch, secret }))).kind).toBe('accepted');
  expect(requests.map(({ url }) => url)).toEqual([
    'https://oauth2.googleapis.com/token',
    'https://fcm.googleapis.com/v1/projects/p/messages:send',
  ]);
});

it('signs for SOLAPI', async () => {
  const { requests, fetch } = recorder({ groupInfo: { groupId: 'G' } });
  const settings = { apiKey: 'k', from: '0212345678' };
  const message = aMessageFor('sms', { text: '안녕' }, { to: [PHONE] });
  expect((await solapiAdapter.send(message, sendDeps({ fetch, settings, secret: 's' }))).kind).toBe(
    'accepted',
  );
  expect(requests[0]?.headers.get('authorization')).toMatch(/signature=[0-9a-f]{64}$/);
});

it('knows Korean numbers', () => {
  expect(phoneOf([PHONE], 'KR')).toEqual({
    e164: '+821012345678',
    national: '01012345678',
    callingCode: '82',
  });
  expect(phoneOf([{ kind: 'phone', value: '12' }], 'KR')).toBeNull();
});

it('cannot tell a connection that was never made from one that broke: the runtime has one word for both', async () => {
  const settings = { endpoint: 'http://127.0.0.1:1' };
  const message = aMessageFor('email', { subject: 's', html: 'h' }, { to: [EMAIL] });
  expect(await resendAdapter.send(message, sendDeps({ settings, secret: 're_12345678' }))).toEqual({
    kind: 'unknown',
    code: 'network_error',
  });
});
