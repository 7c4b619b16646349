import type { CompiledTrigger } from '../compile/compile-trigger.ts';
import { instantOf } from '../language/operators.ts';
import { compilePath } from '../language/path.ts';
import { type Round, runScope } from '../round.ts';
import type { Run } from '../run-state.ts';
import { DAY_MS, durationMs, HOUR_MS, MINUTE_MS, parseOffsetMs } from '../time/duration.ts';
import type { Channel } from '../trigger.ts';

/** How long a message is worth anything where the author didn't say: counted from the moment its send was reached. */
const DEFAULT_EXPIRY_MS: { [C in Channel]: number } = {
  in_app: 30 * MINUTE_MS,
  card: 30 * DAY_MS,
  push: 4 * HOUR_MS,
  web_push: 4 * HOUR_MS,
  email: 24 * HOUR_MS,
  sms: 12 * HOUR_MS,
  lms: 12 * HOUR_MS,
  kakao_info: 12 * HOUR_MS,
  kakao_brand: 12 * HOUR_MS,
  line: 12 * HOUR_MS,
  whatsapp: 12 * HOUR_MS,
  webhook: 24 * HOUR_MS,
};

/**
 * A default stands still while the message is held, but not while it waits its turn on a surface; what the author wrote
 * counts from the send step, whatever comes after it.
 */
export function expiresAt(round: Round, trigger: CompiledTrigger, run: Run, channel: Channel): number {
  const authored = trigger.document.delivery?.expireAfter;
  if (typeof authored === 'string') return (run.held?.reachedAt ?? round.now) + durationMs(authored);
  const at = authored && instantOf(compilePath(authored.until)(runScope(round, run))[0]);
  if (authored && typeof at === 'number') return at + (parseOffsetMs(authored.offset ?? '0s') ?? 0);
  const queuedAt = channel === 'in_app' ? run.held?.queuedAt : null;
  return (queuedAt ?? round.now) + DEFAULT_EXPIRY_MS[channel];
}
