/** Values to fill a template with where no event has: the paths that its texts read, each with something to stand for it. */

export type Samples = Record<string, string | number>;

const KNOWN: Samples = {
  'item.title': '별빛 실반지',
  'item.url': '/p/item-1',
  'item.imageUrl': 'https://example.com/item-1.jpg',
  'item.price': 15000,
  'item.stock': 5,
  'entry.referencePrice': 20000,
  'lookup.title': '실반지',
  'lookup.url': '/c/thin-rings',
  'user.traits.name': '하늘',
};

/** The server fills these itself. */
const OWN = /^message\./;
const PATH = /(?:\{\{\{?&?\s*|\{\{#(?:money|number|date|url)\}\}\s*)([a-z][\w]*(?:\.[\w$-]+)+)/g;

export function sampleValues(template: unknown): Samples {
  const text = JSON.stringify(template) ?? '';
  const paths = [...text.matchAll(PATH)].flatMap(([, path]) => (path && !OWN.test(path) ? [path] : []));
  const samples = [...new Set(paths)].map((path) => [path, KNOWN[path] ?? wordFor(path)] as const);
  return Object.fromEntries(samples);
}

function wordFor(path: string): string | number {
  const name = path.split('.').at(-1) ?? path;
  return /price|value|count|amount|total|points/i.test(name) ? 10000 : name;
}
