/** What a POST to a link asks for: RFC 8058's `List-Unsubscribe=One-Click`, or one of the page's own forms. */
import { ApiError } from '../../http/api-error.ts';
import { readBody } from '../../http/read-body.ts';
import { unsubscribeFormSchema } from '../../protocol/unsubscribe-form.ts';
import type { Wish } from './changes.ts';

const MAX_BYTES = 8 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/**
 * Null where it names something that can't be set. A POST without the page's own `action` unsubscribes, however it is spelt:
 * nobody but a mailbox sends one, and a refusal that isn't understood must not be lost. Throws 413.
 */
export async function readWish(request: Request): Promise<Wish | null> {
  const fields = await readFields(request);
  if (!('action' in fields)) return { kind: 'unsubscribe' };
  const { data } = unsubscribeFormSchema.safeParse(fields);
  if (!data || !('action' in data)) return null;
  if (data.action !== 'set') return { kind: data.action };
  const { channel, purpose, granted } = data;
  return { kind: 'set', channel, purpose, granted: granted === 'true' };
}

/** Urlencoded and multipart; what is neither has no fields. */
async function readFields(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBody(request, MAX_BYTES).catch((error: unknown) => {
    // An encoding that isn't known, or isn't what it says: what it asks for is still a POST.
    if (error instanceof ApiError && error.status !== 413) return new Uint8Array();
    throw error;
  });
  const type = request.headers.get('content-type') ?? FORM;
  if (!/^multipart\/form-data/i.test(type)) {
    return Object.fromEntries(new URLSearchParams(new TextDecoder().decode(bytes)));
  }
  try {
    const headers = { 'content-type': type };
    return Object.fromEntries(await new Response(bytes as BodyInit, { headers }).formData());
  } catch {
    return {};
  }
}
