/**
 * The only place that knows how an object is named and reached. A stub that has failed stays broken: take a new one
 * for each attempt.
 */
import type { Env } from '../bindings.ts';
import type { CatalogRpc, PopularRpc, TogetherRpc, WatcherRpc } from './catalog-rpc.ts';
import type { ProfileDataRpc } from './profile-data-rpc.ts';
import type { AdminProfileRpc, LimiterRpc, RegistryRpc, SchedulerRpc } from './rpc.ts';

const CATALOG_SHARDS = 64;
export const REGISTRY_SHARDS = 256;

export function profileStub(env: Env, key: string): AdminProfileRpc & ProfileDataRpc {
  return env.PROFILE.getByName(key) as unknown as AdminProfileRpc & ProfileDataRpc;
}

export function catalogStub(env: Env, itemId: string): CatalogRpc & TogetherRpc {
  return env.CATALOG.getByName(`catalog-${catalogShardOf(itemId)}`) as unknown as CatalogRpc & TogetherRpc;
}

export function popularStub(env: Env): PopularRpc {
  return env.CATALOG.getByName('catalog-popular') as unknown as PopularRpc;
}

/** Items of one number are in one shard. */
export function catalogShardOf(itemId: string): number {
  return hash32(itemId) % CATALOG_SHARDS;
}

/** The shard that a watcher asks first. Where the item has been split, it answers `moved`. */
export function firstWatcherShard(itemId: string): string {
  return watcherShard(0, 0, itemId);
}

export function watcherShard(generation: number, index: number, itemId: string): string {
  return `watchers:${generation}:${index}:${itemId}`;
}

/** Of a topic by its key: the same objects under another name, which no item's id can make. */
export function firstTopicShard(topic: string): string {
  return topicShard(0, 0, topic);
}

export function topicShard(generation: number, index: number, topic: string): string {
  return `topics:${generation}:${index}:${topic}`;
}

export function watcherStub(env: Env, shard: string): WatcherRpc {
  return env.WATCHERS.getByName(shard) as unknown as WatcherRpc;
}

export function registryStub(env: Env, profileKey: string): RegistryRpc {
  return registryShard(env, hash32(profileKey) % REGISTRY_SHARDS);
}

/** One of the shards by its number, for whoever pages through all. */
export function registryShard(env: Env, shard: number): RegistryRpc {
  return env.REGISTRY.getByName(`registry-${shard}`) as unknown as RegistryRpc;
}

export function schedulerStub(env: Env): SchedulerRpc {
  return env.SCHEDULER.getByName('scheduler') as unknown as SchedulerRpc;
}

export function limiterStub(env: Env, name: string): LimiterRpc {
  return env.LIMITER.getByName(name) as unknown as LimiterRpc;
}

/** FNV-1a; spreads names over shards, no more. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
