/**
 * Who a link to `/u/:token` speaks for. The token is signed with a key derived from ID_SECRET and says all that the page
 * needs; it names the profile by its key, never by the user's id. It never expires: the law wants it to work for 30 days at
 * least, and a refusal that comes later is a refusal all the same. Whoever has the message has the right to refuse more.
 */
import type { Env } from '../bindings.ts';
import {
  LINK_VERSION,
  type LinkLanguage,
  signedPart,
  type UnsubscribeLink,
} from '../engine/send/links/unsubscribe-link.ts';
import { CHANNELS } from '../engine/trigger.ts';
import { isSignatureOf, signingKey, signText } from './derived-key.ts';

type Secret = Pick<Env, 'ID_SECRET'>;

const LABEL = 'reflex unsubscribe link v1';
const FORM = new RegExp(
  `^${LINK_VERSION}\\.([a-z_]{2,12})\\.(ko|en)\\.([\\w-]{27})\\.(msg_[0-9a-z_]{1,80})\\.([\\w-]{43})$`,
);

/** Of the part that is signed: see `signedPart`. */
export async function signUnsubscribe({ ID_SECRET }: Secret, text: string): Promise<string> {
  return signText(await signingKey(ID_SECRET, LABEL), text);
}

/** Null for whatever this deployment has not signed. */
export async function readUnsubscribeToken(
  { ID_SECRET }: Secret,
  token: string,
): Promise<UnsubscribeLink | null> {
  const [, named, language, profileKey, messageId, signature] = FORM.exec(token) ?? [];
  const channel = CHANNELS.find((one) => one === named);
  if (!channel || !profileKey || !messageId || !signature) return null;
  const link = { channel, language: language as LinkLanguage, profileKey, messageId };
  const key = await signingKey(ID_SECRET, LABEL);
  return (await isSignatureOf(key, signedPart(link), signature)) ? link : null;
}
