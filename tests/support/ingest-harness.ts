/**
 * The HTTP edge in plain Node: real router, auth, validation and identity, in front of profiles that record what
 * reaches them and answer as a test tells them.
 */
import type { Env } from '../../src/bindings.ts';
import type { Config } from '../../src/engine/config.ts';
import { DEFAULT_POLICIES, type IdentityMode } from '../../src/engine/documents.ts';
import type { InboxMessage } from '../../src/engine/vocabulary.ts';
import type { Fault } from '../../src/http/error-response.ts';
import type { KeyKind } from '../../src/http/route.ts';
import { createRouter, type Handler } from '../../src/http/router.ts';
import { clientSettingsRoutes } from '../../src/ingest/client-settings-routes.ts';
import { consentRoutes } from '../../src/ingest/consent-routes.ts';
import { deviceRoutes } from '../../src/ingest/device-routes.ts';
import { ingestRoutes } from '../../src/ingest/ingest-routes.ts';
import { messageRoutes } from '../../src/ingest/message-routes.ts';
import { preferenceRoutes } from '../../src/ingest/preference-routes.ts';
import { profileRoutes } from '../../src/ingest/profile-routes.ts';
import { unsubscribeRoutes } from '../../src/ingest/unsubscribe/routes.ts';
import { profileRef } from '../../src/protocol/profile-key.ts';
import type {
  ConsentsResult,
  DueMessages,
  IngestRequest,
  IngestResult,
  MessageQuery,
  NextResult,
  ProfileRef,
  ProfileRpc,
  ProfileView,
} from '../../src/protocol/rpc.ts';

export const KEYS: Record<string, { kind: KeyKind; id: string }> = {
  wk_test: { kind: 'write', id: 'k1' },
  sk_test: { kind: 'server', id: 'k2' },
  at_test: { kind: 'admin', id: 'k3' },
};

export interface Answers {
  ingest?: (request: IngestRequest) => IngestResult | Promise<IngestResult>;
  next?: (query: MessageQuery) => NextResult;
  describe?: () => ProfileView | null;
  consents?: () => ConsentsResult;
}

export interface Harness {
  /** Every ingest request that reached a profile, in order. */
  requests: IngestRequest[];
  queries: { key: string; query: MessageQuery }[];
  faults: Fault[];
  /** Keys and configuration can't be read while this is set. */
  outage: { of: 'keys' | 'config' | null };
  handle: Handler;
  env: Env;
  ref(kind: ProfileRef['kind'], id: string): Promise<ProfileRef>;
  /** How the profile of that name answers from now on. */
  answer(ref: ProfileRef, answers: Answers): void;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs JSON with the write key, and reads the JSON answer. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: never;
}

const SLICES = [
  ingestRoutes,
  messageRoutes,
  clientSettingsRoutes,
  profileRoutes,
  consentRoutes,
  deviceRoutes,
  preferenceRoutes,
  unsubscribeRoutes,
];

let harnesses = 0;

export function ingestHarness(mode: IdentityMode = 'optional', bindings: Partial<Env> = {}): Harness {
  const requests: IngestRequest[] = [];
  const queries: Harness['queries'] = [];
  const faults: Fault[] = [];
  const outage: Harness['outage'] = { of: null };
  const answers = new Map<string, Answers>();
  const env = fakeEnv(bindings);
  const profile = (_env: Env, key: string) => fakeProfile(key, answers.get(key) ?? {}, requests, queries);
  const deps = {
    findKey: async (_env: Env, raw: string) => (outage.of === 'keys' ? down() : (KEYS[raw] ?? null)),
    loadConfig: async () => (outage.of === 'config' ? down() : configOf(mode)),
    messageIsValid: (_config: Config, id: string, now: number) => id === 'msg_valid' && now > 0,
    profile,
  };
  const routes = SLICES.flatMap((make) => make(deps));
  const { findKey } = deps;
  const handle = createRouter(routes, { findKey, reportFault: (fault) => faults.push(fault) });
  const call = (path: string, init?: RequestInit) =>
    handle(new Request(`https://edge.test${path}`, init as never), env, { waitUntil() {} });
  return {
    requests,
    queries,
    faults,
    outage,
    handle,
    env,
    ref: (kind, id) => profileRef(env, kind, id),
    answer: (ref, how) => void answers.set(ref.key, how),
    fetch: call,
    async post(path, body, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const all = { authorization: basic('wk_test'), 'content-type': 'application/json', ...headers };
      const response = await call(path, { method: 'POST', headers: all, body: text });
      return {
        status: response.status,
        headers: response.headers as never,
        body: (await response.json()) as never,
      };
    },
  };
}

