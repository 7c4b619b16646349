/**
 * Which URLs Reflex may call on somebody else's behalf: public ones. A marketer, or whoever steals their token, must not
 * be able to make the Worker talk to a database, a metadata service or a neighbour.
 *
 * The URL parser writes every notation of an address in one way (decimal, octal, hexadecimal and short IPv4, digits in
 * other scripts, compressed IPv6), so addresses are judged after it. A *name* that resolves to a private address cannot
 * be seen here, before `fetch` resolves it: in production the runtime's network reaches public addresses only, whatever
 * a name resolves to. The well-known names that always do are refused anyway.
 */
type AddressVerdict = { kind: 'allowed'; url: URL } | { kind: 'refused'; message: string };

const MAX_URL_LENGTH = 2048;

/** Suffixes that are never public names (RFC 6761, 6762, 8375, 9476; common in private networks and clusters), or that resolve inwards. */
const PRIVATE_SUFFIXES =
  'localhost local localdomain internal intranet private corp home lan home.arpa onion alt test invalid example svc cluster ' +
  'localtest.me lvh.me vcap.me lacolhost.com nip.io sslip.io xip.io traefik.me';
const privateSuffixes = PRIVATE_SUFFIXES.split(' ');

/** First and last address of each block that is not public: the IANA special-purpose registry and multicast. */
const PRIVATE_IPV4 = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.31.196.0', '192.31.196.255'],
  ['192.52.193.0', '192.52.193.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['192.175.48.0', '192.175.48.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
].map(([first = '', last = '']) => [ipv4Number(first), ipv4Number(last)] as const);

/** Production asks for https; `allowLoopback` (development) also takes http and the addresses of this machine. */
export function checkPublicUrl(text: string, options: { allowLoopback: boolean }): AddressVerdict {
  if (text.length > MAX_URL_LENGTH) return refused(`is longer than ${MAX_URL_LENGTH} characters`);
  const url = URL.parse(text);
  if (!url) return refused('is not a URL; write one like https://example.com/hooks');
  const isHttp = url.protocol === 'http:';
  if (!isHttp && url.protocol !== 'https:') return refused(`begins with ${url.protocol}; it must be https:`);
  if (url.username !== '' || url.password !== '')
    return refused('carries a user name or password; sign with the secret instead');
  const host = url.hostname.replace(/\.$/, '');
  if (options.allowLoopback && isLoopback(host)) return { kind: 'allowed', url };
  if (isHttp && !options.allowLoopback) return refused('begins with http:; it must be https:');
  const flaw = hostFlaw(host);
  return flaw ? refused(flaw) : { kind: 'allowed', url };
}

function hostFlaw(host: string): string | null {
  if (host.startsWith('[')) return isPublicIpv6(host.slice(1, -1)) ? null : `${host} is not a public address`;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return isPublicIpv4(host) ? null : `${host} is not a public address`;
  if (!host.includes('.')) return `${host} is not a full name; names of this network cannot be reached`;
  const isPrivate = privateSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
  return isPrivate ? `${host} is not a public name` : null;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

function isPublicIpv4(address: string): boolean {
  const number = ipv4Number(address);
  return !PRIVATE_IPV4.some(([first, last]) => number >= first && number <= last);
}

/**
 * Global unicast is 2000::/3; mapped (::ffff:), NAT64 (64:ff9b:), unique local (fc00::/7) and link-local addresses lie
 * outside. Inside it, 2001::/23 (Teredo, ORCHID, benchmarking), documentation and 6to4 carry or mean something else.
 */
function isPublicIpv6(address: string): boolean {
  const [first = 0, second = 0] = ipv6Groups(address);
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && (second < 0x0200 || second === 0x0db8)) return false;
  if (first === 0x2002) return false;
  if (first === 0x3fff && second < 0x1000) return false;
  return !(first === 0x2620 && second === 0x004f);
}

/** The first two groups are enough: every block that matters is told by its first 32 bits. */
function ipv6Groups(address: string): number[] {
  const [head = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':').map((group) => Number.parseInt(group, 16));
  return [...groups, 0, 0].slice(0, 2);
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function refused(message: string): AddressVerdict {
  return { kind: 'refused', message: `the URL ${message}` };
}
