import { expect, it } from 'vitest';
import { CurrentItems } from './current-items.ts';

/** A catalog whose item has so many left as it was read times, and that answers when told to. */
function aCatalog() {
  let reads = 0;
  const read = async (id: string) => ({ item: { id, stock: ++reads } });
  return { read, reads: () => reads };
}

const stockOf = (items: ReadonlyMap<string, { stock?: number }>) => items.get('ring')?.stock;

it('an item that many ask for is read once in two seconds', async () => {
  const { read, reads } = aCatalog();
  const items = new CurrentItems();
  const asked = [0, 500, 1_999, 2_000, 3_999];
  const answers = [];
  for (const now of asked) answers.push(stockOf(await items.get(['ring'], now, read)));
  expect({ answers, reads: reads() }).toEqual({ answers: [1, 1, 1, 2, 2], reads: 2 });
});

it('while one reads anew, others go on with what is there, for at most four seconds', async () => {
  const { read } = aCatalog();
  const items = new CurrentItems();
  await items.get(['ring'], 0, read);
  const never = items.get(['ring'], 2_500, () => new Promise(() => {}));
  expect(stockOf(await items.get(['ring'], 3_000, read))).toBe(1);
  expect(stockOf(await items.get(['ring'], 4_000, read))).toBe(2);
  expect(never).toBeInstanceOf(Promise);
});

it('an item that the catalog does not know is none, and one that cannot be read is a failure', async () => {
  const items = new CurrentItems();
  expect([...(await items.get(['ring'], 0, async () => null))]).toEqual([]);
  const away = () => Promise.reject(new Error('away'));
  await expect(items.get(['band'], 0, away)).rejects.toThrow('away');
});
