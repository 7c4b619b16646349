import { describe, expect, it } from 'vitest';
import type { Template } from '../../documents.ts';
import type { Channel } from '../../trigger.ts';
import type { Json, JsonObject } from '../../vocabulary.ts';
import { renderTemplate } from './render-template.ts';

const FORMAT = { currency: 'KRW', timeZone: 'Asia/Seoul' };
const values: JsonObject = {
  user: {
    id: 'u1',
    traits: { name: '지민', tags: ['은', '금'], blank: ' \u3164\u200b', none: null, empty: [] },
  },
  item: { id: 'p1', title: '실반지 <b>', price: 68000, currency: 'KRW', url: '/p/1?a=1&b=2' },
  entry: { referencePrice: { amount: 79000.5, currency: 'USD' } },
  event: {
    properties: {
      currency: 'EUR',
      products: [
        { name: '첫째', price: 10 },
        { name: '둘째', price: 20.5, currency: 'KRW' },
      ],
      when: '2026-11-24T16:30:00Z',
      day: '2026-11-24',
      at: 1795533000000,
    },
  },
  recommendations: [
    { title: '하나', price: 1000, currency: 'KRW' },
    { title: '둘', price: 2000 },
  ],
  yes: true,
  no: false,
  zero: 0,
};

function render(
  text: Json,
  options: { channel?: Channel; locale?: string; template?: Partial<Template> } = {},
) {
  const channel = options.channel ?? 'push';
  return renderTemplate({
    template: {
      id: 't',
      defaultLocale: 'ko',
      locales: { ko: { [channel]: { body: text } } },
      ...options.template,
    },
    channel,
    locale: options.locale ?? 'ko-KR',
    values,
    format: FORMAT,
  });
}

const bodyOf = (result: ReturnType<typeof render>) =>
  result.kind === 'rendered' ? result.content.body : `refused: ${result.path}`;

describe('values', () => {
  it.each([
    ['안녕, {{user.traits.name}}님', '안녕, 지민님'],
    ['{{ user.traits.name }} {{{item.title}}} {{&item.title}}', '지민 실반지 <b> 실반지 <b>'],
    ['{{user.traits.tags}}', '은, 금'],
    ['{{zero}} {{no}} {{yes}}', '0 false true'],
    ['{{event.properties.products.name}}', '첫째'],
    ['{{event.properties.products.1.name}}', '둘째'],
    ['{{! a note }}x', 'x'],
    ['no tags } {', 'no tags } {'],
  ])('%s reads %s', (text, expected) => {
    expect(bodyOf(render(text))).toBe(expected);
  });

  it.each([
    ['{{user.traits.nickname}}', 'user.traits.nickname'],
    ['{{user.traits.blank}}', 'user.traits.blank'],
    ['{{user.traits.none}}', 'user.traits.none'],
    ['{{user.traits.empty}}', 'user.traits.empty'],
    ['{{user.traits}}', 'user.traits'],
    ['{{event.properties.products}}', 'event.properties.products'],
    ['{{user.traits.name.length}}', 'user.traits.name.length'],
    ['{{user.traits.tags.length}}', 'user.traits.tags.length'],
    ['{{user.constructor.name}}', 'user.constructor.name'],
    ['{{user.__proto__}}', 'user.__proto__'],
    ['{{toString}}', 'toString'],
    ['{{#recommendations}}{{subtitle}}{{/recommendations}}', 'subtitle'],
    ['{{#money}}item.was{{/money}}', 'item.was'],
    ['{{#money}}item.title{{/money}}', 'item.title'],
    ['{{#date}}item.title{{/date}}', 'item.title'],
    ['{{#url}}item.slug{{/url}}', 'item.slug'],
    ['{{#money}}{{#no}}x{{/no}}{{/money}}', 'money'],
    ['/s?q={{#url}}{{#no}}x{{/no}}{{/url}}', 'url'],
  ])('%s refuses with the path', (text, path) => {
    expect(bodyOf(render(text))).toBe(`refused: ${path}`);
  });

  it('takes defaults by path, the locale’s own first, and never a blank one', () => {
    const template = (locale: Record<string, string>, all: Record<string, string>) => ({
      template: {
        defaults: all,
        locales: { ko: { push: { body: '{{user.traits.nickname}}님' }, defaults: locale } },
      },
    });
    const path = 'user.traits.nickname';
    expect(bodyOf(render('', template({ [path]: '단골' }, { [path]: '고객' })))).toBe('단골님');
    expect(bodyOf(render('', template({ [path]: ' ' }, { [path]: '고객' })))).toBe('고객님');
    expect(bodyOf(render('', template({}, { [path]: '' })))).toBe(`refused: ${path}`);
    expect(bodyOf(render('', template({}, {})))).toBe(`refused: ${path}`);
  });
});

