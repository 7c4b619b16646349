import { expect, it } from 'vitest';
import { firstTopicShard, firstWatcherShard } from '../protocol/stubs.ts';
import { parseShardName, shardNamed } from './shard-name.ts';

it("a shard's name tells its generation, its place in it and the item, whatever characters that has", () => {
  expect(parseShardName(firstWatcherShard('a:b\n실반지'))).toEqual({
    kind: 'item',
    generation: 0,
    index: 0,
    of: 'a:b\n실반지',
  });
  expect(parseShardName('watchers:2:13:ring')).toEqual({
    kind: 'item',
    generation: 2,
    index: 13,
    of: 'ring',
  });
  expect([parseShardName('watchers:0:0:'), parseShardName('catalog-1'), parseShardName(undefined)]).toEqual([
    null,
    null,
    null,
  ]);
});

it("a topic's shard is told from that of an item whose id reads the same", () => {
  const [topic, item] = [firstTopicShard('brand:moon'), firstWatcherShard('topics:0:0:brand:moon')];
  expect([topic, item].map(parseShardName)).toEqual([
    { kind: 'topic', generation: 0, index: 0, of: 'brand:moon' },
    { kind: 'item', generation: 0, index: 0, of: 'topics:0:0:brand:moon' },
  ]);
  expect([topic, item].map((name) => parseShardName(name)).map((name) => name && shardNamed(name))).toEqual([
    topic,
    item,
  ]);
});
