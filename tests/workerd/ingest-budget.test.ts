/** What the edge itself spends on events, beside the profile's own bill (`profile-budget.test.ts`). Exact. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import type { Env } from '../../src/bindings.ts';
import worker from '../../src/index.ts';
import { admin } from '../support/admin-client.ts';

interface Spent {
  statements: number;
  profileCalls: number;
  queueSends: number;
}

const NOTHING: Spent = { statements: 0, profileCalls: 0, queueSends: 0 };
let key: string;

beforeAll(async () => {
  const created = await admin('POST', 'keys', { kind: 'write', label: 'shop' });
  key = created.body.key;
  // Key, configuration and names are read once and then known for seconds.
  const { statements } = await spentOn('/v1/track', track('warm', 'Opened'));
  expect(statements).toBeGreaterThan(0);
});

/** The bindings, each counting whenever anything of it is called. */
function countedEnv(spent: Spent): Env {
  const counting = <T extends object>(target: T, field: keyof Spent): T =>
    new Proxy(target, {
      get(binding, name) {
        const value: unknown = Reflect.get(binding, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          spent[field] += 1;
          return Reflect.apply(value, binding, args);
        };
      },
    });
  return {
    ...env,
    DB: counting(env.DB, 'statements'),
    // A stub is taken anew for each call.
    PROFILE: counting(env.PROFILE, 'profileCalls'),
    DISPATCH: counting(env.DISPATCH, 'queueSends'),
    FACTS: counting(env.FACTS, 'queueSends'),
    FANOUT: counting(env.FANOUT, 'queueSends'),
  } as Env;
}

async function spentOn(path: string, body: object): Promise<Spent> {
  const spent = { ...NOTHING };
  const context = createExecutionContext();
  const request = new Request(`http://reflex.test${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}` },
    body: JSON.stringify(body),
  });
  const response = await worker.fetch(
    request as Parameters<typeof worker.fetch>[0],
    countedEnv(spent),
    context,
  );
  expect(await response.json()).toEqual({ success: true });
  await waitOnExecutionContext(context);
  return spent;
}

function track(anonymousId: string, event: string) {
  return { type: 'track', anonymousId, event, messageId: crypto.randomUUID() };
}

it('an event is one call to its profile, no statement to D1 and nothing for a queue', async () => {
  expect(await spentOn('/v1/track', track('single', 'Opened'))).toEqual({ ...NOTHING, profileCalls: 1 });
});

it('so is a repeated one: the profile alone knows', async () => {
  const event = track('repeats', 'Opened');
  await spentOn('/v1/track', event);
  expect(await spentOn('/v1/track', event)).toEqual({ ...NOTHING, profileCalls: 1 });
});

it('a batch is one call for each profile that is in it, however many events they have', async () => {
  const batch = Array.from({ length: 60 }, (_, i) => track(`one-of-three-${i % 3}`, 'Opened'));
  expect(await spentOn('/v1/batch', { batch })).toEqual({ ...NOTHING, profileCalls: 3 });
});
