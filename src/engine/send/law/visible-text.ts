/**
 * What of an HTML text its reader sees, as far as a machine can say without drawing it: for looking whether something is
 * written there. One pass, whatever the text; what isn't closed hides all behind it, as it does in a mail client.
 */

const UNSEEN = 'style|script|template|title|textarea';
const COMMENT = '<!--[\\s\\S]*?(?:-->|$)';
const ELEMENT = `<(${UNSEEN})(?![\\w-])[\\s\\S]*?(?:</\\1\\s*>|$)`;
const HIDDEN = new RegExp(`${COMMENT}|${ELEMENT}`, 'gi');
const TAG = /<[a-z/!?](?:[^>"']|"[^"]*(?:"|$)|'[^']*(?:'|$))*(?:>|$)/gi;
const HREF = /(?:^|\s)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;

/** The text between the tags. */
export function visibleText(html: string): string {
  return decoded(html.replace(HIDDEN, ' ').replace(TAG, ''));
}

/** Addresses of links that have something to click on. */
export function visibleLinks(html: string): string[] {
  const shown = html.replace(HIDDEN, ' ');
  const links: string[] = [];
  let open: { tag: string; from: number } | null = null;
  const close = (at: number) => {
    const address = open && addressOf(open.tag);
    if (open && address !== null && isSeen(shown.slice(open.from, at))) links.push(address);
    open = null;
  };
  for (const { 0: tag, index } of shown.matchAll(TAG)) {
    if (!/^<\/?a(?![\w-])/i.test(tag)) continue;
    close(index);
    if (tag[1] !== '/') open = { tag, from: index + tag.length };
  }
  close(shown.length);
  return links;
}

function addressOf(tag: string): string | null {
  const [, double, single, bare] = HREF.exec(tag) ?? [];
  const address = double ?? single ?? bare;
  return address === undefined ? null : decoded(address).trim();
}

function isSeen(inner: string): boolean {
  return /<img\s/i.test(inner) || visibleText(inner).trim() !== '';
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decoded(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi,
    (written, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? written;
      const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : written;
    },
  );
}
