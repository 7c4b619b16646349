import { describe, expect, test } from 'vitest';
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
