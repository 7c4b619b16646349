import { describe, expect, test } from 'vitest';
import type { Template } from '../documents.ts';
import { CHANNELS, type Channel, type Condition, type Step, type Trigger } from '../trigger.ts';
import { checkTriggerReferences, type KnownDocuments } from './check-references.ts';

const TEMPLATE: Template = {
  id: 'hello',
  defaultLocale: 'ko',
  locales: {
    ko: {
      push: { body: '안녕하세요' },
      in_app: { layout: 'modal', title: '{{data.code}} {{lookup.title}}' },
      sms: { text: 'x' },
    },
    en: { push: { body: 'Hello' } },
  },
};

function known(changes: Partial<KnownDocuments> = {}): KnownDocuments {
  return {
    triggers: new Set(['t']),
    templates: new Map([['hello', TEMPLATE]]),
    segments: new Map(),
    lookups: new Map([['rings', { id: 'rings', rows: [{ key: '실반지', url: '/c/thin' }] }]]),
    channels: new Set(CHANNELS),
    informational: new Set(),
    law: { id: 'law', jurisdiction: 'KR', inApp: false, sender: { name: '달무리', phone: '02-1' } },
    publicUrl: 'https://edge.example.com',
    ...changes,
  };
}

function trigger(channel: Channel, changes: Partial<Trigger> = {}): Trigger {
  return {
    id: 't',
    category: 'marketing',
    entry: { on: [{ event: 'Product Viewed' }] },
    reeligibility: { mode: 'never' },
    steps: [{ id: 'tell', send: { channels: [channel], template: 'hello' } }],
    ...changes,
  };
}

describe('a trigger that is to go live', () => {
  test('as marketing needs a sender and a way to refuse, where the channel needs them', () => {
    expect(checkTriggerReferences(trigger('push'), known()).issues).toEqual([]);
    expect(checkTriggerReferences(trigger('sms'), known()).issues).toMatchObject([
      { path: 'steps.0.send.channels.0', message: expect.stringContaining('`sender.optOut080`') },
    ]);
    const transactional = trigger('sms', { category: 'transactional', transactionalReason: 'an order' });
    expect(checkTriggerReferences(transactional, known()).issues).toEqual([]);
  });

  test('needs a provider for what leaves the app', () => {
    const { issues } = checkTriggerReferences(
      trigger('push'),
      known({ channels: new Set(['in_app', 'card']) }),
    );
    expect(issues).toMatchObject([
      { path: 'steps.0.send.channels.0', message: expect.stringContaining('no provider is set for `push`') },
    ]);
  });

  test('must give its template what it reads', () => {
    expect(checkTriggerReferences(trigger('card'), known()).issues.map(({ message }) => message)).toEqual([
      expect.stringContaining('expected `send.data.code` or a default'),
      expect.stringContaining('expected `entry.lookup`'),
    ]);
    const step: Step = { id: 'tell', send: { channels: ['card'], template: 'hello', data: { code: 'X' } } };
    const whole = trigger('card', {
      entry: { on: [{ event: 'Products Searched' }], lookup: { table: 'rings', key: '실반지' } },
      steps: [step],
    });
    expect(checkTriggerReferences(whole, known()).issues).toEqual([]);
  });

  test('is told of readers who get the default locale', () => {
    expect(checkTriggerReferences(trigger('sms'), known()).warnings).toMatchObject([
      {
        path: 'steps.0.send.template',
        message: expect.stringContaining('no `sms` text for `en`'),
        code: 'no_text_for_locale',
        values: { template: 'hello', channel: 'sms', locale: 'en', defaultLocale: 'ko' },
      },
    ]);
  });

  test('is told that each item of a topic is told by itself, unless it collects them or waits between two', () => {
    const on = [{ topic: 'brand' as const, change: 'new_item' as const }];
    const warned = (entry: object, mode: 'always' | 'never' = 'always') =>
      checkTriggerReferences(trigger('push', { entry: { on, ...entry }, reeligibility: { mode } }), known())
        .warnings;
    expect(warned({})).toContainEqual({
      path: 'entry.on.0',
      message: expect.stringContaining('`entry.group` collects them'),
      code: 'topic_not_grouped',
      values: {},
    });
    const isTold = (warnings: { message: string }[]) =>
      warnings.some(({ message }) => message.includes('entry.group'));
    expect([warned({ group: { within: '1h', max: 5 } }), warned({}, 'never')].map(isTold)).toEqual([
      false,
      false,
    ]);
  });

  test('is told of a column that no row of its table has', () => {
    const condition: Condition = { field: 'lookup.link', op: 'exists' };
    const reading = trigger('push', {
      entry: {
        on: [{ event: 'Products Searched' }],
        if: condition,
        lookup: { table: 'rings', key: '실반지' },
      },
    });
    expect(checkTriggerReferences(reading, known()).warnings).toMatchObject([
      {
        path: 'entry.if.field',
        message: expect.stringContaining('no row of `rings` has `link`'),
        code: 'no_such_column',
        values: { table: 'rings', column: 'link' },
      },
    ]);
  });

  test.each<[Condition, boolean]>([
    [{ did: 'X' }, false],
    [
      { did: 'X', where: { field: 'event.properties.a', op: 'eq', value: 1 }, window: { last: '30d' } },
      false,
    ],
    [{ did: 'X', where: { field: 'event.properties.a', op: 'gt', value: { ref: 'user.traits.a' } } }, true],
    [{ did: 'X', window: { calendar: 'day' } }, true],
    [{ sequence: [{ did: 'X' }, { didNot: 'Y' }], within: '1d' }, true],
    [{ did: 'X', distinct: 'event.properties.a', count: { gte: 3 } }, true],
    [{ did: 'X', count: { gte: 2_000 }, window: { last: '30d' } }, true],
    [{ did: 'X', count: { gte: 2_000 } }, false],
  ])('is told where history is read event by event: %j', (condition, isTold) => {
    const counting = trigger('push', { entry: { on: [{ event: 'X' }], if: condition } });
    const told = checkTriggerReferences(counting, known()).warnings.some(({ message }) =>
      message.includes('1000 newest'),
    );
    expect(told).toBe(isTold);
  });
});

