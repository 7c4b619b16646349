import { beforeEach, describe, expect, it } from 'vitest';
import { aMessage, anAdapter, aWorld, claimed, hint, NOW } from '../../tests/support/dispatch-world.ts';
import type { SendResult } from '../channels/channel.ts';
import type { DeliveryRecord } from '../store/deliveries.ts';

let w: ReturnType<typeof aWorld>;
beforeEach(() => {
  w = aWorld();
});

describe('a message that is taken', () => {
  it('is claimed, sent, written to D1 and only then settled', async () => {
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.log.slice(w.log.indexOf('claim'))).toEqual([
      'claim',
      'config',
      'template',
      'send',
      'record',
      'settle',
    ]);
    expect(w.settled).toEqual([['p1', 'msg_1', { kind: 'sent', at: NOW }]]);
    expect(w.rows.get('msg_1')).toEqual({
      id: 'msg_1',
      profileKey: 'p1',
      trigger: 'price-drop',
      version: 2,
      variant: null,
      channel: 'webhook',
      status: 'sent',
      reason: 'sent',
      attempts: 1,
      createdAt: NOW - 1_000,
      sentAt: NOW,
      updatedAt: NOW,
    });
    expect(w.extras).toEqual([{}]);
    expect(JSON.parse(w.requests[0]?.body ?? '')).toMatchObject({
      user: { id: 'u1' },
      data: { text: 'u1: 실반지' },
    });
  });

  it('is logged in development where its channel is not set up, labelled, with its content kept', async () => {
    w.claims.set('p1/msg_1', [claimed(aMessage({ channel: 'push' }))]);
    await w.consume([hint()]);
    expect(w.rows.get('msg_1')?.status).toBe('sent');
    expect(w.extras).toEqual([
      { content: { title: '(광고) 가격 인하', body: '실반지 68,000원\n수신거부: 설정 > 알림 설정' } },
    ]);
    expect(w.requests).toEqual([]);
  });

  it('is not labelled where it is transactional', async () => {
    w.claims.set('p1/msg_1', [claimed(aMessage({ channel: 'push', category: 'transactional' }))]);
    await w.consume([hint()]);
    expect(w.extras).toEqual([{ content: { title: '가격 인하', body: '실반지 68,000원' } }]);
  });

  it('is settled in the profile that it has moved to', async () => {
    const to = { kind: 'user', id: 'u1', key: 'p2' } as const;
    w.claims.set('p1/msg_1', [{ kind: 'moved', to }]).set('p2/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.settled).toEqual([['p2', 'msg_1', { kind: 'sent', at: NOW }]]);
    expect(w.rows.get('msg_1')?.profileKey).toBe('p2');
  });
});

describe('a message that is not ours to send', () => {
  it('is let go where the profile has nothing to send', async () => {
    w.claims.set('p1/msg_1', [{ kind: 'gone', reason: 'exited' }]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.log).not.toContain('send');
    expect(w.rows.size).toBe(0);
  });

  it('comes back after another dispatcher’s lease', async () => {
    w.claims.set('p1/msg_1', [{ kind: 'leased', untilAt: NOW + 12_400 }]);
    expect(await w.consume([hint()])).toEqual([13]);
    expect(w.log).not.toContain('send');
  });

  it('is left to the outbox where the queue’s own retries are used up', async () => {
    w.claims.set('p1/msg_1', [{ kind: 'leased', untilAt: NOW + 12_400 }]);
    expect(await w.consume([hint()], 6)).toEqual(['ack']);
  });

  it('is not chased in circles', async () => {
    const to = (key: string) => ({ kind: 'moved', to: { kind: 'user', id: 'u', key } }) as const;
    w.claims.set('p1/msg_1', Array(9).fill(to('p2'))).set('p2/msg_1', Array(9).fill(to('p1')));
    expect(await w.consume([hint()])).toEqual([10]);
  });
});

