/**
 * WhatsApp Cloud API. Outside a conversation that the person began, only templates that Meta has approved are delivered,
 * so a template is what is sent. There is no idempotency; the message's id comes back in the delivery reports.
 */
import type { Json, JsonObject } from '../engine/vocabulary.ts';
import type { OutgoingMessage, SendResult } from './channel.ts';
import {
  callHttp,
  codeIn,
  type HttpAnswer,
  jsonOf,
  judgeStatus,
  objectIn,
  objectsIn,
  retryBy,
} from './http-call.ts';
import { phoneOf } from './phone.ts';
import { account, createProvider, refused, textOf, textSetting } from './provider.ts';

const DAY_MS = 24 * 3_600_000;
/** Meta's own limit for one pair of numbers is six seconds a message. */
const PAIR_WAIT_MS = 60_000;

export const whatsappAdapter = createProvider({
  name: 'whatsapp',
  reports: 'addresses',
  capabilities: {
    channels: ['whatsapp'],
    advertising: true,
    advertisingHours: {},
    maxBytes: {},
    idempotency: 'none',
    unitCost: null,
  },
  baseUrl: () => 'https://graph.facebook.com',
  async send(message, call) {
    const phone = phoneOf(message.to, call.region);
    if (!phone) return { kind: 'rejected', scope: 'address', code: 'phone_invalid' };
    const version = textSetting(call.settings, 'apiVersion') ?? 'v23.0';
    const number = encodeURIComponent(textSetting(call.settings, 'phoneNumberId') ?? '');
    const answer = await callHttp(
      {
        url: `${call.baseUrl}/${version}/${number}/messages`,
        headers: { authorization: `Bearer ${call.secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(templateMessage(message, phone.e164.slice(1))),
      },
      call,
    );
    return answer.kind === 'lost' ? answer.result : judgeWhatsapp(answer, call.now());
  },
});

function templateMessage({ id, content }: OutgoingMessage, to: string): JsonObject {
  const parameters = parametersOf(content.variables);
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to,
    type: 'template',
    template: {
      name: textOf(content, 'templateName') ?? '',
      language: { code: textOf(content, 'language') ?? '' },
      ...(parameters.length > 0 && { components: [{ type: 'body', parameters }] }),
    },
    biz_opaque_callback_data: id,
  };
}

/** `{"1": "…", "2": "…"}` fills numbered places in their order, other names by name. */
function parametersOf(variables: Json | undefined): JsonObject[] {
  const entries = Object.entries(objectIn(variables));
  const isNumbered = entries.every(([name]) => /^\d{1,3}$/.test(name));
  // Whole numbers as keys come in their order by themselves.
  return entries.map(([name, text]) => ({
    type: 'text',
    ...(!isNumbered && { parameter_name: name }),
    text,
  }));
}

const AGAIN = ['1', '2', '4', '80007', '130429', '131000', '131016'];
const ACCOUNT = ['0', '10', '190', '368', '131031'];
export const NOT_ON_WHATSAPP = '131026';
export const MARKETING_STOPPED = '131050';
const MESSAGE = ['100', '131008', '131009', '131047', '131051'];

/** By Meta's own code; a text of Meta's may hold the number. */
export function judgeWhatsapp(answer: Extract<HttpAnswer, { kind: 'answer' }>, now: number): SendResult {
  const { status, headers, text } = answer;
  const body = jsonOf(text);
  if (status === 200) {
    const [sent] = objectsIn(body.messages);
    return typeof sent?.id === 'string'
      ? { kind: 'accepted', providerId: codeIn(sent.id.replace(/=+$/, ''), 'whatsapp') }
      : { kind: 'unknown', code: 'answer_unreadable' };
  }
  const code = codeIn(objectIn(body.error).code, `http_${status}`);
  if (AGAIN.includes(code)) return retryBy(headers, code, now);
  if (code === '131056') return retryBy(headers, code, now, PAIR_WAIT_MS);
  if (code === NOT_ON_WHATSAPP) return { kind: 'rejected', scope: 'address', code };
  // What isn't marketing still goes there.
  if (code === MARKETING_STOPPED) return { kind: 'rejected', scope: 'message', code, revokeConsent: true };
  // Meta chose not to deliver: this person has had enough marketing for the day.
  if (code === '131049') return { kind: 'park', untilAt: now + DAY_MS, code };
  if (ACCOUNT.includes(code) || /^2\d\d$/.test(code)) return account(code);
  if (MESSAGE.includes(code) || /^1320(0\d|1[0-6])$/.test(code)) return refused(code);
  return { ...judgeStatus(answer, { isIdempotent: false, now }), code } as SendResult;
}
