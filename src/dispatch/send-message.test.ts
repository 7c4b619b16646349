import { beforeEach, describe, expect, it } from 'vitest';
import { aMessage, anAdapter, aWorld, claimed, hint, NOW } from '../../tests/support/dispatch-world.ts';
import type { SendResult } from '../channels/channel.ts';
import type { DeliveryRecord } from '../store/deliveries.ts';

let w: ReturnType<typeof aWorld>;
beforeEach(() => {
  w = aWorld();
});

describe('a provider that keeps a list', () => {
  const lost = { kind: 'unknown', code: 'timeout' } as const;

  it('is asked before it is called again, and not called where it has the message', async () => {
    const lookUp = async (): Promise<SendResult> => ({ kind: 'accepted', providerId: 'M1' });
    const adapter = anAdapter(() => lost, { lookUp });
    w.world.adapter = adapter;
    w.claims.set('p1/msg_1', [claimed(), claimed(aMessage(), 2)]);
    await w.consume([hint()]);
    expect(w.settled[0]?.[2]).toMatchObject({ kind: 'retry' });
    await w.consume([hint()]);
    expect(adapter.calls).toEqual(['msg_1']);
    expect(w.rows.get('msg_1')?.status).toBe('sent');
  });

  it('is called again where it has never had the message, also after a lost lease', async () => {
    const adapter = anAdapter(() => ({ kind: 'accepted' }), { lookUp: async () => null });
    w.world.adapter = adapter;
    w.claims.set('p1/msg_1', [claimed(aMessage(), 2)]);
    await w.consume([hint()]);
    expect(adapter.calls).toEqual(['msg_1']);
    expect(w.rows.get('msg_1')?.status).toBe('sent');
  });

  it('is not called while it cannot tell, and asked again later', async () => {
    const adapter = anAdapter(() => ({ kind: 'accepted' }), { lookUp: async () => lost });
    w.world.adapter = adapter;
    w.claims.set('p1/msg_1', [claimed(aMessage(), 2)]);
    await w.consume([hint()]);
    expect(adapter.calls).toEqual([]);
    expect(w.settled[0]?.[2]).toMatchObject({ kind: 'retry' });
  });
});

describe('a provider that remembers an id for ten minutes', () => {
  const capabilities = { ...anAdapter(() => ({ kind: 'accepted' })).capabilities, idempotentForMs: 600_000 };
  const forgetful = () =>
    anAdapter(() => ({ kind: 'unknown', code: 'timeout' }), { idempotent: true, capabilities });

  it.each([
    ['is called again within them', NOW - 1_000, 1, 'queued'],
    ['is not where the next attempt would come too late', NOW - 1_000, 3, 'unknown'],
    ['is not where they have passed', NOW - 700_000, 1, 'unknown'],
  ])('%s', async (_, createdAt, attempt, status) => {
    w.world.adapter = forgetful();
    w.rows.set('msg_1', { attempts: attempt - 1, status: 'queued' } as DeliveryRecord);
    w.claims.set('p1/msg_1', [claimed(aMessage({ createdAt }), attempt)]);
    await w.consume([hint()]);
    expect(w.rows.get('msg_1')).toMatchObject({ status, attempts: attempt });
  });

  it('is not called after a lost lease that ended later', async () => {
    const adapter = forgetful();
    w.world.adapter = adapter;
    w.claims.set('p1/msg_1', [claimed(aMessage({ createdAt: NOW - 700_000 }), 2)]);
    await w.consume([hint()]);
    expect(adapter.calls).toEqual([]);
    expect(w.rows.get('msg_1')?.status).toBe('unknown');
  });
});

it('sends to the addresses of the claim', async () => {
  const seen: unknown[] = [];
  w.world.adapter = anAdapter(() => ({ kind: 'accepted' }), {
    send: async ({ to }) => {
      seen.push(to);
      return { kind: 'accepted' };
    },
  });
  const to = [{ kind: 'email', value: 'someone@example.com' }] as const;
  w.claims.set('p1/msg_1', [{ kind: 'claimed', attempt: 1, message: aMessage(), to: [...to] }]);
  await w.consume([hint()]);
  expect(seen).toEqual([to]);
});