describe('a message that is not taken', () => {
  it('is given back for five seconds, and goes out the next time with the same bytes', async () => {
    w.world.answers.push(new Response(null, { status: 503 }));
    w.claims.set('p1/msg_1', [claimed(), claimed(aMessage(), 2)]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'queued', attempts: 1, sentAt: null });
    const given = w.settled[0]?.[2];
    expect(given).toMatchObject({ kind: 'retry', at: NOW });
    if (given?.kind === 'retry') expect(Math.abs(given.afterMs - 5_000)).toBeLessThanOrEqual(500);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.requests[1]).toEqual(w.requests[0]);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('waits as long as the provider asks', async () => {
    w.world.answers.push(new Response(null, { status: 429, headers: { 'retry-after': '7200' } }));
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.settled[0]?.[2]).toEqual({ kind: 'retry', afterMs: 7_200_000, at: NOW });
  });

  it('is dead after eight attempts, and in the dead letters', async () => {
    w.world.answers.push(new Response(null, { status: 500 }));
    w.rows.set('msg_1', { attempts: 7, status: 'queued' } as DeliveryRecord);
    w.claims.set('p1/msg_1', [claimed(aMessage(), 8)]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'dead', reason: 'provider_error', attempts: 8 });
    expect(w.extras[0]?.deadLetter).toMatchObject({
      id: 'msg_1',
      source: 'delivery',
      code: 'http_500',
      attempts: 8,
    });
    expect(w.settled[0]?.[2]).toEqual({ kind: 'failed', reason: 'provider_error', at: NOW });
  });

  it('fails at once where the provider says no', async () => {
    w.world.answers.push(new Response(null, { status: 400 }));
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'failed', reason: 'provider_error' });
    expect(w.extras[0]?.deadLetter?.code).toBe('http_400');
  });

  it.each([
    [new Response(null, { status: 410 }), 'http_410'],
    [new Response(null, { status: 302, headers: { location: 'http://10.0.0.1' } }), 'http_302'],
  ])(
    'is kept, untried, where the endpoint is not there at all, and somebody is told (%#)',
    async (answer, code) => {
      w.world.answers.push(answer);
      w.claims.set('p1/msg_1', [claimed(), claimed()]);
      expect(await w.consume([hint()])).toEqual(['ack']);
      expect(w.rows.get('msg_1')).toMatchObject({ status: 'queued', attempts: 0 });
      expect(w.settled[0]?.[2]).toEqual({ kind: 'retry', afterMs: 60_000, at: NOW, untried: true });
      expect(w.world.alerts).toMatchObject([{ alert: 'endpoint_closed', code }]);
      await w.consume([hint()]);
      expect(w.requests).toHaveLength(1);
      expect(w.world.alerts).toHaveLength(1);
    },
  );

  it('is tried again under the same id where the answer was lost', async () => {
    w.world.answers.push(new TypeError('reset'));
    w.claims.set('p1/msg_1', [claimed()]);
    await w.consume([hint()]);
    expect(w.settled[0]?.[2]).toMatchObject({ kind: 'retry' });
  });
});

describe('a message that cannot be sent', () => {
  it.each([
    ['nobody sends on its channel', (c: typeof w) => c.world.channels.clear(), 'no_channel', 'no_provider'],
    [
      'its template is gone',
      (c: typeof w) => {
        c.world.template = null;
      },
      'render_error',
      'template_gone',
    ],
  ])('fails where %s', async (_, arrange, reason, code) => {
    w.world.isDevelopment = false;
    arrange(w);
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'failed', reason });
    expect(w.extras[0]?.deadLetter?.code).toBe(code);
    expect(w.settled[0]?.[2]).toEqual({ kind: 'failed', reason, at: NOW });
    expect(w.requests).toEqual([]);
  });

  it('fails, and never goes out with a hole, where a value is missing', async () => {
    w.claims.set('p1/msg_1', [claimed(aMessage({ values: { user: { id: 'u1' } } }))]);
    await w.consume([hint()]);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'failed', reason: 'render_error' });
    expect(w.extras[0]?.deadLetter?.code).toBe('render_refused: item.title');
    expect(w.requests).toEqual([]);
  });
});

