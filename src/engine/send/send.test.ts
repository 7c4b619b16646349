import { describe, expect, test } from 'vitest';
import type { CapRule } from '../documents.ts';
import { aConfig, aTemplate, aTrigger, type Published, send } from '../testing/builders.ts';
import { reasonOf, traceOf, VirtualProfile } from '../testing/virtual-profile.ts';
import type { Channel, Trigger } from '../trigger.ts';

const aLife = (triggers: Trigger[], rest: Published = {}) =>
  new VirtualProfile({ config: aConfig({ triggers, ...rest }) });
const pushes = (id: string, changes: Partial<Trigger> = {}) =>
  aTrigger({ id, steps: [send({ channels: ['push'] })], ...changes });
const capped = (...rules: CapRule[]) => ({ policies: { caps: { id: 'caps' as const, rules } } });

describe('consent', () => {
  test.each<[Channel, string]>([
    ['push', 'push'],
    ['web_push', 'web_push'],
    ['email', 'email'],
    ['sms', 'sms'],
    ['lms', 'sms'],
    ['lms', 'lms'],
    ['kakao_info', 'kakao'],
    ['kakao_brand', 'kakao'],
    ['line', 'line'],
    ['whatsapp', 'whatsapp'],
  ])('for %s is asked for as %s', (channel, asked) => {
    const profile = aLife([aTrigger({ steps: [send({ channels: [channel] })] })]);
    for (const other of ['push', 'web_push', 'email', 'sms', 'lms', 'kakao', 'line', 'whatsapp']) {
      if (other !== asked && !(channel === 'lms' && other === 'sms')) profile.consent(other);
    }
    if (channel === 'lms') profile.consent('lms', false);
    if (channel !== 'lms') expect(reasonOf(profile.track('Hello'))).toBe('no_consent');
    profile.advance('1s');
    profile.consent(asked, true);
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
    profile.advance('1s');
    profile.consent(asked, false);
    expect(reasonOf(profile.track('Hello'))).toBe('no_consent');
  });

  test('to night messages is no consent to messages', () => {
    const profile = aLife([pushes('hello')]);
    profile.consent('push', true, { purpose: 'marketing_night' });
    expect(reasonOf(profile.track('Hello'))).toBe('no_consent');
  });

  test('in force is the newest by its own time, however late it arrives', () => {
    const profile = aLife([pushes('hello')]);
    profile.consent('push', false, { timestamp: profile.now - 1_000 });
    profile.consent('push', true, { timestamp: profile.now - 2_000 });
    expect(reasonOf(profile.track('Hello'))).toBe('no_consent');
  });

  test('of the same instant is none', () => {
    for (const order of [
      [true, false],
      [false, true],
    ]) {
      const profile = aLife([pushes('hello')]);
      for (const granted of order) profile.consent('push', granted);
      expect(reasonOf(profile.track('Hello'))).toBe('no_consent');
    }
  });

  test.each<Channel>(['in_app', 'card'])('to %s is needed only where the law policy says so', (channel) => {
    const trigger = aTrigger({ steps: [send({ channels: [channel] })] });
    expect(reasonOf(aLife([trigger]).track('Hello'))).toBe('sent');
    const strict = aLife([trigger], { policies: { law: { id: 'law', jurisdiction: 'KR', inApp: true } } });
    expect(reasonOf(strict.track('Hello'))).toBe('no_consent');
    strict.consent('in_app');
    expect(reasonOf(strict.track('Hello'))).toBe('sent');
  });

  test('is not asked for webhooks, nor for what is transactional', () => {
    expect(reasonOf(aLife([aTrigger({ steps: [send({ channels: ['webhook'] })] })]).track('Hello'))).toBe(
      'sent',
    );
    const receipt = pushes('hello', { category: 'transactional', transactionalReason: 'receipt' });
    expect(reasonOf(aLife([receipt]).track('Hello'))).toBe('sent');
  });
});

