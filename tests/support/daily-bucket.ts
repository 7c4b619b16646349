/** The scheduler and its bucket, turn by turn. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { SchedulerObject } from '../../src/scheduler/scheduler-object.ts';
import { rebind } from './profile-world.ts';

export const scheduler = () =>
  env.SCHEDULER.getByName('scheduler') as unknown as DurableObjectStub<SchedulerObject>;

export async function forgetPlace(): Promise<void> {
  await runInDurableObject(scheduler(), ({ sql }) => {
    if (sql.hasTable('daily_export')) sql.all('DROP TABLE daily_export');
  });
}

export async function emptyBucket(): Promise<void> {
  const { objects } = await env.TEST_BUCKET.list();
  if (objects.length > 0) await env.TEST_BUCKET.delete(objects.map(({ key }) => key));
}

/** What the scheduler is bound to; `{}`: to no bucket. */
type Bindings = { EXPORTS?: Pick<R2Bucket, 'put'> };

/** A turn of the scheduler at this instant; when its alarm rings next. Evicted before, it knows only what is on disk. */
export async function turnAt(
  now: number,
  bindings: Bindings = { EXPORTS: env.TEST_BUCKET },
): Promise<number> {
  vi.setSystemTime(now);
  await scheduler().fillProgress('none');
  await evictDurableObject(scheduler());
  return runInDurableObject(scheduler(), async (object, { storage }) => {
    rebind(object, bindings);
    await object.alarm();
    return (await storage.getAlarm()) ?? Number.POSITIVE_INFINITY;
  });
}

/** Turns until nothing is due at once; how many there were. */
export async function wakeAt(now: number): Promise<number> {
  for (let turns = 1; turns <= 60; turns++) if ((await turnAt(now)) > now) return turns;
  throw new Error('the scheduler does not come to rest');
}

/** Every object: its name, and what it holds. */
export async function written(): Promise<Record<string, string>> {
  const { objects } = await env.TEST_BUCKET.list();
  const found = objects.map(async ({ key }) => [key, await (await env.TEST_BUCKET.get(key))?.text()]);
  return Object.fromEntries(await Promise.all(found));
}
