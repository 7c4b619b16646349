/** A bad endpoint slows nobody else: what is known of it is known before it is called, and what hangs holds up itself. */
import { beforeEach, describe, expect, it } from 'vitest';
import { aMessage, anAdapter, aWorld, claimed, hint, NOW } from '../../tests/support/dispatch-world.ts';
import type { ChannelAdapter, OutgoingMessage, SendResult } from '../channels/channel.ts';
import { MAX_ATTEMPTS } from './retry-policy.ts';

let w: ReturnType<typeof aWorld>;
beforeEach(() => {
  w = aWorld();
});

const ids = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
const hostOf = ({ id }: OutgoingMessage) => id.replace(/\d+$/, '');

/** Takes whatever is not for `bad`; that is answered as `bad` says. */
function twoHosts(bad: () => SendResult | Promise<SendResult>, more: Partial<ChannelAdapter> = {}) {
  const adapter = anAdapter((message) => (hostOf(message) === 'bad' ? bad() : { kind: 'accepted' }), {
    provider: 'push',
    idempotent: true,
    endpointOf: hostOf,
    ...more,
  });
  w.world.adapter = adapter;
  return adapter;
}

function consume(messages: string[], waitUntil?: (work: Promise<unknown>) => void): Promise<unknown[]> {
  for (const id of messages) w.claims.set(`p1/${id}`, [claimed(aMessage({ messageId: id }))]);
  return w.consume(
    messages.map((id) => hint(id)),
    1,
    waitUntil,
  );
}
const outcomeOf = (id: string) => w.settled.findLast(([, message]) => message === id)?.[2];
const callsOf = (adapter: { calls: string[] }, prefix: string) =>
  adapter.calls.filter((id) => id.startsWith(prefix));
const leases = (part: string) => w.world.limiters.calls.filter(({ name }) => name.includes(part));

describe('an endpoint that fails', () => {
  const failing = () => twoHosts(() => ({ kind: 'retry', code: 'http_503' }));

  it('is not called any more after five failures; its messages wait, untried, until it will be probed', async () => {
    const adapter = failing();
    await consume(ids('bad', 5));
    expect(callsOf(adapter, 'bad')).toHaveLength(5);
    w.settled.length = 0;
    await consume(ids('bad', 9).slice(5));
    expect(callsOf(adapter, 'bad')).toHaveLength(5);
    expect(w.settled.map(([, , outcome]) => outcome)).toEqual(
      [10_000, 10_050, 10_100, 10_150].map((afterMs) => ({ kind: 'retry', afterMs, at: NOW, untried: true })),
    );
  });

  it('uses up no attempts of the messages that wait', async () => {
    failing();
    await consume(ids('bad', 5));
    for (let i = 0; i < 3 * MAX_ATTEMPTS; i++) await consume(['bad9']);
    expect(outcomeOf('bad9')).toMatchObject({ kind: 'retry', untried: true });
    expect(w.rows.get('bad9')).toMatchObject({ status: 'queued', attempts: 0 });
    expect(w.extras.filter(({ deadLetter }) => deadLetter)).toEqual([]);
  });

  it('is nothing to the messages beside it', async () => {
    const adapter = failing();
    await consume(ids('bad', 5));
    await consume([...ids('bad', 5), ...ids('good', 5)]);
    expect(callsOf(adapter, 'good')).toHaveLength(5);
    for (const id of ids('good', 5)) expect(outcomeOf(id)).toMatchObject({ kind: 'sent' });
  });

  it('gets one message when its pause is over, and all of them once that was taken', async () => {
    let isWell = false;
    const adapter = twoHosts(() => (isWell ? { kind: 'accepted' } : { kind: 'retry', code: 'http_503' }));
    await consume(ids('bad', 5));
    w.world.clock.now += 10_000;
    await consume(ids('bad', 5));
    expect(callsOf(adapter, 'bad')).toHaveLength(6);
    isWell = true;
    w.world.clock.now += 20_000;
    await consume(['bad0']);
    await consume(ids('bad', 5));
    expect(callsOf(adapter, 'bad')).toHaveLength(12);
    expect(outcomeOf('bad4')).toMatchObject({ kind: 'sent' });
  });

  it('is known to other isolates through its limiter', async () => {
    const adapter = failing();
    await consume(ids('bad', 5));
    w.world.memory.standings.clear();
    await consume(ids('bad', 5));
    expect(callsOf(adapter, 'bad')).toHaveLength(5);
  });
});

