/** Why a text isn't sent, by the whole sentence that its author reads; and what stands just inside the limits. */
import { describe, expect, it } from 'vitest';
import type { Template } from '../../documents.ts';
import type { Channel } from '../../trigger.ts';
import type { Json, JsonObject } from '../../vocabulary.ts';
import { renderTemplate } from './render-template.ts';
import { templateProblems } from './template-problems.ts';

const FORMAT = { currency: 'KRW', timeZone: 'Asia/Seoul' };
const saying = (content: JsonObject, channel: Channel = 'push'): Template => ({
  id: 't',
  defaultLocale: 'ko',
  locales: { ko: { [channel]: content } },
});
const render = (template: Template, values: JsonObject = {}, channel: Channel = 'push', locale = 'ko') =>
  renderTemplate({ template, channel, locale, values, format: FORMAT });
const body = (text: Json, values: JsonObject = {}) => render(saying({ body: text }), values);

describe('a text is refused for', () => {
  const price = 'an amount: a number or a numeral like "68000"';
  it.each<[string, JsonObject, string, unknown]>([
    [
      '{{user.traits.name}}',
      {},
      'user.traits.name',
      'user.traits.name is missing or blank and has no default; add one to `defaults`, or put the text in a section that may be empty',
    ],
    ['{{a}}', { a: { b: 1 } }, 'a', 'a is an object or a list of objects; name the field to show'],
    ['{{a}}', { a: ['x', { b: 1 }] }, 'a', 'a is an object or a list of objects; name the field to show'],
    ['{{#money}}a{{/money}}', { a: 'dear' }, 'a', expect.stringContaining(price)],
    ['{{#money}}a{{/money}}', { a: true }, 'a', expect.stringContaining(price)],
    ['{{#money}}a{{/money}}', { a: [1, 2] }, 'a', expect.stringContaining(price)],
    ['{{#money}}a{{/money}}', { a: { cost: 1 } }, 'a', expect.stringContaining(price)],
    [
      '{{#money}}a{{/money}}',
      { a: { amount: 1, currency: 'WONS' } },
      'a',
      expect.stringContaining('a currency code like KRW'),
    ],
    ['{{#number}}a{{/number}}', { a: '1e5' }, 'a', expect.stringContaining('a number or a numeral')],
    [
      '{{#date}}a{{/date}}',
      { a: 'tomorrow' },
      'a',
      expect.stringContaining('an ISO 8601 date like 2026-11-24, or milliseconds since 1970'),
    ],
    ['{{#url}}a.b{{/url}}', { a: { b: { c: 1 } } }, 'a.b', expect.stringContaining('a text or a number')],
  ])('%s with %j', (text, values, path, message) => {
    expect(body(text, values)).toEqual({ kind: 'refused', path, message });
  });

  it('a locale that has no text on the channel, and says which were looked at', () => {
    expect(render(saying({ body: 'x' }), {}, 'sms', 'en-GB')).toEqual({
      kind: 'refused',
      path: 'locales.en-GB.sms',
      message: 'template t has no sms text in en-GB or ko',
    });
  });

  it('more than 400 000 characters, counted over all of its texts', () => {
    const half = 'x'.repeat(200_000);
    expect(body(['{{a}}', '{{a}}'], { a: half }).kind).toBe('rendered');
    expect(body(['{{a}}', '{{a}}', '{{b}}'], { a: half, b: '!' })).toEqual({
      kind: 'refused',
      path: 'locales.ko.push.body.2',
      message: 'locales.ko.push.body.2 renders to more than 400000 characters',
    });
  });

  it('sections that repeat without end', () => {
    const m = Array.from({ length: 300 }, () => 1);
    expect(body('{{#m}}{{#m}}x{{/m}}{{/m}}', { m })).toEqual({
      kind: 'refused',
      path: '',
      message: 'the text is too long once its sections repeat',
    });
  });

  it('content nested more than twelve deep', () => {
    const nested = (depth: number): Json => (depth === 0 ? '{{a}}' : { x: nested(depth - 1) });
    expect(body(nested(11), { a: 'x' }).kind).toBe('rendered');
    const at = `locales.ko.push.body${'.x'.repeat(11)}`;
    expect(body(nested(12), { a: 'x' })).toEqual({
      kind: 'refused',
      path: at,
      message: `${at} is nested more than 12 deep`,
    });
    expect(body([[[[[[[[[[[['{{a}}']]]]]]]]]]]], { a: 'x' }).kind).toBe('refused');
  });

  it('the first of its faults, where it stands', () => {
    const two = saying({ title: '{{user.a}}', body: ['fine', '{{user.b}}'] });
    expect(render(two, { user: { a: 'x' } })).toMatchObject({ path: 'user.b' });
    expect(render(two)).toMatchObject({ path: 'user.a' });
    expect(render(saying({ body: { list: ['x', '{{a b}}'] } }))).toEqual({
      kind: 'refused',
      path: 'locales.ko.push.body.list.1',
      message: 'locales.ko.push.body.list.1: "a b" is not a path; write one like {{user.traits.name}}',
    });
  });
});

