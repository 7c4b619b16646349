/**
 * Links that a template writes. Allowed: http(s), an app's own scheme (`dalmuri://cart`, `mailto:`, `tel:`), or a
 * relative URL. A link that begins with a tag is judged when it is rendered.
 */
import type { Refusal } from './refusal.ts';

/** Schemes that run or read something instead of opening it. */
const UNSAFE = ['javascript', 'vbscript', 'data', 'file', 'blob', 'filesystem', 'view-source'];

/** What is wrong with a link; null where it may be opened. */
export function linkFault(text: string): Refusal | null {
  // Browsers drop these before they read a scheme.
  const [beforeTags = ''] = withoutBlanks(text).split('{{');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(beforeTags)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    return UNSAFE.includes(scheme) ? { code: 'unsafe_link', values: { scheme } } : null;
  }
  const isCut = beforeTags !== '' && beforeTags.length < withoutBlanks(text).length;
  return isCut && /^[a-z][a-z0-9+.-]*$/i.test(beforeTags) ? { code: 'open_scheme' } : null;
}

function withoutBlanks(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u0020]/g, '');
}
