/**
 * The links by which whoever got a message stops such messages, or says which ones are wanted, without signing in:
 *
 *     <public URL>/u/1.<channel>.<language>.<profile's key>.<message's id>.<signature>
 *
 * They stand among the values that a message is rendered from, frozen at the decision. Signing takes the deployment's
 * secret and its time, which nothing here has: `UNSIGNED` stands in the signature's place, as long as one, and the dispatcher
 * signs what stands before it, to the same effect on every attempt (`dispatch/sign-links.ts`). What was rendered but never
 * dispatched, such as a preview, holds links that open nothing.
 */
import type { Channel } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';

/** Of the token's layout. */
export const LINK_VERSION = '1';
/** In place of a signature: base64url of 32 bytes takes so many characters. */
export const UNSIGNED = '-'.repeat(43);
/** Where the page's forms are that say what is wanted. */
const PREFERENCES = '#preferences';

export type LinkLanguage = 'ko' | 'en';

export interface UnsubscribeLink {
  /** Of the message. */
  channel: Channel;
  /** The page's, as far as the recipient's is known. */
  language: LinkLanguage;
  profileKey: string;
  messageId: string;
}

export interface MessageLinks {
  unsubscribeUrl: string;
  preferencesUrl: string;
}

/** What is signed: the token without its signature. */
export function signedPart({ channel, language, profileKey, messageId }: UnsubscribeLink): string {
  return [LINK_VERSION, channel, language, profileKey, messageId].join('.');
}

/** `publicUrl` as configured, without a slash at its end. */
export function unsignedLinks(publicUrl: string, link: UnsubscribeLink): MessageLinks {
  return linksWith(`${publicUrl}/u/${signedPart(link)}.`, UNSIGNED);
}

export function languageOf(locale: string): LinkLanguage {
  return /^ko(?![a-z])/i.test(locale.trim()) ? 'ko' : 'en';
}

/** The links among a message's values; null where it has none. */
export function linksOf({ message }: JsonObject): MessageLinks | null {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null;
  const { unsubscribeUrl } = message;
  return typeof unsubscribeUrl === 'string' && unsubscribeUrl !== '' ? linksWith(unsubscribeUrl, '') : null;
}

/** What the dispatcher has to sign of these values; null where nothing is unsigned. */
export function unsignedPart(values: JsonObject): string | null {
  const { unsubscribeUrl = '' } = linksOf(values) ?? {};
  const token = unsubscribeUrl.slice(unsubscribeUrl.lastIndexOf('/') + 1);
  return token.endsWith(`.${UNSIGNED}`) ? token.slice(0, -UNSIGNED.length - 1) : null;
}

/** The same values with the signature in its place. */
export function withSignature(values: JsonObject, signature: string): JsonObject {
  const links = linksOf(values);
  if (!links) return values;
  const signed = linksWith(links.unsubscribeUrl.slice(0, -UNSIGNED.length), signature);
  return { ...values, message: { ...(values.message as JsonObject), ...signed } };
}

function linksWith(start: string, signature: string): MessageLinks {
  const unsubscribeUrl = `${start}${signature}`;
  return { unsubscribeUrl, preferencesUrl: `${unsubscribeUrl}${PREFERENCES}` };
}
