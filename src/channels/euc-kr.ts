/**
 * How long a text is to a Korean carrier, which counts bytes of EUC-KR: one for ASCII, two for everything else. A
 * character that the encoding lacks (an emoji) is refused by the carrier whatever its length.
 */
export function eucKrBytes(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += character.charCodeAt(0) < 0x80 ? 1 : 2;
  return bytes;
}
