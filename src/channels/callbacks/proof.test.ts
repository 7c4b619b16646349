/** Each provider's own library signs, or judges the same: what it takes is taken, and with one byte changed refused. */
import { validateSignature } from '@line/bot-sdk';
import fc from 'fast-check';
import { Webhook } from 'svix';
import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { aCallback, aChannel, amazon } from '../../../tests/support/callback-kit.ts';
import { lineCallbacks } from './line.ts';
import { nhnCallbacks } from './nhn.ts';
import { resendCallbacks } from './resend.ts';
import { solapiCallbacks } from './solapi.ts';
import { twilioCallbacks } from './twilio.ts';
import { whatsappCallbacks } from './whatsapp.ts';

const RUNS = { numRuns: 60 };
const none = amazon();
const encoder = new TextEncoder();
const bytesOf = (text: string) => new Uint8Array(encoder.encode(text));

/** The same with one bit of one byte turned. */
function flipped(bytes: Uint8Array<ArrayBuffer>, at: number, bit: number): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const i = at % copy.length;
  copy[i] = (copy[i] ?? 0) ^ (1 << (bit % 8));
  return copy;
}
const somewhere = { at: fc.nat(), bit: fc.nat(7) };

async function hmac(secret: string, bytes: Uint8Array<ArrayBuffer>, hash = 'SHA-256'): Promise<Buffer> {
  const algorithm = { name: 'HMAC', hash };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign']);
  return Buffer.from(await crypto.subtle.sign('HMAC', key, bytes));
}

describe('Resend, signed by Svix’s own library', () => {
  const secret = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;
  const channel = aChannel('email', { callbackSecret: secret });
  const now = Date.UTC(2026, 10, 24);
  const signed = (body: string, at = now, id = 'msg_1') => ({
    'svix-id': id,
    'svix-timestamp': String(Math.floor(at / 1000)),
    'svix-signature': new Webhook(secret).sign(id, new Date(at), body),
  });
  const judge = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, of = channel) =>
    resendCallbacks.verify(aCallback(body, headers, { now }), of, none);

  it('is taken, whatever it says, and refused with any byte changed', async () => {
    const about = fc.record({ body: fc.string({ minLength: 1, unit: 'grapheme' }), ...somewhere });
    await fc.assert(
      fc.asyncProperty(about, async ({ body, at, bit }) => {
        expect(await judge(body, signed(body))).toBe(true);
        expect(await judge(flipped(bytesOf(body), at, bit), signed(body))).toBe(false);
      }),
      RUNS,
    );
  });

  it('is refused under another id, time or secret, and without any', async () => {
    const headers = signed('{}');
    expect(await judge('{}', { ...headers, 'svix-id': 'msg_2' })).toBe(false);
    expect(await judge('{}', { ...headers, 'svix-timestamp': String(Math.floor(now / 1000) + 1) })).toBe(
      false,
    );
    expect(await judge('{}', {})).toBe(false);
    const other = `whsec_${btoa('x123456789abcdef0123456789abcdef')}`;
    expect(await judge('{}', headers, aChannel('email', { callbackSecret: other }))).toBe(false);
    expect(await judge('{}', headers, aChannel('email'))).toBe(false);
  });

  it('is taken while a secret is changed, on either side', async () => {
    const next = `whsec_${btoa('y123456789abcdef0123456789abcdef')}`;
    const both = aChannel('email', { callbackSecret: `${next} ${secret}` });
    expect(await judge('{}', signed('{}'), both)).toBe(true);
    const headers = signed('{}');
    const twice = { ...headers, 'svix-signature': `v1,AAAA v1a,x ${headers['svix-signature']}` };
    expect(await judge('{}', twice)).toBe(true);
  });

  it.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])('that is %i s off is taken: %s', async (seconds, isTaken) => {
    expect(await judge('{}', signed('{}', now + seconds * 1000))).toBe(isTaken);
  });
});

