/**
 * The stream's other end: a message of the queue `export` becomes one call,
 *
 *     { "type": "reflex.export", "lines": [ … ] }
 *
 * its lines deliveries, conversions and decisions (`protocol/workspace-export-schema.ts`), as D1 has them at this attempt; what
 * was erased meanwhile isn't told. `webhook-id` is a hash of the body: the same lines come under the same id. Whatever is not 2xx comes again,
 * each time later, and is at last a dead letter, which can be replayed.
 */
import type { Env } from '../bindings.ts';
import type { SendDeps } from '../channels/channel.ts';
import { postSigned } from '../channels/signed-post.ts';
import type { ExportMessage } from '../protocol/queue-messages.ts';
import type { StoredLine } from '../protocol/workspace-export-schema.ts';
import { type ExportNames, exportNamed } from '../store/export-rows.ts';

interface ExportDeps extends Pick<SendDeps, 'fetch' | 'now' | 'secret' | 'allowLoopback'> {
  /** Null: nobody takes it any more. */
  url: string | null;
  lines(names: ExportNames): Promise<StoredLine[]>;
  /** For the operator: a person may have to look. */
  alert(alert: { alert: 'export_refused'; code: string; attempts: number }): void;
}

const NO_NAMES: ExportNames = { deliveries: [], conversions: [], decisions: [] };
const TIMEOUT_MS = 15_000;
const FIRST_RETRY_SECONDS = 10;
const LONGEST_RETRY_SECONDS = 3_600;
/** A queue holds no message back for longer. */
const LONGEST_DELAY_SECONDS = 43_200;

export function exportDeps(env: Env): ExportDeps {
  return {
    url: env.EXPORT_WEBHOOK_URL || null,
    secret: env.EXPORT_WEBHOOK_SECRET ?? null,
    allowLoopback: env.ENVIRONMENT === 'development',
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    lines: (names) => exportNamed(env.DB, names),
    // biome-ignore lint/suspicious/noConsole: a line for the operator; it names no user.
    alert: (alert) => console.error(JSON.stringify(alert)),
  };
}

export async function consumeExport(batch: MessageBatch<ExportMessage>, deps: ExportDeps): Promise<void> {
  await Promise.all(batch.messages.map((message) => tell(message, deps)));
}

async function tell(message: Message<ExportMessage>, deps: ExportDeps): Promise<void> {
  if (deps.url === null) return message.ack();
  const { code, afterMs = 0 } = await post(message.body, deps.url, deps);
  if (code === null) return message.ack();
  deps.alert({ alert: 'export_refused', code, attempts: message.attempts });
  const backOff = Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (message.attempts - 1));
  const delaySeconds = Math.min(LONGEST_DELAY_SECONDS, Math.max(backOff, Math.ceil(afterMs / 1_000)));
  message.retry({ delaySeconds });
}

/** `code` says what went wrong; null: it was taken, or there was nothing to tell. */
async function post(
  body: ExportMessage,
  url: string,
  deps: ExportDeps,
): Promise<{ code: string | null; afterMs?: number }> {
  // What isn't of this version is a newer build's: it may be this Worker's turn to be updated.
  if (body?.kind !== 'export' || (body.v !== 1 && body.v !== 2)) return { code: 'not_of_this_version' };
  let lines: StoredLine[];
  try {
    lines = await deps.lines({ ...NO_NAMES, ...body });
  } catch {
    return { code: 'd1_unavailable' };
  }
  if (lines.length === 0) return { code: null };
  const text = JSON.stringify({ type: 'reflex.export', lines });
  const result = await postSigned({ url, id: await idOf(text), body: text, timeoutMs: TIMEOUT_MS }, deps);
  if (result.kind === 'accepted') return { code: null };
  return result.kind === 'retry' && result.afterMs !== undefined
    ? { code: result.code, afterMs: result.afterMs }
    : { code: result.code };
}

async function idOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `export_${[...hash.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
