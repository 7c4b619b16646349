/** What D1 and the registry learn of a profile. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeFacts } from '../../src/dispatch/facts-consumer.ts';
import type { FactsMessage } from '../../src/protocol/queue-messages.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { registryStub } from '../../src/protocol/stubs.ts';
import { readDelivery } from '../../src/store/deliveries.ts';
import { deliveriesOf, track } from '../support/profile-edge.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  due,
  inProfile,
  outboxOf,
  publish,
  rebind,
  ring,
  send,
  startClock,
  stateOnDisk,
  user,
  visitor,
} from '../support/profile-world.ts';

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  await publish({ id: 'shown', entry: { on: [{ event: 'Shown' }] } });
  await publish({
    id: 'often',
    entry: { on: [{ event: 'Often' }], key: ['event.properties.n'] },
    steps: cards(),
  });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

function cards() {
  return [{ id: 'show', send: { channels: ['in_app'], template: 'often' } }];
}

function batchOf(bodies: FactsMessage[]) {
  const acked: string[] = [];
  const messages = bodies.map((body, i) => ({
    id: `q${i}`,
    timestamp: new Date(),
    attempts: 1,
    body,
    ack: () => acked.push(`q${i}`),
    retry() {},
  }));
  return { acked, batch: { queue: 'reflex-facts', messages } as unknown as MessageBatch<FactsMessage> };
}

async function isRegistered({ key }: ProfileRef): Promise<boolean> {
  const { keys } = await registryStub(env, key).page(null, 1_000);
  return keys.includes(key);
}

describe('the registry', () => {
  it('learns of every new profile, known or anonymous, once', async () => {
    const refs = await Promise.all([user('new 1'), user('new 2'), visitor('new 1')]);
    await track({ userId: 'new 1' }, 'Opened');
    await track({ userId: 'new 2' }, 'Opened');
    await track({ anonymousId: 'new 1' }, 'Opened');
    for (const ref of refs) {
      await vi.waitFor(async () => expect(await outboxOf(ref)).toEqual([]));
      expect(await isRegistered(ref)).toBe(true);
    }
  });

  it('learns of one whose message the queue has lost, by the alarm', async () => {
    const ref = await user('lost');
    const { facts } = await meter(ref);
    await send(ref, [anEvent('Opened')]);
    facts.calls.length = 0;
    at(30);
    await ring(ref);
    expect(facts.calls.flat()).toMatchObject([{ facts: [{ kind: 'profile_created', seq: 1 }] }]);
    expect(await isRegistered(ref)).toBe(false);
    await consumeFacts(batchOf(facts.calls.flat()).batch, env);
    expect(await isRegistered(ref)).toBe(true);
    expect(await outboxOf(ref)).toEqual([]);
  });
});

describe('facts', () => {
  it('reach D1 once, however often and late the queue brings them', async () => {
    const ref = await user('facts');
    const { facts } = await meter(ref);
    await send(ref, [anEvent('Shown')]);
    const [message] = await due(ref);
    const queued = facts.calls.splice(0).flat();
    at(4);
    await send(ref, [anEvent('Message Clicked', { message_id: message?.id ?? '' })]);
    const clicked = facts.calls.splice(0).flat();
    for (const bodies of [clicked, queued, [...queued, ...clicked, ...queued], clicked]) {
      const { acked, batch } = batchOf(bodies);
      await consumeFacts(batch, env);
      expect(acked).toHaveLength(bodies.length);
    }
    expect(await outboxOf(ref)).toEqual([]);
    expect(await deliveriesOf('shown')).toMatchObject([
      { id: message?.id, status: 'clicked', createdAt: at(0), sentAt: at(4) },
    ]);
    expect(await readDelivery(env.DB, message?.id ?? '')).toMatchObject({ status: 'clicked' });
  });

  it('that have gathered while the queue was away, by the thousand, fit into what it takes', async () => {
    const ref = await user('many facts');
    const { facts } = await meter(ref);
    for (let batch = 0; batch < 8; batch++) {
      await send(
        ref,
        Array.from({ length: 200 }, (_, n) => anEvent('Often', { n: `${batch}-${n}` })),
      );
      const ids = [...((await stateOnDisk(ref))?.inbox.keys() ?? [])];
      await send(
        ref,
        ids.map((id) => anEvent('Message Dismissed', { message_id: id })),
      );
    }
    expect(JSON.stringify(facts.calls).length).toBeGreaterThan(600_000);
    await inProfile(ref, (profile) => rebind(profile, {}));
    at(30);
    await ring(ref);
    await vi.waitFor(async () => expect(await outboxOf(ref)).toEqual([]), { timeout: 10_000 });
    const { results } = await env.DB.prepare('SELECT COUNT(*) AS n FROM deliveries WHERE profile_key = ?')
      .bind(ref.key)
      .all();
    expect(results).toEqual([{ n: 1_600 }]);
  });
});
