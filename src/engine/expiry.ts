import { DAY_MS, durationMs, HOUR_MS, MINUTE_MS } from './duration.ts';
import type { Channel, Trigger } from './trigger.ts';

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

export function expiresAt(trigger: Trigger, channel: Channel, reachedAt: number): number {
  const authored = trigger.delivery?.expireAfter;
  return reachedAt + (authored ? durationMs(authored) : DEFAULT_EXPIRY_MS[channel]);
}