describe('sections', () => {
  it.each([
    ['{{#recommendations}}[{{title}} {{user.traits.name}}]{{/recommendations}}', '[하나 지민][둘 지민]'],
    ['{{#user.traits.tags}}({{.}}){{/user.traits.tags}}', '(은)(금)'],
    ['{{#user.traits.nickname}}님{{/user.traits.nickname}}끝', '끝'],
    ['{{^user.traits.blank}}손님{{/user.traits.blank}}', '손님'],
    ['{{#user.traits.blank}}{{user.traits.blank}}{{/user.traits.blank}}끝', '끝'],
    ['{{^user.traits.empty}}없음{{/user.traits.empty}}', '없음'],
    ['{{#yes}}예{{/yes}}{{#no}}아니오{{/no}}{{#zero}}영{{/zero}}', '예'],
    ['{{#user.constructor}}x{{/user.constructor}}{{^user.constructor}}y{{/user.constructor}}', 'y'],
  ])('%s reads %s', (text, expected) => {
    expect(bodyOf(render(text))).toBe(expected);
  });
});

describe('formatting sections', () => {
  it.each([
    ['{{#money}}item.price{{/money}}', 'ko', '68,000원'],
    ['{{#money}}entry.referencePrice{{/money}}', 'ko', 'US$79,000.50'],
    ['{{#money}}event.properties.products.0.price{{/money}}', 'ko', '€10.00'],
    ['{{#money}}event.properties.products.1.price{{/money}}', 'ko', '21원'],
    ['{{#recommendations}}{{#money}}price{{/money}} {{/recommendations}}', 'ko', '1,000원 2,000원 '],
    ['{{#money}}{{item.price}}{{/money}}', 'ko', '68,000원'],
    ['{{#money}} 1234 {{/money}}', 'ko', '1,234원'],
    ['{{#money}}item.price{{/money}}', 'en', '₩68,000'],
    ['{{#number}}item.price{{/number}}', 'de', '68.000'],
    ['{{#number}}1200{{/number}}', 'ko', '1,200'],
    ['{{#date}}event.properties.when{{/date}}', 'ko', '2026년 11월 25일'],
    ['{{#date}}event.properties.day{{/date}}', 'ko', '2026년 11월 24일'],
    ['{{#date}}event.properties.at{{/date}}', 'en', 'November 25, 2026'],
    ['{{#date}}2026-01-02{{/date}}', 'en-GB', '2 January 2026'],
    ['/s?q={{#url}}item.url{{/url}}', 'ko', '/s?q=%2Fp%2F1%3Fa%3D1%26b%3D2'],
    ['/s?q={{#url}}실 반지{{/url}}', 'ko', '/s?q=%EC%8B%A4%20%EB%B0%98%EC%A7%80'],
    ['/s?q={{#url}}{{user.traits.name}}&{{/url}}', 'ko', '/s?q=%EC%A7%80%EB%AF%BC%26'],
  ])('%s in %s reads %s', (text, locale, expected) => {
    const locales = { [locale]: { push: { body: text } } };
    expect(bodyOf(render('', { locale, template: { defaultLocale: locale, locales } }))).toBe(expected);
  });

  it.each(['en-US@posix', 'en_US.UTF-8', 'en-x', 'en-'])(
    'a client that calls its locale %s reads the language’s own',
    (locale) => {
      const locales = { en: { push: { body: '{{#number}}event.properties.n{{/number}}' } } };
      const values = { event: { properties: { n: 1234 } } };
      const template = { id: 't', defaultLocale: 'en', locales };
      expect(renderTemplate({ template, channel: 'push', locale, values, format: FORMAT })).toMatchObject({
        kind: 'rendered',
        content: { body: '1,234' },
      });
    },
  );

  it('refuses, not throws, where the locale or zone is unknown to Intl', () => {
    const locales = { 'not a locale': { push: { body: '{{#number}}1{{/number}}' } } };
    expect(render('', { locale: 'x', template: { defaultLocale: 'not a locale', locales } }).kind).toBe(
      'refused',
    );
  });
});

