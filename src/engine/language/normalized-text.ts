/**
 * What `match: "normalized"` compares: NFC, trimmed, lower-case, hyphens and middle dots as spaces, spaces collapsed,
 * and removed where either neighbour is a Hangul syllable. So `실 반지`, ` 실반지 ` and its decomposed form are one.
 */

const SEPARATORS = /[\s\u2010-\u2015\u2212\u00ad\uff0d\-\u00b7\u318d\u2022\u2027\u30fb\uff65]+/gu;
/** Syllables, composed or in parts: parts come together once the space between them is gone. */
const HANGUL = /[\uac00-\ud7a3\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;

export function normalizedText(text: string): string {
  const spaced = text.normalize('NFC').toLowerCase().replace(SEPARATORS, ' ').trim();
  if (!spaced.includes(' ')) return spaced.normalize('NFC');
  let out = '';
  for (let i = 0; i < spaced.length; i++) {
    const char = spaced.charAt(i);
    const glued = char === ' ' && (HANGUL.test(spaced.charAt(i - 1)) || HANGUL.test(spaced.charAt(i + 1)));
    if (!glued) out += char;
  }
  return out.normalize('NFC');
}
