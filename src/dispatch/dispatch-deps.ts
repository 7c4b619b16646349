import type { Env } from '../bindings.ts';
import type { SendDeps, Tokens } from '../channels/channel.ts';
import { routeFor } from '../channels/registry.ts';
import type { Config } from '../engine/config.ts';
import type { Template } from '../engine/documents.ts';
import type { Channel, Trigger } from '../engine/trigger.ts';
import type { JsonObject } from '../engine/vocabulary.ts';
import { addressKey, type NamedAddress } from '../protocol/address-key.ts';
import type { LimiterRpc, ProfileRpc } from '../protocol/rpc.ts';
import { limiterStub, profileStub } from '../protocol/stubs.ts';
import { signUnsubscribe } from '../protocol/unsubscribe-token.ts';
import { keepAddressProfile, refusalsAt, type StandingRefusal } from '../store/address-refusals.ts';
import { readChannelSecret } from '../store/channel-secrets.ts';
import { loadConfig } from '../store/config-cache.ts';
import { type DeadLetter, keepDeadLetter } from '../store/dead-letters.ts';
import { type DeliveryRecord, raiseDeliveries, readDelivery, reopenDelivery } from '../store/deliveries.ts';
import { keepContent } from '../store/delivery-contents.ts';
import { loadTemplateVersion } from '../store/document-versions.ts';
import { Company } from './company.ts';
import { streamExport } from './export-stream.ts';
import { groupedWrites } from './grouped-writes.ts';
import { BatchLanes, type Lanes } from './lanes.ts';
import { Permits, type Standings } from './permits.ts';
import { BatchPurses, type Purses } from './purse.ts';
import type { SignLink } from './sign-links.ts';
import { createTokens, type TokenCache } from './tokens.ts';

/** What dispatching needs of the world. */
export interface DispatchDeps {
  /** A new stub each time: one that has failed stays broken. */
  profile(key: string): Pick<ProfileRpc, 'claim' | 'settle'>;
  documents: {
    config(): Promise<
      Pick<Config, 'channels' | 'policies' | 'publicUrl'> & {
        /** Those in force, by id. */
        triggers: ReadonlyMap<string, { document: Pick<Trigger, 'budget'> }>;
      }
    >;
    template(id: string, version: number): Promise<Template | null>;
    secret(channel: Channel): Promise<string | null>;
  };
  deliveries: {
    read(id: string): ReturnType<typeof readDelivery>;
    /** Everything or nothing; harmless to repeat. Fails too where the stream of exports doesn't take what D1 has by then. */
    record(record: DeliveryRecord, more: DeliveryExtras): Promise<void>;
    /** Whoever takes the export is told of it, as of every record. */
    stream(id: string): Promise<void>;
    /** What was given up after so many attempts is open again. */
    reopen(id: string, attempts: number, at: number): Promise<void>;
  };
  /** Signs the links in a message. */
  signLink: SignLink;
  addresses: {
    key(address: NamedAddress): Promise<string>;
    /** What is refused there, the wider first. */
    refusals(key: string, channel: Channel): Promise<StandingRefusal[]>;
  };
  /** New stubs each time. */
  limiter(name: string): LimiterRpc;
  /** What the isolate remembers from batch to batch. */
  memory: DispatchMemory;
  sleep(ms: number): Promise<void>;
  /** For the operator: a person has to look. */
  alert(alert: Alert): void;
  /** Who sends on a channel. */
  route: typeof routeFor;
  fetch: SendDeps['fetch'];
  now(): number;
  /** Channels are logged unless set up, and addresses of this machine may be called. */
  isDevelopment: boolean;
}

export interface DispatchMemory {
  standings: Standings;
  lanes: Lanes;
  tokens: TokenCache;
  purses: Purses;
  /** Messages whose batch is over, and that are not. */
  underWay: number;
}

export interface Alert {
  alert: 'endpoint_closed';
  endpoint: string;
  code: string;
}

/** The same, with what belongs to one batch. */
export interface BatchDeps extends DispatchDeps {
  permits: Permits;
  lanes: BatchLanes;
  tokens: Tokens;
  company: Company;
  purses: BatchPurses;
}

/** `messageIds`: of all that the batch hints at. */
export function batchDeps(deps: DispatchDeps, messageIds: string[]): BatchDeps {
  const { standings, lanes, tokens, purses } = deps.memory;
  return {
    ...deps,
    permits: new Permits(standings, deps),
    lanes: new BatchLanes(lanes, deps),
    tokens: createTokens(tokens, deps),
    company: new Company(messageIds, deps.sleep),
    purses: new BatchPurses(purses, deps),
  };
}

export function emptyMemory(): DispatchMemory {
  return { standings: new Map(), lanes: new Map(), tokens: new Map(), purses: new Map(), underWay: 0 };
}

const memory = emptyMemory();

export interface DeliveryExtras {
  content?: JsonObject;
  /** Where it went, if the address's holder may tell the provider to stop. */
  addressKey?: string;
  deadLetter?: DeadLetter;
}

/** For one batch of hints. */
export function dispatchDeps(env: Env): DispatchDeps {
  const keep = groupedWrites<Result>((results) => writeResults(env, results));
  return {
    profile: (key) => profileStub(env, key),
    documents: {
      config: () => loadConfig(env),
      template: (id, version) => loadTemplateVersion(env, id, version),
      secret: (channel) => readChannelSecret(env, channel),
    },
    deliveries: {
      read: (id) => readDelivery(env.DB, id),
      record: (record, more) => keep({ record, more }),
      stream: (id) => streamExport(env, () => ({ deliveries: [id] })),
      reopen: async (id, attempts, at) => {
        await reopenDelivery(env.DB, id, attempts, at).run();
      },
    },
    signLink: (text) => signUnsubscribe(env, text),
    addresses: {
      key: (address) => addressKey(env, address),
      refusals: (key, channel) => refusalsAt(env.DB, key, channel),
    },
    limiter: (name) => limiterStub(env, name),
    memory,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    // biome-ignore lint/suspicious/noConsole: a line for the operator; it names no user.
    alert: (alert) => console.error(JSON.stringify(alert)),
    route: routeFor,
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    isDevelopment: env.ENVIRONMENT === 'development',
  };
}

interface Result {
  record: DeliveryRecord;
  more: DeliveryExtras;
}

async function writeResults(env: Env, results: Result[]): Promise<void> {
  const { DB: db } = env;
  const records = results.map(({ record }) => record);
  await db.batch([
    ...raiseDeliveries(db, records),
    ...results.flatMap(({ record, more: { content } }) =>
      content ? [keepContent(db, record.id, content)] : [],
    ),
    ...results.flatMap(({ record, more }) =>
      more.addressKey ? [keepAddressProfile(db, more.addressKey, record.profileKey, record.updatedAt)] : [],
    ),
    ...results.flatMap(({ more: { deadLetter } }) => (deadLetter ? [keepDeadLetter(db, deadLetter)] : [])),
  ]);
  await streamExport(env, () => ({ deliveries: records.map(({ id }) => id) }));
}
