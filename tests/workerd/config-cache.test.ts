import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import { dropConfig, loadConfig } from '../../src/store/config-cache.ts';
import { admin } from '../support/admin-client.ts';

const START = Date.UTC(2026, 10, 24);

/** Another isolate's change: written to D1 while this one's memory isn't told. */
async function stopElsewhere(stopped: boolean) {
  await env.DB.prepare('UPDATE config_head SET stopped = ?1, version = version + 1')
    .bind(stopped ? 1 : 0)
    .run();
}

/** D1 as a binding whose reads are counted, and fail while `broken`. */
function watchedDatabase() {
  const watched = { reads: 0, broken: false };
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== 'withSession') return Reflect.get(target, name);
      return (constraint: string) => {
        watched.reads += 1;
        if (watched.broken) throw new Error('D1_ERROR: overloaded');
        return target.withSession(constraint);
      };
    },
  });
  return { watched, env: { ...env, DB } as Env };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  dropConfig();
});

afterEach(async () => {
  vi.useRealTimers();
  await stopElsewhere(false);
});

describe('the configuration', () => {
  test('is read once in 5 s, and a change made elsewhere is in force within 10 s', async () => {
    const { watched, env: counted } = watchedDatabase();
    expect((await loadConfig(counted)).stopped).toBe(false);
    await stopElsewhere(true);
    vi.setSystemTime(START + 4_999);
    expect((await loadConfig(counted)).stopped).toBe(false);
    expect(watched.reads).toBe(1);
    vi.setSystemTime(START + 5_000);
    expect((await loadConfig(counted)).stopped).toBe(true);
    expect(watched.reads).toBe(2);
  });

  test('is the same object as long as nothing changed', async () => {
    const before = await loadConfig(env);
    vi.setSystemTime(START + 60_000);
    expect(await loadConfig(env)).toBe(before);
  });

  test('is read at once by the isolate that wrote', async () => {
    await loadConfig(env);
    await admin('PUT', 'lookups/fresh', { rows: [{ key: 'a' }] });
    expect((await loadConfig(env)).lookups.has('fresh')).toBe(true);
  });

  test('is read by one of many callers at once while the others go on with what is there', async () => {
    const { watched, env: counted } = watchedDatabase();
    await loadConfig(counted);
    vi.setSystemTime(START + 6_000);
    await Promise.all(Array.from({ length: 20 }, () => loadConfig(counted)));
    expect(watched.reads).toBe(2);
  });

  test('that nobody can read stays in force, and is tried again every second', async () => {
    const { watched, env: failing } = watchedDatabase();
    const before = await loadConfig(failing);
    watched.broken = true;
    vi.setSystemTime(START + 60_000);
    expect(await loadConfig(failing)).toBe(before);
    expect(await loadConfig(failing)).toBe(before);
    expect(watched.reads).toBe(2);
    watched.broken = false;
    await stopElsewhere(true);
    vi.setSystemTime(START + 61_000);
    expect((await loadConfig(failing)).stopped).toBe(true);
  });

  test('brings over only what changed, page after page', async () => {
    for (let i = 0; i < 120; i++) await admin('PUT', `lookups/many-${i}`, { rows: [{ key: String(i) }] });
    dropConfig();
    const { lookups } = await loadConfig(env);
    expect([...lookups.keys()].filter((id) => id.startsWith('many-'))).toHaveLength(120);
  });
});
