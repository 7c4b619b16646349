import type { Env } from '../bindings.ts';
import type { Config } from '../engine/config.ts';
import type { FindKey } from '../http/auth.ts';
import type { ProfileRpc } from '../protocol/rpc.ts';
import type { ItemFiller } from './fill-items.ts';
import type { MovedProfiles } from './moved-profiles.ts';

/** What the ingest routes are given by the composition root. */
export interface IngestDeps {
  findKey: FindKey;
  /** The configuration in force; cached per isolate, at most 5 s old. */
  loadConfig(env: Env): Promise<Config>;
  messageIsValid(config: Config, messageId: string, now: number): boolean;
  /** A new stub for the profile of that name. */
  profile(env: Env, key: string): ProfileRpc;
  /** Shown what has been committed; fills what items lack, where the workspace wants that. */
  items?: Pick<ItemFiller, 'see'>;
  /** Where anonymous profiles are known to have gone; else what the isolate knows. */
  moved?: MovedProfiles;
}
