import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signedPart, type UnsubscribeLink } from '../engine/send/links/unsubscribe-link.ts';
import { CHANNELS } from '../engine/trigger.ts';
import { profileKey } from './profile-key.ts';
import { readUnsubscribeToken, signUnsubscribe } from './unsubscribe-token.ts';

const ours = { ID_SECRET: 'one-secret' };
const link = async (change: Partial<UnsubscribeLink> = {}): Promise<UnsubscribeLink> => ({
  channel: 'email',
  language: 'ko',
  profileKey: await profileKey(ours, 'user', 'u1'),
  messageId: 'msg_0gpb5lkv8x81ayklpl9t18_0xctko0do5u_0',
  ...change,
});

async function tokenOf(change: Partial<UnsubscribeLink> = {}, env = ours): Promise<string> {
  const text = signedPart(await link(change));
  return `${text}.${await signUnsubscribe(env, text)}`;
}

describe('a token to unsubscribe', () => {
  test.each(CHANNELS)('says who, which message and which channel: %s', async (channel) => {
    expect(await readUnsubscribeToken(ours, await tokenOf({ channel }))).toEqual(await link({ channel }));
  });

  test('doesn’t say the user’s id, is the same each time, and needs no encoding in an address', async () => {
    const token = await tokenOf();
    expect(token).toBe(await tokenOf());
    expect(encodeURIComponent(token)).toBe(token);
    expect(token).not.toContain('u1');
    expect(token.length).toBeLessThan(160);
  });

  test('another deployment’s is none, nor is one signed for something else under the same secret', async () => {
    expect(await readUnsubscribeToken(ours, await tokenOf({}, { ID_SECRET: 'another' }))).toBeNull();
    const text = signedPart(await link());
    const { signText, signingKey } = await import('./derived-key.ts');
    const session = await signText(await signingKey(ours.ID_SECRET, 'reflex admin session v1'), text);
    expect(await readUnsubscribeToken(ours, `${text}.${session}`)).toBeNull();
  });

  test('changed in any character, cut off anywhere or longer it is none', async () => {
    const token = await tokenOf();
    for (let at = 0; at < token.length; at++) {
      expect(await readUnsubscribeToken(ours, token.slice(0, at)), `${at} characters`).toBeNull();
      const other = token[at] === 'x' ? 'y' : 'x';
      const forged = token.slice(0, at) + other + token.slice(at + 1);
      expect(await readUnsubscribeToken(ours, forged), forged).toBeNull();
    }
    expect(await readUnsubscribeToken(ours, `${token}x`)).toBeNull();
    expect(await readUnsubscribeToken(ours, `2${token.slice(1)}`)).toBeNull();
  });

  test('one spelling alone is right: the bits that base64url leaves over are no room for others', async () => {
    const token = await tokenOf();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const read = await Promise.all(
      [...letters].map((last) => readUnsubscribeToken(ours, token.slice(0, -1) + last)),
    );
    expect(read.filter((one) => one !== null)).toHaveLength(1);
  });

  test('whatever else comes is none, and never an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 300, unit: 'binary' }), async (text) => {
        expect(await readUnsubscribeToken(ours, text)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
