/** A limiter as an object: what it writes, and what it still knows after sleep. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { routeFor } from '../../src/channels/registry.ts';
import { accountOf } from '../../src/dispatch/endpoints.ts';
import { createTokens } from '../../src/dispatch/tokens.ts';
import type { Report } from '../../src/engine/limits/breaker.ts';
import type { LimiterObject } from '../../src/limiter/limiter-object.ts';
import { limiterStub } from '../../src/protocol/stubs.ts';
import { admin } from '../support/admin-client.ts';
import { at, START, startClock } from '../support/profile-world.ts';

beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

const objectOf = (name: string) => env.LIMITER.getByName(name) as unknown as DurableObjectStub<LimiterObject>;
const rowsOf = (name: string) => runInDurableObject(objectOf(name), ({ sql }) => sql.rowsWritten);
const ask = (name: string, news: Report | null = null, perMinute: number | null = null) =>
  limiterStub(env, name).lease({ wanted: 1, perMinute, report: news });
const failed: Report = { ok: 0, failed: 5, code: 'http_503' };

describe('a budget', () => {
  const spend = (name: string, wanted: number) =>
    limiterStub(env, name).spend({
      day: '2026-12-01',
      perDay: 100,
      total: null,
      wanted,
      unit: 18,
      returned: null,
    });

  it('is written down before money is given, one row a lease, and outlives sleep', async () => {
    expect(await spend('budget:a', 54)).toEqual({ granted: 54, limit: null });
    const before = await rowsOf('budget:a');
    await spend('budget:a', 18);
    expect((await rowsOf('budget:a')) - before).toBe(1);
    await evictDurableObject(objectOf('budget:a'));
    expect(await spend('budget:a', 54)).toEqual({ granted: 28, limit: null });
    expect(await spend('budget:a', 18)).toEqual({ granted: 0, limit: 'perDay' });
  });
});

describe('a limiter', () => {
  it('writes nothing while its endpoint is well', async () => {
    for (let i = 0; i < 20; i++) await ask('well', { ok: 100, failed: 1, code: 'http_503' }, 600);
    expect(await rowsOf('well')).toBe(0);
    const tables = await runInDurableObject(objectOf('well'), ({ sql }) => sql.hasTable('breaker'));
    expect(tables).toBe(false);
  });

  it('closes an endpoint that fails, and says when it may be tried again', async () => {
    expect(await ask('fails', failed)).toEqual({
      kind: 'closed',
      untilAt: START + 10_000,
      stepMs: 50,
      code: 'http_503',
      opened: true,
    });
    expect(await ask('fails')).toMatchObject({ kind: 'closed', untilAt: START + 10_000 });
  });

  it('remembers that through its sleep, and the probe that it has given away', async () => {
    await ask('sleeps', failed);
    await evictDurableObject(objectOf('sleeps'));
    expect(await ask('sleeps')).toMatchObject({ kind: 'closed', untilAt: START + 10_000 });
    at(10);
    expect(await ask('sleeps')).toMatchObject({ kind: 'granted', permits: 1, isProbe: true });
    await evictDurableObject(objectOf('sleeps'));
    expect(await ask('sleeps')).toMatchObject({ kind: 'closed' });
    expect(await ask('sleeps', { ok: 1, failed: 0, isProbe: true })).toMatchObject({
      kind: 'granted',
      permits: null,
    });
    await evictDurableObject(objectOf('sleeps'));
    expect(await ask('sleeps')).toMatchObject({ kind: 'granted', permits: null });
  });

  it('gives a report no probe', async () => {
    await ask('reported', failed);
    at(10);
    const told = await limiterStub(env, 'reported').lease({
      wanted: 0,
      perMinute: null,
      report: { ok: 1, failed: 0 },
    });
    expect(told.kind).toBe('closed');
    expect(await ask('reported')).toMatchObject({ kind: 'granted', isProbe: true });
  });

  it('shares a rate among all who ask', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('rate', null, 48)));
    expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(4);
    const waits = answers.flatMap((answer) => (answer.kind === 'closed' ? [answer.untilAt - START] : []));
    expect(waits).toEqual([1_489, 2_978, 4_467, 5_956, 7_445, 8_934]);
  });
});

describe('a provider’s token', () => {
  const port = () =>
    createTokens(new Map(), {
      limiter: (name) => limiterStub(env, name),
      now: () => Date.now(),
      sleep: () => new Promise((resolve) => setTimeout(resolve, 5)),
    });

  it('is minted once for many isolates, and again when the provider refused it', async () => {
    let minted = 0;
    const mint = async () => {
      minted += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { value: `t${minted}`, expiresAt: Date.now() + 3_600_000 };
    };
    const isolates = Array.from({ length: 8 }, port);
    const tokens = await Promise.all(isolates.map((isolate) => isolate.get('fcm:p1:k1', mint)));
    expect(tokens).toEqual(Array(8).fill('t1'));
    await Promise.all(isolates.map((isolate) => isolate.forget('fcm:p1:k1', 't1')));
    const again = await Promise.all(isolates.map((isolate) => isolate.get('fcm:p1:k1', mint)));
    expect(again).toEqual(Array(8).fill('t2'));
    await isolates[0]?.forget('fcm:p1:k1', 't1');
    expect(await isolates[1]?.get('fcm:p1:k1', mint)).toBe('t2');
    expect(minted).toBe(2);
  });

  it('that cannot be minted is the minter’s fault to tell, and another’s to try later', async () => {
    const fails = () => Promise.reject(new Error('no key'));
    await expect(port().get('apns:k1', fails)).rejects.toThrow('no key');
    at(20);
    const mint = async () => ({ value: 't1', expiresAt: Date.now() + 3_600_000 });
    expect(await port().get('apns:k1', mint)).toBe('t1');
  });

  it('is written nowhere', async () => {
    await port().get('secret:k1', async () => ({ value: 't1', expiresAt: Date.now() + 3_600_000 }));
    expect(await rowsOf('token:secret:k1')).toBe(0);
  });
});

describe('a channel’s health', () => {
  it('stands with its settings, and begins anew with new ones', async () => {
    const secret = `whsec_${btoa('a secret of thirty-two bytes 123')}`;
    const put = (path: string) =>
      admin('PUT', 'channels/webhook', {
        provider: 'webhook',
        settings: { url: `https://shop.example.com/${path}` },
        secret,
        perMinute: 600,
      });
    await put('a');
    const { body } = await admin('GET', 'channels/webhook');
    expect(body).toMatchObject({ perMinute: 600, health: { state: 'closed', cause: null, probeAt: null } });
    const route = routeFor('webhook', body, true);
    const account = route && accountOf('webhook', route);
    await ask(account?.name ?? '', { ok: 0, failed: 0, refused: 'http_410' });
    expect((await admin('GET', 'channels/webhook')).body.health).toEqual({
      state: 'open',
      cause: 'refused',
      code: 'http_410',
      since: new Date(START).toISOString(),
      probeAt: new Date(START + 60_000).toISOString(),
    });
    expect(
      (await admin('PUT', 'channels/webhook', (await admin('GET', 'channels/webhook')).body)).status,
    ).toBe(200);
    await put('b');
    expect((await admin('GET', 'channels/webhook')).body.health).toMatchObject({ state: 'closed' });
    expect((await admin('PUT', 'channels/webhook', { ...body, perMinute: 0 })).status).toBe(422);
  });
});