describe('the limiter', () => {
  it('is asked once in five seconds for each endpoint, however many messages there are', async () => {
    twoHosts(() => ({ kind: 'accepted' }));
    for (let i = 0; i < 20; i++) await consume(ids(`good`, 10));
    expect(w.world.limiters.calls).toHaveLength(2);
    w.world.clock.now += 5_000;
    await consume(ids('good', 10));
    expect(w.world.limiters.calls).toHaveLength(4);
    expect(leases('/good').at(-1)?.request.report).toMatchObject({ ok: 200, failed: 0 });
  });

  it('is told of failures by the end of the batch', async () => {
    twoHosts(() => ({ kind: 'retry', code: 'http_503' }));
    await consume([...ids('bad', 2), ...ids('good', 8)]);
    const told = leases('/bad').map(({ request }) => request.report?.failed ?? 0);
    expect(told).toEqual([0, 2]);
  });

  it('that does not answer stops nothing', async () => {
    const adapter = twoHosts(() => ({ kind: 'accepted' }));
    w.world.limiters.isDown = true;
    await consume(ids('good', 10));
    expect(adapter.calls).toHaveLength(10);
  });

  it('is not asked for a message that is only logged', async () => {
    w.claims.set('p1/msg_1', [claimed(aMessage({ channel: 'push' }))]);
    await w.consume([hint()]);
    expect(w.rows.get('msg_1')?.status).toBe('sent');
    expect(w.world.limiters.calls).toEqual([]);
  });
});

describe('a provider’s rate', () => {
  const limited = (perMinute: number) => {
    const adapter = anAdapter(() => ({ kind: 'accepted' }));
    w.world.adapter = adapter;
    w.world.perMinute = perMinute;
    return adapter;
  };

  it('is kept to; the messages beyond it come back one after the other, untried', async () => {
    const adapter = limited(24);
    await consume(ids('sms', 5));
    expect(adapter.calls).toHaveLength(2);
    const waits = w.settled.flatMap(([, , outcome]) => (outcome.kind === 'retry' ? [outcome] : []));
    expect(waits).toEqual(
      [2_977, 5_954, 8_931].map((afterMs) => ({ kind: 'retry', afterMs, at: NOW, untried: true })),
    );
  });

  it('costs far fewer questions than messages', async () => {
    const adapter = limited(6_000);
    for (let i = 0; i < 60; i++) {
      await consume(ids('sms', 10));
      w.world.clock.now += 200;
    }
    expect(adapter.calls).toHaveLength(600);
    expect(w.world.limiters.calls.length).toBeLessThan(20);
  });
});

