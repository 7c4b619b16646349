/**
 * Advertising is marked with `(광고)`, exactly: composed Hangul in ASCII parentheses, nothing between. What looks like the mark
 * and isn't is an offence by itself (a way around filters), and would stand beside the one that is added.
 */
import type { LocaleContent } from '../documents.ts';
import type { Channel } from '../trigger.ts';

const MARK = '(광고)';
/** Signs, spaces and what can't be seen. */
const NOISE = '[\\s\\p{P}\\p{S}\\p{Cf}]';
const OPENED = new RegExp(`^${NOISE}*[\\p{P}\\p{S}]${NOISE}*[가-힣]{0,4}광${NOISE}*고`, 'u');
const CLOSED = new RegExp(`^${NOISE}*광${NOISE}*고${NOISE}*[\\p{Pe}\\p{Pf}>"'*]`, 'u');

/** The field that opens with the mark, by channel. Kakao puts its own. */
const OPENING: Partial<Record<Channel, readonly string[]>> = {
  email: ['subject'],
  push: ['title', 'body'],
  web_push: ['title', 'body'],
  sms: ['text'],
  lms: ['text', 'title'],
  line: ['text'],
};

/** The fields of a channel's texts that are marked in a form that isn't lawful. */
export function wronglyMarked(channel: Channel, content: LocaleContent): string[] {
  const texts = content[channel] as Record<string, unknown> | undefined;
  return (OPENING[channel] ?? []).filter((field) => {
    const text = texts?.[field];
    return typeof text === 'string' && isWrongMark(text);
  });
}

export function isWrongMark(text: string): boolean {
  const composed = text.normalize('NFC');
  return !composed.startsWith(MARK) && (OPENED.test(composed) || CLOSED.test(composed));
}
