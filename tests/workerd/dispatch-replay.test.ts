/** What was given up is sent after all, once: real profiles, D1 and limiters, and providers that answer as told. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadLetterRoutes } from '../../src/dispatch/dead-letter-routes.ts';
import { createRouter } from '../../src/http/router.ts';
import type { ProfileRef } from '../../src/protocol/rpc.ts';
import { profileStub } from '../../src/protocol/stubs.ts';
import { type DeadLetter, keepDeadLetter } from '../../src/store/dead-letters.ts';
import { readDelivery } from '../../src/store/deliveries.ts';
import { findKey } from '../../src/store/keys.ts';
import { admin } from '../support/admin-client.ts';
import { aDispatcher, aProvider, fired, offersOf, type Provider } from '../support/dispatcher.ts';
import { meter } from '../support/profile-meter.ts';
import {
  anEvent,
  at,
  keptQueue,
  outboxOf,
  profileOf,
  publish,
  readyAt,
  reasons,
  ring,
  send,
  startClock,
  stateOnDisk,
  user,
  visitor,
} from '../support/profile-world.ts';

beforeAll(async () => {
  await publish({ id: 'told', entry: { on: [{ event: 'Told' }] } }, ['webhook']);
  await publish({ id: 'texted', entry: { on: [{ event: 'Texted' }] } }, ['email']);
  await publish({ id: 'left', entry: { on: [{ event: 'Left' }] }, exit: [{ on: { event: 'Back' } }] }, [
    'webhook',
  ]);
});
beforeEach(async () => {
  startClock();
  await env.DB.batch(['deliveries', 'dead_letters'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});
afterEach(() => {
  vi.useRealTimers();
});

/** The admin's view, where this provider serves every channel. */
function lettersOf(provider: Provider, bindings: object = {}) {
  const routes = deadLetterRoutes({
    profile: profileStub,
    route: () => ({ adapter: provider, settings: {} }),
  });
  const handle = createRouter(routes, {
    findKey,
    reportFault: () => {},
  });
  return {
    async replay(id: string, body?: object) {
      const request = new Request(
        `http://reflex.test/admin/api/dead-letters/${encodeURIComponent(id)}/replay`,
        {
          method: 'POST',
          headers: { authorization: 'Bearer at_dev' },
          ...(body && { body: JSON.stringify(body) }),
        },
      );
      const response = await handle(request, { ...env, ...bindings }, { waitUntil() {} });
      const answer = await response.json<{ outcome?: string; error?: { code: string; message: string } }>();
      return { status: response.status, outcome: answer.outcome, error: answer.error };
    },
  };
}

/** A message that the provider has refused. */
async function refusedBy(provider: Provider, ref: ProfileRef, event = 'Told') {
  provider.answer = () => ({ kind: 'rejected', scope: 'message', code: 'http_400' });
  const dispatcher = aDispatcher(provider);
  const message = await fired(ref, event);
  await dispatcher.consume([message.hint]);
  provider.answer = () => ({ kind: 'accepted' });
  return { ...message, id: message.hint.messageId, dispatcher };
}
const audited = async () => (await admin('GET', 'audit?limit=50')).body.items;
const letters = async (query = '') => (await admin('GET', `dead-letters${query}`)).body.items;