describe('advertising', () => {
  const issuesOf = (channel: Channel, changes: Partial<KnownDocuments> = {}, content: object = {}) => {
    const template = { ...TEMPLATE, locales: { ko: { [channel]: { text: 'x', ...content } } } } as Template;
    const sender = { name: '달무리', phone: '02-1', address: '서울', optOut080: '080-123-4567' };
    const law = { id: 'law' as const, jurisdiction: 'KR', inApp: false, sender };
    const around = known({ templates: new Map([['hello', template]]), law, ...changes });
    return checkTriggerReferences(trigger(channel), around).issues.map(
      ({ path, message }) => `${path}: ${message}`,
    );
  };

  test('is never Alimtalk, whoever sends it', () => {
    expect(issuesOf('kakao_brand')).toEqual([]);
    expect(issuesOf('kakao_info')).toEqual([
      expect.stringMatching(/^steps\.0\.send\.channels\.0: Alimtalk carries no/),
    ]);
  });

  test('goes by no provider that takes none', () => {
    expect(issuesOf('email')).toEqual([]);
    const informational = new Set<Channel>(['email']);
    expect(issuesOf('email', { informational })).toEqual([expect.stringContaining('takes no advertising')]);
  });

  test('by e-mail needs the deployment’s own address, for the way out', () => {
    expect(issuesOf('email', { publicUrl: null })).toEqual([
      expect.stringMatching(
        /^steps\.0\.send\.channels\.0: .*link to unsubscribe.*`publicUrl` in the policy `workspace`/,
      ),
    ]);
    expect(issuesOf('push', { publicUrl: null })).toEqual([]);
  });

  test('reads links to unsubscribe only where its messages can have them', () => {
    const text = '{{message.unsubscribeUrl}}';
    expect(issuesOf('lms', {}, { text })).toEqual([]);
    expect(issuesOf('lms', { publicUrl: null }, { text })).toEqual([
      expect.stringMatching(/^steps\.0\.send\.template: .*`message\.unsubscribeUrl`.*expected `publicUrl`/),
    ]);
    expect(issuesOf('in_app', {}, { title: text })).toEqual([
      expect.stringContaining('which only messages have that leave the app'),
    ]);
  });

  test('is marked rightly or not at all by its author, in every language', () => {
    expect(issuesOf('sms', {}, { text: '(광고) 소식' })).toEqual([]);
    expect(issuesOf('sms', {}, { text: '[광고] 소식' })).toEqual([
      expect.stringMatching(/^steps\.0\.send\.template: .*`locales\.ko\.sms\.text` is marked/),
    ]);
  });
});