describe('an endpoint that hangs', () => {
  /** Time for everything that doesn't wait for the endpoint. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

  function hanging() {
    const answers: ((result: SendResult) => void)[] = [];
    const adapter = twoHosts(
      () =>
        new Promise<SendResult>((resolve) => {
          answers.push(resolve);
        }),
    );
    let timers: { at: number; wake: () => void }[] = [];
    w.world.sleep = (ms) =>
      new Promise((wake) => {
        timers.push({ at: w.world.clock.now + ms, wake });
      });
    const behind: Promise<unknown>[] = [];
    return {
      adapter,
      behind,
      start: (messages: string[]) => consume(messages, (work) => behind.push(work)),
      answerAll: () => {
        for (const answer of answers.splice(0)) answer({ kind: 'unknown', code: 'timeout' });
      },
      pass: async (ms: number) => {
        w.world.clock.now += ms;
        const due = timers.filter(({ at }) => at <= w.world.clock.now);
        timers = timers.filter((timer) => !due.includes(timer));
        for (const { wake } of due) wake();
        await settle();
      },
    };
  }

  it('gets two messages of a batch; the batch goes out beside it, and is over long before it answers', async () => {
    const h = hanging();
    const batch = h.start([...ids('bad', 5), ...ids('good', 5)]);
    await settle();
    expect(callsOf(h.adapter, 'bad')).toHaveLength(2);
    expect(callsOf(h.adapter, 'good')).toHaveLength(5);
    await h.pass(50);
    for (const id of ids('good', 5)) expect(outcomeOf(id)).toMatchObject({ kind: 'sent' });
    expect(await batch).toEqual(Array(10).fill('ack'));
    expect(h.behind).toHaveLength(1);
    expect(w.settled).toHaveLength(5);
  });

  it('turns its next messages away at once when four have hung for two seconds, and keeps their attempts', async () => {
    const h = hanging();
    const batches = [h.start(ids('bad', 5)), h.start(ids('bad', 9).slice(5))];
    await settle();
    await h.pass(50);
    await Promise.all(batches);
    expect(callsOf(h.adapter, 'bad')).toHaveLength(4);
    await h.pass(2_000);
    const untried = w.settled.filter(([, , outcome]) => outcome.kind === 'retry' && outcome.untried);
    expect(untried).toHaveLength(5);
    await h.start([...ids('bad', 20).slice(9), ...ids('good', 2)]);
    expect(callsOf(h.adapter, 'bad')).toHaveLength(4);
    expect(outcomeOf('good1')).toMatchObject({ kind: 'sent' });
  });

  it('keeps the queue no longer than a lease lasts, though it never answers', async () => {
    const h = hanging();
    const batch = h.start(['bad0']);
    await settle();
    await h.pass(50);
    expect(await batch).toEqual(['ack']);
    let isOver = false;
    void h.behind[0]?.then(() => {
      isOver = true;
    });
    await h.pass(25_000);
    expect(isOver).toBe(false);
    await h.pass(3_000);
    expect(isOver).toBe(true);
    expect(w.settled).toEqual([]);
  });

  it('is called no more once its time-outs are told', async () => {
    const h = hanging();
    const batches = [0, 2, 4].map((from) => h.start(ids('bad', 6).slice(from, from + 2)));
    await settle();
    await h.pass(50);
    await Promise.all(batches);
    h.answerAll();
    await settle();
    await Promise.all(h.behind);
    expect(w.settled.filter(([, , outcome]) => outcome.kind === 'retry')).toHaveLength(6);
    await h.start(ids('bad', 9).slice(6));
    expect(callsOf(h.adapter, 'bad')).toHaveLength(6);
    expect(w.world.alerts).toMatchObject([{ code: 'timeout' }]);
  });

  it('is not called for a message whose lease may run out before it answers', async () => {
    const adapter = twoHosts(() => ({ kind: 'accepted' }));
    w.world.slowDocumentsMs = 13_000;
    await consume(['good1']);
    expect(adapter.calls).toEqual([]);
    expect(outcomeOf('good1')).toMatchObject({ kind: 'retry', untried: true });
  });
});

describe('a provider that can be asked for a message', () => {
  const asked = (found: 'found' | 'absent' | 'unknown') => {
    const lookups: string[] = [];
    const adapter = anAdapter(() => ({ kind: 'accepted' }), {
      lookUp: async ({ id }) => {
        lookups.push(id);
        if (found === 'absent') return null;
        return found === 'unknown' ? { kind: 'unknown', code: 'timeout' } : { kind: 'accepted' };
      },
    });
    w.world.adapter = adapter;
    return { adapter, lookups };
  };

  it.each([
    ['found', 'sent', 0],
    ['absent', 'sent', 1],
    ['unknown', 'retry', 0],
  ] as const)('after a lease that was lost: %s', async (found, outcome, sends) => {
    const { adapter, lookups } = asked(found);
    w.claims.set('p1/msg_1', [claimed(aMessage(), 2)]);
    await w.consume([hint()]);
    expect(lookups).toEqual(['msg_1']);
    expect(adapter.calls).toHaveLength(sends);
    expect(outcomeOf('msg_1')?.kind).toBe(outcome);
  });

  it('is not asked before the first attempt', async () => {
    const { lookups } = asked('absent');
    await consume(['msg_1']);
    expect(lookups).toEqual([]);
  });
});

describe('a replayed message', () => {
  const row = (attempts: number) => ({ status: 'dead', reason: 'provider_error', attempts }) as never;

  it('is opened again in D1 before it is sent, whatever was recorded of the failure that is replayed', async () => {
    w.rows.set('msg_1', row(8));
    w.claims.set('p1/msg_1', [{ ...claimed(aMessage(), 9), replayOf: 8 } as never]);
    await w.consume([hint()]);
    expect(w.log.indexOf('reopen')).toBeLessThan(w.log.indexOf('send'));
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'sent', attempts: 9 });
  });

  it('that failed again meanwhile is not sent, but settled', async () => {
    w.rows.set('msg_1', row(9));
    w.claims.set('p1/msg_1', [{ ...claimed(aMessage(), 10), replayOf: 8 } as never]);
    await w.consume([hint()]);
    expect(w.requests).toEqual([]);
    expect(outcomeOf('msg_1')).toMatchObject({ kind: 'failed' });
  });

  it('is not called for again after a crash of its own, where that could send it twice', async () => {
    const adapter = anAdapter(() => ({ kind: 'accepted' }));
    w.world.adapter = adapter;
    w.rows.set('msg_1', row(1));
    w.claims.set('p1/msg_1', [{ ...claimed(aMessage(), 3), replayOf: 1 } as never]);
    await w.consume([hint()]);
    expect(adapter.calls).toEqual([]);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'unknown' });
  });
});
