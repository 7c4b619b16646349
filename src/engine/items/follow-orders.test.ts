/** What a profile orders of the shards of topics, and what it keeps. */
import { describe, expect, test } from 'vitest';
import { FOLLOW_LIMIT } from '../fold/follows.ts';
import { aConfig } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { FollowOrder, OutboxEntry } from '../vocabulary.ts';
import { settleFollow } from './follow-orders.ts';

const alive = (id = 'u1') =>
  new VirtualProfile({ config: aConfig(), id, kind: id === 'u1' ? 'user' : 'anonymous' });
const ordersOf = ({ effects }: { effects: OutboxEntry[] }): FollowOrder[] =>
  effects.flatMap((entry) => (entry.kind === 'follow' ? [entry.follow] : []));

function tell(profile: VirtualProfile, name: 'Followed' | 'Unfollowed', value: string, more = {}) {
  profile.advance('1s');
  return profile.track(`Topic ${name}`, { type: 'brand', value }, more);
}

describe('a topic that is followed', () => {
  test('is registered at once, before any trigger asks, and removed when it ends; each is one order', () => {
    const profile = alive();
    expect(ordersOf(tell(profile, 'Followed', 'Moon'))).toEqual([
      { topic: 'brand:moon', on: true, at: profile.now },
    ]);
    expect(ordersOf(tell(profile, 'Followed', ' moon '))).toEqual([]);
    expect(ordersOf(tell(profile, 'Unfollowed', 'moon'))).toEqual([
      { topic: 'brand:moon', on: false, at: profile.now },
    ]);
    expect(ordersOf(tell(profile, 'Unfollowed', 'moon'))).toEqual([]);
  });

  test('is not revived by an older event that arrives later', () => {
    const profile = alive();
    tell(profile, 'Unfollowed', 'moon');
    expect(ordersOf(tell(profile, 'Followed', 'moon', { timestamp: profile.now - 60_000 }))).toEqual([]);
    expect(profile.state.topics.get('brand:moon')?.on).toBe(false);
  });

  test('is nothing where type or value is none', () => {
    const profile = alive();
    for (const properties of [{}, { type: 'brand' }, { type: 'colour', value: 'red' }, { value: 'moon' }]) {
      expect(ordersOf(profile.track('Topic Followed', properties))).toEqual([]);
    }
    expect(profile.state.topics.size).toBe(0);
  });

  test('makes the one that was touched longest ago leave, beyond a hundred; what has ended is bounded too', () => {
    const profile = alive();
    for (let i = 0; i < FOLLOW_LIMIT; i++) tell(profile, 'Followed', `b${i}`);
    expect(ordersOf(tell(profile, 'Followed', 'one more')).map(({ topic, on }) => [topic, on])).toEqual([
      ['brand:one more', true],
      ['brand:b0', false],
    ]);
    for (let i = 0; i < 3 * FOLLOW_LIMIT; i++) tell(profile, 'Followed', `c${i}`);
    const topics = [...profile.state.topics.values()];
    expect([topics.length, topics.filter(({ on }) => on).length]).toEqual([200, FOLLOW_LIMIT]);
  });

  test('is ordered one at a time: a change meanwhile leaves when the older order was answered', () => {
    const profile = alive();
    const [first] = tell(profile, 'Followed', 'moon').effects.filter(({ kind }) => kind === 'follow');
    if (first?.kind !== 'follow') throw new Error('nothing was ordered');
    profile.state.outbox.set(first.id, first);
    expect(ordersOf(tell(profile, 'Unfollowed', 'moon'))).toEqual([]);
    const waits = profile.state.outbox.get(first.id);
    expect(waits).toMatchObject({ follow: { on: false }, retryAt: first.retryAt });
    const input = { state: profile.state, history: profile, config: profile.config, now: profile.now };
    const answered = settleFollow({ ...input, id: first.id, order: first.follow });
    expect(ordersOf(answered)).toEqual([{ topic: 'brand:moon', on: false, at: profile.now }]);
    const last = ordersOf(answered)[0] as FollowOrder;
    expect(settleFollow({ ...input, id: first.id, order: last }).delta).toContainEqual([
      'outbox',
      first.id,
      null,
    ]);
  });
});

describe('a merge', () => {
  test('follows what either follows, the later word counts, and the visitor’s rows go', () => {
    const [known, visitor] = [alive(), alive('a1')];
    tell(known, 'Followed', 'ended');
    tell(known, 'Followed', 'both');
    const since = known.now;
    known.advance('1h');
    visitor.advanceTo(known.now);
    tell(visitor, 'Followed', 'both');
    tell(visitor, 'Followed', 'mine');
    tell(visitor, 'Unfollowed', 'ended');
    known.advanceTo(visitor.now);
    const orders = ordersOf(known.merge(visitor)).map(({ topic, on, profile = 'own' }) => [
      topic,
      on,
      profile,
    ]);
    expect(orders.sort()).toEqual([
      ['brand:both', false, 'key-of-a1'],
      ['brand:ended', false, 'own'],
      ['brand:mine', false, 'key-of-a1'],
      ['brand:mine', true, 'own'],
    ]);
    expect(known.state.topics.get('brand:both')).toMatchObject({ on: true, since });
  });
});
