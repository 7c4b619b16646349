/** Providers' secrets: what is kept of them, how their key changes, and that nobody is ever shown one. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { putChannelSecret, readChannelSecret, resealSecrets } from '../../src/store/channel-secrets.ts';
import { admin } from '../support/admin-client.ts';

const FIRST = { SECRETS_KEY: 'the-first-key-of-thirty-two-bytes-or-more' };
const NEXT = 'the-next-key-also-of-thirty-two-bytes';
const own = (keys: object = {}) => ({ ...env, ...keys }) as typeof env;
const CHANNELS = ['email', 'sms', 'webhook'];
const secretOf = (channel: string) => `secret-of-${channel}-0123456789`;

/** As an isolate that has just started reads it: nothing remembered. */
async function readFresh(keys: object, channel: string): Promise<string | null> {
  vi.setSystemTime(Date.now() + 60_000);
  return readChannelSecret(own(keys), channel);
}
const write = async (keys: object) => {
  for (const channel of CHANNELS) {
    await (await putChannelSecret(own(keys), channel, secretOf(channel), Date.now())).run();
  }
};
const stored = async () =>
  (
    await env.DB.prepare('SELECT ciphertext FROM channel_secrets ORDER BY channel').all<{
      ciphertext: string;
    }>()
  ).results.map(({ ciphertext }) => ciphertext);
const reseal = (keys: object) => resealSecrets(own(keys), { author: 'key_1', now: Date.now() });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await env.DB.prepare('DELETE FROM channel_secrets').run();
});

describe('a key is changed without a pause', () => {
  const steps: [string, object][] = [
    ['the old key alone', FIRST],
    ['the new key may open', { ...FIRST, OTHER_SECRETS_KEYS: NEXT }],
    ['the new key seals, the old may open', { SECRETS_KEY: NEXT, OTHER_SECRETS_KEYS: FIRST.SECRETS_KEY }],
  ];

  test('at every step all secrets can be read, whoever of two neighbouring steps has written them', async () => {
    for (const [i, [, keys]] of steps.entries()) {
      await write(keys);
      for (const [, others] of steps.slice(Math.max(0, i - 1), i + 2)) {
        for (const channel of CHANNELS) expect(await readFresh(others, channel)).toBe(secretOf(channel));
      }
    }
  });

  test('sealed anew, they need the old key no more', async () => {
    await write(FIRST);
    const before = await stored();
    await expect(readFresh({ SECRETS_KEY: NEXT }, 'sms')).rejects.toThrow('not at hand');
    const both = { SECRETS_KEY: NEXT, OTHER_SECRETS_KEYS: ` ${FIRST.SECRETS_KEY} ,` };
    const done = { resealed: CHANNELS, current: [], unreadable: [] };
    expect(await reseal(both)).toEqual({ kind: 'done', value: done });
    for (const channel of CHANNELS)
      expect(await readFresh({ SECRETS_KEY: NEXT }, channel)).toBe(secretOf(channel));
    const after = await stored();
    expect(after.filter((one) => before.includes(one))).toEqual([]);
    expect(await reseal(both)).toMatchObject({ value: { resealed: [], current: CHANNELS } });
    expect(await stored()).toEqual(after);
  });

  test('from the key that ID_SECRET gives, and what no key opens is named', async () => {
    await write({});
    expect(await readFresh(FIRST, 'email')).toBe(secretOf('email'));
    await write({ SECRETS_KEY: 'a key that was lost' });
    await (await putChannelSecret(own(), 'sms', secretOf('sms'), Date.now())).run();
    expect(await reseal(FIRST)).toMatchObject({
      value: { resealed: ['sms'], current: [], unreadable: ['email', 'webhook'] },
    });
    expect(await readFresh(FIRST, 'sms')).toBe(secretOf('sms'));
  });

  test('one sealed text is not another: not of the same secret, nor for another channel', async () => {
    await write(FIRST);
    const [email] = await stored();
    await write(FIRST);
    const [again] = await stored();
    expect(again).not.toBe(email);
    await env.DB.prepare("UPDATE channel_secrets SET ciphertext = ?1 WHERE channel = 'sms'")
      .bind(again)
      .run();
    await expect(readFresh(FIRST, 'sms')).rejects.toThrow();
  });
});

test('the route names channels and is audited, and no answer holds a secret', async () => {
  const webhook = { provider: 'webhook', settings: { url: 'https://shop.example.com/h' } };
  const secret = `whsec_${btoa('a secret of thirty-two bytes 123')}`;
  await admin('PUT', 'channels/webhook', { ...webhook, secret });
  const answer = await admin('POST', 'secrets/reseal');
  expect(answer).toMatchObject({ status: 200, body: { resealed: [], current: ['webhook'], unreadable: [] } });
  const audit = await admin('GET', 'audit');
  expect(audit.body.items[0]).toMatchObject({ action: 'reseal', kind: 'workspace', document: 'secrets' });
  expect(JSON.stringify([answer, audit])).not.toContain(secret.slice(6));
});
