import type {
  DispatchMessage,
  ExportMessage,
  FactsMessage,
  FanoutMessage,
} from './protocol/queue-messages.ts';

/** Everything that the Worker is given: bindings from wrangler.toml, secrets from `wrangler secret put`. */
export interface Env {
  /** `development` allows the fixed development keys, the log provider and loopback webhooks. */
  ENVIRONMENT: 'production' | 'development';
  /** Secret: turns users' ids into object names and shard rows. Never change it: profiles would be lost. */
  ID_SECRET: string;
  /** Secret, optional: an admin token that works before any has been created; remove it once one has. */
  ADMIN_TOKEN?: string;
  /** Secret, optional: HS256 key of user tokens. */
  USER_TOKEN_SECRET?: string;
  /** Optional: JWKS (JSON text) with the public ES256 keys of user tokens. */
  USER_TOKEN_JWKS?: string;
  /** Secret, optional: seals providers' credentials in D1; without it a key is derived from `ID_SECRET`. */
  SECRETS_KEY?: string;
  /** Secret, optional: earlier or coming `SECRETS_KEY`s, separated by commas, that may still open what they sealed. */
  OTHER_SECRETS_KEYS?: string;
  /** Optional: how many watchers of one item a shard holds before it is split; 50,000 unless set. */
  WATCHERS_PER_SHARD?: string;
  /** Optional: how many profiles a broadcast goes to in a second; as many as the queue takes unless set. */
  BROADCAST_PER_SECOND?: string;
  /** Optional: one of so many views tells the catalog what goes together, and of a sixth as many orders; 32 unless set. */
  VIEWS_PER_SAMPLE?: string;
  /** Optional: how many requests an isolate takes on at once; 500 unless given. */
  MAX_REQUESTS_UNDER_WAY?: string;
  /**
   * Optional: where the deployment is reached from outside (`https://edge.example.com`); links to unsubscribe lead there. The
   * `workspace` policy's `publicUrl` goes before it.
   */
  PUBLIC_URL?: string;
  /** Optional: where the daily exports are written; see `scheduler/daily-exports.ts`. */
  EXPORTS?: R2Bucket;
  /** Optional: an endpoint that is told of deliveries, conversions and exported decisions as they come; see `dispatch/export-stream.ts`. */
  EXPORT_WEBHOOK_URL?: string;
  /** Secret: what those calls are signed with, `whsec_` and base64; two with a space between while it is changed. */
  EXPORT_WEBHOOK_SECRET?: string;
  EXPORT_STREAM?: Queue<ExportMessage>;
  DB: D1Database;
  PROFILE: DurableObjectNamespace;
  CATALOG: DurableObjectNamespace;
  WATCHERS: DurableObjectNamespace;
  REGISTRY: DurableObjectNamespace;
  SCHEDULER: DurableObjectNamespace;
  LIMITER: DurableObjectNamespace;
  DISPATCH: Queue<DispatchMessage>;
  FACTS: Queue<FactsMessage>;
  FANOUT: Queue<FanoutMessage>;
}

const REQUIRED = [
  'ENVIRONMENT',
  'ID_SECRET',
  'DB',
  'PROFILE',
  'CATALOG',
  'WATCHERS',
  'REGISTRY',
  'SCHEDULER',
  'LIMITER',
  'DISPATCH',
  'FACTS',
  'FANOUT',
] as const;

/** Found complete before: an isolate is given the same object with every request. */
let complete: Partial<Env> | undefined;

/** The names of the bindings that are missing; the edge answers 500 with them instead of failing somewhere inside. */
export function missingBindings(env: Partial<Env>): string[] {
  if (env === complete) return [];
  const missing = REQUIRED.filter((name) => env[name] === undefined || env[name] === '');
  if (missing.length === 0) complete = env;
  return missing;
}
