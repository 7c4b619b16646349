import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../vocabulary.ts';
import { isBlank } from './find-value.ts';
import { renderTemplate } from './render-template.ts';
import { templateProblems } from './template-problems.ts';

const FORMAT = { currency: 'KRW', timeZone: 'Asia/Seoul' };
const path = fc.constantFrom(
  'a',
  'a.b',
  'user.traits.name',
  '.',
  'constructor',
  '__proto__',
  'a.__proto__.x',
  'a.0',
  'price',
);
const fragment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('{{', '}}', '{{{', '}}}', '{{/a}}', '{{#', '{{^', '{{>p}}', '{{=| |=}}', '\n', ' '),
  path.map((name) => `{{${name}}}`),
  path.map((name) => `{{#${name}}}x{{.}}{{/${name}}}`),
  fc
    .tuple(fc.constantFrom('money', 'number', 'date', 'url'), path)
    .map(([format, name]) => `{{#${format}}}${name}{{/${format}}}`),
);
const text = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(''));
const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
const values = fc.record(
  { a: value, user: fc.record({ traits: fc.record({ name: value }) }), price: value, ['__proto__']: value },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

function render(body: string, given: JsonObject, locale = 'ko') {
  const template = { id: 't', defaultLocale: 'ko', locales: { ko: { push: { body } } } };
  return renderTemplate({ template, channel: 'push', locale, values: given, format: FORMAT });
}

describe('renderTemplate', () => {
  it('never throws, and its answer is what the problems check foretold', () => {
    fc.assert(
      fc.property(text, values, fc.string(), (body, given, locale) => {
        const result = render(body, given, locale);
        const problems = templateProblems({
          id: 't',
          defaultLocale: 'ko',
          locales: { ko: { push: { body } } },
        });
        if (problems.length > 0) expect(result.kind).toBe('refused');
        if (result.kind === 'rendered') expect(typeof result.content.body).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('never leaves a hole: between two marks there is always something to read', () => {
    fc.assert(
      fc.property(path, values, (name, given) => {
        const result = render(`[[{{${name}}}]]`, given);
        if (result.kind === 'refused') expect(result.path).toBe(name);
        else expect(isBlank(String(result.content.body).slice(2, -2))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads nothing that the values do not own', () => {
    const inherited = fc.constantFrom(
      ...Object.getOwnPropertyNames(Object.prototype),
      ...Object.getOwnPropertyNames(Array.prototype),
    );
    fc.assert(
      fc.property(inherited, fc.constantFrom('', 'a.', 'a.b.', 'user.traits.name.'), (name, prefix) => {
        fc.pre(!/^\d/.test(name));
        expect(
          render(`{{${prefix}${name}}}`, { a: { b: [1, 'x'] }, user: { traits: { name: 'n' } } }),
        ).toMatchObject({ kind: 'refused' });
      }),
    );
  });

  it('takes no more than linear time over hostile texts', () => {
    const startedAt = performance.now();
    for (const hostile of ['{{', '{{{', '{{a ', '{{#a}}', ' ', '{{a}}', '}}', '{{#money}}']) {
      render(hostile.repeat(Math.floor(64_000 / hostile.length)), { a: 'x' });
      render(`{{a${' '.repeat(64_000)}`, { a: 'x' });
      render(`{{{a}}${' '.repeat(64_000)}`, { a: 'x' });
    }
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
