import { describe, expect, test } from 'vitest';
import { pathFault } from '../checks/check-path.ts';
import { checkTemplate } from '../checks/check-template.ts';
import { compilePath } from '../language/path.ts';
import { scopeOf, startRound } from '../round.ts';
import { aConfig, aTemplate, aTrigger, products, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';
import type { JsonObject } from '../vocabulary.ts';

function valuesOf(body: string, prepare: (profile: VirtualProfile) => void, properties: JsonObject = {}) {
  const trigger = aTrigger({
    steps: [send({ channels: ['push'], data: { code: 'X1', by: { ref: 'user.id' } } })],
  });
  const profile = new VirtualProfile({
    config: aConfig({ triggers: [trigger], templates: [aTemplate({}, body)] }),
  });
  profile.consent('push');
  prepare(profile);
  profile.track('Hello', properties);
  return profile.outbox()[0]?.values;
}

describe('what a template sees', () => {
  test('is the event, the item, the user, its data and the message itself', () => {
    const values = valuesOf(
      '{{event.properties.price}}',
      () => {},
      products({ product_id: 'a', price: 5, name: 'Ring' }),
    );
    expect(values).toMatchObject({
      event: { name: 'Hello', properties: { price: 5 } },
      entry: { event: { name: 'Hello' }, item: { id: 'a' } },
      item: { id: 'a', title: 'Ring', price: 5, currency: 'KRW' },
      user: { id: 'u1', known: true, cart: { count: 0, value: 0 } },
      data: { code: 'X1', by: 'u1' },
      message: { id: expect.stringMatching(/^msg_/), expiresAt: expect.stringMatching(/Z$/) },
    });
  });

  test('of traits and event properties is only what it mentions', () => {
    const values = valuesOf(
      '{{user.traits.name}}',
      (profile) => profile.identify({ name: '이슬', secret: 'x' }),
      {
        query: 'q',
      },
    );
    expect(values).toMatchObject({ user: { traits: { name: '이슬' } }, event: { properties: {} } });
    expect(JSON.stringify(values)).not.toContain('secret');
  });

  test('of the event’s context is what it mentions, and none where it mentions none', () => {
    const hello = (body: string) => {
      const config = aConfig({ triggers: [aTrigger()], templates: [aTemplate({}, body)] });
      const profile = new VirtualProfile({ config });
      const context = { locale: 'ko', page: { path: '/books/1', url: 'https://shop.kr/books/1' } };
      profile.track('Hello', {}, { context });
      return profile.inbox()[0]?.content?.body;
    };
    expect(hello('{{event.context.page.path}} {{entry.event.context.page.url}}')).toBe(
      '/books/1 https://shop.kr/books/1',
    );
    expect(valuesOf('{{event.name}}', () => {})?.event).toEqual({ name: 'Hello', properties: {} });
  });

  test('of an anonymous visitor has no user id to show', () => {
    const trigger = aTrigger({ steps: [send({ channels: ['webhook'] })] });
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [trigger] }),
      id: 'a1',
      kind: 'anonymous',
    });
    profile.track('Hello');
    expect(profile.outbox()[0]?.values.user).toMatchObject({ known: false, anonymousId: 'a1' });
  });

  test('does not change with what happens after the decision', () => {
    const trigger = aTrigger({ steps: [send({ channels: ['webhook'] })] });
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [trigger], templates: [aTemplate({}, '{{user.traits.name}}')] }),
    });
    profile.identify({ name: 'before' });
    profile.track('Hello');
    profile.identify({ name: 'after' });
    expect(profile.dispatch()[0]?.values.user).toMatchObject({ traits: { name: 'before' } });
  });
});

/** Every path of the trigger language. Of those that hold names of the app's own, one. */
const ITEM = [
  'id',
  'title',
  'url',
  'imageUrl',
  'category',
  'brand',
  'price',
  'currency',
  'stock',
  'attributes.size',
];
const EVENT = ['name', 'messageId', 'timestamp', 'properties.from', 'context.page.path'];
const CYCLE = ['count', 'lastAt', 'meanInterval', 'dueAt', 'overdueAt', 'lapsedAt'];
const PATHS = [
  ...ITEM.flatMap((name) => [`item.${name}`, `entry.item.${name}`]),
  ...EVENT.flatMap((name) => [`event.${name}`, `entry.event.${name}`]),
  ...['item.previousPrice', 'entry.referencePrice', 'entry.lookup.url', 'lookup.url'],
  ...['id', 'known', 'traits.tier', 'firstSeenAt', 'lastSeenAt', 'timezone', 'locale'].map(
    (name) => `user.${name}`,
  ),
  ...['cart.count', 'cart.value', 'cart.oldestAt', 'orders.value', 'lastViewed.title'].map(
    (name) => `user.${name}`,
  ),
  ...CYCLE.flatMap((name) => [`user.orders.${name}`, `user.sessions.${name}`]),
  ...['session.page', 'session.startedAt'],
];

