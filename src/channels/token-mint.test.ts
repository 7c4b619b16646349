import { describe, expect, it } from 'vitest';
import { createTokenMint, tokenName } from './token-mint.ts';

function aMint() {
  let now = 1_000;
  let made = 0;
  const mint = createTokenMint(() => now);
  const make = async () => `token-${++made}`;
  return {
    mint,
    get: (name = 'a', ttlMs = 60_000) => mint.mint(name, ttlMs, make),
    pass: (ms: number) => {
      now += ms;
    },
    made: () => made,
  };
}

describe('a token', () => {
  it('is made once for all who ask at the same time', async () => {
    const m = aMint();
    expect(await Promise.all([m.get(), m.get(), m.get()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(m.made()).toBe(1);
  });

  it('lasts as long as it was said to, and not an instant longer', async () => {
    const m = aMint();
    await m.get();
    m.pass(59_999);
    expect(await m.get()).toBe('token-1');
    m.pass(1);
    expect(await m.get()).toBe('token-2');
  });

  it('is one for each name', async () => {
    const m = aMint();
    expect(await m.get('a')).not.toBe(await m.get('b'));
  });

  it('is not kept where making it failed', async () => {
    const m = aMint();
    const failing = async (): Promise<string> => {
      throw new Error('no');
    };
    await expect(m.mint.mint('a', 60_000, failing)).rejects.toThrow('no');
    expect(await m.get('a')).toBe('token-1');
  });

  it('is dropped once the provider refuses it, unless it has been replaced since', async () => {
    const m = aMint();
    await m.get();
    await m.mint.drop('a', 'token-1');
    expect(await m.get()).toBe('token-2');
    await m.mint.drop('a', 'token-1');
    expect(await m.get()).toBe('token-2');
  });

  it('makes room for others: of 200 the oldest goes', async () => {
    const m = aMint();
    for (let i = 0; i < 201; i++) await m.get(`n${i}`);
    expect(await m.get('n1')).toBe('token-2');
    expect(await m.get('n0')).toBe('token-202');
  });
});

it('has a name that tells accounts and secrets apart and shows neither secret', async () => {
  const name = await tokenName('fcm', 'shop', 'secret-1');
  expect(name).toMatch(/^fcm:shop:[0-9a-f]{16}$/);
  expect(await tokenName('fcm', 'shop', 'secret-1')).toBe(name);
  expect(await tokenName('fcm', 'shop', 'secret-2')).not.toBe(name);
});
