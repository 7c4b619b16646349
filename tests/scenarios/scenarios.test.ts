/**
 * Lives of an invented bookshop's customers, one file a campaign: what must be sent, when, and what never. `T01`–`T33` are
 * campaigns that a shop asks for; the others are each about one rule. Their form: README, "Test a campaign".
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { simulate } from '../../src/simulate/simulate.ts';

const folder = new URL('lives/', import.meta.url);
const lives = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
  .map((life) => ({ ...life, name: `${life.scenario}: ${life.title}` }));

test.each(lives)('$name', async ({ documents, life, startAt }) => {
  const { failures } = await simulate({ documents, life, ...(startAt && { startAt }) });
  expect(failures).toEqual([]);
});

test('every life says of something that it must come, and of something that nothing may', () => {
  const somethingComes = /"(sent|messages|may)":\[\{/;
  for (const { scenario, life } of lives) {
    const expected: string[] = life.map((step: { expect?: object }) => JSON.stringify(step.expect ?? null));
    expect(
      expected.some((text) => somethingComes.test(text)),
      scenario,
    ).toBe(true);
    expect(
      expected.some((text) => text.startsWith('{') && !somethingComes.test(text)),
      scenario,
    ).toBe(true);
  }
});
