/** One event, delivered many times at once. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, deliveriesOf, quiet, sent, WRITE_KEY } from '../support/profile-edge.ts';
import {
  anEvent,
  due,
  profileOf,
  publish,
  reasons,
  send,
  startClock,
  user,
  visitor,
} from '../support/profile-world.ts';

const steps = (id: string) => [
  { id: 'show', send: { channels: ['in_app'], template: id } },
  { id: 'push', send: { channels: ['push'], template: id } },
];

// Real queues on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  for (const id of ['by-http', 'by-rpc', 'by-both']) {
    await publish({ id, entry: { on: [{ event: id }] }, steps: steps(id) });
  }
});
beforeEach(startClock);
afterEach(() => {
  vi.useRealTimers();
});

describe('a hundred deliveries of one event at once', () => {
  it('through HTTP: one decision, one message, one delivery, and each answer has the message', async () => {
    const body = { messageId: 'hundred', anonymousId: 'hundred', event: 'by-http' };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => call('POST', '/v1/track?sync=1', body, WRITE_KEY)),
    );
    const ref = await visitor('hundred');
    expect(await reasons(ref, 'by-http')).toEqual(['by-http: sent', 'by-http: sent']);
    const ids = new Set(answers.map(({ body }) => body.messages[0].id));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(ids.size).toBe(1);
    expect(await due(ref)).toHaveLength(1);
    await sent('by-http', 1);
    await quiet();
    const records = await deliveriesOf('by-http');
    expect(records.map(({ channel, attempts }) => [channel, attempts]).sort()).toEqual([
      ['in_app', 0],
      ['push', 1],
    ]);
  });

  it('straight to the object, in batches that overlap: each event is taken in once', async () => {
    const ref = await user('overlap');
    const events = Array.from({ length: 10 }, (_, i) => anEvent(i === 4 ? 'by-rpc' : 'Opened'));
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => send(ref, [...events.slice(i % 10), ...events.slice(0, i % 10)])),
    );
    expect(await profileOf(ref).decisions(100)).toHaveLength(10);
    expect(await reasons(ref, 'by-rpc')).toEqual(['by-rpc: sent', 'by-rpc: sent']);
    await sent('by-rpc', 1);
    await quiet();
    expect(await deliveriesOf('by-rpc')).toHaveLength(2);
  });

  it('under both ids of a visitor who logs in meanwhile: still one', async () => {
    const first = { messageId: 'both', anonymousId: 'both', event: 'by-both' };
    const login = { messageId: 'login', anonymousId: 'both', userId: 'both' };
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0 ? call('POST', '/v1/track', first, WRITE_KEY) : call('POST', '/v1/identify', login),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const ref = await user('both');
    expect(await reasons(ref, 'by-both')).toEqual(['by-both: sent', 'by-both: sent']);
    await sent('by-both', 1);
    await quiet();
    expect((await deliveriesOf('by-both')).filter(({ channel }) => channel === 'push')).toHaveLength(1);
  });
});
