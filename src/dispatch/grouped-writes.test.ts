import { expect, it } from 'vitest';
import { groupedWrites } from './grouped-writes.ts';

/** A database that answers when it is told to, and refuses what is called `bad`. */
function database() {
  const groups: string[][] = [];
  const answers: (() => void)[] = [];
  const record = groupedWrites<string>(async (some) => {
    groups.push(some);
    await new Promise<void>((resolve) => answers.push(resolve));
    if (some.includes('bad')) throw new Error('refused');
  });
  const settle = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    answers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { groups, record, settle };
}

it('writes the first at once and alone, and those that come meanwhile together', async () => {
  const { groups, record, settle } = database();
  const first = record('a');
  await new Promise((resolve) => setImmediate(resolve));
  const rest = [record('b'), record('c')];
  expect(groups).toEqual([['a']]);
  await settle();
  await first;
  await settle();
  await Promise.all(rest);
  expect(groups).toEqual([['a'], ['b', 'c']]);
});

it('writes again at once when nothing is under way', async () => {
  const { groups, record, settle } = database();
  for (const one of ['a', 'b']) {
    const written = record(one);
    await settle();
    await written;
  }
  expect(groups).toEqual([['a'], ['b']]);
});

it('fails only whom the database refuses', async () => {
  const { groups, record, settle } = database();
  const written = Promise.allSettled(['good', 'bad', 'fine'].map(record));
  for (let i = 0; i < 4; i++) await settle();
  expect((await written).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(groups).toEqual([['good', 'bad', 'fine'], ['good'], ['bad'], ['fine']]);
});