describe('a text that can never be rendered', () => {
  const deep = (depth: number) => `${'{{#a}}'.repeat(depth)}x${'{{/a}}'.repeat(depth)}`;
  it.each([
    ['{{user', 'the tag at character 0 has no }} within 500 characters'],
    ['{{a}} {{{b}}', 'the tag at character 6 has no }}} within 500 characters'],
    ['{{=<% %>=}}', 'delimiters cannot be changed; tags are written {{…}}'],
    ['{{>other}}', '{{>other}} is not supported; texts cannot include others'],
    ['{{a..b}}', '"a..b" is not a path; write one like {{user.traits.name}}'],
    [deep(21), 'sections stand more than 20 deep'],
  ])('%s says why', (text, message) => {
    expect(templateProblems(saying({ body: text }))).toEqual([{ path: 'locales.ko.push.body', message }]);
  });

  it.each([
    '{{a}}',
    '{{{a}}}',
    '{{& a }}',
    '{{#a}}{{.}}{{/a}}',
    '{{! = }}',
    deep(20),
    `{{a${' '.repeat(490)}}}`,
  ])('%s can be', (text) => {
    expect(templateProblems(saying({ body: text }))).toEqual([]);
  });

  it('is found at any depth, in every locale; what is no text is passed over', () => {
    const buttons = [{ text: 'x', n: 3, off: null, ok: true }, { action: { url: '{{' } }];
    const template: Template = {
      ...saying({ buttons }, 'in_app'),
      locales: { ko: { in_app: { buttons } }, en: { push: { title: '{{/a}}' } } },
    };
    expect(templateProblems(template).map(({ path }) => path)).toEqual([
      'locales.ko.in_app.buttons.1.action.url',
      'locales.en.push.title',
    ]);
  });

  it('is not looked for beyond reason', () => {
    const nested = (depth: number): Json => (depth === 0 ? 'x' : { x: nested(depth - 1) });
    expect(templateProblems(saying({ body: nested(11) }))).toEqual([]);
    expect(templateProblems(saying({ body: nested(40) }))).toEqual([
      {
        path: expect.stringMatching(/^locales\.ko\.push\.body(\.x)+$/),
        message: 'is nested more than 14 deep',
      },
    ]);
  });
});

describe('a reader of the language, from elsewhere', () => {
  const number = (chosen: string, reader: string) => {
    const template: Template = {
      id: 't',
      defaultLocale: chosen,
      locales: { [chosen]: { push: { body: '{{#date}}a{{/date}} {{#number}}b{{/number}}' } } },
    };
    const result = render(template, { a: '2026-11-24', b: 1234.5 }, 'push', reader);
    return result.kind === 'rendered' ? result.content.body : result;
  };
  it.each([
    ['en', 'en-GB', '24 November 2026 1,234.5'],
    ['en', 'EN_gb', '24 November 2026 1,234.5'],
    ['EN', 'en-GB', '24 November 2026 1,234.5'],
    ['en', 'en', 'November 24, 2026 1,234.5'],
    ['en', 'eng', 'November 24, 2026 1,234.5'],
    ['en', 'de-AT', 'November 24, 2026 1,234.5'],
    ['en-US', 'en-GB', 'November 24, 2026 1,234.5'],
    ['en', ' en_AU ', '24 November 2026 1,234.5'],
  ])('texts in %s for %s', (chosen, reader, expected) => {
    expect(number(chosen, reader)).toBe(expected);
  });
});

describe('what a section shows', () => {
  it.each<[string, JsonObject, string]>([
    ['{{#a}}{{b}}{{/a}}', { a: true, b: 'out' }, 'out'],
    ['{{#a}}{{.}}{{/a}}', { a: 'in' }, 'in'],
    ['{{#a}}{{b}}{{/a}}', { a: { b: 'in' }, b: 'out' }, 'in'],
    ['{{#a}}{{c}}{{/a}}', { a: { b: 'in' }, c: 'out' }, 'out'],
    ['{{#a}}{{n}},{{/a}}', { a: [{ n: 1 }, { n: 2 }] }, '1,2,'],
    ['{{^a}}none{{/a}}', { a: [] }, 'none'],
    ['{{^a}}none{{/a}}', { a: ['x'] }, ''],
    ['{{a}}', { a: ['x', 'y'] }, 'x, y'],
  ])('%s with %j reads %j', (text, values, expected) => {
    expect(body(text, values)).toMatchObject({ kind: 'rendered', content: { body: expected } });
  });

  it('at most fifty thousand pieces, all texts together', () => {
    const m = Array.from({ length: 49_999 }, () => 1);
    expect(body('{{#m}}x{{/m}}', { m }).kind).toBe('rendered');
    expect(body('{{#m}}x{{/m}}', { m: [...m, 1] }).kind).toBe('refused');
  });
});