describe('twenty messages that were refused', () => {
  it('are listed newest first, and each replayed three times, also at once, goes out once, with the same bytes', async () => {
    const provider = aProvider('twenty');
    const messages = [];
    for (let i = 0; i < 20; i++) {
      await readyAt(i);
      messages.push(await refusedBy(provider, await user(`twenty ${i}`)));
    }
    const ids = messages.map(({ id }) => id);
    const first = await admin('GET', 'dead-letters?limit=15&source=delivery&code=http_400&replayed=false');
    const rest = await admin('GET', `dead-letters?limit=15&cursor=${encodeURIComponent(first.body.cursor)}`);
    const listed = [...first.body.items, ...rest.body.items];
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed());
    expect(listed[0]).toMatchObject({
      source: 'delivery',
      code: 'http_400',
      reason: 'provider_error',
      status: 'failed',
      trigger: 'told',
      channel: 'webhook',
      attempts: 1,
      replayedAt: null,
    });
    const sent = new Map(provider.calls.splice(0).map(({ id, content }) => [id, content]));

    const before = (await audited()).length;
    const { replay } = lettersOf(provider);
    const outcomes = [];
    for (const id of ids) {
      outcomes.push(...(await Promise.all([replay(id), replay(id)])), await replay(id));
    }
    expect(outcomes.every(({ status }) => status === 200)).toBe(true);
    expect(outcomes.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(20);
    for (const message of messages) {
      const offers = offersOf(message);
      expect(offers).toHaveLength(1);
      await message.dispatcher.consume([...offers, ...offers]);
    }
    expect(provider.calls.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    for (const { id, content } of provider.calls) expect(content).toBe(sent.get(id));
    for (const id of ids) {
      expect(await readDelivery(env.DB, id)).toMatchObject({ status: 'sent', attempts: 2 });
      expect((await replay(id)).outcome).toBe('sent');
    }
    const entries = (await audited()).slice(0, (await audited()).length - before);
    expect(entries.filter(({ action }: { action: string }) => action === 'replay')).toHaveLength(20);
    expect(entries[0]).toMatchObject({ kind: 'dead_letter', document: ids.at(-1) });
  });
});

describe('a replay', () => {
  it('costs the profile a row to take the message back, and a claim and a settlement as ever', async () => {
    const provider = aProvider('rows');
    const { ref, id, cost, dispatch, dispatcher } = await refusedBy(provider, await user('rows'));
    const taken = await cost(() => profileStub(env, ref.key).replay(id, 1));
    expect(taken).toMatchObject({ rows: 1, commits: 1, dispatches: 1 });
    expect(await cost(() => profileStub(env, ref.key).replay(id, 1))).toMatchObject({
      rows: 0,
      dispatches: 0,
    });
    const offers = offersOf({ dispatch });
    expect(await cost(() => dispatcher.consume(offers))).toMatchObject({ rows: 2, commits: 2 });
  });

  it('whose message fails again is a letter again, and can be replayed again', async () => {
    const provider = aProvider('again');
    const message = await refusedBy(provider, await user('again'));
    const { replay } = lettersOf(provider);
    await replay(message.id);
    provider.answer = () => ({ kind: 'rejected', scope: 'message', code: 'http_422' });
    await message.dispatcher.consume(offersOf(message));
    expect(await letters()).toMatchObject([
      { id: message.id, code: 'http_422', attempts: 2, replayedAt: null },
    ]);
    provider.answer = () => ({ kind: 'accepted' });
    expect((await replay(message.id)).outcome).toBe('replayed');
    await message.dispatcher.consume(offersOf(message));
    expect(provider.calls).toHaveLength(3);
    expect(await readDelivery(env.DB, message.id)).toMatchObject({ status: 'sent', attempts: 3 });
  });

  it('finds the failure that the profile heard of only with a later claim', async () => {
    const provider = aProvider('heard late');
    provider.answer = () => ({ kind: 'rejected', scope: 'message', code: 'http_400' });
    const { ref, hint, dispatch } = await fired(await user('heard late'), 'Told');
    const deaf = aDispatcher(provider, {
      profile: (key) => ({
        claim: (id) => profileStub(env, key).claim(id),
        settle: () => Promise.reject(new Error('unreachable')),
      }),
    });
    await deaf.consume([hint]);
    await readyAt(31);
    await ring(ref);
    const dispatcher = aDispatcher(provider);
    await dispatcher.consume(offersOf({ dispatch }));
    expect(provider.calls).toHaveLength(1);
    expect((await lettersOf(provider).replay(hint.messageId)).outcome).toBe('replayed');
    provider.answer = () => ({ kind: 'accepted' });
    await dispatcher.consume(offersOf({ dispatch }));
    expect(await readDelivery(env.DB, hint.messageId)).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('finds the profile that the anonymous one has become', async () => {
    const provider = aProvider('moved');
    const [anonymous, known] = [await visitor('moved'), await user('moved')];
    const { id, dispatcher } = await refusedBy(provider, anonymous);
    const { dispatch } = await meter(known);
    await send(known, [anEvent('$identify')], { links: [anonymous] });
    expect((await lettersOf(provider).replay(id)).outcome).toBe('replayed');
    await dispatcher.consume(offersOf({ dispatch }));
    expect(await readDelivery(env.DB, id)).toMatchObject({ status: 'sent' });
  });

  it('is refused in words where it is too late, and says nothing was done', async () => {
    const provider = aProvider('late');
    const [left, gone] = [
      await refusedBy(provider, await user('left'), 'Left'),
      await refusedBy(provider, await user('late')),
    ];
    const { replay } = lettersOf(provider);
    await send(left.ref, [anEvent('Back')]);
    expect(await replay(left.id)).toMatchObject({
      status: 409,
      error: { code: 'not_replayable', message: expect.stringContaining('exited') },
    });
    expect((await letters(`?messageId=${left.id}`))[0].replayedAt).toBeNull();
    await readyAt(100 * 86_400);
    expect(await replay(gone.id)).toMatchObject({
      status: 409,
      error: { message: expect.stringContaining('expired at') },
    });
    expect(provider.calls).toHaveLength(2);
  });

  it.each([
    ['no-such-letter', undefined, 404, 'not_found'],
    ['no-such-letter', { force: 'yes' }, 400, 'invalid_request'],
    ['no-such-letter', { resend: true }, 400, 'invalid_request'],
  ])('of %j with %j is %i', async (id, body, status, code) => {
    expect(await lettersOf(aProvider('none')).replay(id, body)).toMatchObject({ status, error: { code } });
  });
});

describe('a message of which nobody knows whether it arrived', () => {
  it('is never sent again by itself; by a person only who takes the risk, and that is written down', async () => {
    const provider = aProvider('lost');
    provider.answer = () => ({ kind: 'unknown', code: 'timeout' });
    const dispatcher = aDispatcher(provider);
    const { hint, dispatch, ref } = await fired(await user('lost'), 'Texted');
    await dispatcher.consume([hint]);
    at(300);
    await ring(ref);
    expect(offersOf({ dispatch })).toEqual([]);
    expect(await readDelivery(env.DB, hint.messageId)).toMatchObject({ status: 'unknown' });
    const { replay } = lettersOf(provider);
    for (const body of [undefined, {}, { force: false }]) {
      expect(await replay(hint.messageId, body)).toMatchObject({
        status: 409,
        error: { code: 'may_send_twice' },
      });
    }
    expect(provider.calls).toHaveLength(1);
    provider.answer = () => ({ kind: 'accepted' });
    const both = await Promise.all([1, 2].map(() => replay(hint.messageId, { force: true })));
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['before', 'replayed']);
    await dispatcher.consume(offersOf({ dispatch }));
    expect(provider.calls).toHaveLength(2);
    expect((await audited())[0]).toMatchObject({ action: 'replay_forced', document: hint.messageId });
  });

  it('needs nobody’s word where the provider would know it again, or can be asked', async () => {
    for (const [name, more] of [
      ['idempotent', { idempotent: true }],
      ['asked', { lookUp: async () => ({ kind: 'accepted' as const }) }],
    ] as const) {
      const provider = aProvider(name, more);
      const { id, dispatcher, dispatch } = await refusedBy(provider, await user(name), 'Texted');
      await env.DB.prepare('UPDATE deliveries SET status = 40 WHERE id = ?1').bind(id).run();
      expect((await lettersOf(provider).replay(id)).outcome).toBe('replayed');
      await dispatcher.consume(offersOf({ dispatch }));
      expect(await readDelivery(env.DB, id)).toMatchObject({ status: 'sent' });
      expect(provider.calls).toHaveLength(name === 'asked' ? 1 : 2);
    }
  });

  it('is unknown, not sent twice, after a Worker that died between the send and its report', async () => {
    const provider = aProvider('crash');
    const dying = aDispatcher(provider, {
      deliveries: {
        ...aDispatcher(provider).deps.deliveries,
        record: () => Promise.reject(new Error('the Worker is gone')),
      },
    });
    const { hint, dispatch, ref } = await fired(await user('crash'), 'Texted');
    await dying.consume([hint]);
    expect(provider.calls).toHaveLength(1);
    await readyAt(31);
    await ring(ref);
    await aDispatcher(provider).consume(offersOf({ dispatch }));
    expect(provider.calls).toHaveLength(1);
    expect(await readDelivery(env.DB, hint.messageId)).toMatchObject({ status: 'unknown' });
    expect(await letters()).toMatchObject([{ id: hint.messageId, code: 'lease_lost' }]);
  });
});

describe('an address that a provider has refused', () => {
  it('is forgotten by the profile, which sends nothing more there', async () => {
    const provider = aProvider('bounced');
    provider.answer = () => ({ kind: 'rejected', scope: 'address', code: 'hard_bounce' });
    const { ref, hint, dispatch } = await fired(await user('bounced'), 'Texted');
    await aDispatcher(provider).consume([hint]);
    expect((await stateOnDisk(ref))?.suppressions.get('email')).toMatchObject({ code: 'hard_bounce' });
    await send(ref, [anEvent('Texted')]);
    expect((await reasons(ref, 'Texted'))[0]).toBe('texted: suppressed');
    expect(offersOf({ dispatch })).toEqual([]);
  });
});

describe('a letter of a queue’s', () => {
  const aLetter = (source: string, body: unknown): DeadLetter => ({
    id: `${source}:q1`,
    source,
    profileKey: 'p1',
    messageId: null,
    code: 'queue_gave_up',
    attempts: 6,
    body,
    createdAt: 1,
    expiresAt: null,
  });

  it.each([
    ['reflex-dispatch-dead', 'DISPATCH', { v: 1, kind: 'message', profile: 'p1', messageId: 'm1' }],
    ['reflex-facts-dead', 'FACTS', { v: 1, kind: 'facts', profile: 'p1', facts: [] }],
    [
      'reflex-fanout-dead',
      'FANOUT',
      { v: 1, kind: 'broadcast', trigger: 't', instantAt: 1, page: 1, profiles: [] },
    ],
    ['reflex-export-dead', 'EXPORT_STREAM', { v: 1, kind: 'export', deliveries: ['m1'], conversions: [] }],
  ])('of %s is put on its queue again, once', async (source, binding, body) => {
    const letter = aLetter(source, body);
    await keepDeadLetter(env.DB, letter).run();
    const queue = keptQueue<unknown>();
    const { replay } = lettersOf(aProvider('queue'), { [binding]: queue });
    expect((await replay(letter.id)).outcome).toBe('replayed');
    expect((await replay(letter.id)).outcome).toBe('before');
    expect(queue.calls).toEqual([[body]]);
  });

  it('that its queue does not take is open again', async () => {
    const letter = aLetter('reflex-facts-dead', { v: 1, kind: 'facts', profile: 'p1', facts: [] });
    await keepDeadLetter(env.DB, letter).run();
    const full = { sendBatch: () => Promise.reject(new Error('Too Many Requests')) };
    expect((await lettersOf(aProvider('queue'), { FACTS: full }).replay(letter.id)).status).toBe(503);
    expect((await letters())[0].replayedAt).toBeNull();
  });

  it.each(['junk', null, { v: 2, kind: 'facts' }, { v: 1, kind: 'message' }])(
    'that is %j is refused',
    async (body) => {
      const letter = aLetter('reflex-facts-dead', body);
      await keepDeadLetter(env.DB, letter).run();
      expect(await lettersOf(aProvider('queue')).replay(letter.id)).toMatchObject({
        status: 409,
        error: { code: 'not_replayable' },
      });
    },
  );
});

describe('an endpoint that is closed', () => {
  it('gives its messages back untried: two rows each, nothing in D1 after the first time, no question to the limiter', async () => {
    const provider = aProvider('closed');
    provider.answer = () => ({ kind: 'rejected', scope: 'account', code: 'http_401' });
    const dispatcher = aDispatcher(provider);
    const { ref, hint, cost, dispatch } = await fired(await user('closed'), 'Told');
    await dispatcher.consume([hint]);
    expect(provider.calls).toHaveLength(1);
    await readyAt(30);
    const asked = dispatcher.counted.leases;
    const spent = await cost(() => dispatcher.consume([hint]));
    expect(spent).toMatchObject({ rows: 2, commits: 2, dispatches: 0 });
    expect(dispatcher.counted.leases).toBe(asked);
    expect(provider.calls).toHaveLength(1);
    expect(await readDelivery(env.DB, hint.messageId)).toMatchObject({ status: 'queued', attempts: 0 });
    expect(await letters()).toEqual([]);
    provider.answer = () => ({ kind: 'accepted' });
    await readyAt(61);
    await ring(ref);
    await dispatcher.consume(offersOf({ dispatch }));
    expect(await readDelivery(env.DB, hint.messageId)).toMatchObject({ status: 'sent', attempts: 1 });
    expect(await outboxOf(ref)).not.toContain(hint.messageId);
    expect(await profileOf(ref).claim(hint.messageId)).toEqual({ kind: 'gone', reason: 'settled' });
  });
});