describe('channels', () => {
  const both = (mode: 'first_reachable' | 'all') =>
    aTrigger({ steps: [send({ channels: ['email', 'sms'], mode })] });
  const sent = (profile: VirtualProfile) => profile.outbox().map(({ channel }) => channel);

  test('first_reachable is the first one with consent', () => {
    const profile = aLife([both('first_reachable')]);
    profile.consent('sms');
    profile.track('Hello');
    expect(sent(profile)).toEqual(['sms']);
    profile.consent('email');
    profile.track('Hello');
    expect(sent(profile)).toEqual(['sms', 'email']);
  });

  test('first_reachable does not turn to a dearer channel because the first one is capped', () => {
    const profile = aLife(
      [both('first_reachable')],
      capped({ count: 1, window: { last: '1d' }, channel: 'email' }),
    );
    profile.consent('email');
    profile.consent('sms');
    expect([1, 2].map(() => reasonOf(profile.track('Hello')))).toEqual(['sent', 'frequency_capped']);
    expect(sent(profile)).toEqual(['email']);
  });

  test('all are all that may be', () => {
    const profile = aLife([both('all')]);
    profile.consent('email');
    profile.consent('sms');
    const decision = profile.track('Hello');
    expect(sent(profile)).toEqual(['email', 'sms']);
    expect(decision.trace.map(({ reason }) => reason)).toEqual(['sent', 'sent']);
    expect(new Set(profile.outbox().map(({ messageId }) => messageId)).size).toBe(2);
  });

  test('that nobody sends on are no channel', () => {
    const profile = aLife([pushes('hello')], { logsByDefault: false });
    profile.consent('push');
    expect(reasonOf(profile.track('Hello'))).toBe('no_channel');
    profile.config = aConfig({
      triggers: [pushes('hello')],
      logsByDefault: false,
      channels: [{ id: 'push', provider: 'fcm', settings: {} }],
    });
    profile.track('$device', { id: 'd1', type: 'fcm', token: 't1' });
    expect(reasonOf(profile.track('Hello'))).toBe('sent');
  });
});

describe('frequency caps', () => {
  const say = (profile: VirtualProfile, event = 'Hello', trigger = 'hello') =>
    reasonOf(profile.track(event), trigger);

  test('let through so many in a rolling window', () => {
    const profile = aLife([aTrigger()], capped({ count: 2, window: { last: '1d' } }));
    expect([say(profile), say(profile), say(profile)]).toEqual(['sent', 'sent', 'frequency_capped']);
    profile.advanceTo(profile.now + 86_400_000 - 1);
    expect(say(profile)).toBe('frequency_capped');
    profile.advanceTo(profile.now + 1);
    expect(say(profile)).toBe('sent');
  });

  test('say which rule, and how many', () => {
    const profile = aLife(
      [aTrigger()],
      capped({ count: 9, window: { last: '1d' } }, { count: 1, window: { last: '1h' } }),
    );
    profile.track('Hello');
    expect(traceOf(profile.track('Hello'))).toMatchObject({
      reason: 'frequency_capped',
      path: 'steps.show.delivery.caps',
      values: { count: 1, rule: 1 },
    });
  });

  const both = [
    pushes('a', { tags: ['x'], entry: { on: [{ event: 'a' }] } }),
    pushes('b', {
      tags: ['y'],
      entry: { on: [{ event: 'b' }] },
      category: 'transactional',
      transactionalReason: 'r',
    }),
  ];

  test.each<[string, Partial<CapRule>, string[]]>([
    ['everything', {}, ['frequency_capped', 'frequency_capped']],
    ['a channel', { channel: 'push' }, ['frequency_capped', 'frequency_capped']],
    ['another channel', { channel: 'email' }, ['sent', 'sent']],
    ['a tag', { tag: 'x' }, ['frequency_capped', 'sent']],
    ['a trigger', { trigger: 'a' }, ['frequency_capped', 'sent']],
    ['a category', { category: 'marketing' }, ['frequency_capped', 'sent']],
  ])('over %s count what that names', (_name, rule, expected) => {
    const profile = aLife(both, capped({ count: 1, window: { last: '1d' }, ...rule }));
    profile.consent('push');
    expect(say(profile, 'a', 'a')).toBe('sent');
    expect([say(profile, 'a', 'a'), say(profile, 'b', 'b')]).toEqual(expected);
  });

  test('neither hold for what is exempt nor count it', () => {
    const exempt = aTrigger({
      id: 'exempt',
      delivery: { caps: 'exempt' },
      entry: { on: [{ event: 'Exempt' }] },
    });
    const profile = aLife([aTrigger(), exempt], capped({ count: 1, window: { last: '1d' } }));
    expect(say(profile, 'Exempt', 'exempt')).toBe('sent');
    expect(say(profile)).toBe('sent');
    expect(say(profile, 'Exempt', 'exempt')).toBe('sent');
  });

  test('still count what a trigger sent that is no longer there', () => {
    const profile = aLife([aTrigger({ id: 'old' })], capped({ count: 1, window: { last: '1d' } }));
    expect(say(profile, 'Hello', 'old')).toBe('sent');
    profile.config = aConfig({ triggers: [aTrigger()], ...capped({ count: 1, window: { last: '1d' } }) });
    expect(say(profile)).toBe('frequency_capped');
  });

  test('that leave room for fewer than want it give it to the best, and the losers name the winner', () => {
    const low = pushes('low', { priority: 10 });
    const high = pushes('high', { priority: 90 });
    const profile = aLife([low, high], capped({ count: 1, window: { last: '1d' }, channel: 'push' }));
    profile.consent('push');
    const decision = profile.track('Hello');
    expect(reasonOf(decision, 'high')).toBe('sent');
    expect(traceOf(decision, 'low')).toMatchObject({ reason: 'outranked', values: { winner: 'high' } });
    expect(reasonOf(profile.track('Hello'), 'low')).toBe('frequency_capped');
  });

  test('that are full for two channels of one send let the first one through', () => {
    const trigger = aTrigger({ steps: [send({ channels: ['push', 'email'], mode: 'all' })] });
    const profile = aLife([trigger], capped({ count: 1, window: { last: '1d' } }));
    profile.consent('push');
    profile.consent('email');
    profile.track('Hello');
    expect(profile.outbox().map(({ channel }) => channel)).toEqual(['push']);
  });
});

