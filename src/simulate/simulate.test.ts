import { describe, expect, it } from 'vitest';
import { aTemplate, aTrigger, send } from '../engine/testing/builders.ts';
import type { Trigger } from '../engine/trigger.ts';
import { type SimulationInput, simulate } from './simulate.ts';

type Step = SimulationInput['life'][number];

const LAW = {
  id: 'law',
  inApp: false,
  sender: { name: '담은', phone: '02-555-0101', optOut080: '080-555-0101' },
};

const push = (changes: Partial<Trigger> = {}) =>
  aTrigger({ steps: [send({ channels: ['push'] })], ...changes });

const track = (
  at: string,
  userId: string,
  event: string,
  more: Partial<Step> & { properties?: object } = {},
): Step => {
  const { properties, ...rest } = more;
  const call = { method: 'POST' as const, path: '/v1/track?sync=1', body: { userId, event, properties } };
  return { at: moment(at), call, ...rest };
};

const consent = (at: string, userId: string, channel = 'push'): Step => ({
  at: moment(at),
  call: {
    method: 'PUT',
    path: `/v1/profiles/${userId}/consents`,
    body: { channel, purpose: 'marketing', granted: true },
  },
});

const pass = (at: string, more: Partial<Step> = {}): Step => ({ at: moment(at), call: null, ...more });

/** `d1 10:00:00`: a day and a time of day in Seoul. */
function moment(text: string): string {
  const [day = '', time = ''] = text.split(' ');
  return `2027-03-${day.slice(1).padStart(2, '0')}T${time}+09:00`;
}

function play(triggers: Trigger[], life: Step[], more: SimulationInput['documents'] = {}) {
  return simulate({ documents: { policies: [LAW], templates: [aTemplate()], triggers, ...more }, life });
}

async function failuresOf(triggers: Trigger[], life: Step[], more: SimulationInput['documents'] = {}) {
  return (await play(triggers, life, more)).failures.map(({ step, text }) => `${step}: ${text}`);
}

describe('a life that goes as expected', () => {
  it('has no failures, and a report of what was shown, sent and decided', async () => {
    const report = await play(
      [
        aTrigger(),
        push({ id: 'later', steps: [{ id: 'pause', wait: '14d' }, send({ channels: ['push'] })] }),
      ],
      [
        consent('d1 09:00:00', 'u1'),
        track('d1 10:00:00', 'u1', 'Hello', { expect: { messages: [{ trigger: 'hello' }] } }),
        pass('d15 09:59:59', { expect: {} }),
        pass('d15 10:00:00', {
          expect: { sent: [{ trigger: 'later', userId: 'u1', at: moment('d15 10:00:00') }] },
        }),
      ],
    );
    expect(report.failures).toEqual([]);
    expect(report.messages).toMatchObject([{ step: 1, message: { trigger: 'hello', layout: 'modal' } }]);
    expect(report.deliveries).toMatchObject([
      { trigger: 'hello', channel: 'in_app', status: 'cancelled', reason: 'expired', sentAt: null },
      {
        trigger: 'later',
        channel: 'push',
        userId: 'u1',
        status: 'sent',
        sentAt: '2027-03-15T01:00:00.000Z',
        content: { title: '(광고) Title' },
      },
    ]);
    expect(report.decisions.map(({ trigger, reason }) => `${trigger} ${reason}`)).toEqual([
      'hello sent',
      'later waiting',
      'later sent',
    ]);
  });

  it('gives the same report every time', async () => {
    const life = [track('d1 10:00:00', 'u1', 'Hello', {})];
    expect(await play([aTrigger()], life)).toEqual(await play([aTrigger()], life));
  });

  it('asks nothing of a step without expectations', async () => {
    expect(await failuresOf([aTrigger()], [track('d1 10:00:00', 'u1', 'Hello')])).toEqual([]);
  });
});

