/**
 * WhatsApp Cloud API. Meta signs the body with the app's secret, and asks once, by GET with a token that was typed in at
 * its console, whether the address is ours. The message's id comes back as `biz_opaque_callback_data`. Who stops marketing
 * still gets the rest; who resumes it there has not agreed to ours.
 */
import type { JsonObject } from '../../engine/vocabulary.ts';
import { codeIn, objectIn, objectsIn } from '../http-call.ts';
import { textSetting } from '../provider.ts';
import { MARKETING_STOPPED, NOT_ON_WHATSAPP } from '../whatsapp.ts';
import type { CallbackAdapter, Report } from './callback.ts';
import { fromHex, isMacOf, isSameText } from './proof.ts';
import { epochIn, jsonIn, textFrom } from './read-json.ts';

export const whatsappCallbacks: CallbackAdapter = {
  provider: 'whatsapp',
  verify: ({ headers, body }, { callbackSecret }) => {
    const [scheme, digits] = (headers.get('x-hub-signature-256') ?? '').split('=');
    const proof = scheme === 'sha256' ? fromHex(digits) : null;
    return isMacOf(proof, body, callbackSecret ?? '', 'SHA-256');
  },
  read: (callback) => {
    const values = objectsIn(objectIn(jsonIn(callback)).entry)
      .flatMap(({ changes }) => objectsIn(changes))
      .map(({ value }) => objectIn(value));
    return values.flatMap(({ statuses, user_preferences }) => [
      ...objectsIn(statuses).flatMap((status) => statusReport(status, callback.now)),
      ...objectsIn(user_preferences).flatMap((preference) => preferenceReport(preference, callback.now)),
    ]);
  },
  async challenge({ searchParams }, channels) {
    if (searchParams.get('hub.mode') !== 'subscribe') return null;
    for (const { settings } of channels) {
      const token = textSetting(settings, 'verifyToken');
      if (token !== undefined && (await isSameText(searchParams.get('hub.verify_token'), token))) {
        return searchParams.get('hub.challenge');
      }
    }
    return null;
  },
};

function statusReport(status: JsonObject, now: number): Report[] {
  const said = kindOf(status);
  if (!said) return [];
  return [
    {
      ...said,
      id: `${textFrom(status, 'id')}:${status.status}`,
      at: epochIn(status.timestamp, 1_000, now),
      messageId: textFrom(status, 'biz_opaque_callback_data'),
      address: numberIn(status, 'recipient_id'),
      channel: 'whatsapp',
      of: said.kind === 'refused' ? 'marketing' : 'everything',
    },
  ];
}

function kindOf({ status, errors }: JsonObject): Pick<Report, 'kind' | 'code'> | null {
  switch (status) {
    case 'delivered':
      return { kind: 'delivered', code: status };
    case 'read':
      return { kind: 'opened', code: status };
    case 'failed': {
      const code = codeIn(objectsIn(errors)[0]?.code, 'failed');
      if (code === NOT_ON_WHATSAPP) return { kind: 'bounced', code };
      return { kind: code === MARKETING_STOPPED ? 'refused' : 'failed', code };
    }
    default:
      return null;
  }
}

function preferenceReport(preference: JsonObject, now: number): Report[] {
  const { category, value, timestamp } = preference;
  const address = numberIn(preference, 'wa_id');
  if (category !== 'marketing_messages' || value !== 'stop' || !address) return [];
  const at = epochIn(timestamp, 1_000, now);
  const id = `${address.value}:stop:${timestamp}`;
  return [
    {
      id,
      kind: 'opted_out',
      code: 'stop',
      at,
      messageId: null,
      address,
      channel: 'whatsapp',
      of: 'marketing',
    },
  ];
}

/** Meta writes numbers without their plus. */
function numberIn(object: JsonObject, name: string): Report['address'] {
  const digits = textFrom(object, name);
  return digits !== null && /^\d{7,15}$/.test(digits) ? { kind: 'phone', value: `+${digits}` } : null;
}
