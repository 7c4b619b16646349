import { expect, it } from 'vitest';
import { Company } from './company.ts';

/** A moment that is over when the test says so. */
function aMoment(ids: string[]) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked: number[] = [];
  const company = new Company(ids, (ms) => {
    asked.push(ms);
    return promise;
  });
  const written: string[] = [];
  const gather = (id: string) => company.gather(id).then(() => written.push(id));
  const settle = () => new Promise((done) => setImmediate(done));
  return { company, gather, written, asked, settle, pass: resolve };
}

it('lets results wait for the last one of their batch, and no longer', async () => {
  const m = aMoment(['a', 'b', 'c']);
  const all = [m.gather('a'), m.gather('b')];
  await m.settle();
  expect(m.written).toEqual([]);
  all.push(m.gather('c'));
  await Promise.all(all);
  expect(m.written.toSorted()).toEqual(['a', 'b', 'c']);
  expect(m.asked).toHaveLength(1);
});

it('waits for none that has ended otherwise', async () => {
  const m = aMoment(['a', 'b']);
  const a = m.gather('a');
  m.company.leave('b');
  await a;
  expect(m.written).toEqual(['a']);
});

it('keeps nobody for longer than a moment where one takes long', async () => {
  const m = aMoment(['slow', 'a', 'b']);
  const a = m.gather('a');
  m.pass();
  await a;
  await m.gather('b');
  expect(m.written).toEqual(['a', 'b']);
  expect(m.asked).toEqual([10, 10]);
});

it('asks no clock for a message that is alone', async () => {
  const m = aMoment(['a']);
  await m.gather('a');
  expect(m.asked).toEqual([]);
});
