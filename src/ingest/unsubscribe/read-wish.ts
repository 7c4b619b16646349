/** What a POST to a link asks for: RFC 8058's `List-Unsubscribe=One-Click`, or one of the page's own forms. */
import { ApiError } from '../../http/api-error.ts';
import { readBody } from '../../http/read-body.ts';
import type { Wish } from './changes.ts';
import { ASKED_CHANNELS, PURPOSES } from './ledger.ts';

const MAX_BYTES = 8 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/**
 * Null where it names something that can't be set. A POST without one of our own fields unsubscribes, however it is spelt:
 * nobody but a mailbox sends one, and a refusal that isn't understood must not be lost. Throws 413.
 */
export async function readWish(request: Request): Promise<Wish | null> {
  const fields = await readFields(request);
  const action = fields.get('action');
  if (action === null) return { kind: 'unsubscribe' };
  if (action === 'unsubscribe' || action === 'everything') return { kind: action };
  const channel = ASKED_CHANNELS.find((one) => one === fields.get('channel'));
  const purpose = PURPOSES.find((one) => one === fields.get('purpose'));
  const granted = fields.get('granted');
  const isSetting = action === 'set' && (granted === 'true' || granted === 'false');
  if (!isSetting || !channel || !purpose) return null;
  return { kind: 'set', channel, purpose, granted: granted === 'true' };
}

/** Urlencoded and multipart; what is neither has no fields. */
async function readFields(request: Request): Promise<{ get(name: string): string | null }> {
  const bytes = await readBody(request, MAX_BYTES).catch((error: unknown) => {
    // An encoding that isn't known, or isn't what it says: what it asks for is still a POST.
    if (error instanceof ApiError && error.status !== 413) return new Uint8Array();
    throw error;
  });
  const type = request.headers.get('content-type') ?? FORM;
  if (!/^multipart\/form-data/i.test(type)) return new URLSearchParams(new TextDecoder().decode(bytes));
  try {
    const headers = { 'content-type': type };
    const form = await new Response(bytes as BodyInit, { headers }).formData();
    return {
      get: (name) => {
        const value = form.get(name);
        return typeof value === 'string' ? value : null;
      },
    };
  } catch {
    return new URLSearchParams();
  }
}