describe('a fault on our side', () => {
  it('before the claim leaves the message alone', async () => {
    w.failing.set('config', 1);
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual([10]);
    expect(w.log).toEqual(['config']);
  });

  it.each(['record', 'settle'])('in %s is tried once more at once, without sending again', async (name) => {
    w.failing.set(name, 1);
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.requests).toHaveLength(1);
    expect(w.settled).toHaveLength(1);
  });

  it('between D1 and the profile is healed by the next attempt, which sends nothing', async () => {
    w.failing.set('settle', 2);
    w.claims.set('p1/msg_1', [claimed(), claimed(aMessage(), 2)]);
    expect(await w.consume([hint()])).toEqual([10]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.requests).toHaveLength(1);
    expect(w.settled).toEqual([['p1', 'msg_1', { kind: 'sent', at: NOW }]]);
  });

  it('in the stream of exports is healed by the next attempt, which tells it before it settles', async () => {
    w.failing.set('settle', 2);
    w.failing.set('stream', 1);
    w.claims.set('p1/msg_1', [claimed(), claimed(aMessage(), 2), claimed(aMessage(), 3)]);
    expect(await w.consume([hint()])).toEqual([10]);
    expect(await w.consume([hint()])).toEqual([10]);
    expect(w.settled).toEqual([]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.log.slice(-2)).toEqual(['stream', 'settle']);
    expect(w.requests).toHaveLength(1);
  });

  it('between the send and D1 sends again under the same id', async () => {
    w.failing.set('record', 2);
    w.claims.set('p1/msg_1', [claimed(), claimed(aMessage(), 2)]);
    expect(await w.consume([hint()])).toEqual([10]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.requests).toHaveLength(2);
    expect(w.requests[1]).toEqual(w.requests[0]);
  });

  it('in one message holds up no other', async () => {
    w.claims.set('p1/msg_1', [claimed(aMessage({ values: {} }))]);
    w.claims.set('p2/msg_2', [claimed(aMessage({ messageId: 'msg_2' }))]);
    const bodies = [
      hint(),
      hint('msg_2', 'p2'),
      null,
      { v: 2, kind: 'message' },
      'junk',
      hint('msg_3', 'p3'),
    ];
    expect(await w.consume(bodies)).toEqual(['ack', 'ack', 10, 10, 10, 'ack']);
    expect(w.requests.map(({ id }) => id)).toEqual(['msg_2']);
  });
});

describe('a provider that knows no idempotency', () => {
  it('is not called again where the answer was lost: the message is unknown, and a dead letter', async () => {
    w.world.adapter = anAdapter(() => ({ kind: 'unknown', code: 'timeout' }));
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'unknown', reason: 'unknown_outcome' });
    expect(w.extras[0]?.deadLetter?.code).toBe('timeout');
    expect(w.settled[0]?.[2]).toEqual({ kind: 'failed', reason: 'unknown_outcome', at: NOW });
  });

  it('is not called again after a lease that ended without a word', async () => {
    const adapter = anAdapter(() => ({ kind: 'accepted' }));
    w.world.adapter = adapter;
    w.claims.set('p1/msg_1', [claimed(aMessage(), 2)]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(adapter.calls).toEqual([]);
    expect(w.rows.get('msg_1')).toMatchObject({ status: 'unknown', reason: 'unknown_outcome' });
    expect(w.extras[0]?.deadLetter?.code).toBe('lease_lost');
  });

  it('is called again after it asked for that', async () => {
    const results: SendResult[] = [{ kind: 'retry', code: 'busy' }, { kind: 'accepted' }];
    const adapter = anAdapter(() => results.shift() ?? { kind: 'unknown', code: 'none left' });
    w.world.adapter = adapter;
    w.claims.set('p1/msg_1', [claimed(), claimed(aMessage(), 2)]);
    await w.consume([hint()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(adapter.calls).toEqual(['msg_1', 'msg_1']);
    expect(w.rows.get('msg_1')?.status).toBe('sent');
  });

  it('may have been called by an adapter that threw', async () => {
    w.world.adapter = anAdapter(() => {
      throw new Error('a fault');
    });
    w.claims.set('p1/msg_1', [claimed()]);
    await w.consume([hint()]);
    expect(w.extras[0]?.deadLetter?.code).toBe('adapter_fault');
  });

  it('parks a message until the provider takes some again', async () => {
    const untilAt = NOW + 20 * 3_600_000;
    w.world.adapter = anAdapter(() => ({ kind: 'park', untilAt, code: 'day_limit' }));
    w.claims.set('p1/msg_1', [claimed()]);
    expect(await w.consume([hint()])).toEqual(['ack']);
    expect(w.settled[0]?.[2]).toEqual({
      kind: 'retry',
      afterMs: 20 * 3_600_000,
      at: NOW,
      untried: true,
    });
    expect(w.rows.get('msg_1')?.status).toBe('queued');
  });
});
