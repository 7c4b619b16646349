/**
 * Which links of a message bear its id, channel by channel:
 *
 * - in-app, card: the addresses that buttons open, and links in the HTML.
 * - push, web push: the link.
 * - e-mail: links in the HTML and in the text.
 * - LMS, LINE, Kakao brand messages: links in the text, and addresses of buttons.
 * - SMS: links in the text where the text still fits an SMS with them: we make nobody's message a dearer one.
 * - AlimTalk and WhatsApp are sent as their templates were approved, and a webhook's data is no message that somebody
 *   opens: they stay as they are. Their authors write `{{message.id}}` where they want it.
 *
 * Images are fetched, not opened. Links to unsubscribe or to change one's preferences are never tagged.
 */
import type { Channel } from '../../trigger.ts';
import type { Json, JsonObject } from '../../vocabulary.ts';
import { tagLink } from './link-tag.ts';
import { tagHtml, tagText } from './tag-text.ts';

/** Bytes of EUC-KR; what is longer goes as LMS. */
const SMS_BYTES = 90;

/**
 * @param content as rendered, and labelled
 * @param values what its template saw: `message.unsubscribeUrl` and `preferencesUrl` are left alone
 */
export function tagContent(
  channel: Channel,
  content: JsonObject,
  messageId: string,
  values: JsonObject,
): JsonObject {
  const own = ownLinks(values);
  const tag = (link: string) => (own.some((one) => link.startsWith(one)) ? link : tagLink(link, messageId));
  const html = (text: Json) => (typeof text === 'string' ? tagHtml(text, tag) : text);
  const text = (value: Json) => (typeof value === 'string' ? tagText(value, tag) : value);
  switch (channel) {
    case 'in_app':
    case 'card':
      return changed(content, { html, buttons: (buttons) => tagActions(buttons, tag) });
    case 'push':
    case 'web_push':
      return changed(content, { link: (link) => (typeof link === 'string' ? tag(link) : link) });
    case 'email':
      return changed(content, { html, text });
    case 'sms':
      return changed(content, { text: (value) => inRoom(value, text(value)) });
    case 'lms':
    case 'line':
      return changed(content, { text });
    case 'kakao_brand':
      return changed(content, { text, buttons: (buttons) => tagStrings(buttons, tag) });
    case 'kakao_info':
    case 'whatsapp':
    case 'webhook':
      return content;
    default:
      return channel satisfies never;
  }
}

function ownLinks({ message }: JsonObject): string[] {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return [];
  return [message.unsubscribeUrl, message.preferencesUrl].filter(
    (link) => typeof link === 'string' && link !== '',
  ) as string[];
}

/** Only fields that are there; the others as they were. */
function changed(content: JsonObject, changes: Record<string, (value: Json) => Json>): JsonObject {
  const own = Object.entries(changes).filter(([name]) => Object.hasOwn(content, name));
  return {
    ...content,
    ...Object.fromEntries(own.map(([name, change]) => [name, change(content[name] ?? null)])),
  };
}

function tagActions(buttons: Json, tag: (link: string) => string): Json {
  if (!Array.isArray(buttons)) return buttons;
  return buttons.map((button) => {
    if (!isObject(button) || !isObject(button.action) || typeof button.action.url !== 'string') return button;
    return { ...button, action: { ...button.action, url: tag(button.action.url) } };
  });
}

/** A provider's own buttons: whatever in them is a link, under whatever name. */
function tagStrings(value: Json, tag: (link: string) => string): Json {
  if (typeof value === 'string') return tag(value);
  if (Array.isArray(value)) return value.map((one) => tagStrings(one, tag));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, tagStrings(field, tag)]));
}

function inRoom(before: Json, after: Json): Json {
  return typeof after === 'string' && eucKrBytes(after) <= SMS_BYTES ? after : before;
}

function eucKrBytes(text: string): number {
  let bytes = 0;
  for (const char of text) bytes += char <= '\u007f' ? 1 : 2;
  return bytes;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
