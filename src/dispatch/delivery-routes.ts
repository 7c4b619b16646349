/**
 * What became of messages, for people. D1 knows profiles by their key alone; who they are is read from the profiles
 * themselves, once for each on the page.
 */
import type { Env } from '../bindings.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { invalidRequest } from '../http/api-error.ts';
import { jsonResponse } from '../http/json-response.ts';
import type { RequestContext, Route } from '../http/route.ts';
import { describeMoved } from '../protocol/follow-moved.ts';
import { profileKey } from '../protocol/profile-key.ts';
import type { ProfileRpc, ProfileView } from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { type ListedDelivery, listDeliveries } from '../store/delivery-list.ts';
import { readDeliveryQuery } from './delivery-query.ts';

interface DeliveryRoutesDeps {
  profile(env: Env, key: string): Pick<ProfileRpc, 'describe' | 'next'>;
}

export function deliveryRoutes(deps: DeliveryRoutesDeps = { profile: profileStub }): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/api/deliveries',
      auth: 'admin',
      handle: (_, context) => getDeliveries(context, deps),
    },
  ];
}

async function getDeliveries({ env, url }: RequestContext, deps: DeliveryRoutesDeps): Promise<Response> {
  const { filter, issues } = readDeliveryQuery(url.searchParams);
  if (issues.length > 0) throw invalidRequest('The query is not one that can be answered.', issues);
  const userId = url.searchParams.get('userId');
  if (userId !== null) filter.profileKeys = await keysOf(env, userId, deps);
  const { items, cursor } = await listDeliveries(env.DB, filter);
  const keys = [...new Set(items.map((item) => item.profileKey))];
  const views = new Map(
    await Promise.all(keys.map(async (key) => [key, await describe(env, key, deps)] as const)),
  );
  return jsonResponse({
    items: items.map((item) => present(item, views.get(item.profileKey) ?? null)),
    cursor,
  });
}

/** A user's deliveries stand under their own key and, from before they were known, under their anonymous ones. */
async function keysOf(env: Env, userId: string, deps: DeliveryRoutesDeps): Promise<string[]> {
  const isAnonymous = userId.startsWith('anon:');
  const id = isAnonymous ? userId.slice('anon:'.length) : userId;
  const own = await profileKey(env, isAnonymous ? 'anonymous' : 'user', id);
  const view = isAnonymous ? null : await describe(env, own, deps);
  const earlier = (view?.anonymousIds ?? []).map((anonymousId) => profileKey(env, 'anonymous', anonymousId));
  return [own, ...(await Promise.all(earlier))];
}

/** One profile that doesn't answer hides nothing but its names. */
async function describe(env: Env, key: string, deps: DeliveryRoutesDeps): Promise<ProfileView | null> {
  try {
    return await describeMoved((of) => deps.profile(env, of), key);
  } catch {
    return null;
  }
}

function present(item: ListedDelivery, view: ProfileView | null): JsonObject {
  const userId = view?.userId ?? null;
  return {
    id: item.id,
    trigger: item.trigger,
    version: item.version,
    variant: item.variant,
    userId,
    anonymousId: userId === null ? (view?.anonymousIds[0] ?? null) : null,
    channel: item.channel,
    status: item.status,
    reason: item.reason,
    attempts: item.attempts,
    content: item.content ?? view?.inbox.find(({ id }) => id === item.id)?.content ?? null,
    createdAt: toIso(item.createdAt),
    sentAt: item.sentAt === null ? null : toIso(item.sentAt),
    ...(item.test && { test: true }),
  };
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
