import type { ProfileView } from '../protocol/rpc.ts';

/** A profile as the app's backend reads it. */
export function profileJson(view: ProfileView) {
  return {
    userId: view.userId,
    anonymousIds: view.anonymousIds,
    traits: view.traits,
    firstSeenAt: isoOrNull(view.firstSeenAt),
    lastSeenAt: isoOrNull(view.lastSeenAt),
    sessions: { count: view.sessions.count, lastAt: isoOrNull(view.sessions.lastAt) },
    consents: consentsJson(view),
    relations: view.relations.map(({ relation, itemId, since, reference }) => ({
      relation,
      itemId,
      since: isoOrNull(since),
      reference,
    })),
  };
}

/** What is in force for each channel and purpose. */
export function consentsJson({ consents }: Pick<ProfileView, 'consents'>) {
  return consents.map(({ channel, purpose, granted, at, source, textVersion, evidence }) => ({
    channel,
    purpose,
    granted,
    at: isoOrNull(at),
    source: source ?? null,
    textVersion: textVersion ?? null,
    ...(evidence !== undefined && { evidence }),
  }));
}

/** Zero stands for never. */
function isoOrNull(at: number | null): string | null {
  return at ? new Date(at).toISOString() : null;
}
