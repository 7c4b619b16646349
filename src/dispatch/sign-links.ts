import {
  languageOf,
  unsignedLinks,
  unsignedPart,
  withSignature,
} from '../engine/send/links/unsubscribe-link.ts';
import type { JsonObject, MessageInput } from '../engine/vocabulary.ts';

/** Signs what `signedPart` says, with the deployment's own key. */
export type SignLink = (text: string) => Promise<string>;

/** The same input with the links in it signed: the same signature on every attempt, for the same text. */
export async function signLinks(input: MessageInput, sign: SignLink): Promise<MessageInput> {
  const text = unsignedPart(input.values);
  return text === null ? input : { ...input, values: withSignature(input.values, await sign(text)) };
}

/**
 * A marketing e-mail that an older build decided has no link among its values: it gets one, as far as the deployment knows
 * now where it is reached.
 */
export function withLinks(input: MessageInput, profileKey: string, publicUrl: string | null): MessageInput {
  const { channel, category, values, locale, messageId } = input;
  const { message } = values;
  const isLacking = channel === 'email' && category === 'marketing' && publicUrl !== null;
  if (!isLacking || (isObject(message) && message.unsubscribeUrl !== undefined)) return input;
  const links = unsignedLinks(publicUrl, { channel, language: languageOf(locale), profileKey, messageId });
  return { ...input, values: { ...values, message: { ...(isObject(message) && message), ...links } } };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
