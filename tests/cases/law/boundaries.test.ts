/** A boundary without a test is a rule that nobody keeps; one with two is a rule that is changed in one of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BOUNDARIES } from './boundaries.ts';

/** Of e-mail and links, tested where they are made. */
const ELSEWHERE = [
  '../../../src/engine/send/law/email-footer.test.ts',
  '../../../src/dispatch/unsubscribe-links.test.ts',
  '../../workerd/unsubscribe.test.ts',
];
const here = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.test.ts') && name !== 'boundaries.test.ts',
);
const named = [...here, ...ELSEWHERE].flatMap(
  (name) => readFileSync(new URL(name, import.meta.url), 'utf8').match(/\b(ALL|KR|US)(-[A-Z0-9]+)+\b/g) ?? [],
);

test.each(Object.keys(BOUNDARIES))('%s has one test', (id) => {
  expect(named.filter((one) => one === id)).toEqual([id]);
});

test('no test names a boundary that is none', () => {
  expect(named.filter((id) => !(id in BOUNDARIES))).toEqual([]);
});
