import type { CallbackAdapter } from './callback.ts';
import { lineCallbacks } from './line.ts';
import { nhnCallbacks } from './nhn.ts';
import { resendCallbacks } from './resend.ts';
import { sesCallbacks } from './ses.ts';
import { solapiCallbacks } from './solapi.ts';
import { twilioCallbacks } from './twilio.ts';
import { whatsappCallbacks } from './whatsapp.ts';

const ADAPTERS: readonly CallbackAdapter[] = [
  resendCallbacks,
  sesCallbacks,
  twilioCallbacks,
  lineCallbacks,
  whatsappCallbacks,
  solapiCallbacks,
  nhnCallbacks,
];

/** Null for providers that report nothing: FCM, APNs, push services, Cloudflare's e-mail, Slack's incoming webhooks. */
export function callbacksOf(provider: string): CallbackAdapter | null {
  return ADAPTERS.find((adapter) => adapter.provider === provider) ?? null;
}
