/**
 * What `match: "normalized"` compares: NFC, trimmed, lower-case, hyphens and middle dots as spaces, spaces collapsed,
 * and removed where either neighbour is a Hangul syllable. So `실 반지`, ` 실반지 ` and its decomposed form are one.
 */

const SEPARATORS = /[\s\u2010-\u2015\u2212\u00ad\uff0d\-\u00b7\u318d\u2022\u2027\u30fb\uff65]+/gu;
const HANGUL = /[\uac00-\ud7a3]/u;

export function normalizedText(text: string): string {
  const spaced = text.normalize('NFC').toLowerCase().replace(SEPARATORS, ' ').trim();
  if (!spaced.includes(' ')) return spaced;
  let out = '';
  for (let i = 0; i < spaced.length; i++) {
    const char = spaced.charAt(i);
    const glued = char === ' ' && (HANGUL.test(spaced.charAt(i - 1)) || HANGUL.test(spaced.charAt(i + 1)));
    if (!glued) out += char;
  }
  return out;
}
