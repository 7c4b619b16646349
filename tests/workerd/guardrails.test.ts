/** A trigger that drives people away, from the fact to the pause: the real consumer, the real configuration. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeFacts } from '../../src/dispatch/facts-consumer.ts';
import type { Fact } from '../../src/engine/vocabulary.ts';
import type { FactsMessage } from '../../src/protocol/queue-messages.ts';
import { dropConfig } from '../../src/store/config-cache.ts';
import { admin } from '../support/admin-client.ts';
import { anEvent, due, publish, START, send, startClock, user } from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

let lives = 0;

/** Somebody saw so many messages of the trigger, and left after so many of them; told as facts. */
async function lived(trigger: string, messages: number, left: number, sentAt = Date.now()): Promise<void> {
  lives += 1;
  const facts = Array.from({ length: messages }, (_, i): Fact[] => {
    const at = sentAt + i;
    const about = { id: `msg_${lives}_${i}`, trigger, version: 1, variant: null, channel: 'in_app' as const };
    const message = { ...about, reason: 'shown' as const, createdAt: at };
    const reaction = {
      kind: 'opted_out',
      trigger,
      variant: null,
      channel: 'in_app',
      heldOut: false,
    } as const;
    return [
      { seq: 2 * i, kind: 'message_shown', at, message },
      ...(i < left
        ? [{ seq: 2 * i + 1, kind: 'reacted', at, reaction: { ...reaction, sentAt: at } } as const]
        : []),
    ];
  });
  await deliver([{ v: 1, kind: 'facts', profile: `p${lives}`, facts: facts.flat() }]);
}

async function deliver(bodies: FactsMessage[]): Promise<string[]> {
  const answers: string[] = [];
  const messages = bodies.map((body) => ({
    body,
    ack: () => void answers.push('ack'),
    retry: () => void answers.push('retry'),
  }));
  await consumeFacts({ messages } as unknown as MessageBatch<FactsMessage>, env);
  return answers;
}

const statusOf = async (trigger: string) => (await admin('GET', `triggers/${trigger}`)).body.status;
const audited = async () =>
  (await admin('GET', 'audit?limit=50&lang=en')).body.items.filter(
    ({ author }: { author: string }) => author === 'guardrail',
  );

describe('a guardrail', () => {
  it('pauses a trigger whose messages drive people away, says why, and everywhere', async () => {
    await publish({ id: 'annoys', entry: { on: [{ event: 'Hello' }] }, category: 'marketing' });
    await lived('annoys', 120, 20);
    expect(await statusOf('annoys')).toBe('paused');
    const [entry] = await audited();
    expect(entry).toMatchObject({
      action: 'pause',
      kind: 'trigger',
      document: 'annoys',
      author: 'guardrail',
    });
    expect(entry.why).toContain('20 of 120 messages');
    const { items } = (await admin('GET', 'triggers?lang=en')).body;
    expect(items.find(({ id }: { id: string }) => id === 'annoys').guardrail.why).toContain('paused itself');
    const korean = (await admin('GET', 'triggers/annoys/report?lang=ko')).body.guardrail;
    expect(korean).toMatchObject({ messages: 120, reactions: 20, threshold: 20 });
    expect(korean.why).toContain('일시중지');
    dropConfig();
    const ref = await user('greeted');
    await send(ref, [anEvent('Hello')]);
    expect(await due(ref)).toEqual([]);
  });

  it('does it once, however often the facts come', async () => {
    await publish({ id: 'twice', entry: { on: [{ event: 'Hello' }] }, category: 'marketing' });
    const before = (await audited()).length;
    const first = lives;
    await lived('twice', 120, 20);
    lives = first;
    await lived('twice', 120, 20);
    expect((await audited()).length - before).toBe(1);
  });

  it('counts anew from where somebody activates it again', async () => {
    await publish({ id: 'again', entry: { on: [{ event: 'Hello' }] }, category: 'marketing' });
    await lived('again', 120, 20);
    expect(await statusOf('again')).toBe('paused');
    vi.setSystemTime(START + 3_600_000);
    expect((await admin('POST', 'triggers/again/activate')).status).toBe(200);
    // Late reactions to messages of before, and a new one or two: nothing to pause it for.
    await lived('again', 5, 5, START);
    await lived('again', 100, 2);
    expect(await statusOf('again')).toBe('live');
    const { items } = (await admin('GET', 'triggers')).body;
    expect(items.find(({ id }: { id: string }) => id === 'again').guardrail).toBeUndefined();
    await lived('again', 20, 20);
    expect(await statusOf('again')).toBe('paused');
  });

  it('leaves alone what is within its limit, and transactional messages that nobody has set one for', async () => {
    for (const [id, category] of [
      ['pleases', 'marketing'],
      ['informs', 'transactional'],
    ] as const) {
      await publish({ id, entry: { on: [{ event: 'Hello' }] }, category });
    }
    await lived('pleases', 200, 4);
    await lived('informs', 200, 100);
    expect([await statusOf('pleases'), await statusOf('informs')]).toEqual(['live', 'live']);
  });

  it('has the limit that its policy says', async () => {
    await publish({ id: 'strict', entry: { on: [{ event: 'Hello' }] }, category: 'marketing' });
    await publish({ id: 'free', entry: { on: [{ event: 'Hello' }] }, category: 'marketing' });
    const triggers = { strict: 1, free: null };
    expect((await admin('PUT', 'policies/guardrails', { perThousand: 20, triggers })).status).toBeLessThan(
      300,
    );
    dropConfig();
    await lived('strict', 150, 4);
    await lived('free', 150, 100);
    expect([await statusOf('strict'), await statusOf('free')]).toEqual(['paused', 'live']);
    const refused = await admin('PUT', 'policies/guardrails', { perThousand: 0 });
    expect([refused.status, refused.body.error.issues[0].path]).toEqual([422, 'perThousand']);
  });
});
