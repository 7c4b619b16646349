/** What is under way when two profiles become one. */
import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, products, send } from '../testing/builders.ts';
import { reasonOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Step, Trigger } from '../trigger.ts';

const slow: Step[] = [{ id: 'wait', wait: '1h' }, send({ channels: ['push'] })];
const pushing: Step[] = [send({ channels: ['push'] })];

function pair(...triggers: Trigger[]) {
  const config = aConfig({ triggers });
  const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
  const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
  const later = () => {
    for (const profile of [anonymous, known]) profile.advance('1m');
  };
  return { anonymous, known, later };
}

describe('nothing is sent twice', () => {
  test('re-eligibility counts what either got', () => {
    for (const first of ['known', 'anonymous'] as const) {
      const both = pair(aTrigger({ reeligibility: { mode: 'never' } }));
      both[first].track('Hello');
      both.known.merge(both.anonymous);
      expect(reasonOf(both.known.track('Hello'))).toBe('not_eligible');
    }
    const { anonymous, known } = pair(aTrigger({ reeligibility: { mode: 'always', max: 3 } }));
    anonymous.track('Hello');
    known.track('Hello');
    known.merge(anonymous);
    expect([reasonOf(known.track('Hello')), reasonOf(known.track('Hello'))]).toEqual([
      'sent',
      'not_eligible',
    ]);
  });

  test('a cooldown runs from the later of the two', () => {
    const { anonymous, known, later } = pair(aTrigger({ reeligibility: { mode: 'cooldown', after: '1h' } }));
    known.track('Hello');
    later();
    anonymous.track('Hello');
    known.merge(anonymous);
    known.advance('59m');
    expect(reasonOf(known.track('Hello'))).toBe('not_eligible');
    known.advance('1m');
    expect(reasonOf(known.track('Hello'))).toBe('sent');
  });

  test('a frequency cap counts what either got', () => {
    const rules = [{ count: 2, window: { last: '1d' as const } }];
    const { anonymous, known } = pair(aTrigger());
    known.config = aConfig({ triggers: [aTrigger()], policies: { caps: { id: 'caps', rules } } });
    anonymous.track('Hello');
    known.track('Hello');
    known.merge(anonymous);
    expect(reasonOf(known.track('Hello'))).toBe('frequency_capped');
  });

  test('of two runs with the same key the older stays', () => {
    for (const older of ['known', 'anonymous'] as const) {
      const both = pair(aTrigger({ steps: slow, category: 'transactional' }));
      const younger = older === 'known' ? 'anonymous' : 'known';
      both[older].track('Hello');
      const startedAt = both[older].now;
      both.later();
      both[younger].track('Hello');
      both.known.merge(both.anonymous);
      expect([...both.known.state.runs.values()].map((run) => run.startedAt)).toEqual([startedAt]);
      both.known.advance('2h');
      expect(both.known.sends()).toBe(1);
    }
  });

  test('of two messages of the same key that wait to leave, the older leaves', () => {
    const { anonymous, known, later } = pair(aTrigger({ steps: pushing, category: 'transactional' }));
    anonymous.track('Hello');
    const [first] = anonymous.outbox();
    later();
    known.track('Hello');
    known.merge(anonymous);
    expect(known.outbox().map(({ messageId }) => messageId)).toEqual([first?.messageId]);
    expect(known.facts.at(-1)).toMatchObject({
      kind: 'message_cancelled',
      message: { reason: 'already_running' },
    });
    expect(known.dispatch().map(({ messageId }) => messageId)).toEqual([first?.messageId]);
  });

  test('runs of different keys go on side by side', () => {
    const keyed = aTrigger({
      steps: slow,
      category: 'transactional',
      entry: { key: ['event.properties.k'] },
    });
    const { anonymous, known } = pair(keyed);
    anonymous.track('Hello', { k: 'a' });
    known.track('Hello', { k: 'b' });
    known.merge(anonymous);
    expect([...known.state.runs.keys()].sort()).toEqual(['1', 'm1.1']);
    known.advance('2h');
    expect(known.sends()).toBe(2);
  });

  test('a visitor’s own runs don’t push each other out', () => {
    const steps: Step[] = [send(), { id: 'wait', wait: '1h' }, send({ id: 'later' })];
    const { anonymous, known } = pair(aTrigger({ steps }));
    anonymous.track('Hello');
    anonymous.advance('61m');
    anonymous.track('Hello');
    const before = anonymous.inbox().map(({ id }) => id);
    known.now = anonymous.now;
    known.merge(anonymous);
    expect(known.inbox().map(({ id }) => id)).toEqual(before);
    expect(known.state.runs.size).toBe(anonymous.state.runs.size);
  });

  test('the lowest price that either was told of is the lowest', () => {
    const trigger = aTrigger({
      steps: pushing,
      category: 'transactional',
      entry: { on: [{ item: 'price_drop', relation: ['liked'] }], key: ['item.id'] },
    });
    const { anonymous, known, later } = pair(trigger);
    for (const [profile, low] of [
      [anonymous, 70],
      [known, 80],
    ] as const) {
      profile.itemChanged({ id: 'ring', price: 100, currency: 'KRW' });
      profile.track('Product Added to Wishlist', products('ring'));
      profile.advance('1m');
      expect(reasonOf(profile.itemChanged({ id: 'ring', price: low, currency: 'KRW' }))).toBe('sent');
    }
    later();
    known.merge(anonymous);
    known.itemChanged({ id: 'ring', price: 100, currency: 'KRW' });
    expect(reasonOf(known.itemChanged({ id: 'ring', price: 75, currency: 'KRW' }))).toBe('not_matched');
    expect(reasonOf(known.itemChanged({ id: 'ring', price: 69, currency: 'KRW' }))).toBe('sent');
  });
});