describe('a recheck', () => {
  const recheck = { didNot: 'Signed Up' } as const;

  test('is asked at every send, also of in-app messages', () => {
    const steps = [send(), { id: 'wait', wait: '1h' as const }, send({ id: 'again' })];
    const profile = aLife([aTrigger({ steps, delivery: { recheck } })]);
    expect(profile.track('Hello').trace.map(({ reason }) => reason)).toEqual(['sent', 'waiting']);
    profile.track('Signed Up');
    profile.advance('1h');
    expect(traceOf(profile)).toMatchObject({
      reason: 'recheck_failed',
      path: 'delivery.recheck',
      values: { count: 1 },
    });
    expect(profile.sends()).toBe(1);
  });
});

describe('render errors', () => {
  const needy = aTemplate({
    locales: { ko: { in_app: { layout: 'modal', body: '{{user.traits.name}}님' } } },
  });

  test('refuse the send, name the value, and count nothing', () => {
    const profile = aLife([aTrigger()], { templates: [needy] });
    expect(traceOf(profile.track('Hello'))).toMatchObject({
      reason: 'render_error',
      path: 'steps.show.user.traits.name',
    });
    expect([profile.sends(), profile.inbox(), profile.state.runs.size]).toEqual([0, [], 0]);
    profile.identify({ name: '이슬' });
    profile.track('Hello');
    expect(profile.inbox()[0]?.content).toMatchObject({ body: '이슬님', locale: 'ko' });
  });

  test('give the slot to the runner-up', () => {
    const winner = aTrigger({ id: 'winner', priority: 90, steps: [send({ template: 'needy' })] });
    const profile = aLife([winner, aTrigger()], { templates: [{ ...needy, id: 'needy' }, aTemplate()] });
    const decision = profile.track('Hello');
    expect([reasonOf(decision, 'winner'), reasonOf(decision)]).toEqual(['render_error', 'sent']);
  });

  test('come of values over 8 KB', () => {
    const profile = aLife([
      aTrigger({ steps: [send({ data: { long: { ref: 'event.properties.long' } } })] }),
    ]);
    expect(reasonOf(profile.track('Hello', { long: 'x'.repeat(9_000) }))).toBe('render_error');
  });
});
