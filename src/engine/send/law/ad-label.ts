/**
 * How Korean law wants advertising to be recognised (the Act on information networks, art. 50 para. 4; its decree,
 * annex 6): the mark `(광고)` at the very start, who sends it, and at the end how to refuse. Stated per medium:
 *
 * - push, web push: the mark opens the title; sender and the way to refuse close the body.
 * - SMS, LMS: the mark and the sender open the text; the free 080 number closes it. The mark stands once: a
 *   title of an LMS is no part of its text.
 * - LINE, as any other medium: the mark opens the text; sender and the way to refuse close it. What WhatsApp shows was
 *   approved word by word: it says all of this itself.
 * - e-mail: the mark opens the subject. Kakao puts its own; what is shown inside the app is no transmission.
 *
 * What the author wrote rightly is not written twice. A mark in any other form (`[광고]`, `(광 고)`) is not the mark.
 */
import type { LawPolicy } from '../../documents.ts';
import type { Channel } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';

type Sender = NonNullable<LawPolicy['sender']>;

const MARK = '(광고)';
const PUSH_REFUSAL = '수신거부: 설정 > 알림 설정';
const LINE_REFUSAL = '수신거부: 대화방 메뉴 > 차단';
const REFUSAL = /수신\s*거부|무료\s*거부/;

/** The content of a marketing message with what the law of its jurisdiction adds; the same object where it adds nothing. */
export function labelAdvertising(channel: Channel, content: JsonObject, law: LawPolicy): JsonObject {
  if (law.jurisdiction !== 'KR') return content;
  const sender = law.sender ?? {};
  switch (channel) {
    case 'push':
    case 'web_push':
      return labelPush(content, sender);
    case 'sms':
    case 'lms':
      return { ...content, text: labelText(textOf(content, 'text'), sender) };
    case 'line':
      return { ...content, text: marked(closed(textOf(content, 'text'), sender, LINE_REFUSAL), ' ') };
    case 'email':
      return { ...content, subject: marked(textOf(content, 'subject'), ' ') };
    default:
      return content;
  }
}

function labelPush(content: JsonObject, sender: Sender): JsonObject {
  const title = textOf(content, 'title');
  const body = closed(textOf(content, 'body'), sender, PUSH_REFUSAL);
  return title === ''
    ? { ...content, body: marked(body, ' ') }
    : { ...content, title: marked(title, ' '), body };
}

/** Ends with who sends it and how to refuse it. */
function closed(text: string, sender: Sender, refusal: string): string {
  const contact = sender.phone ?? sender.address;
  const names = [sender.name, contact].filter((part) => part !== undefined && !text.includes(part));
  return lines([text, names.join(' '), ...(REFUSAL.test(text) ? [] : [refusal])]);
}

function labelText(text: string, sender: Sender): string {
  const unmarked = text.normalize('NFC').startsWith(MARK) ? text.normalize('NFC').slice(MARK.length) : text;
  const names = [sender.name, sender.phone].filter((part) => part !== undefined && !text.includes(part));
  const opening = names.length > 0 ? lines([names.join(' '), unmarked.trimStart()]) : unmarked;
  const refusal = REFUSAL.test(text) || !sender.optOut080 ? '' : `무료수신거부 ${sender.optOut080}`;
  return lines([`${MARK}${opening}`, refusal]);
}

/** Opens with exactly the mark: composed characters, nothing between them. */
function marked(text: string, gap: string): string {
  return text.normalize('NFC').startsWith(MARK) ? text.normalize('NFC') : `${MARK}${gap}${text}`;
}

function textOf(content: JsonObject, field: string): string {
  const value = content[field];
  return typeof value === 'string' ? value : '';
}

function lines(parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
