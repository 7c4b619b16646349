/**
 * URLs by which somebody would make the server call its own machine, its network or its cloud: addresses in every notation
 * that some parser takes, IPv6 that carries IPv4, names that mean this machine, and tricks with everything around the host.
 * `port` is a canary's: whatever is called there is seen.
 */
import { hostname, networkInterfaces } from 'node:os';

const ADDRESSES = [
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.169.254',
];

const LOCAL_NAMES = [
  ...['localhost', 'LocalHost', 'localhost.', 'a.localhost', 'ⓛocalhost', 'lo%63alhost', 'ip6-localhost'],
  ...[
    'ip6-loopback',
    'localhost.localdomain',
    'ｌｏｃａｌｈｏｓｔ',
    'localhost。',
    'localhost．localdomain',
    'loca\u00adlhost',
  ],
  ...['lvh.me', 'x.lvh.me', 'localtest.me', 'x.localtest.me', 'vcap.me', 'lacolhost.com', '127.0.0.1.nip.io'],
  ...[
    '127-0-0-1.sslip.io',
    '7f000001.nip.io',
    'x.127.0.0.1.xip.io',
    'app.traefik.me',
    'host.docker.internal',
  ],
  ...[
    'gateway.docker.internal',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'metadata',
  ],
  ...[
    'metadata.google.internal',
    'METADATA.google.INTERNAL.',
    'instance-data',
    'router.lan',
    'printer.local',
    'db.corp',
  ],
  ...[
    'nas.home',
    'x.home.arpa',
    'wpad',
    'intranet',
    'x.intranet',
    'x.private',
    'x.test',
    'x.invalid',
    'x.onion',
  ],
];

const IPV6 = [
  ...[
    '::1',
    '::',
    '0:0:0:0:0:0:0:1',
    '0000:0000:0000:0000:0000:0000:0000:0001',
    '::0001',
    '0::1',
    '::127.0.0.1',
  ],
  ...[
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
    '100::1',
    '2001:db8::1',
    '2001::1',
  ],
  ...['2001:10::1', '2001:20::1', '3fff::1', '5f00::1', '2620:4f:8000::1', '4000::1'],
];

export function hostileUrls(port: number): string[] {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  const ipv4 = [...new Set([...ADDRESSES, ...own.filter((address) => !address.includes(':'))])];
  const hosts = [
    ...ipv4.flatMap(notations),
    ...ipv4.flatMap(carriers).map((address) => `[${address}]`),
    ...[...IPV6, ...own.filter((address) => address.includes(':'))].map((address) => `[${address}]`),
    ...LOCAL_NAMES,
    hostname(),
  ];
  return [...new Set([...hosts.map((host) => `https://${host}:${port}/hook`), ...tricks(port)])];
}

/** One address as decimal, octal, hexadecimal, short, mixed, in other digits and with other dots. */
function notations(address: string): string[] {
  const parts = address.split('.').map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const octal = (value: number) => `0${value.toString(8)}`;
  return [
    address,
    `${address}.`,
    String(number),
    hex(number),
    octal(number),
    hex(number).toUpperCase().replace('0X', '0X'),
    parts.map(hex).join('.'),
    parts.map(octal).join('.'),
    parts.map((part) => `000${octal(part)}`).join('.'),
    `${hex(a)}.${octal(b)}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    address.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    address.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x2460 + Number(digit) - 1)),
    address.replaceAll('.', '。'),
    address.replaceAll('.', '．'),
    address.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`),
  ];
}

/** IPv6 addresses that carry an IPv4 one: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP. */
function carriers(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const high = (a * 256 + b).toString(16);
  const low = (c * 256 + d).toString(16);
  return [
    `::ffff:${address}`,
    `::ffff:${high}:${low}`,
    `0:0:0:0:0:ffff:${high}:${low}`,
    `::${high}:${low}`,
    `::ffff:0:${high}:${low}`,
    `64:ff9b::${high}:${low}`,
    `64:ff9b:1::${high}:${low}`,
    `2002:${high}:${low}::1`,
    `2001:0:${high}:${low}::1`,
    `fe80::5efe:${high}:${low}`,
  ];
}

function tricks(port: number): string[] {
  const target = `127.0.0.1:${port}`;
  const schemes = [
    'http',
    'ws',
    'wss',
    'ftp',
    'file',
    'gopher',
    'dict',
    'blob',
    'view-source',
    'jar',
    'unix',
    'HTTP',
  ];
  return [
    ...schemes.map((scheme) => `${scheme}://${target}/`),
    ...['http://169.254.169.254/latest/meta-data/', 'http://10.0.0.1/', 'http://[::1]/', 'http://localhost/'],
    ...[
      `https://example.com@${target}/`,
      `https://example.com:443@${target}/`,
      `https://user:pass@${target}/`,
    ],
    ...[
      `https://${target}\\@example.com/`,
      `https://${target}#@example.com/`,
      `https://${target}?@example.com/`,
    ],
    ...[
      `https:${target}/`,
      `https:/${target}/`,
      `https:///${target}/`,
      `https:\\\\${target}\\`,
      `https:/\\${target}/`,
    ],
    ...[
      `\thttps://${target}/`,
      `ht\ntps://${target}/`,
      `https://127.0\t.0.1:${port}/`,
      ` https://${target}/ `,
    ],
    ...[
      `https://${target}/\r\nHost: example.com`,
      `https://${target}/%0d%0aX: y`,
      `https://${target}\r\n.example.com/`,
    ],
    ...[`https://127.0.0.1%00.example.com:${port}/`, `https://127.0.0.1%2f@example.com:${port}/`],
    ...[
      `https://[::1%25lo]:${port}/`,
      `https://[::1%lo]:${port}/`,
      `https://[::ffff:127.0.0.1%25lo]:${port}/`,
    ],
    ...[
      `https://127.0.0.1:00${port}/`,
      `https://127.0.0.1:${port}0/`,
      'https://127.0.0.1:0/',
      'https://127.0.0.1/',
    ],
    ...[
      'https://127.0.0.1:22/',
      'https://127.0.0.1:6379/',
      'https://[::1]/',
      'https://localhost/',
      'https://0/',
    ],
    ...[
      `//${target}/`,
      `/${target}`,
      `${target}`,
      `https://${'a.'.repeat(60)}localhost:${port}/`,
      'https://',
      '',
    ],
  ];
}
