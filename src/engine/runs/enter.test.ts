import { describe, expect, test } from 'vitest';
import { aConfig, aTrigger, aTriggerIf, products, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Step, Trigger } from '../trigger.ts';

const slow: Step[] = [{ id: 'wait', wait: '1h' }, send()];
const aLife = (...triggers: Trigger[]) => new VirtualProfile({ config: aConfig({ triggers }) });

describe('a run under way', () => {
  test('ignores another entry, and says so', () => {
    const profile = aLife(aTrigger({ steps: slow }));
    expect(reasonOf(profile.track('Hello'))).toBe('waiting');
    profile.advance('30m');
    expect(reasonOf(profile.track('Hello'))).toBe('already_running');
    profile.advance('30m');
    expect(profile.sends()).toBe(1);
    expect(reasonOf(profile.track('Hello'))).toBe('waiting');
  });

  test('begins anew where the trigger restarts', () => {
    const profile = aLife(aTrigger({ steps: slow, entry: { concurrency: 'restart' } }));
    profile.track('Hello');
    profile.advance('30m');
    expect(reasonOf(profile.track('Hello'))).toBe('waiting');
    profile.advance('59m');
    expect(profile.sends()).toBe(0);
    profile.advance('1m');
    expect(profile.sends()).toBe(1);
  });

  test('goes on where the restart is refused', () => {
    const profile = aLife(
      aTriggerIf(
        { field: 'event.properties.n', op: 'eq', value: 1 },
        { steps: slow, entry: { concurrency: 'restart' } },
      ),
    );
    profile.track('Hello', { n: 1 });
    profile.advance('30m');
    expect(reasonOf(profile.track('Hello', { n: 2 }))).toBe('not_matched');
    profile.advance('30m');
    expect(profile.sends()).toBe(1);
  });

  test('goes on where re-eligibility refuses the restart', () => {
    const profile = aLife(
      aTrigger({
        reeligibility: { mode: 'cooldown', after: '1d' },
        entry: { concurrency: 'restart' },
        steps: [send(), { id: 'wait', wait: '1h' }, send({ id: 'later', surface: 'other' })],
      }),
    );
    profile.track('Hello');
    profile.advance('30m');
    expect(reasonOf(profile.track('Hello'))).toBe('not_eligible');
    profile.advance('30m');
    expect(profile.sends()).toBe(2);
  });

  test('takes back what a restart makes stale', () => {
    const profile = aLife(
      aTrigger({
        entry: { concurrency: 'restart' },
        steps: [send(), { id: 'wait', wait: '1h' }, send({ id: 'b' })],
      }),
    );
    profile.track('Hello');
    const [first] = profile.inbox();
    profile.track('Hello');
    expect(profile.inbox().map(({ id }) => id === first?.id)).toEqual([false]);
  });
});

describe('keys', () => {
  test('run side by side', () => {
    const profile = aLife(aTrigger({ steps: slow, entry: { key: ['event.properties.k'] } }));
    const said = ['a', 'b', 'a'].map((k) => {
      profile.advance('1s');
      return reasonOf(profile.track('Hello', { k }));
    });
    expect(said).toEqual(['waiting', 'waiting', 'already_running']);
    profile.advance('1h');
    expect(profile.sends()).toBe(2);
  });

  test('of several paths differ where any part does', () => {
    const profile = aLife(
      aTrigger({ steps: slow, entry: { key: ['event.properties.a', 'event.properties.b'] } }),
    );
    const said = [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: '1', b: 1 }, { a: 1 }, { a: 1, b: 1 }];
    expect(said.map((properties) => reasonOf(profile.track('Hello', properties)))).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'waiting',
      'already_running',
    ]);
  });

  test.each(['__proto__', 'constructor', 'toString', '', '\n', '@a', '["a"]'])('may be %j', (k) => {
    const profile = aLife(
      aTrigger({ reeligibility: { mode: 'never', per: 'key' }, entry: { key: ['event.properties.k'] } }),
    );
    expect([k, k, `${k}.`].map((value) => reasonOf(profile.track('Hello', { k: value })))).toEqual([
      'sent',
      'not_eligible',
      'sent',
    ]);
  });

  test('take the first of several values', () => {
    const profile = aLife(
      aTrigger({ steps: slow, entry: { key: ['event.properties.products.product_id'] } }),
    );
    profile.track('Hello', products('a', 'b'));
    expect(reasonOf(profile.track('Hello', products('a', 'c')))).toBe('already_running');
    expect(reasonOf(profile.track('Hello', products('b')))).toBe('waiting');
    const listed = aLife(aTrigger({ steps: slow, entry: { key: ['event.properties.tags'] } }));
    listed.track('Hello', { tags: ['a', 'b'] });
    expect(reasonOf(listed.track('Hello', { tags: ['a'] }))).toBe('already_running');
  });

  test('by item.id are the product ids', () => {
    const profile = aLife(aTrigger({ steps: slow, entry: { key: ['item.id'] } }));
    profile.track('Hello', products('a'));
    expect([...profile.state.runs.values()].map(({ key }) => key)).toEqual(['["a"]']);
  });
});

