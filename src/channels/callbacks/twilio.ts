/**
 * Twilio calls for two reasons: what became of a message (the address it calls was given with the message, and names it),
 * and what a person has answered. It signs the address that it called and every field with the account's auth token.
 *
 * STOP and its family (Twilio's own words, and those that 47 CFR 64.1200 names) refuse everything: Twilio sends nothing to
 * that number any more, whatever it is. START changes nothing here: whoever wants advertising again says so to the shop,
 * to a text that says what it is; a START to a number names none, and could be one that somebody has kept and sent again.
 */
import { codeIn } from '../http-call.ts';
import { textSetting } from '../provider.ts';
import { NO_NUMBER, STOPPED } from '../twilio.ts';
import type { Callback, CallbackAdapter, CallbackChannel, Report } from './callback.ts';
import { fromBase64, isMacOf } from './proof.ts';
import { textIn } from './read-json.ts';

const STOP_WORDS = [
  'STOP',
  'STOPALL',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
  'REVOKE',
  'OPTOUT',
  'OPT OUT',
  'OPT-OUT',
];

export const twilioCallbacks: CallbackAdapter = {
  provider: 'twilio',
  async verify(callback, channel) {
    const proof = fromBase64(callback.headers.get('x-twilio-signature'));
    const secret = authToken(channel);
    const form = formOf(callback);
    if (!secret || !form) return false;
    const fields = [...new Set(form.keys())]
      .sort()
      .flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value))
      .join('');
    for (const url of addressesOf(callback.url, channel)) {
      const signed = new Uint8Array(new TextEncoder().encode(url + fields));
      if (await isMacOf(proof, signed, secret, 'SHA-1')) return true;
    }
    return false;
  },
  read: (callback) => {
    const form = formOf(callback) ?? new URLSearchParams();
    const sid = form.get('MessageSid') ?? form.get('SmsSid') ?? '';
    const report = form.has('Body') ? answered(form) : reported(form);
    if (!report) return [];
    const { number, status, ...said } = report;
    return [
      {
        ...said,
        id: `${sid}:${status}`,
        at: callback.now,
        messageId: status === 'received' ? null : callback.url.searchParams.get('message_id'),
        address: number?.startsWith('+') ? { kind: 'phone', value: number } : null,
        channel: 'sms',
        of: 'everything',
      },
    ];
  },
  /** TwiML that says nothing back. */
  answer: () => new Response('<Response/>', { headers: { 'content-type': 'text/xml' } }),
};

/** The auth token signs, whatever key the messages are sent with. */
function authToken({ settings, secret, callbackSecret }: CallbackChannel): string | null {
  return callbackSecret ?? (settings.apiKeySid === undefined ? secret : null);
}

/** As it was called; before a proxy it may have had another name, which is the one that Twilio was given. */
function addressesOf(url: URL, { settings }: CallbackChannel): string[] {
  const given = textSetting(settings, 'callbackUrl');
  const path = url.pathname + url.search;
  return [url.href, ...(given !== undefined && URL.canParse(given) ? [new URL(given).origin + path] : [])];
}

function formOf(callback: Callback): URLSearchParams | null {
  const text = textIn(callback);
  return text === null ? null : new URLSearchParams(text);
}

type Said = Pick<Report, 'kind' | 'code'> & { number: string | null; status: string };

/** A person's answer. */
function answered(form: URLSearchParams): Said | null {
  const words = (form.get('Body') ?? '')
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[.!]+$/, '')
    .toUpperCase();
  const isStop = form.get('OptOutType')?.toUpperCase() === 'STOP' || STOP_WORDS.includes(words);
  if (!isStop) return null;
  return { kind: 'opted_out', code: 'STOP', number: form.get('From'), status: 'received' };
}

function reported(form: URLSearchParams): Said | null {
  const status = form.get('MessageStatus') ?? form.get('SmsStatus') ?? '';
  const number = form.get('To');
  switch (status) {
    case 'delivered':
      return { kind: 'delivered', code: status, number, status };
    case 'read':
      return { kind: 'opened', code: status, number, status };
    case 'undelivered':
    case 'failed': {
      const code = codeIn(form.get('ErrorCode'), status);
      if (code === STOPPED) return { kind: 'refused', code, number, status };
      return { kind: NO_NUMBER.includes(code) ? 'bounced' : 'failed', code, number, status };
    }
    default:
      return null;
  }
}
