/** Links where they stand in running text and in HTML. One pass, whatever the text. */

/** Gives the link back, tagged or as it was. */
type Tag = (link: string) => string;

const LINK = /https?:\/\/[^\s<>"'`]+/gi;
/** Closes the sentence, not the link. */
const CLOSING = /[.,;:!?*~\])}]+$/;
/** A text of one link: what is behind this isn't looked at. */
const MAX_LINK_LENGTH = 2_048;

/**
 * Where a link ends is a guess in running text. What is certain is tagged: up to a blank, without the punctuation that
 * closes the sentence. A link with other letters than ASCII may end before them (`https://shop.kr/p/1에서`) or go on with
 * them, and stays as it is.
 */
export function tagText(text: string, tag: Tag): string {
  return text.replace(LINK, (found) => {
    const end = found.length > MAX_LINK_LENGTH ? null : endOf(found);
    return end === null ? found : `${tag(found.slice(0, end))}${found.slice(end)}`;
  });
}

function endOf(found: string): number | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is looked for
  if (!/^[\u0000-\u007f]*$/.test(found)) return null;
  const closing = CLOSING.exec(found)?.[0] ?? '';
  // A bracket that the link opened is its own: `…/Ring_(silver)`.
  const isOwn = closing.includes(')') && found.includes('(');
  return isOwn ? null : found.length - closing.length;
}

/** The links of `<a href>` and `<area href>`; attributes without quotes stay. */
export function tagHtml(html: string, tag: Tag): string {
  let tagged = '';
  let from = 0;
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', from)) {
    const end = html.indexOf('>', at);
    if (end < 0) break;
    tagged += html.slice(from, at) + tagElement(html.slice(at, end), tag);
    from = end;
  }
  return tagged + html.slice(from);
}

const ANCHOR = /^<(?:a|area)\s/i;
const HREF = /(\shref=)("[^"]*"|'[^']*')/i;

function tagElement(element: string, tag: Tag): string {
  if (!ANCHOR.test(element)) return element;
  return element.replace(HREF, (_, name: string, quoted: string) => {
    const written = quoted.slice(1, -1);
    const link = unescaped(written);
    const tagged = link === null ? null : tag(link);
    const quote = quoted.charAt(0);
    // One that isn't tagged stays as its author wrote it.
    return `${name}${quote}${tagged === null || tagged === link ? written : escaped(tagged)}${quote}`;
  });
}

const REFERENCE = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]*));/gi;
const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** What an attribute's text says; null where that takes more than the few references that links are written with. */
function unescaped(text: string): string | null {
  let isKnown = true;
  const read = text.replace(REFERENCE, (_, decimal?: string, hex?: string, name?: string) => {
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? '', 16);
    const character =
      name !== undefined ? NAMED.get(name) : code <= 0x7f ? String.fromCharCode(code) : undefined;
    if (character === undefined) isKnown = false;
    return character ?? '';
  });
  return isKnown ? read : null;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('<', '&lt;');
}
