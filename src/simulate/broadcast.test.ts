import { describe, expect, it } from 'vitest';
import type { Config } from '../engine/config.ts';
import type { CapsPolicy, QuietHoursPolicy } from '../engine/documents.ts';
import { aConfig, aTrigger, live, send } from '../engine/testing/builders.ts';
import type { Trigger } from '../engine/trigger.ts';
import type { Event, OutboxEntry } from '../engine/vocabulary.ts';
import type { SimulatedProfile } from './simulated-profile.ts';
import { World } from './world.ts';

const PEOPLE = 2_000;
/** 14:00 in Seoul, noon in Bangkok. */
const START = Date.parse('2027-03-02T14:00:00+09:00');
const NOON = START + 60_000;

const CAPS: CapsPolicy = { id: 'caps', rules: [{ count: 1, window: { last: '24h' }, tag: 'news' }] };
const QUIET: QuietHoursPolicy = { id: 'quiet_hours', from: '13:00', to: '16:00', tz: 'user', action: 'hold' };

const GREETING = aTrigger({
  id: 'greeting',
  category: 'transactional',
  tags: ['news'],
  steps: [send({ channels: ['email'] })],
});
const BROADCAST = aTrigger({
  id: 'broadcast',
  category: 'marketing',
  tags: ['news'],
  entry: { on: [{ at: new Date(NOON).toISOString() }] },
  steps: [send({ channels: ['email'] })],
});

const configOf = (broadcast: Trigger, state: 'live' | 'paused' = 'live'): Config =>
  aConfig({
    triggers: [GREETING, live(broadcast, { state, activatedAt: 1 })],
    policies: { caps: CAPS, quietHours: QUIET },
  });

/** Paused once so many messages have left. */
class PausedMidway extends World {
  readonly #after: number;
  readonly #paused: Config;

  constructor(broadcast: Trigger, after: number) {
    super(configOf(broadcast), START);
    this.#after = after;
    this.#paused = configOf(broadcast, 'paused');
  }

  override turned(profile: SimulatedProfile, effects: OutboxEntry[]): void {
    super.turned(profile, effects);
    if (this.journal.sent.length >= this.#after) Object.assign(this, { config: this.#paused });
  }
}

/** Every tenth was greeted today, another tenth lives in Seoul, where it is quiet. */
async function populated(world: World): Promise<World> {
  for (let i = 0; i < PEOPLE; i++) {
    const profile = { kind: 'user' as const, id: `u${i}`, key: `k${i}` };
    const at = { timestamp: START, receivedAt: START, originalAt: START };
    const event = (name: string, traits?: Event['traits']): Event => ({
      ...{ messageId: `${name}-${i}`, name, ...at, origin: 'client' as const, properties: {}, context: {} },
      ...(traits && { traits }),
    });
    const timezone = i % 10 === 1 ? 'Asia/Seoul' : 'Asia/Bangkok';
    const events = [event('$identify', { email: `u${i}@example.com`, timezone })];
    const consent = { channel: 'email', purpose: 'marketing', granted: true };
    events.push({ ...event('$consent'), properties: consent });
    if (i % 10 === 0) events.push(event('Hello'));
    await world.profile(profile.key).answers.ingest({ profile, events });
  }
  await world.runErrands();
  return world;
}

const reached = ({ journal }: World) =>
  journal.sent.filter(({ trigger }) => trigger === 'broadcast').map(({ userId }) => Number(userId?.slice(1)));
const people = (isOne: (i: number) => boolean) => Array.from({ length: PEOPLE }, (_, i) => i).filter(isOne);

describe('a broadcast to 2,000 people', () => {
  it('reaches each once, but whom a cap protects, and those whose hours are quiet when these are over', async () => {
    const world = await populated(new World(configOf(BROADCAST), START));
    await world.advanceTo(NOON);
    expect(reached(world)).toEqual(people((i) => i % 10 > 1));
    await world.advanceTo(START + 2 * 3_600_000 - 1);
    expect(reached(world)).toHaveLength(0.8 * PEOPLE);
    await world.advanceTo(START + 2 * 3_600_000);
    expect(reached(world).slice(0.8 * PEOPLE)).toEqual(people((i) => i % 10 === 1));
    const refused = world.journal.decisions.filter(({ reason }) => reason === 'frequency_capped');
    expect(refused).toHaveLength(PEOPLE / 10);
  });

  it('that is paused midway reaches nobody else: neither who is in the queue, nor whose message was held', async () => {
    const world = await populated(new PausedMidway(BROADCAST, PEOPLE / 10 + 500));
    await world.advanceTo(START + 24 * 3_600_000);
    expect(reached(world)).toEqual(people((i) => i % 10 > 1).slice(0, 500));
    const others = [...world.journal.deliveries.values()].filter(
      ({ trigger, status }) => trigger === 'broadcast' && status !== 'sent',
    );
    expect(new Set(others.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
      new Set(['cancelled paused']),
    );
    expect(others.length).toBeGreaterThanOrEqual(PEOPLE / 10);
  });
});
