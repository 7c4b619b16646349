/** Providers' secrets: sealed at rest (`secret-box.ts`), each bound to its channel. */
import type { Env } from '../bindings.ts';
import { type Committed, commitChange } from './commit-change.ts';
import { isCurrent, open, seal } from './secret-box.ts';

const FRESH_MS = 10_000;

/** By channel, for this isolate; a new secret is used within 10 s. */
const cache = new Map<string, { ciphertext: string; secret: string | null; readAt: number }>();

/** The secret of a channel's provider; null where none is set. Throws where it can't be decrypted. */
export async function readChannelSecret(env: Env, channel: string): Promise<string | null> {
  const now = Date.now();
  const known = cache.get(channel);
  if (known && now - known.readAt < FRESH_MS && now >= known.readAt) return known.secret;
  const row = await env.DB.withSession('first-primary')
    .prepare('SELECT ciphertext FROM channel_secrets WHERE channel = ?1')
    .bind(channel)
    .first<{ ciphertext: string }>();
  const ciphertext = row?.ciphertext ?? '';
  const secret =
    known?.ciphertext === ciphertext
      ? known.secret
      : row
        ? await open(env, purposeOf(channel), ciphertext)
        : null;
  cache.set(channel, { ciphertext, secret, readAt: now });
  return secret;
}

/** Under which name the secret of a channel's callbacks is kept. */
export function callbackOfChannel(channel: string): string {
  return `callback:${channel}`;
}

export async function hasChannelSecret(env: Env, channel: string): Promise<boolean> {
  const row = await env.DB.prepare('SELECT 1 FROM channel_secrets WHERE channel = ?1').bind(channel).first();
  return row !== null;
}

/** The write that stores a secret, or with null forgets it. */
export async function putChannelSecret(
  env: Env,
  channel: string,
  secret: string | null,
  now: number,
): Promise<D1PreparedStatement> {
  cache.delete(channel);
  if (secret === null) return env.DB.prepare('DELETE FROM channel_secrets WHERE channel = ?1').bind(channel);
  return env.DB.prepare(
    'INSERT OR REPLACE INTO channel_secrets (channel, ciphertext, created_at) VALUES (?1, ?2, ?3)',
  ).bind(channel, await seal(env, purposeOf(channel), secret), now);
}

/**
 * Seals all secrets that an older key holds with the one that seals now. Repeating it is harmless; a secret that is written
 * meanwhile stays as it was written.
 */
export async function resealSecrets(
  env: Env,
  request: { author: string; now: number },
): Promise<Committed<Resealed, never>> {
  const { author, now } = request;
  const committed = await commitChange<Resealed, never>(env, async () => {
    const { results } = await env.DB.withSession('first-primary')
      .prepare('SELECT channel, ciphertext FROM channel_secrets ORDER BY channel')
      .all<{ channel: string; ciphertext: string }>();
    const done: Resealed = { resealed: [], current: [], unreadable: [] };
    const statements: D1PreparedStatement[] = [];
    for (const { channel, ciphertext } of results) {
      const again = await reseal(env, channel, ciphertext);
      done[again.kind].push(channel);
      if (again.kind !== 'resealed') continue;
      const { sealed } = again;
      statements.push(
        env.DB.prepare(
          'UPDATE channel_secrets SET ciphertext = ?3 WHERE channel = ?1 AND ciphertext = ?2',
        ).bind(channel, ciphertext, sealed),
      );
    }
    const audit = { author, at: now, action: 'reseal', kind: 'workspace', id: 'secrets' };
    return { kind: 'write' as const, statements, audit, done };
  });
  cache.clear();
  return committed;
}

export interface Resealed {
  /** Channels, by what became of their secrets. */
  resealed: string[];
  current: string[];
  /** Their key is not at hand: they have to be written anew. */
  unreadable: string[];
}

type Again = { kind: 'resealed'; sealed: string } | { kind: 'current' | 'unreadable' };

async function reseal(env: Env, channel: string, ciphertext: string): Promise<Again> {
  try {
    const secret = await open(env, purposeOf(channel), ciphertext);
    if (await isCurrent(env, ciphertext)) return { kind: 'current' };
    return { kind: 'resealed', sealed: await seal(env, purposeOf(channel), secret) };
  } catch {
    return { kind: 'unreadable' };
  }
}

function purposeOf(channel: string): string {
  return `channel:${channel}`;
}