describe('Twilio, signed by its own library', () => {
  const token = 'a-token-of-thirty-two-characters';
  const url = 'https://reflex.example/v1/callbacks/twilio?message_id=msg_1';
  const channel = aChannel('sms', { secret: token });
  const judge = (fields: Record<string, string>, signature: string, of = channel, at = url) =>
    twilioCallbacks.verify(
      aCallback(new URLSearchParams(fields).toString(), { 'x-twilio-signature': signature }, { url: at }),
      of,
      none,
    );

  it('is taken, whatever it says, and refused with any field changed', async () => {
    const fields = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), {
      minKeys: 1,
    });
    await fc.assert(
      fc.asyncProperty(fields, fc.nat(), async (said, at) => {
        const signature = twilio.getExpectedTwilioSignature(token, url, { ...said });
        expect(twilio.validateRequest(token, signature, url, { ...said })).toBe(true);
        expect(await judge(said, signature)).toBe(true);
        const name = Object.keys(said)[at % Object.keys(said).length] ?? '';
        const changed = { ...said, [name]: `${said[name]}x` };
        expect(await judge(changed, signature)).toBe(false);
      }),
      RUNS,
    );
  });

  it('is refused at another address, with another token, or unsigned', async () => {
    const said = { MessageSid: 'SM1', MessageStatus: 'delivered' };
    const signature = twilio.getExpectedTwilioSignature(token, url, said);
    expect(await judge(said, signature, channel, url.replace('msg_1', 'msg_2'))).toBe(false);
    expect(await judge(said, signature, aChannel('sms', { secret: `${token}x` }))).toBe(false);
    expect(await judge(said, '')).toBe(false);
    expect(await judge(said, signature, aChannel('sms'))).toBe(false);
  });

  it('is signed by the auth token where an API key sends', async () => {
    const said = { MessageSid: 'SM1' };
    const signature = twilio.getExpectedTwilioSignature(token, url, said);
    const settings = { apiKeySid: 'SK1' };
    expect(await judge(said, signature, aChannel('sms', { settings, secret: token }))).toBe(false);
    const withBoth = aChannel('sms', { settings, secret: 'of the key', callbackSecret: token });
    expect(await judge(said, signature, withBoth)).toBe(true);
  });

  it('is taken behind a proxy, by the address that Twilio was given', async () => {
    const said = { MessageSid: 'SM1' };
    const signature = twilio.getExpectedTwilioSignature(token, url, said);
    const inner = url.replace('https://reflex.example', 'http://127.0.0.1:8787');
    expect(await judge(said, signature, channel, inner)).toBe(false);
    const settings = { callbackUrl: 'https://reflex.example/v1/callbacks/twilio' };
    expect(await judge(said, signature, aChannel('sms', { secret: token, settings }), inner)).toBe(true);
  });
});

describe('LINE, judged by its own library', () => {
  const secret = 'c0ffee00c0ffee00c0ffee00c0ffee00';
  const channel = aChannel('line', { callbackSecret: secret });

  it('agrees with it on every body, changed or not', async () => {
    const about = fc.record({ body: fc.uint8Array({ minLength: 1 }), ...somewhere });
    await fc.assert(
      fc.asyncProperty(about, async ({ body, at, bit }) => {
        const bytes = Uint8Array.from(body);
        const signature = (await hmac(secret, bytes)).toString('base64');
        for (const [given, isTaken] of [
          [bytes, true],
          [flipped(bytes, at, bit), false],
        ] as const) {
          expect(validateSignature(Buffer.from(given), secret, signature)).toBe(isTaken);
          const callback = aCallback(given, { 'x-line-signature': signature });
          expect(await lineCallbacks.verify(callback, channel, none)).toBe(isTaken);
        }
      }),
      RUNS,
    );
    expect(await lineCallbacks.verify(aCallback('{}'), channel, none)).toBe(false);
    expect(await lineCallbacks.verify(aCallback('{}'), aChannel('line'), none)).toBe(false);
  });
});

