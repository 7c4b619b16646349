/**
 * Keys and admin tokens. D1 holds SHA-256 digests; a key itself is seen once, in the answer that creates it. Keys are
 * random (192 bits), so that a digest without salt and stretching tells nothing.
 */
import type { Env } from '../bindings.ts';
import type { Committed } from './commit-change.ts';
import { commitChange } from './commit-change.ts';

export type StoredKeyKind = 'write' | 'server' | 'admin';

export interface KeyRecord {
  id: string;
  kind: StoredKeyKind;
  label: string;
  createdAt: number;
  revokedAt: number | null;
}

/** Local development's fixed keys. They are in no database, and no deployment accepts them. */
const DEVELOPMENT_KEYS: Readonly<Record<string, StoredKeyKind>> = {
  wk_dev: 'write',
  sk_dev: 'server',
  at_dev: 'admin',
};

const PREFIXES: Record<StoredKeyKind, string> = { write: 'wk_', server: 'sk_', admin: 'at_' };
const SHORTEST_KEY = 20;

/** A revoked key is refused everywhere within this time. */
const FRESH_MS = 10_000;
/** While D1 doesn't answer, a key that was good goes on for so long: revoking it needs D1 too. */
const USABLE_WITHOUT_DATABASE_MS = 600_000;
const MAX_CACHED = 2_000;

interface CachedKey {
  holder: { kind: StoredKeyKind; id: string } | null;
  readAt: number;
}

/** By digest; plain data. */
const cache = new Map<string, CachedKey>();
/** Of keys that were good; a wrong one is digested each time, so that guesses fill nothing. */
const digests = new Map<string, string>();

/** The holder of a raw key; null for an unknown or revoked one. */
export async function findKey(env: Env, raw: string): Promise<{ kind: StoredKeyKind; id: string } | null> {
  if (Object.hasOwn(DEVELOPMENT_KEYS, raw)) {
    const kind = DEVELOPMENT_KEYS[raw];
    return env.ENVIRONMENT === 'development' && kind ? { kind, id: raw } : null;
  }
  if (raw.length < SHORTEST_KEY) return null;
  const known = digests.get(raw);
  const held = known === undefined ? undefined : cache.get(known);
  if (held && isFresh(held, Date.now())) return held.holder;
  const digest = known ?? (await digestOf(raw));
  // Digests are compared, not keys: how long it takes tells nothing of the token.
  if (env.ADMIN_TOKEN && digest === (await digestOf(env.ADMIN_TOKEN)))
    return { kind: 'admin', id: 'ADMIN_TOKEN' };
  const holder = await holderOf(env, digest);
  if (holder) digests.set(raw, digest);
  return holder;
}

async function holderOf(env: Env, digest: string): Promise<CachedKey['holder']> {
  const now = Date.now();
  const known = cache.get(digest);
  if (known && isFresh(known, now)) return known.holder;
  try {
    const holder = await readHolder(env, digest);
    if (cache.size >= MAX_CACHED) forgetKeys();
    cache.set(digest, { holder, readAt: now });
    return holder;
  } catch (error) {
    if (known?.holder && now - known.readAt < USABLE_WITHOUT_DATABASE_MS) return known.holder;
    throw error;
  }
}

/** The new key's record and, this once, the key itself. */
export async function createKey(
  env: Env,
  request: { kind: StoredKeyKind; label: string; author: string; now: number },
): Promise<Committed<{ record: KeyRecord; key: string }, never>> {
  const { kind, label, author, now } = request;
  const key = PREFIXES[kind] + base64url(crypto.getRandomValues(new Uint8Array(24)));
  const digest = await digestOf(key);
  const id = idOf(digest);
  return commitChange(env, async () => ({
    kind: 'write' as const,
    statements: [
      env.DB.prepare(
        'INSERT INTO keys (digest, id, kind, label, created_at) VALUES (?1, ?2, ?3, ?4, ?5)',
      ).bind(digest, id, kind, label, now),
    ],
    audit: { author, at: now, action: 'create', kind: 'key', id },
    done: { record: { id, kind, label, createdAt: now, revokedAt: null }, key },
  }));
}

/** Newest first, revoked ones too. */
export async function listKeys(env: Env): Promise<KeyRecord[]> {
  const { results } = await env.DB.withSession('first-primary')
    .prepare('SELECT id, kind, label, created_at, revoked_at FROM keys ORDER BY created_at DESC, id')
    .all<{ id: string; kind: StoredKeyKind; label: string; created_at: number; revoked_at: number | null }>();
  return results.map(({ created_at, revoked_at, ...key }) => ({
    ...key,
    createdAt: created_at,
    revokedAt: revoked_at,
  }));
}

/** In force here at once, elsewhere within 10 s. Revoking a revoked key changes nothing. */
export async function revokeKey(
  env: Env,
  request: { id: string; author: string; now: number },
): Promise<Committed<null, { kind: 'not_found' }>> {
  const { id, author, now } = request;
  const committed = await commitChange(env, async () => {
    const row = await env.DB.prepare('SELECT digest, revoked_at FROM keys WHERE id = ?1')
      .bind(id)
      .first<{ digest: string; revoked_at: number | null }>();
    if (!row) return { kind: 'refuse' as const, refused: { kind: 'not_found' as const } };
    return {
      kind: 'write' as const,
      statements: [
        env.DB.prepare('UPDATE keys SET revoked_at = coalesce(revoked_at, ?2) WHERE digest = ?1').bind(
          row.digest,
          now,
        ),
      ],
      audit: { author, at: now, action: 'revoke', kind: 'key', id },
      done: null,
    };
  });
  forgetKeys();
  return committed;
}

/** Not where the clock has gone back. */
function isFresh({ readAt }: CachedKey, now: number): boolean {
  return now - readAt < FRESH_MS && now >= readAt;
}

function forgetKeys(): void {
  cache.clear();
  digests.clear();
}

async function readHolder(env: Env, digest: string): Promise<CachedKey['holder']> {
  return env.DB.withSession('first-primary')
    .prepare('SELECT kind, id FROM keys WHERE digest = ?1 AND revoked_at IS NULL')
    .bind(digest)
    .first<{ kind: StoredKeyKind; id: string }>();
}

async function digestOf(raw: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(raw));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Names a key in lists and in the audit log; tells nothing of the key. */
function idOf(digest: string): string {
  return `key_${digest.slice(0, 16)}`;
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