/** Knows everything that there is to know, and has liked a ring that is about to become cheaper. */
function aFullProfile(text: string) {
  const trigger = aTrigger({
    entry: {
      on: [{ item: 'price_drop', relation: ['liked'] }],
      lookup: { table: 'sizes', key: { ref: 'item.id' } },
    },
  });
  const lookups = [{ id: 'sizes', rows: [{ key: 'ring', url: '/sizes' }] }];
  const profile = new VirtualProfile({
    config: aConfig({ triggers: [trigger], templates: [aTemplate({}, text)], lookups }),
  });
  const context = { locale: 'ko', timezone: 'Asia/Seoul' };
  profile.identify({ tier: 'VIP' }, { context });
  for (let day = 0; day < 5; day++) {
    profile.page('Home', { path: `/day/${day}` }, { context });
    profile.track('Order Completed', { revenue: 100, ...products({ product_id: `o${day}`, price: 100 }) });
    profile.advance('1d');
  }
  profile.page('Home', { path: '/now' }, { context });
  profile.track('Product Viewed', products({ product_id: 'ring', name: 'Ring', price: 90 }));
  profile.track('Product Added', products({ product_id: 'band', price: 50 }));
  profile.track('Product Added to Wishlist', products({ product_id: 'ring', price: 100 }));
  return profile;
}

const RING = {
  id: 'ring',
  title: 'Ring',
  url: 'https://shop.kr/ring',
  imageUrl: 'https://shop.kr/ring.png',
  category: 'rings',
  brand: 'Reflex',
  currency: 'KRW',
  stock: 3,
  attributes: { size: 'S' },
};

function cheaper(profile: VirtualProfile) {
  profile.itemChanged({ ...RING, price: 100 });
  const event = {
    ...profile.anEvent('$item', { from: 'the catalog' }),
    context: { page: { path: '/p' } },
    item: {
      item: { ...RING, price: 80 },
      version: 2,
      changedAt: profile.now,
      previous: { price: 100, currency: 'KRW' },
    },
    origin: 'system' as const,
  };
  return profile.receive(event);
}

describe('a template can show', () => {
  test.each(PATHS)('%s, with the value that a condition would see', (path) => {
    const template = aTemplate({}, `{{${path}}}`);
    expect([pathFault(path), checkTemplate(template)]).toEqual([null, []]);
    const profile = aFullProfile(`{{${path}}}`);
    cheaper(profile);
    const { config, state, now } = profile;
    const [run] = state.runs.values();
    const round = startRound({ config, state, history: profile, now }, null);
    const scope = run && scopeOf(round, run.entry, null, run.entry.item);
    const [value] = scope ? compilePath(path)(scope) : [];
    expect(value).toBeDefined();
    expect(profile.trace.at(-1)).toMatchObject({ reason: 'sent' });
    expect(profile.inbox()[0]?.content.body).toBe(String(value));
  });

  test('what is known of the session’s page', () => {
    const profile = aFullProfile('{{session.page.name}} {{session.page.path}}');
    cheaper(profile);
    expect(profile.inbox()[0]?.content.body).toBe('Home /now');
  });
});

describe('the locale', () => {
  const inEnglish = {
    en: { in_app: { layout: 'modal', body: 'Hi' } },
    ko: { in_app: { layout: 'modal', body: '안녕' } },
  } as const;
  const shown = (prepare: (profile: VirtualProfile) => void) => {
    const profile = new VirtualProfile({
      config: aConfig({ triggers: [aTrigger()], templates: [aTemplate({ locales: inEnglish })] }),
    });
    prepare(profile);
    profile.track('Hello');
    return profile.inbox()[0]?.content.locale;
  };

  test('is the trait’s, else the client’s last one, else the workspace’s', () => {
    const context = { context: { locale: 'en-US' } };
    expect(shown(() => {})).toBe('ko');
    expect(shown((profile) => profile.track('Other', {}, context))).toBe('en');
    expect(
      shown((profile) => {
        profile.track('Other', {}, context);
        profile.identify({ locale: 'ko-KR' });
      }),
    ).toBe('ko');
  });
});
