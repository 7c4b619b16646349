import type { Env } from '../bindings.ts';
import type { SendDeps } from '../channels/channel.ts';
import { routeFor } from '../channels/registry.ts';
import { createTokenMint } from '../channels/token-mint.ts';
import type { ChannelSettings, Policies, Template } from '../engine/documents.ts';
import type { Channel } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import type { ProfileRpc } from '../protocol/rpc.ts';
import { profileStub } from '../protocol/stubs.ts';
import { readChannelSecret } from '../store/channel-secrets.ts';
import { loadConfig } from '../store/config-cache.ts';
import { type DeadLetter, keepDeadLetter } from '../store/dead-letters.ts';
import { type DeliveryRecord, raiseDeliveries, readDelivery } from '../store/deliveries.ts';
import { keepContent } from '../store/delivery-contents.ts';
import { loadTemplateVersion } from '../store/document-versions.ts';

/** What dispatching needs of the world. */
export interface DispatchDeps {
  /** A new stub each time: one that has failed stays broken. */
  profile(key: string): Pick<ProfileRpc, 'claim' | 'settle'>;
  documents: {
    config(): Promise<{ channels: ReadonlyMap<Channel, ChannelSettings>; policies: Policies }>;
    template(id: string, version: number): Promise<Template | null>;
    secret(channel: Channel): Promise<string | null>;
  };
  deliveries: {
    read(id: string): ReturnType<typeof readDelivery>;
    /** Everything or nothing; harmless to repeat. */
    record(record: DeliveryRecord, more: DeliveryExtras): Promise<void>;
  };
  /** Who sends on a channel. */
  route: typeof routeFor;
  fetch: SendDeps['fetch'];
  tokens: SendDeps['tokens'];
  now(): number;
  /** Channels are logged unless set up, and addresses of this machine may be called. */
  isDevelopment: boolean;
}

export interface DeliveryExtras {
  content?: JsonObject;
  deadLetter?: DeadLetter;
}

/** One for the isolate. */
const tokens = createTokenMint(() => Date.now());

export function dispatchDeps(env: Env): DispatchDeps {
  return {
    profile: (key) => profileStub(env, key),
    documents: {
      config: () => loadConfig(env),
      template: (id, version) => loadTemplateVersion(env, id, version),
      secret: (channel) => readChannelSecret(env, channel),
    },
    deliveries: {
      read: (id) => readDelivery(env.DB, id),
      record: async (record, { content, deadLetter }) => {
        await env.DB.batch([
          ...raiseDeliveries(env.DB, [record]),
          ...(content ? [keepContent(env.DB, record.id, content)] : []),
          ...(deadLetter ? [keepDeadLetter(env.DB, deadLetter)] : []),
        ]);
      },
    },
    route: routeFor,
    fetch: (url, init) => fetch(url, init),
    tokens,
    now: () => Date.now(),
    isDevelopment: env.ENVIRONMENT === 'development',
  };
}
