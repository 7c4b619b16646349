/**
 * Resend's webhooks, which Svix sends: Standard Webhooks under header names of its own. Not older than five minutes. The
 * message's id is a tag of ours, which comes back.
 */
import type { Json, JsonObject } from '../../engine/vocabulary.ts';
import { codeIn, objectIn, objectsIn } from '../http-call.ts';
import { parseSecrets } from '../webhook-signature.ts';
import type { CallbackAdapter, Report } from './callback.ts';
import { fromBase64, isMacOf } from './proof.ts';
import { instantIn, jsonIn, textFrom } from './read-json.ts';

const TOLERANCE_SECONDS = 300;

export const resendCallbacks: CallbackAdapter = {
  provider: 'resend',
  async verify({ headers, body, now }, { callbackSecret }) {
    const secrets = parseSecrets(callbackSecret ?? '');
    const id = headers.get('svix-id') ?? '';
    const timestamp = headers.get('svix-timestamp') ?? '';
    if (secrets.kind === 'unusable' || id === '' || !/^\d{1,12}$/.test(timestamp)) return false;
    if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
    const head = new TextEncoder().encode(`${id}.${timestamp}.`);
    const signed = new Uint8Array([...head, ...body]);
    // One for each secret during a rotation, on both sides.
    const given = (headers.get('svix-signature') ?? '').split(' ').slice(0, 10);
    for (const signature of given) {
      if (!signature.startsWith('v1,')) continue;
      const proof = fromBase64(signature.slice('v1,'.length));
      for (const key of secrets.keys) if (await isMacOf(proof, signed, key, 'SHA-256')) return true;
    }
    return false;
  },
  read: (callback) => {
    const event = objectIn(jsonIn(callback));
    const data = objectIn(event.data);
    const report = kindOf(String(event.type), data);
    if (!report) return [];
    const [to] = Array.isArray(data.to) ? data.to : [];
    return [
      {
        ...report,
        id: callback.headers.get('svix-id') ?? '',
        at: instantIn(event.created_at, callback.now),
        messageId: tagOf(data.tags),
        address: typeof to === 'string' ? { kind: 'email', value: to } : null,
        channel: 'email',
        of: 'everything',
      },
    ];
  },
};

function kindOf(type: string, data: JsonObject): Pick<Report, 'kind' | 'code'> | null {
  switch (type) {
    case 'email.delivered':
      return { kind: 'delivered', code: 'delivered' };
    case 'email.opened':
      return { kind: 'opened', code: 'opened' };
    case 'email.clicked':
      return { kind: 'clicked', code: 'clicked' };
    case 'email.failed':
      return { kind: 'failed', code: codeIn(objectIn(data.failed).reason, 'failed') };
    case 'email.bounced': {
      const { type: permanence, subType } = objectIn(data.bounce);
      // A full mailbox may have room tomorrow.
      const kind = permanence === 'Permanent' ? 'bounced' : 'failed';
      return { kind, code: codeIn(subType, codeIn(permanence, 'bounced')) };
    }
    case 'email.suppressed':
      // Resend sends there no more, for an earlier bounce or complaint.
      return { kind: 'bounced', code: 'suppressed' };
    case 'email.complained':
      return { kind: 'complained', code: 'complained' };
    default:
      return null;
  }
}

/** `{ "message_id": "…" }`, or as they were given: `[{ "name", "value" }]`. */
function tagOf(tags: Json | undefined): string | null {
  if (!Array.isArray(tags)) return textFrom(objectIn(tags), 'message_id');
  const tag = objectsIn(tags).find(({ name }) => name === 'message_id');
  return tag ? textFrom(tag, 'value') : null;
}