export function basic(key: string): string {
  return `Basic ${btoa(`${key}:`)}`;
}

export const SERVER = { authorization: 'Bearer sk_test' };
export const CLIENT = { authorization: basic('wk_test') };

/** Sends JSON with the server key unless told otherwise, and reads the JSON answer. */
export async function callApi(
  harness: Harness,
  method: string,
  path: string,
  body?: unknown,
  headers = SERVER,
) {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await harness.fetch(path, { method, headers, ...text });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

export function profileView(iso: string): ProfileView {
  const at = Date.parse(iso);
  return {
    userId: 'u1',
    anonymousIds: ['a1'],
    key: 'secret-key',
    traits: { tier: 'VIP' },
    firstSeenAt: at,
    lastSeenAt: at,
    sessions: { count: 0, lastAt: null },
    consents: [{ channel: 'push', purpose: 'marketing', granted: true, at, source: 'signup' }],
    relations: [{ relation: 'liked', itemId: 'r1', since: at, reference: null }],
    timeline: [],
    inbox: [],
  };
}

export function due(...ids: string[]): DueMessages {
  return { cursor: 'c7', messages: ids.map(inboxMessage), next: 30 };
}

function inboxMessage(id: string): InboxMessage {
  return {
    id,
    trigger: 'signup-nudge',
    version: 3,
    variant: null,
    channel: 'in_app',
    surface: 'default',
    layout: 'modal',
    priority: 50,
    createdAt: Date.UTC(2026, 10, 24, 1, 2, 3),
    expiresAt: Date.UTC(2026, 10, 24, 1, 32, 3),
    content: { locale: 'ko', title: '가입하세요', body: '혜택이 있어요' },
    runId: 'r1',
    key: '',
  };
}

function down(): never {
  throw new Error('D1 is down');
}

function configOf(identity: IdentityMode): Config {
  const { workspace, law } = DEFAULT_POLICIES;
  return {
    policies: { workspace: { ...workspace, identity }, law: { ...law, sender: { name: '은빛공방' } } },
  } as Config;
}

/** A secret of its own for each harness: the isolate cache of moved profiles outlives a test. */
function fakeEnv(bindings: Partial<Env>): Env {
  harnesses += 1;
  const present = {} as never;
  return {
    ENVIRONMENT: 'development',
    ID_SECRET: `secret-${harnesses}`,
    DB: { prepare: () => ({ first: async () => ({ 1: 1 }) }) } as never,
    PROFILE: present,
    CATALOG: present,
    WATCHERS: present,
    REGISTRY: present,
    SCHEDULER: present,
    LIMITER: present,
    DISPATCH: present,
    FACTS: present,
    FANOUT: present,
    ...bindings,
  };
}

function fakeProfile(
  key: string,
  answers: Answers,
  requests: IngestRequest[],
  queries: Harness['queries'],
): ProfileRpc {
  const unused = async () => {
    throw new Error('not part of ingest');
  };
  return {
    async ingest(request) {
      requests.push(request);
      if (answers.ingest) return answers.ingest(request);
      return { kind: 'done', ...(request.read && { due: due('msg_1') }) };
    },
    async next(query) {
      queries.push({ key, query });
      return answers.next?.(query) ?? { kind: 'done', due: { cursor: '0', messages: [], next: 60 } };
    },
    async describe() {
      return answers.describe?.() ?? null;
    },
    async consents() {
      return answers.consents?.() ?? { kind: 'unknown' };
    },
    claim: unused,
    settle: unused,
    settleFacts: unused,
    freeze: unused,
    releaseFrozen: unused,
    decisions: unused,
  };
}