describe('WhatsApp', () => {
  const secret = 'an-app-secret';
  const channel = aChannel('whatsapp', { callbackSecret: secret, settings: { verifyToken: 'typed-in' } });
  const judge = (bytes: Uint8Array<ArrayBuffer>, header: string) =>
    whatsappCallbacks.verify(aCallback(bytes, { 'x-hub-signature-256': header }), channel, none);

  it('is taken as Meta signs it, and refused with any byte changed', async () => {
    const about = fc.record({ body: fc.uint8Array({ minLength: 1 }), ...somewhere });
    await fc.assert(
      fc.asyncProperty(about, async ({ body, at, bit }) => {
        const bytes = Uint8Array.from(body);
        const signature = (await hmac(secret, bytes)).toString('hex');
        expect(await judge(bytes, `sha256=${signature}`)).toBe(true);
        expect(await judge(flipped(bytes, at, bit), `sha256=${signature}`)).toBe(false);
        const digits = flipped(bytesOf(signature), at, bit);
        expect(
          await judge(
            bytes,
            `sha256=${Buffer.from(digits)
              .toString('latin1')
              .replace(/[^\x21-\x7e]/g, '_')}`,
          ),
        ).toBe(false);
      }),
      RUNS,
    );
    expect(await judge(bytesOf('{}'), `sha1=${(await hmac(secret, bytesOf('{}'))).toString('hex')}`)).toBe(
      false,
    );
  });

  it('is answered the challenge that belongs to the token, and no other', async () => {
    const ask = (query: string) =>
      whatsappCallbacks.challenge?.(new URL(`https://r.example/?${query}`), [aChannel('whatsapp'), channel]);
    expect(await ask('hub.mode=subscribe&hub.verify_token=typed-in&hub.challenge=42')).toBe('42');
    expect(await ask('hub.mode=subscribe&hub.verify_token=typed-im&hub.challenge=42')).toBeNull();
    expect(await ask('hub.mode=unsubscribe&hub.verify_token=typed-in&hub.challenge=42')).toBeNull();
    expect(await ask('')).toBeNull();
  });
});

describe('what signs nothing', () => {
  const secret = 'typed-in-at-the-console';
  const token = 'token-in-the-address';
  const url = (given: string) => `https://r.example/v1/callbacks/x?token=${given}`;
  const sha1 = async (text: string) =>
    Buffer.from(await crypto.subtle.digest('SHA-1', encoder.encode(text))).toString('hex');

  it('is SOLAPI’s where header and address are right, both of them', async () => {
    const channel = aChannel('sms', { callbackSecret: secret, token });
    const judge = (header: string, given: string, of = channel) =>
      solapiCallbacks.verify(aCallback('[]', { 'x-solapi-secret': header }, { url: url(given) }), of, none);
    const right = await sha1(secret);
    expect(await judge(right, token)).toBe(true);
    expect(await judge(right, 'other')).toBe(false);
    expect(await judge(await sha1('other'), token)).toBe(false);
    expect(await judge(secret, token)).toBe(false);
    expect(await judge('', '')).toBe(false);
    expect(await judge(right, token, aChannel('sms'))).toBe(false);
  });

  it('is NHN’s where header, address and app key are right', async () => {
    const channel = aChannel('sms', { callbackSecret: secret, token, settings: { appKey: 'app-1' } });
    const judge = (header: string, given: string, appKey = 'app-1') =>
      nhnCallbacks.verify(
        aCallback(JSON.stringify({ appKey }), { 'x-toast-webhook-signature': header }, { url: url(given) }),
        channel,
        none,
      );
    expect(await judge(secret, token)).toBe(true);
    expect(await judge(secret, 'other')).toBe(false);
    expect(await judge('other', token)).toBe(false);
    expect(await judge(secret, token, 'app-2')).toBe(false);
  });
});
