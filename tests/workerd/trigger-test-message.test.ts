/** A test message from the admin's call to the provider and the app, and that nothing has counted it. */
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/engine/vocabulary.ts';
import { readTriggerReport } from '../../src/store/trigger-report.ts';
import { admin } from '../support/admin-client.ts';
import { call, deliveriesOf } from '../support/profile-edge.ts';
import { anEvent, due, publish, send, startClock, stateOnDisk, user } from '../support/profile-world.ts';

vi.setConfig({ testTimeout: 20_000 });
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

const sendTest = (id: string, body: JsonObject) =>
  call('POST', `/admin/api/triggers/${id}/test`, body, 'Bearer at_dev');

/** Everything that could keep a message from going out, and that a test goes around. */
const strict = (id: string): JsonObject & { id: string } => ({
  id,
  entry: { on: [{ event: 'Bought' }], if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } },
  reeligibility: { mode: 'never' },
  steps: [
    { id: 'w', wait: '1d' },
    { id: 'send', send: { channels: ['push', 'in_app'], template: id } },
  ],
  experiment: { holdout: 1 },
});

async function aTester(id: string) {
  const ref = await user(id);
  await send(ref, [anEvent('$identify', {}, { traits: { reflexTest: true } })]);
  return ref;
}

const counted = async (trigger: string) => {
  const span = { fromAt: 0, toAt: Number.MAX_SAFE_INTEGER };
  const context = { currency: 'KRW', now: Date.now() };
  const { sent, shown, clicked, heldOut } = await readTriggerReport(env.DB, trigger, span, context);
  return { sent, shown, clicked, heldOut };
};
const NOTHING = { sent: 0, shown: 0, clicked: 0, heldOut: 0 };

describe('a test message', () => {
  it('really leaves, around every gate of its author, and is listed but counted nowhere', async () => {
    const ref = await aTester('leaves');
    await publish(strict('leaves'));
    const { status, body } = await sendTest('leaves', { userId: 'leaves' });
    expect({ status, channel: body.channel }).toEqual({ status: 200, channel: 'push' });
    await vi.waitFor(
      async () => {
        expect(await deliveriesOf('leaves')).toMatchObject([
          { id: body.messageId, status: 'sent', reason: 'sent', variant: null, test: true },
        ]);
      },
      { timeout: 10_000 },
    );
    await vi.waitFor(async () => {
      const state = await stateOnDisk(ref);
      expect([state?.outbox.has(body.messageId), state?.settled.has(body.messageId)]).toEqual([false, true]);
    });
    await send(ref, [anEvent('Message Clicked', { message_id: body.messageId })]);
    await vi.waitFor(async () =>
      expect(await deliveriesOf('leaves')).toMatchObject([{ status: 'clicked', test: true }]),
    );
    const state = await stateOnDisk(ref);
    expect([state?.log.size, state?.goals.size, state?.capped.size, state?.runs.size]).toEqual([0, 0, 0, 0]);
    expect(await counted('leaves')).toEqual(NOTHING);
  });

  it('on the channel asked for shows in the app, though its trigger is a draft, and is valid there', async () => {
    const ref = await aTester('shows');
    await admin('PUT', 'templates/drafted', {
      defaultLocale: 'ko',
      locales: {
        ko: { in_app: { layout: 'banner', title: '{{item.id}}' }, push: { title: 't', body: 'b' } },
      },
    });
    const drafted = { ...strict('drafted'), category: 'transactional', transactionalReason: 'a test' };
    expect((await admin('POST', 'triggers', drafted)).status).toBe(201);
    const event = { event: 'Product Viewed', properties: { product_id: 'ring' } };
    const { body } = await sendTest('drafted', { userId: 'shows', channel: 'in_app', event });
    expect(await due(ref)).toMatchObject([
      { id: body.messageId, trigger: 'drafted', layout: 'banner', priority: 100, content: { title: 'ring' } },
    ]);
    const valid = await call(
      'GET',
      `/v1/messages/${body.messageId}/valid`,
      undefined,
      `Basic ${btoa('wk_dev:')}`,
    );
    expect(valid.body).toEqual({ valid: true });
    await send(ref, [anEvent('Message Viewed', { message_id: body.messageId })]);
    expect(await due(ref)).toEqual([]);
    await vi.waitFor(async () =>
      expect(await deliveriesOf('drafted')).toMatchObject([{ status: 'shown', test: true }]),
    );
    expect((await stateOnDisk(ref))?.log.size).toBe(0);
    expect(await counted('drafted')).toEqual(NOTHING);
  });

  it('can be sent again and again, each a message of its own', async () => {
    await aTester('again');
    await publish(strict('again'));
    const ids = new Set<string>();
    for (let i = 0; i < 3; i++) ids.add((await sendTest('again', { userId: 'again' })).body.messageId);
    expect(ids.size).toBe(3);
  });

  it('goes to marked users only', async () => {
    await publish(strict('marked'));
    await send(await user('unmarked'), [anEvent('$identify', {}, { traits: { reflexTest: 'yes' } })]);
    for (const userId of ['unmarked', 'nobody']) {
      const { status, body } = await sendTest('marked', { userId });
      expect([status, body.error.code]).toEqual([403, 'not_a_test_user']);
      expect(body.error.message).toContain('`reflexTest`');
    }
    expect(await deliveriesOf('marked')).toEqual([]);
  });

  it('keeps to consent, and says what is missing', async () => {
    await aTester('lawful');
    await admin('PUT', 'policies/law', {
      jurisdiction: 'KR',
      inApp: false,
      sender: { name: 'Shop', phone: '02-1' },
    });
    await publish({ ...strict('lawful'), category: 'marketing' });
    const refused = await sendTest('lawful', { userId: 'lawful', channel: 'push' });
    expect([refused.status, refused.body.error.issues]).toEqual([
      409,
      [{ path: 'steps.send.send.channels', message: '`push`' }],
    ]);
    expect(refused.body.error.message).toContain('No marketing consent');
    // Without a channel the next one that is allowed is taken.
    expect((await sendTest('lawful', { userId: 'lawful' })).body.channel).toBe('in_app');
  });

  it('is refused with the reason where a value is missing, or no step sends on the channel', async () => {
    await aTester('holes');
    await publish(strict('holes'), ['in_app'], {
      defaultLocale: 'ko',
      locales: {
        ko: {
          in_app: { layout: 'modal', title: '{{item.title}}' },
          push: { title: 't', body: '{{item.title}}' },
        },
      },
    });
    const hole = await sendTest('holes', { userId: 'holes' });
    expect([hole.status, hole.body.error.issues[0].path]).toEqual([409, 'steps.send.item.title']);
    expect((await sendTest('holes', { userId: 'holes', channel: 'sms' })).body.error.issues[0].path).toBe(
      'steps',
    );
    expect((await sendTest('holes', { userId: 'holes', channel: 'pigeon' })).status).toBe(400);
    expect((await sendTest('ghost', { userId: 'holes' })).status).toBe(404);
  });
});
