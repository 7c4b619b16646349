/** A visitor turns out to be a known user. */

import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { consumeDispatch } from '../../src/dispatch/dispatch-consumer.ts';
import { dispatchDeps } from '../../src/dispatch/dispatch-deps.ts';
import type { DispatchMessage } from '../../src/protocol/queue-messages.ts';
import { readDelivery } from '../../src/store/deliveries.ts';
import { inWatchers } from '../support/catalog-objects.ts';
import { twoOfOne } from '../support/profile-pair.ts';
import {
  anEvent,
  at,
  due,
  inProfile,
  outboxOf,
  profileOf,
  publish,
  reasons,
  ring,
  send,
  sleep,
  startClock,
  stateOnDisk,
  tablesOf,
} from '../support/profile-world.ts';

beforeAll(async () => {
  await publish({ id: 'greets', entry: { on: [{ event: 'Came' }] }, reeligibility: { mode: 'never' } });
  await publish({ id: 'pushes', entry: { on: [{ event: 'Came' }] }, reeligibility: { mode: 'never' } }, [
    'webhook',
  ]);
  await publish({
    id: 'third',
    entry: {
      on: [{ event: 'Viewed' }],
      if: {
        did: 'Viewed',
        where: { field: 'event.properties.category', op: 'eq', value: '반지' },
        count: { eq: 3 },
      },
    },
  });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

function hints(bodies: DispatchMessage[]) {
  const messages = bodies.map((body, i) => ({
    id: `q${i}`,
    timestamp: new Date(),
    attempts: 1,
    body,
    ack() {},
    retry() {},
  }));
  return { queue: 'reflex-dispatch', messages } as unknown as MessageBatch<DispatchMessage>;
}

describe('a merge', () => {
  it('makes one profile of two, and the old name leads to the new one', async () => {
    const { anonymous, known, merge } = await twoOfOne('one of two');
    await send(anonymous, [anEvent('Opened'), anEvent('$identify', {}, { traits: { size: 'M' } })]);
    at(5);
    await send(known, [anEvent('Opened')]);
    at(9);
    expect(await merge()).toEqual({ kind: 'done' });
    for (const state of ['awake', 'woken']) {
      const view = await profileOf(known).describe();
      expect(view, state).toMatchObject({
        userId: 'one of two',
        anonymousIds: ['one of two'],
        traits: { size: 'M', name: 'one of two' },
        firstSeenAt: at(0),
      });
      expect((await stateOnDisk(known))?.counts.get('Opened')?.n).toBe(2);
      expect(await profileOf(known).decisions(100)).toHaveLength(4);
      const moved = { kind: 'moved', to: known };
      expect(await profileOf(anonymous).next({})).toEqual(moved);
      expect(await send(anonymous, [anEvent('Opened')])).toEqual(moved);
      expect(await profileOf(anonymous).claim('msg_x')).toEqual(moved);
      expect(await profileOf(anonymous).describe()).toBeNull();
      await sleep(known);
      await sleep(anonymous);
    }
  });

  it('leaves nothing of the visitor behind but where they went', async () => {
    const { anonymous, merge } = await twoOfOne('cleared');
    for (let i = 0; i < 70; i++) await send(anonymous, [anEvent('Opened', { secret: 'my ring size' })]);
    expect(await tablesOf(anonymous)).toContain('history');
    await merge();
    await vi.waitFor(async () => {
      const rows = await inProfile(anonymous, ({ sql }) =>
        ['log', 'snapshot', 'history', 'dedupe'].map((table) => sql.all(`SELECT * FROM ${table}`)),
      );
      expect(rows.map((some) => some.length)).toEqual([1, 0, 0, 0]);
      expect(JSON.stringify(rows)).not.toContain('ring size');
      expect(JSON.stringify(rows)).not.toContain('"Opened');
    });
    await sleep(anonymous);
    expect(await profileOf(anonymous).next({})).toMatchObject({ kind: 'moved' });
  });

  it("counts the visitor's history in the very request that brings the two together", async () => {
    const { anonymous, known } = await twoOfOne('counted');
    const view = () => anEvent('Viewed', { category: '반지' });
    const repeated = view();
    await send(anonymous, [repeated]);
    for (let i = 0; i < 70; i++) await send(anonymous, [anEvent('Opened')]);
    await send(anonymous, [view()]);
    await send(known, [repeated, view()], { links: [anonymous] });
    expect(await due(known)).toHaveLength(1);
    expect((await reasons(known, 'Viewed')).sort()).toEqual([
      'third: not_matched',
      'third: not_matched',
      'third: sent',
    ]);
    await sleep(known);
    expect(await send(known, [repeated])).toEqual({ kind: 'done' });
    expect((await stateOnDisk(known))?.counts.get('Viewed')?.n).toBe(3);
  });

  it('keeps the ids of messages, which are claimed and sent through the old name, once', async () => {
    const { anonymous, known, merge, DISPATCH } = await twoOfOne('messages');
    await send(anonymous, [anEvent('Came')]);
    const [shown] = await due(anonymous);
    const hint = DISPATCH.calls.flat();
    await merge();
    expect((await due(known)).map(({ id }) => id)).toEqual([shown?.id]);
    await consumeDispatch(hints([...hint, ...DISPATCH.calls.flat(), ...hint]), env);
    expect(await readDelivery(env.DB, hint[0]?.messageId ?? '')).toMatchObject({
      status: 'sent',
      attempts: 1,
    });
    at(60);
    await ring(known);
    expect(DISPATCH.calls.flat().map(({ messageId }) => messageId)).toContain(hint[0]?.messageId);
    expect((await outboxOf(known)).filter((id) => id.startsWith('msg_'))).toEqual([]);
    // Neither of the two comes again: `never` holds for both together.
    await send(known, [anEvent('Came')]);
    expect(await reasons(known, 'Came')).toEqual([
      'greets: not_eligible',
      'pushes: not_eligible',
      'greets: sent',
      'pushes: sent',
    ]);
    const [message] = await due(known);
    await send(known, [anEvent('Message Clicked', { message_id: message?.id ?? '' })]);
    expect(await due(known)).toEqual([]);
  });

  it('between a claim and its settlement sends nothing twice', async () => {
    const { anonymous, known, merge, DISPATCH } = await twoOfOne('claimed');
    await send(anonymous, [anEvent('Came')]);
    const batch = hints(DISPATCH.calls.flat());
    let sends = 0;
    const deps = dispatchDeps(env);
    const slow: typeof deps = {
      ...deps,
      route: (...about) => {
        const route = deps.route(...about);
        if (!route) return route;
        const sendOne = async (...message: Parameters<typeof route.adapter.send>) => {
          sends += 1;
          await merge();
          return route.adapter.send(...message);
        };
        return { ...route, adapter: { ...route.adapter, send: sendOne } };
      },
    };
    await consumeDispatch(batch, env, slow);
    expect((await outboxOf(known)).filter((id) => id.startsWith('msg_'))).toEqual([]);
    for (const seconds of [31, 62, 120]) {
      at(seconds);
      await ring(known);
      await consumeDispatch(hints(DISPATCH.calls.flat()), env, slow);
    }
    expect(sends).toBe(1);
  });

  it('takes facts along, told anew under the name of the user', async () => {
    const { anonymous, known, merge, FACTS } = await twoOfOne('facts');
    await send(anonymous, [anEvent('Came')]);
    const [shown] = await due(anonymous);
    await merge();
    const told = FACTS.calls.flat().filter(({ profile }) => profile === known.key);
    const about = told.flatMap(({ facts }) => facts.map(({ kind, message }) => [kind, message?.id]));
    expect(about).toContainEqual(['message_queued', shown?.id]);
    expect(about).toContainEqual(['profile_created', undefined]);
  });

  it('takes watches along: the user is in the shard, the visitor no longer', async () => {
    const { anonymous, known, merge } = await twoOfOne('watches');
    await send(anonymous, [anEvent('Product Added to Wishlist', { product_id: 'merged-item', price: 100 })]);
    const watchers = () =>
      inWatchers('merged-item', async ({ sql }) =>
        sql.hasTable('watchers') ? sql.all('SELECT profile FROM watchers').map(({ profile }) => profile) : [],
      );
    await vi.waitFor(async () => expect(await outboxOf(anonymous)).toEqual(['fact:1']));
    expect(await watchers()).toEqual([anonymous.key]);
    await merge();
    await vi.waitFor(async () => expect(await watchers()).toEqual([known.key]));
  });
});
