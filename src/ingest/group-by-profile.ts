import type { Env } from '../bindings.ts';
import type { Event } from '../engine/vocabulary.ts';
import { knownProfileRef, profileRef } from '../protocol/profile-key.ts';
import type { ProfileRef } from '../protocol/rpc.ts';
import type { AcceptedCall } from './normalize.ts';

/** The events of one request that belong to one profile, in the request's order. */
export interface Group {
  profile: ProfileRef;
  events: Event[];
  /** Anonymous profiles that the events show to be this user's, by key. */
  links: Map<string, ProfileRef>;
}

/**
 * `userId` wins over `anonymousId`; an event that carries both, or an alias's `previousId`, links the anonymous profile
 * to the user's. The groups stand in the order of their last event, so the last one is whom `?sync=1` answers.
 */
export async function groupByProfile(env: Pick<Env, 'ID_SECRET'>, calls: AcceptedCall[]): Promise<Group[]> {
  const groups = new Map<string, Group>();
  for (const call of calls) {
    const { kind, id } = ownerOf(call);
    const profile = knownProfileRef(env, kind, id) ?? (await profileRef(env, kind, id));
    const group: Group = groups.get(profile.key) ?? { profile, events: [], links: new Map() };
    groups.delete(profile.key);
    groups.set(profile.key, group);
    group.events.push(call.event);
    if (kind === 'user' && mayLink(call)) await addLinks(env, group, call);
  }
  return [...groups.values()];
}

function ownerOf({ userId, anonymousId }: AcceptedCall): Pick<ProfileRef, 'kind' | 'id'> {
  return userId === undefined ? { kind: 'anonymous', id: anonymousId ?? '' } : { kind: 'user', id: userId };
}

function mayLink({ anonymousId, previousId }: AcceptedCall): boolean {
  return anonymousId !== undefined || previousId !== undefined;
}

async function addLinks(env: Pick<Env, 'ID_SECRET'>, group: Group, call: AcceptedCall): Promise<void> {
  for (const id of [call.anonymousId, call.previousId]) {
    if (id === undefined) continue;
    const link = await profileRef(env, 'anonymous', id);
    group.links.set(link.key, link);
  }
}
