/** Whose an anonymous id is: the first user's, for good, also where the merge took two attempts. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { admin } from '../support/admin-client.ts';
import { call, track, WRITE_KEY } from '../support/profile-edge.ts';
import { meter } from '../support/profile-meter.ts';
import { twoOfOne } from '../support/profile-pair.ts';
import {
  anEvent,
  at,
  due,
  inProfile,
  outboxOf,
  profileOf,
  publish,
  ring,
  send,
  sleep,
  startClock,
  stateOnDisk,
  user,
} from '../support/profile-world.ts';

beforeAll(async () => {
  await publish({ id: 'greets', entry: { on: [{ event: 'Came' }] }, reeligibility: { mode: 'never' } });
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

describe('a second user on the same anonymous id', () => {
  it('takes nothing, not even in a race, and says so for good', async () => {
    const { anonymous, known, merge } = await twoOfOne('shared');
    const second = await user('shared by another');
    await send(anonymous, [anEvent('Came'), anEvent('Opened')]);
    await Promise.all([
      merge(),
      send(second, [anEvent('$identify')], { links: [anonymous] }),
      merge(),
      send(second, [anEvent('$identify')], { links: [anonymous] }),
    ]);
    const owners = [await stateOnDisk(known), await stateOnDisk(second)].map((state) => [
      state?.links.get(anonymous.key)?.outcome,
      state?.counts.get('Opened')?.n,
    ]);
    expect(owners.sort()).toEqual([
      ['merged', 1],
      ['taken', undefined],
    ]);
    const { cost } = await meter(second);
    expect(await cost(() => send(second, [anEvent('Opened')], { links: [anonymous] }))).toMatchObject({
      rows: 1,
    });
  });
});

describe('a visitor who has become known', () => {
  it('is looked at as the user that they are now', async () => {
    const { anonymous, known, merge } = await twoOfOne('looked at');
    await send(anonymous, [anEvent('Came')]);
    await merge();
    const path = `profiles/${encodeURIComponent(`anon:${anonymous.id}`)}`;
    const { body } = await admin('GET', path);
    expect(body).toMatchObject({ userId: known.id, anonymousIds: [anonymous.id] });
    const { body: told } = await admin('GET', `${path}/decisions`);
    expect(told.items.map(({ event }: { event: { name: string } }) => event.name)).toContain('Came');
  });
});

describe('a merge that died half-way', () => {
  it('before the commit of the user: the retry is handed everything again', async () => {
    const { anonymous, known, merge } = await twoOfOne('died');
    await send(anonymous, [anEvent('Came')]);
    await inProfile(known, async (profile) => {
      profile.sql.transaction = () => {
        throw new Error('the disk is full');
      };
      const request = { profile: known, events: [anEvent('$identify')], links: [anonymous] };
      await expect(profile.ingest(request)).rejects.toThrow('the disk is full');
    });
    expect(await profileOf(anonymous).next({})).toEqual({ kind: 'moved', to: known });
    expect(await stateOnDisk(known)).toBeNull();
    await sleep(known);
    await sleep(anonymous);
    await merge();
    expect(await due(known)).toHaveLength(1);
    expect((await stateOnDisk(known))?.counts.get('Came')?.n).toBe(1);
  });

  it('is completed by the next event under the old name, at no cost once it stands', async () => {
    const { anonymous, known } = await twoOfOne('completed');
    await send(anonymous, [anEvent('Came')]);
    await profileOf(anonymous).freeze({
      profile: anonymous,
      mergeId: `${anonymous.key}>${known.key}`,
      to: known,
    });
    const who = { anonymousId: 'completed' };
    await track(who, 'Opened');
    expect((await stateOnDisk(known))?.counts.get('Came')?.n).toBe(1);
    const settled = async () => expect(await outboxOf(known)).not.toContain(`merged:${anonymous.key}`);
    await vi.waitFor(settled);
    at(60);
    await ring(known);
    const [metered, old] = [await meter(known), await meter(anonymous)];
    expect(await metered.cost(() => track(who, 'Opened'))).toMatchObject({ rows: 1, commits: 1 });
    expect(await old.cost(() => track(who, 'Opened'))).toMatchObject({ rows: 0, commits: 0 });
    expect((await stateOnDisk(known))?.counts.get('Opened')?.n).toBe(3);
  });
});

describe('an event under the old anonymous id', () => {
  it.each([
    ['optional', false],
    ['off', true],
  ] as const)(
    '(identity %s) is the user’s; answered with their messages: %s',
    async (identity, isAnswered) => {
      const policy = {
        tz: 'Asia/Seoul',
        locale: 'ko',
        currency: 'KRW',
        sessionTimeout: '30m',
        retention: '365d',
      };
      expect((await admin('PUT', 'policies/workspace', { ...policy, identity })).status).toBeLessThan(300);
      const id = `old id ${identity}`;
      await call('POST', '/v1/track', { messageId: `a ${id}`, anonymousId: id, event: 'Opened' }, WRITE_KEY);
      await call('POST', '/v1/identify', { messageId: `b ${id}`, anonymousId: id, userId: id }, WRITE_KEY);
      await call('POST', '/v1/track', { messageId: `c ${id}`, userId: id, event: 'Came' });
      const again = { messageId: `d ${id}`, anonymousId: id, event: 'Opened' };
      const answer = await call('POST', '/v1/track?sync=1', again, WRITE_KEY);
      expect(answer.status).toBe(200);
      expect(answer.body.messages).toHaveLength(isAnswered ? 1 : 0);
      expect(answer.body.identity).toBe(isAnswered ? undefined : 'token_required');
      const next = await call(
        'GET',
        `/v1/messages/next?anonymousId=${encodeURIComponent(id)}`,
        undefined,
        WRITE_KEY,
      );
      expect(next.body.messages).toHaveLength(isAnswered ? 1 : 0);
      const state = await stateOnDisk(await user(id));
      expect(state?.counts.get('Opened')?.n).toBe(2);
      // The same under the new name is the same event.
      await call('POST', '/v1/track', { ...again, userId: id });
      expect((await stateOnDisk(await user(id)))?.counts.get('Opened')?.n).toBe(2);
    },
  );
});