describe('an event that arrives late', () => {
  const HOUR = 3_600_000;

  test('by an hour still starts a run, by more it starts none', () => {
    const profile = aLife(aTrigger());
    expect(reasonOf(profile.track('Hello', {}, { timestamp: profile.now - HOUR }))).toBe('sent');
    expect(reasonOf(profile.track('Hello', {}, { timestamp: profile.now - HOUR - 1 }))).toBe('late_event');
    expect(profile.sends()).toBe(1);
  });

  test('still exits, acknowledges, counts and changes traits', () => {
    const profile = aLife(
      aTrigger({ steps: slow, exit: [{ on: { event: 'Bye' } }] }),
      aTrigger({ id: 'other' }),
    );
    profile.track('Hello');
    const late = { timestamp: profile.now - 5 * HOUR };
    expect(reasonOf(profile.track('Bye', {}, late))).toBe('exited');
    const [message] = profile.inbox();
    profile.ack('Viewed', message?.id ?? '', late);
    expect(profile.facts.map(({ kind }) => kind)).toContain('message_shown');
    profile.identify({ tier: 'VIP' }, late);
    expect(profile.state.traits.get('tier')?.value).toBe('VIP');
    expect(profile.state.counts.get('Bye')?.n).toBe(1);
  });
});

describe('an imported event', () => {
  test('builds state and history and fires nothing', () => {
    const profile = aLife(
      aTrigger({ entry: { on: [{ event: 'Hello' }, { event: '$session_start' }] } }),
      aTrigger({
        id: 'running',
        entry: { on: [{ event: 'Start' }] },
        exit: [{ on: { event: 'Hello' } }],
        steps: slow,
      }),
    );
    const imported = { imported: true } as const;
    const decision = profile.track('Hello', products('a'), { ...imported, traits: { tier: 'VIP' } });
    expect(decision.trace).toEqual([]);
    expect(profile.inbox()).toEqual([]);
    expect(profile.state.meta.sessionCount).toBe(0);
    profile.track('Product Added to Wishlist', products('a'), imported);
    expect(profile.state.traits.get('tier')?.value).toBe('VIP');
    expect(profile.state.relations.get('liked\na')?.on).toBe(true);
    expect(profile.recent('Hello', 0, 10)).toHaveLength(1);
  });
});

describe('the session', () => {
  const opened = aTrigger({ entry: { on: [{ event: '$session_start' }] } });

  test('starts with the user’s first event, and again after the silence', () => {
    const profile = aLife(opened);
    expect(reasonOf(profile.page('Home'))).toBe('sent');
    expect(profile.page('Home').trace).toEqual([]);
    profile.advance('30m');
    expect(profile.page('Home').trace).toEqual([]);
    profile.advanceTo(profile.now + 30 * 60_000 + 1);
    expect(reasonOf(profile.page('Home'))).toBe('sent');
  });

  test('is not opened by the backend', () => {
    const profile = aLife(opened);
    expect(profile.track('Order Shipped', {}, { origin: 'server' }).trace).toEqual([]);
    expect(reasonOf(profile.page('Home'))).toBe('sent');
  });

  test('competes with the event that opened it in one round', () => {
    const profile = aLife(aTrigger(), { ...opened, id: 'opened', priority: 60 });
    const decision = profile.track('Hello');
    expect(traceOf(decision, 'opened')).toMatchObject({ reason: 'sent' });
    expect(traceOf(decision, 'hello')).toMatchObject({ reason: 'outranked', values: { winner: 'opened' } });
  });

  test('page is the last one that was seen in it', () => {
    const profile = aLife(aTriggerIf({ field: 'session.page.path', op: 'eq', value: '/cart' }));
    profile.page('Cart', { path: '/cart' });
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
    profile.advance('31m');
    expect(reasonOf(profile.track('Hello'))).toBe('not_matched');
  });
});

describe('a trigger that was entered', () => {
  test('and neither waits nor sends still explains itself', () => {
    const steps: Step[] = [
      {
        id: 'where',
        branch: [{ if: { field: 'user.known', op: 'eq', value: false }, goto: 'show' }, { goto: 'none' }],
      },
      send(),
      { id: 'none', end: true },
    ];
    const profile = aLife(aTrigger({ steps }));
    expect(reasonOf(profile.track('Hello'))).toBe('entered');
    expect(profile.state.runs.size).toBe(0);
  });

  test('is refused beyond 200 runs', () => {
    const profile = aLife(aTrigger({ steps: slow, entry: { key: ['event.properties.k'] } }));
    for (let k = 0; k < 200; k++) profile.track('Hello', { k });
    expect(traceOf(profile.track('Hello', { k: 200 }))).toMatchObject({
      reason: 'not_eligible',
      values: { runs: 200 },
    });
    profile.advance('1h');
    expect(reasonOf(profile.track('Hello', { k: 200 }))).toBe('waiting');
  });
});
