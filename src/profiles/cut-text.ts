/** A text in parts of at most so many characters; no character is torn (half a surrogate pair can't be stored). */
export function cutText(text: string, maxChars: number): string[] {
  const parts: string[] = [];
  let from = 0;
  while (text.length - from > maxChars) {
    const last = text.charCodeAt(from + maxChars - 1);
    const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
    const to = from + maxChars - (isHighSurrogate ? 1 : 0);
    parts.push(text.slice(from, to));
    from = to;
  }
  parts.push(text.slice(from));
  return parts;
}
