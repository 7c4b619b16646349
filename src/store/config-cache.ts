/**
 * The compiled configuration, as every request and object of this isolate decides by it.
 *
 * A change made anywhere must be in force here within 10 s: what is older than 5 s is read from the primary before
 * anything is decided. While one caller reads, others go on with what is there, up to 8 s old. When D1 doesn't answer,
 * the last configuration stays in force: it can't have been changed without D1 either.
 *
 * Only plain data is kept. A promise that belongs to one request must never be awaited by another.
 */
import type { Env } from '../bindings.ts';
import { compileConfig } from '../engine/compile/compile-config.ts';
import type { Config, LiveDocuments } from '../engine/config.ts';
import { samplingOf } from '../engine/recommend/item-sample.ts';
import { loadLiveDocuments } from './live-documents.ts';

const FRESH_MS = 5_000;
const USABLE_WHILE_READING_MS = 8_000;
/** After a failed read: how long until the next try. */
const RETRY_MS = 1_000;

let current: Config | undefined;
/** When the read began that `current` comes from; it says nothing about later changes. */
let readAt = Number.NEGATIVE_INFINITY;
let readingSince = Number.NEGATIVE_INFINITY;
/** Grows with every `dropConfig`: a read that began before one proves nothing. */
let drops = 0;

/** The configuration where it is fresh, so that nothing has to be waited for; else undefined. */
export function configInForce(): Config | undefined {
  return isRecent(Date.now() - readAt, FRESH_MS) ? current : undefined;
}

/** Throws where D1 doesn't answer and nothing has been read yet. */
export async function loadConfig(env: Env): Promise<Config> {
  const now = Date.now();
  const ageMs = now - readAt;
  const fresh = configInForce();
  if (fresh) return fresh;
  if (current && isRecent(ageMs, USABLE_WHILE_READING_MS) && isRecent(now - readingSince, RETRY_MS)) {
    return current;
  }
  readingSince = now;
  return refresh(env, now);
}

/** For the isolate that wrote: the next decision reads first. */
export function dropConfig(): void {
  drops += 1;
  readAt = Number.NEGATIVE_INFINITY;
}

async function refresh(env: Env, startedAt: number): Promise<Config> {
  const dropsBefore = drops;
  let live: Awaited<ReturnType<typeof loadLiveDocuments>>;
  try {
    live = await loadLiveDocuments(env);
  } catch (error) {
    if (!current) throw error;
    if (drops === dropsBefore) readAt = startedAt - FRESH_MS + RETRY_MS;
    return current;
  }
  // A head that went backwards is a database that was restored: it counts.
  const isKnown = current?.head === live.head && current.stopped === live.stopped;
  const config = isKnown && current ? current : compileConfig({ ...live, ...settingsOf(env) });
  if (drops === dropsBefore && startedAt >= readAt) {
    current = config;
    readAt = startedAt;
  }
  return config;
}

function settingsOf({
  ENVIRONMENT,
  VIEWS_PER_SAMPLE,
}: Env): Pick<LiveDocuments, 'logsByDefault' | 'sampling'> {
  const viewsPerSample = Math.floor(Number(VIEWS_PER_SAMPLE));
  return {
    logsByDefault: ENVIRONMENT === 'development',
    ...(viewsPerSample >= 1 && { sampling: samplingOf(viewsPerSample) }),
  };
}

/** Also false where the clock has gone back. */
function isRecent(ageMs: number, limitMs: number): boolean {
  return ageMs >= 0 && ageMs < limitMs;
}
