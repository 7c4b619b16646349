/**
 * A link that says which message it was in: `https://shop.kr/p/1?rfx_mid=msg_…`. The page that it opens sends its address
 * with its events, and the first of them is the click (`runs/acknowledge.ts`).
 *
 * Only http(s) links bear the tag: an app's own scheme, `mailto:` and relative links mean something to whoever reads
 * them. Nothing else of a link changes, and none is tagged twice.
 */

/** Name of the parameter. */
export const LINK_TAG = 'rfx_mid';

const HTTP = /^https?:\/\/[^/?#\s]/i;
const IS_TAGGED = new RegExp(`[?&]${LINK_TAG}=`);
const MESSAGE_ID = new RegExp(`(?:^|[?&])${LINK_TAG}=(msg_[0-9a-z_]{1,80})(?:&|$)`);

export function tagLink(link: string, messageId: string): string {
  if (!HTTP.test(link)) return link;
  const cut = link.indexOf('#');
  const [address, fragment] = cut < 0 ? [link, ''] : [link.slice(0, cut), link.slice(cut)];
  if (IS_TAGGED.test(address)) return link;
  return `${address}${jointOf(address)}${LINK_TAG}=${messageId}${fragment}`;
}

function jointOf(address: string): string {
  const query = address.indexOf('?');
  if (query < 0) return '?';
  return query === address.length - 1 || address.endsWith('&') ? '' : '&';
}

/** The message that an address, or its query alone, says it was opened from; null where it says none. */
export function messageOfLink(address: string): string | null {
  if (!address.includes(LINK_TAG)) return null;
  return MESSAGE_ID.exec(address.split('#', 1)[0] ?? '')?.[1] ?? null;
}