describe('what goes on', () => {
  test('messages keep their ids, in the inbox and on their way out', () => {
    const { anonymous, known } = pair(aTrigger(), aTrigger({ id: 'push', steps: pushing }));
    anonymous.consent('push');
    anonymous.track('Hello');
    const [shown] = anonymous.inbox();
    const [push] = anonymous.outbox();
    known.merge(anonymous);
    expect(known.next().map(({ id }) => id)).toEqual([shown?.id]);
    expect(known.offers.map(({ id }) => id)).toEqual([push?.messageId]);
    expect(known.claim(push?.messageId ?? '').kind).toBe('claimed');
    known.ack('Clicked', shown?.id ?? '');
    expect(known.state.log.get('hello\n')).toMatchObject({ shown: { n: 1 }, clicked: { n: 1 } });
  });

  test('an exit after the merge ends the visitor’s run, and takes its messages back', () => {
    const { anonymous, known } = pair(aTrigger({ exit: [{ on: { event: 'Signed Up' } }] }));
    anonymous.track('Hello');
    known.merge(anonymous);
    expect(reasonOf(known.track('Signed Up'))).toBe('exited');
    expect(known.next()).toEqual([]);
  });

  test('a wait ends at its time', () => {
    const { anonymous, known } = pair(aTrigger({ steps: slow, category: 'transactional' }));
    const startedAt = anonymous.now;
    anonymous.track('Hello');
    known.advance('30m');
    known.merge(anonymous);
    known.advance('31m');
    expect(known.state.log.get('hello\n')?.sent?.recent.map(([at]) => at - startedAt)).toEqual([3_600_000]);
  });

  test('a late acknowledgement of what the visitor got counts once', () => {
    const { anonymous, known } = pair(aTrigger());
    anonymous.track('Hello');
    const [message] = anonymous.inbox();
    anonymous.ack('Dismissed', message?.id ?? '');
    known.merge(anonymous);
    known.ack('Clicked', message?.id ?? '');
    known.ack('Viewed', message?.id ?? '');
    expect(known.state.log.get('hello\n')).toMatchObject({
      shown: { n: 1 },
      dismissed: { n: 1 },
      clicked: { n: 1 },
    });
  });

  test('items are watched by the known profile, and the visitor’s rows go', () => {
    const { anonymous, known } = pair();
    anonymous.track('Product Added to Wishlist', products({ product_id: 'a', price: 10 }));
    known.answersWatches = false;
    const { effects } = known.merge(anonymous);
    const orders = effects.flatMap((entry) => (entry.kind === 'watch' ? [entry.watch] : []));
    expect(orders).toEqual([
      expect.objectContaining({ itemId: 'a', relations: ['liked'] }),
      expect.objectContaining({ itemId: 'a', profile: 'key-of-a1', relations: [] }),
    ]);
  });

  test('what the visitor’s own order may have registered goes, too, also where it comes later', () => {
    const { anonymous, known } = pair();
    anonymous.answersWatches = false;
    anonymous.track('Product Added to Wishlist', products({ product_id: 'a', price: 10 }));
    const theirs = anonymous.state.outbox.get('watch:a');
    known.answersWatches = false;
    const { effects } = known.merge(anonymous);
    const leaving = effects.filter((entry) => entry.kind === 'watch' && entry.watch.profile === 'key-of-a1');
    expect(leaving).toMatchObject([
      { offered: 0, watch: { itemId: 'a', relations: [], eventPrice: { amount: 10 } } },
    ]);
    const orderedAt = (entry: unknown) => (entry as { watch: { orderedAt: number } }).watch.orderedAt;
    expect(orderedAt(leaving[0])).toBeGreaterThan(orderedAt(theirs));
  });

  test('facts that D1 hasn’t taken yet are told under the known profile’s numbers', () => {
    const { anonymous, known } = pair(aTrigger());
    known.track('Other');
    anonymous.track('Hello');
    const message = anonymous.facts.find(({ kind }) => kind === 'message_queued');
    if (!message) throw new Error('nothing was queued');
    anonymous.state.outbox.set('fact:2', { kind: 'fact', id: 'fact:2', fact: message, retryAt: 0 });
    const before = known.facts.length;
    known.merge(anonymous);
    const told = known.facts.slice(before);
    const first = { profile: 'key-of-a1', seq: message.seq };
    expect(told).toMatchObject([{ kind: 'message_queued', at: message.at, message: message.message, first }]);
    expect(new Set(known.facts.map(({ seq }) => seq)).size).toBe(known.facts.length);
  });

  test('two visitors may become one user', () => {
    const keyed = aTrigger({
      steps: slow,
      category: 'transactional',
      entry: { key: ['event.properties.k'] },
    });
    const { anonymous, known } = pair(keyed);
    const second = new VirtualProfile({ config: known.config, id: 'a2', kind: 'anonymous', at: known.now });
    anonymous.track('Hello', { k: 'a' });
    second.track('Hello', { k: 'b' });
    known.merge(anonymous);
    known.merge(second);
    known.advance('1h');
    expect(new Set(known.outbox().map(({ messageId }) => messageId)).size).toBe(2);
  });

  test('a visitor who was never written changes nothing but the link', () => {
    const { known } = pair();
    known.track('Hello');
    const { delta } = known.merge(new VirtualProfile({ config: known.config, id: 'a9', kind: 'anonymous' }));
    expect(
      delta.filter(([section]) => section !== 'meta' && section !== 'outbox').map(([section]) => section),
    ).toEqual(['links']);
  });
});