describe('locales', () => {
  const template: Template = {
    id: 't',
    defaultLocale: 'en',
    locales: {
      en: { push: { title: 'Hi' }, in_app: { title: 'Hello' } },
      ko: { push: { title: '안녕' } },
      'pt-BR': { push: { title: 'Olá' } },
    },
  };
  it.each([
    ['ko-KR', 'push', 'ko'],
    ['KO_kr', 'push', 'ko'],
    ['pt-br', 'push', 'pt-BR'],
    ['pt', 'push', 'en'],
    ['fr', 'push', 'en'],
    ['', 'push', 'en'],
    ['__proto__', 'push', 'en'],
    ['ko', 'card', 'en'],
  ] as const)('%s on %s reads %s', (locale, channel, expected) => {
    expect(renderTemplate({ template, channel, locale, values: {}, format: FORMAT })).toMatchObject({
      locale: expected,
    });
  });

  it('refuses a channel that the template has no text for', () => {
    expect(
      renderTemplate({ template, channel: 'sms', locale: 'ko', values: {}, format: FORMAT }),
    ).toMatchObject({
      kind: 'refused',
      path: 'locales.ko.sms',
    });
  });
});

describe('content', () => {
  it('renders nested texts and leaves other values as they are', () => {
    const content = {
      layout: 'modal',
      html: null,
      n: 3,
      buttons: [{ id: 'go', text: '{{user.traits.name}}', action: { type: 'open', url: '{{item.url}}' } }],
    };
    const result = render('', { channel: 'card', template: { locales: { ko: { in_app: content } } } });
    expect(result).toEqual({
      kind: 'rendered',
      locale: 'ko',
      content: {
        ...content,
        buttons: [{ id: 'go', text: '지민', action: { type: 'open', url: '/p/1?a=1&b=2' } }],
      },
    });
  });

  it.each([
    ['email', 'html', '실반지 &lt;b&gt;'],
    ['in_app', 'html', '실반지 &lt;b&gt;'],
    ['email', 'text', '실반지 <b>'],
    ['in_app', 'body', '실반지 <b>'],
    ['sms', 'text', '실반지 <b>'],
    ['webhook', 'html', '실반지 <b>'],
  ] as const)('escapes for HTML only where HTML is: %s %s', (channel, field, expected) => {
    const locales = { ko: { [channel]: { [field]: '{{item.title}}' } } };
    expect(render('', { channel, template: { locales } })).toMatchObject({ content: { [field]: expected } });
  });

  it.each([
    '{{user',
    '{{#a}}x',
    '{{/a}}',
    '{{>other}}',
    '{{=<% %>=}}',
    '{{}}',
    '{{a b}}',
    '{{a..b}}',
    `{{a${' '.repeat(600)}}}`,
  ])('refuses the malformed text %s where it stands', (text) => {
    expect(render(text)).toMatchObject({ kind: 'refused', path: 'locales.ko.push.body' });
  });

  it('refuses what would grow without end', () => {
    const many = Array.from({ length: 300 }, () => 1);
    const text = '{{#m}}{{#m}}{{#m}}x{{/m}}{{/m}}{{/m}}';
    const template: Template = { id: 't', defaultLocale: 'ko', locales: { ko: { push: { body: text } } } };
    const result = renderTemplate({
      template,
      channel: 'push',
      locale: 'ko',
      values: { m: many },
      format: FORMAT,
    });
    expect(result.kind).toBe('refused');
  });

  it('gives the same bytes every time, whatever was rendered in between', () => {
    const template: Template = {
      id: 't',
      defaultLocale: 'ko',
      locales: {
        ko: {
          push: {
            title: '{{item.title}}',
            body: '{{#money}}item.price{{/money}} {{#date}}event.properties.at{{/date}}',
          },
        },
      },
    };
    const input = { template, channel: 'push', locale: 'ko', values, format: FORMAT } as const;
    const first = JSON.stringify(renderTemplate(input));
    render('{{#money}}item.price{{/money}}', { locale: 'ko' });
    expect(JSON.stringify(renderTemplate(input))).toBe(first);
    expect(JSON.stringify(renderTemplate(structuredClone(input)))).toBe(first);
  });
});
