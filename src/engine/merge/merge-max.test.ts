/** A merge is the stricter of two: together the two sides send no more than `reeligibility.max` allows. */
import { expect, test } from 'vitest';
import { aConfig, aTrigger, send } from '../testing/builders.ts';
import { VirtualProfile } from '../testing/virtual-profile.ts';

function pair(max: number, per: 'user' | 'key' = 'user') {
  const trigger = aTrigger({
    category: 'transactional',
    transactionalReason: 'r',
    entry: { key: ['event.properties.k'] },
    reeligibility: { mode: 'always', max, per },
    steps: [send({ channels: ['push'] })],
  });
  const config = aConfig({ triggers: [trigger] });
  const anonymous = new VirtualProfile({ config, id: 'a1', kind: 'anonymous' });
  const known = new VirtualProfile({ config, id: 'u1', at: anonymous.now });
  return { anonymous, known };
}
const hello = (profile: VirtualProfile, ...keys: string[]) => {
  for (const k of keys) profile.track('Hello', { k });
};

test.each([
  // max, sent by the known side, waiting there, sent by the other, waiting there; what may still leave.
  [2, ['a'], [], [], ['b', 'c'], 1],
  [2, [], ['b', 'c'], ['a'], [], 1],
  [3, ['a'], ['b'], ['c'], ['d'], 1],
  [1, [], ['a'], [], ['b'], 1],
  [2, [], ['a', 'b'], [], ['c', 'd'], 2],
  [4, ['a'], ['b'], ['c'], ['d'], 2],
] as const)(
  'max %i: %j and %j there, %j and %j here',
  (max, sent, waiting, theirSent, theirWaiting, left) => {
    const { anonymous, known } = pair(max);
    hello(known, ...sent);
    known.dispatch();
    hello(anonymous, ...theirSent);
    anonymous.dispatch();
    hello(known, ...waiting);
    hello(anonymous, ...theirWaiting);
    known.merge(anonymous);
    expect(known.dispatch()).toHaveLength(left);
    hello(known, 'z');
    expect(known.outbox()).toHaveLength(sent.length + theirSent.length + left < max ? 1 : 0);
  },
);