describe('what wasn’t expected is a failure', () => {
  it('a message in the answer', async () => {
    const [failure, ...others] = await failuresOf(
      [aTrigger()],
      [track('d1 10:00:00', 'u1', 'Hello', { expect: {} })],
    );
    expect(failure).toMatch(/^0: expected no other message; came \{"trigger":"hello"/);
    expect(others).toEqual([]);
  });

  it('a delivery', async () => {
    const life = [consent('d1 09:00:00', 'u1'), track('d1 10:00:00', 'u1', 'Hello', { expect: {} })];
    expect(await failuresOf([push()], life)).toEqual([
      expect.stringMatching(/^1: expected no other delivery; came/),
    ]);
  });

  it('a second delivery where one was listed', async () => {
    const two = push({ steps: [send({ channels: ['push'] }), send({ id: 'again', channels: ['push'] })] });
    const sent = [{ trigger: 'hello' }];
    const life = [consent('d1 09:00:00', 'u1'), track('d1 10:00:00', 'u1', 'Hello', { expect: { sent } })];
    expect(await failuresOf([two], life)).toHaveLength(1);
    const both = track('d1 10:00:00', 'u1', 'Hello', { expect: { sent, may: sent } });
    expect(await failuresOf([two], [consent('d1 09:00:00', 'u1'), both])).toEqual([]);
  });

  it('a refused call, unless its status is expected', async () => {
    const bad = (expected: Step['expect']): Step => ({
      at: moment('d1 10:00:00'),
      call: { method: 'POST', path: '/v1/track', body: { event: 'Hello' } },
      ...(expected && { expect: expected }),
    });
    expect(await failuresOf([], [bad({})])).toEqual([
      expect.stringContaining('expected status any 2xx; came 400'),
    ]);
    expect(await failuresOf([], [bad({ status: 400, body: { 'error.code': 'invalid_request' } })])).toEqual(
      [],
    );
  });
});

describe('what was expected and didn’t come is a failure', () => {
  const wrong: [string, Step['expect']][] = [
    ['a message of another trigger', { messages: [{ trigger: 'other' }] }],
    ['a message on another surface', { messages: [{ surface: 'search' }] }],
    ['a message with another text', { messages: [{ contains: ['Goodbye'] }] }],
    ['none of several texts', { messages: [{ contains: [['Goodbye', 'Farewell']] }] }],
    ['a text that must be lacking', { messages: [{ lacks: ['Hello'] }] }],
    ['a text that must stand once', { messages: [{ once: ['l'] }] }],
    ['another beginning', { messages: [{ starts: { title: 'Hello' } }] }],
    ['another end', { messages: [{ ends: { body: 'Title' } }] }],
    ['a kept message that wasn’t', { messages: [{ same: 'm9' }] }],
    ['a message to keep', { messages: [{}], keep: { m1: 'other' } }],
    ['a delivery', { messages: [{}], sent: [{ trigger: 'hello' }] }],
    [
      'a decision',
      { messages: [{}], decisions: [{ trigger: 'hello', userId: 'u1', reason: 'not_matched' }] },
    ],
    [
      'a decision about another',
      { messages: [{}], decisions: [{ trigger: 'hello', userId: 'u2', reason: 'sent' }] },
    ],
    ['more in all', { messages: [{}], totals: [{ trigger: 'hello', userId: 'u1', count: 2 }] }],
    ['fewer in all', { messages: [{}], totals: [{ trigger: 'hello', userId: 'u1', max: 0 }] }],
    ['another value in the body', { messages: [{}], body: { success: false } }],
  ];
  it.each(wrong)('%s', async (_, expected) => {
    const life = [track('d1 10:00:00', 'u1', 'Hello', expected ? { expect: expected } : {})];
    expect(await failuresOf([aTrigger()], life)).toHaveLength(1);
  });

  it('a delivery at another second', async () => {
    const at = (second: string) =>
      track('d1 10:00:00', 'u1', 'Hello', { expect: { sent: [{ at: moment(`d1 10:00:${second}`) }] } });
    expect(await failuresOf([push()], [consent('d1 09:00:00', 'u1'), at('00')])).toEqual([]);
    expect(await failuresOf([push()], [consent('d1 09:00:00', 'u1'), at('01')])).toHaveLength(1);
  });

  it('another order', async () => {
    const slow = (userId: string, delay: string) =>
      push({
        id: `for-${userId}`,
        entry: { on: [{ event: 'Hello', where: { field: 'user.id', op: 'eq', value: userId } }] },
        steps: [{ id: 'pause', wait: delay as '1h' }, send({ channels: ['push'] })],
      });
    const life = (order: string[]) => [
      consent('d1 09:00:00', 'u1'),
      consent('d1 09:00:00', 'u2'),
      track('d1 10:00:00', 'u1', 'Hello'),
      track('d1 10:00:00', 'u2', 'Hello'),
      pass('d1 13:00:00', { expect: { sent: [{ userId: 'u1' }, { userId: 'u2' }], order } }),
    ];
    expect(await failuresOf([slow('u1', '2h'), slow('u2', '1h')], life(['u2', 'u1']))).toEqual([]);
    expect(await failuresOf([slow('u1', '2h'), slow('u2', '1h')], life(['u1', 'u2']))).toHaveLength(1);
  });
});

describe('the world', () => {
  it('keeps a message’s id, for acknowledging it', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how a life names a kept message.
    const kept = '${m1}';
    const life = [
      track('d1 10:00:00', 'u1', 'Hello', { expect: { messages: [{}], keep: { m1: 'hello' } } }),
      track('d1 10:00:01', 'u1', 'Other', { expect: { messages: [{ same: 'm1' }] } }),
      track('d1 10:00:02', 'u1', 'Message Viewed', { properties: { message_id: kept }, expect: {} }),
    ];
    const report = await play([aTrigger()], life);
    expect(report.failures).toEqual([]);
    expect(report.deliveries).toMatchObject([{ status: 'shown' }]);
  });

  it('merges an anonymous visitor into the user that it turns out to be', async () => {
    const once = push({
      reeligibility: { mode: 'never' },
      steps: [{ id: 'pause', wait: '1h' }, send({ channels: ['push'] })],
    });
    const at = (time: string) => moment(`d1 ${time}`);
    const report = await play(
      [once],
      [
        consent('d1 09:00:00', 'u1'),
        {
          at: at('10:00:00'),
          call: { method: 'POST', path: '/v1/track', body: { anonymousId: 'a1', event: 'Hello' } },
        },
        {
          at: at('10:30:00'),
          call: {
            method: 'POST',
            path: '/v1/identify',
            body: { anonymousId: 'a1', userId: 'u1', traits: {} },
          },
        },
        pass('d1 11:00:00', {
          expect: { sent: [{ userId: 'u1' }], totals: [{ trigger: 'hello', userId: 'u1', count: 1 }] },
        }),
        {
          at: at('12:00:00'),
          call: { method: 'POST', path: '/v1/track', body: { anonymousId: 'a1', event: 'Hello' } },
          expect: { decisions: [{ trigger: 'hello', userId: 'u1', reason: 'not_eligible' }] },
        },
      ],
    );
    expect(report.failures).toEqual([]);
  });

  it('tells watchers of a price that fell, at the price of their own like', async () => {
    const drop = push({ entry: { on: [{ item: 'price_drop', relation: ['liked'], minDrop: { pct: 10 } }] } });
    const item = (at: string, price: number, more: Partial<Step> = {}): Step => ({
      at: moment(at),
      call: { method: 'PUT', path: '/v1/items/ring', body: { price } },
      ...more,
    });
    const like = { properties: { product_id: 'ring' } };
    const failures = await failuresOf(
      [drop],
      [
        consent('d1 09:00:00', 'u1'),
        consent('d1 09:00:00', 'u2'),
        item('d1 10:00:00', 1000),
        track('d1 10:01:00', 'u1', 'Product Added to Wishlist', like),
        item('d1 10:02:00', 950, { expect: {} }),
        track('d1 10:03:00', 'u2', 'Product Added to Wishlist', like),
        item('d1 10:04:00', 890, { expect: { sent: [{ userId: 'u1' }] } }),
        item('d1 10:05:00', 850, { expect: { sent: [{ userId: 'u1' }, { userId: 'u2' }] } }),
      ],
    );
    expect(failures).toEqual([]);
  });

  it('broadcasts to everybody it knows, again and again', async () => {
    const daily = push({ entry: { on: [{ at: '2027-03-01T10:00:00+09:00', every: '1d' }] } });
    const failures = await failuresOf(
      [daily],
      [
        consent('d1 09:00:00', 'u1'),
        pass('d1 10:00:00', { expect: { sent: [{ userId: 'u1' }] } }),
        consent('d1 11:00:00', 'u2'),
        pass('d3 10:00:00', {
          expect: { sent: [{ userId: 'u1' }, { userId: 'u2' }, { userId: 'u1' }, { userId: 'u2' }] },
        }),
      ],
    );
    expect(failures).toEqual([]);
  });
});
