import { describe, expect, test } from 'vitest';
import type { Template } from '../documents.ts';
import { checkTemplate, templateReads } from './check-template.ts';

function template(content: Template['locales'][string], more: Partial<Template> = {}): Template {
  return { id: 't', defaultLocale: 'ko', locales: { ko: content }, ...more };
}

/** A template whose only text is a push body. */
function saying(body: string): Template {
  return template({ push: { body } });
}

function buttonTo(url: string): Template {
  const buttons = [{ id: 'go', text: '보기', action: { type: 'open', url } }];
  return template({ in_app: { layout: 'modal', title: '안녕하세요', buttons } });
}

describe('a template', () => {
  test.each([
    '{{user.traits.name}}님, {{#money}}item.price{{/money}}이에요',
    '{{#recommendations}}{{title}} {{/recommendations}}',
    '{{^data.code}}코드가 없어요{{/data.code}}',
    '{{{item.title}}} {{&item.url}} {{! for the editor }}',
    '{{message.unsubscribeUrl}} {{lookup.title}} {{entry.event.properties.cart_id}} {{event.name}}',
  ])('may say %j', (body) => {
    expect(checkTemplate(saying(body))).toEqual([]);
  });

  test.each([
    ['{{#user.known}}회원', 'Unclosed section'],
    ['{{/user.known}}', 'Unopened section'],
    ['{{user.traits.name', 'has no }}'],
    ['{{> footer}}', 'not supported'],
    ['{{=<% %>=}}', 'delimiters cannot be changed'],
    ['{{usr.traits.name}}', 'did you mean `user`?'],
    ['{{name}}', 'expected a path that begins with event, user'],
    ['{{#money}}price{{/money}}', 'nothing fills `price` here'],
    ['{{.}}', 'nothing fills {{.}} here'],
  ])('must not say %j', (body, message) => {
    expect(checkTemplate(saying(body))).toMatchObject([
      { path: 'locales.ko.push.body', message: expect.stringContaining(message) },
    ]);
  });

  test('must have its default locale', () => {
    const english = { id: 't', defaultLocale: 'ko', locales: { en: { sms: { text: 'Hi' } } } };
    expect(checkTemplate(english)).toMatchObject([
      { path: 'defaultLocale', message: '`locales` has no `ko`; expected one of en' },
    ]);
  });

  test('must have a text for some channel in every locale', () => {
    expect(checkTemplate(template({ defaults: { 'user.traits.name': '고객' } }))).toMatchObject([
      { path: 'locales.ko', message: 'has no text for any channel' },
    ]);
  });

  test('must not default what nothing reads', () => {
    const issues = checkTemplate({ ...saying('안녕하세요'), defaults: { 'traits.name': '고객' } });
    expect(issues).toMatchObject([
      { path: 'defaults.traits.name', message: expect.stringContaining('nothing fills') },
    ]);
  });

  test.each([
    '/benefits',
    'https://shop.example/a:b',
    'dalmuri://cart',
    'mailto:a@b.example',
    '{{lookup.url}}',
    'c/{{lookup.id}}',
    '1{{lookup.id}}',
    '/{{lookup.id}}',
    'benefits',
  ])('may link to %s', (url) => {
    expect(checkTemplate(buttonTo(url))).toEqual([]);
  });

  const unopened = (scheme: string) =>
    `\`${scheme}:\` isn't opened; expected http(s), an app's own scheme, or a relative URL`;
  test.each([
    ['javascript:alert(1)', unopened('javascript')],
    [' JaVaScRiPt:alert(1)', unopened('javascript')],
    ['java\tscript:alert(1)', unopened('javascript')],
    ['data:text/html,x', unopened('data')],
    ['vbscript:x', unopened('vbscript')],
    ['file:///etc', unopened('file')],
    ['blob:x', unopened('blob')],
    ['filesystem:x', unopened('filesystem')],
    ['view-source:x', unopened('view-source')],
    [
      'java{{data.x}}:alert(1)',
      'a value could change the scheme; write the beginning out, up to the first `/`',
    ],
  ])('must not link to %j', (url, message) => {
    expect(checkTemplate(buttonTo(url))).toMatchObject([
      { path: 'locales.ko.in_app.buttons.0.action.url', message },
    ]);
  });

  test('is read for whatever its sections and formats name, outside of them', () => {
    const body =
      '{{#data.list}}{{x}}{{/data.list}}{{^data.none}}-{{/data.none}}{{#money}}data.price{{/money}}{{#url}}{{data.q}}{{/url}}';
    expect(templateReads(template({ push: { body } }), 'push')).toEqual(
      ['data.list', 'data.none', 'data.price', 'data.q'].map((path) => ({
        path,
        at: 'locales.ko.push.body',
      })),
    );
  });

  test('tells what a card reads from its in-app text', () => {
    const shared = template({
      in_app: { layout: 'card', title: '{{lookup.title}}', body: '{{#data.code}}{{.}}{{/data.code}}' },
    });
    expect(templateReads(shared, 'card').map(({ path }) => path)).toEqual(['lookup.title', 'data.code']);
    expect(templateReads(shared, 'push')).toEqual([]);
  });
});
