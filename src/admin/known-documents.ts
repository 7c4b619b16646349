import type { Env } from '../bindings.ts';
import type { KnownDocuments } from '../engine/checks/check-references.ts';
import { type LiveDocuments, publicUrlOf, type Versioned } from '../engine/config.ts';
import { DEFAULT_POLICIES } from '../engine/documents.ts';
import { CHANNELS, type Channel } from '../engine/trigger.ts';
import { takesAdvertising } from '../protocol/provider-schemas.ts';
import { documentIds } from '../store/read-documents.ts';

/** What a trigger may refer to, as of `live`. */
export async function knownDocuments(env: Env, live: LiveDocuments): Promise<KnownDocuments> {
  return {
    triggers: await documentIds(env, 'trigger'),
    templates: byId(live.templates),
    segments: byId(live.segments),
    lookups: byId(live.lookups),
    channels: usableChannels(
      env,
      live.channels.map(({ id }) => id),
    ),
    informational: new Set(
      live.channels.flatMap(({ id, provider }) => (takesAdvertising(provider) ? [] : [id])),
    ),
    law: live.policies.law ?? DEFAULT_POLICIES.law,
    publicUrl: publicUrlOf(live),
    prices: {
      costs: new Map(live.channels.flatMap(({ id, cost }) => (cost ? [[id, cost] as const] : []))),
      currency: (live.policies.workspace ?? DEFAULT_POLICIES.workspace).currency,
    },
  };
}

/** In development every channel has the log provider. In-app messages and cards never need one. */
export function usableChannels(env: Env, configured: Channel[]): Set<Channel> {
  return new Set(env.ENVIRONMENT === 'development' ? CHANNELS : ['in_app', 'card', ...configured]);
}

function byId<T extends { id: string }>(documents: Versioned<T>[]): Map<string, T> {
  return new Map(documents.map(({ document }) => [document.id, document]));
}