test('an e-mail under American law needs the sender’s postal address', () => {
  const law = { id: 'law' as const, jurisdiction: 'US', inApp: false, sender: { name: 'Moon' } };
  const { locales } = TEMPLATE;
  const template = { ...TEMPLATE, locales: { ko: { ...locales.ko, email: { subject: 's', html: 'h' } } } };
  const asked = (sender: object) =>
    checkTriggerReferences(
      trigger('email'),
      known({
        templates: new Map([['hello', template]]),
        law: { ...law, sender: { ...law.sender, ...sender } },
      }),
    ).issues;
  expect(asked({})).toMatchObject([{ message: expect.stringContaining('`sender.address`') }]);
  expect(asked({ address: '1 Main St' })).toEqual([]);
});

describe('recommendations', () => {
  const showing = (title: string): Template => ({
    id: 'hello',
    defaultLocale: 'ko',
    locales: { ko: { in_app: { layout: 'modal', title } } },
  });
  const checked = (title: string, recommends: boolean) => {
    const step = { channels: ['in_app' as const], template: 'hello' };
    const send = recommends ? { ...step, recommend: { from: 'liked' as const } } : step;
    return checkTriggerReferences(
      trigger('in_app', { steps: [{ id: 'tell', send }] }),
      known({ templates: new Map([['hello', showing(title)]]) }),
    );
  };
  const SECTION = '이런 것도 {{#recommendations}}{{title}}{{/recommendations}}';

  test('need a step that recommends and a template that shows them', () => {
    expect(checked(SECTION, true)).toEqual({ issues: [], warnings: [] });
    expect(checked('안녕', false)).toEqual({ issues: [], warnings: [] });
  });

  test('that nobody fills, or nobody sees, are told of', () => {
    expect(checked(`{{#data.x}}${SECTION}{{/data.x}}`, false).warnings).toMatchObject([
      {
        code: 'no_recommend',
        path: 'steps.0.send.template',
        message: expect.stringContaining('the step has no `recommend`'),
      },
    ]);
    expect(checked('안녕', true).warnings).toMatchObject([
      {
        code: 'recommendations_unseen',
        path: 'steps.0.send.recommend',
        message: expect.stringContaining('nobody sees them'),
      },
    ]);
  });

  test('that a text must have, and no step gives, keep the trigger from going live', () => {
    expect(checked('{{recommendations.0.title}}', false).issues).toMatchObject([
      { path: 'steps.0.send.template', message: expect.stringContaining('expected `send.recommend`') },
    ]);
    expect(checked('{{recommendations.0.title}}', true).issues).toEqual([]);
  });
});

describe('where costs decide', () => {
  const costs = new Map<Channel, { amount: number; currency: string }>([
    ['sms', { amount: 18, currency: 'USD' }],
  ]);
  const prices = { costs, currency: 'KRW' };
  const sending = (mode: 'cheapest' | 'all', changes: Partial<Trigger> = {}) =>
    trigger('sms', {
      steps: [{ id: 'a', send: { channels: ['sms', 'push'], mode, template: 'hello' } }],
      ...changes,
    });
  const warningsOf = (one: Trigger) =>
    checkTriggerReferences(one, known({ prices }))
      .warnings.filter(({ message }) => /cost/.test(message))
      .map(({ path, message }) => [path, message]);

  test('a cost that can’t be compared, or that nobody named, is warned of', () => {
    const expected = [
      ['steps.0.send.channels.0', expect.stringContaining("costs USD, which can't be compared with KRW")],
      ['steps.0.send.channels.1', expect.stringContaining('names no `cost`')],
    ];
    expect(warningsOf(sending('cheapest'))).toEqual(expected);
    expect(warningsOf(sending('all', { budget: { perDay: 100 } }))).toEqual(expected);
    expect(warningsOf(sending('all', { budget: { perDay: 100, currency: 'USD' } }))).toEqual(
      expected.slice(1),
    );
    expect(warningsOf(sending('all'))).toEqual([]);
  });
});
