/**
 * One shard of one topic's followers: a watcher shard under another name. Its rows stand where those of watchers stand that
 * know no price, one to a follower, so that one who leaves is found without an index. It subscribes to nothing: the catalog
 * tells the topic's first shard of news, and one that has been split hands on to its children what it is told, before it
 * answers. Who could not be told makes the catalog tell all of them again, which is harmless.
 */
import type { FollowOrder, ItemChange } from '../engine/vocabulary.ts';
import type { CountedSql } from '../objects/counted-sql.ts';
import type { FollowResult, WatcherRpc } from '../protocol/catalog-rpc.ts';
import type { TopicPage } from '../protocol/queue-messages.ts';
import { parseShardName, type ShardName } from './shard-name.ts';
import { childrenOf } from './split.ts';
import { directions, splitIfFull } from './splitting.ts';
import { readStanding, type Standing, unseen, writeStanding } from './standing-store.ts';
import { TopicTelling } from './topic-telling.ts';
import { UNKNOWN } from './watch-plan.ts';
import { keepWatcher, removeWatcher } from './watcher-store.ts';
import type { WatcherTables } from './watcher-tables.ts';

/** Followers weigh no relations. */
const NO_INTEREST = { relations: 0, since: 0 };

export interface TopicShardDeps {
  sql: CountedSql;
  tables: WatcherTables;
  shard: string;
  child(shard: string): Pick<WatcherRpc, 'topicNews'>;
  /** How many followers it may hold before it is split. */
  limit(): number;
  /** Something is due: now, or later. */
  arm(): void;
}

export class TopicShard {
  readonly telling: TopicTelling;
  readonly #deps: TopicShardDeps;
  readonly #name: ShardName | null;

  constructor(deps: TopicShardDeps) {
    this.#deps = deps;
    this.telling = new TopicTelling(deps.sql, deps.shard);
    const name = parseShardName(deps.shard);
    this.#name = name?.kind === 'topic' ? name : null;
  }

  follow(profile: string, { on }: FollowOrder): FollowResult {
    const { sql, tables, limit, arm } = this.#deps;
    const standing = this.#standing();
    const isKnown = this.#name !== null && (on || standing !== null);
    const result = (this.#name && directions(standing, this.#name, profile)) ?? { kind: 'done' as const };
    if (!isKnown || result.kind !== 'done') return result;
    tables.prepare();
    const isFull = sql.transaction(() => {
      if (standing === null) writeStanding(sql, unseen());
      if (!on) removeWatcher(sql, UNKNOWN, profile);
      const isNew = on && keepWatcher(sql, [UNKNOWN], profile, NO_INTEREST);
      return isNew && splitIfFull(sql, standing ?? unseen(), limit());
    });
    if (isFull) arm();
    return result;
  }

  /** What is to be sent, once it is committed. Throws where it can't be taken now. */
  async news(change: ItemChange, now: number): Promise<TopicPage[]> {
    const { sql, child, arm } = this.#deps;
    const standing = this.#standing();
    if (this.#name === null || standing === null) return [];
    const { of } = this.#name;
    const phase = standing.split?.phase;
    if (phase === 'handing' || phase === 'waiting') throw new Error('this shard is being split');
    if (phase === 'split') {
      await Promise.all(childrenOf(this.#name).map((shard) => child(shard).topicNews(change)));
      return [];
    }
    this.telling.prepare();
    const pages = sql.transaction(() => this.telling.take(change, of, now));
    arm();
    return pages;
  }

  #standing(): Standing | null {
    const { sql, tables } = this.#deps;
    return tables.exist() ? readStanding(sql) : null;
  }
}
