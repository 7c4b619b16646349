/**
 * What is posted to `/u/:token`: `List-Unsubscribe=One-Click` by mailboxes (RFC 8058), else a form of the page itself. A POST
 * without `action` unsubscribes.
 */
import * as z from 'zod';

export const PURPOSES = ['marketing', 'marketing_night'] as const;
/** Under whose names consent is asked for, in the order in which the page lists them. */
export const ASKED_CHANNELS = ['email', 'push', 'web_push', 'sms', 'kakao', 'line', 'whatsapp'] as const;

export const unsubscribeFormSchema = z.union([
  z.object({ 'List-Unsubscribe': z.literal('One-Click') }),
  z.object({ action: z.enum(['unsubscribe', 'everything']) }),
  z.object({
    action: z.literal('set'),
    channel: z.enum(ASKED_CHANNELS),
    purpose: z.enum(PURPOSES),
    granted: z.enum(['true', 'false']),
  }),
]);
