/** Telling an item's topics what is news to those who follow them, where some live trigger listens. */
import type { Env } from '../bindings.ts';
import { concernedTypes } from '../engine/items/topic-news.ts';
import { topicTypeOf } from '../engine/items/topics.ts';
import type { ItemChange } from '../engine/vocabulary.ts';
import { firstTopicShard, watcherStub } from '../protocol/stubs.ts';
import { configInForce, loadConfig } from '../store/config-cache.ts';
import type { TopicsConcern, TopicsOwed } from './topics-owed.ts';

export class TopicNews {
  readonly #env: () => Env;

  constructor(env: () => Env) {
    this.#env = env;
  }

  /**
   * False: no live trigger listens to topics, and nothing is owed to them. Waits for the configuration only where it isn't at
   * hand and something would be; where it can't be read, the telling asks again.
   */
  async isHeard(concernOf: () => TopicsConcern | null): Promise<boolean> {
    const known = configInForce();
    if (known) return known.topicListeners.length > 0;
    if (concernOf() === null) return true;
    try {
      return (await loadConfig(this.#env())).topicListeners.length > 0;
    } catch {
      return true;
    }
  }

  /** Throws where a topic's shard can't be reached: then all are told again. */
  async tell(change: ItemChange, { topics, isNew, ...previous }: TopicsOwed): Promise<void> {
    const told: ItemChange = { ...change, previous, ...(isNew && { isNew }) };
    const { topicListeners } = await loadConfig(this.#env());
    const types = concernedTypes(topicListeners, told);
    const shards = topics.filter((topic) => types.has(topicTypeOf(topic))).map(firstTopicShard);
    await Promise.all(shards.map((shard) => watcherStub(this.#env(), shard).topicNews(told)));
  }
}
