/**
 * What a carrier takes as an SMS: 90 bytes of EUC-KR, with everything that the law adds. A longer text goes as an LMS, where
 * the template has one and somebody sends them; nothing is cut.
 */
import type { Config } from '../config.ts';
import type { Template } from '../documents.ts';
import type { Channel } from '../trigger.ts';
import type { JsonObject } from '../vocabulary.ts';
import { eucKrBytes } from './euc-kr.ts';
import { labelAdvertising } from './law/ad-label.ts';

export const SMS_BYTES = 90;

type Fit = { kind: 'fits' } | { kind: 'goes_as'; channel: Channel } | { kind: 'too_long'; bytes: number };

/** `content` as rendered, its links tagged. Only Korean carriers count like that. */
export function fitText(
  channel: Channel,
  content: JsonObject,
  category: 'marketing' | 'transactional',
  template: Template,
  { policies: { law }, sendable }: Config,
): Fit {
  if (channel !== 'sms' || law.jurisdiction !== 'KR') return { kind: 'fits' };
  const { text } = category === 'marketing' ? labelAdvertising(channel, content, law) : content;
  const bytes = eucKrBytes(typeof text === 'string' ? text : '');
  if (bytes <= SMS_BYTES) return { kind: 'fits' };
  const hasLms = template.locales[template.defaultLocale]?.lms !== undefined && sendable.has('lms');
  return hasLms ? { kind: 'goes_as', channel: 'lms' } : { kind: 'too_long', bytes };
}
