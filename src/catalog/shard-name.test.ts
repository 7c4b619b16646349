import { expect, it } from 'vitest';
import { firstWatcherShard } from '../protocol/stubs.ts';
import { parseShardName } from './shard-name.ts';

it("a shard's name tells its generation, its place in it and the item, whatever characters that has", () => {
  expect(parseShardName(firstWatcherShard('a:b\n실반지'))).toEqual({
    generation: 0,
    index: 0,
    itemId: 'a:b\n실반지',
  });
  expect(parseShardName('watchers:2:13:ring')).toEqual({ generation: 2, index: 13, itemId: 'ring' });
  expect([parseShardName('watchers:0:0:'), parseShardName('catalog-1'), parseShardName(undefined)]).toEqual([
    null,
    null,
    null,
  ]);
});
