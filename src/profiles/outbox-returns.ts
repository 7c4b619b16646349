/** Where the entries of a profile's outbox go, and that what comes of them is a turn of its own. */
import type { Env } from '../bindings.ts';
import { firstTopicShard, firstWatcherShard, profileStub, watcherStub } from '../protocol/stubs.ts';
import type { OfferDeps } from './offer.ts';
import type { OutboxAnswers } from './outbox-answers.ts';

export function offerDeps(env: Env, answers: OutboxAnswers): OfferDeps {
  return {
    dispatch: env.DISPATCH,
    facts: env.FACTS,
    watchers: (shard) => watcherStub(env, shard),
    firstShard: firstWatcherShard,
    firstTopicShard,
    profile: (key) => profileStub(env, key),
    watched: (entry, result) => answers.watched(entry, result),
    followed: (entry) => answers.followed(entry),
    released: (entryId) => answers.hasLeft([entryId]),
  };
}
