import { describe, expect, it } from 'vitest';
import { checkItemWrite, itemIdSchema } from './item-schema.ts';

const NOW = Date.UTC(2026, 8, 1);

function issuesOf(input: unknown): Record<string, string> {
  const checked = checkItemWrite(input, NOW);
  return checked.kind === 'valid'
    ? {}
    : Object.fromEntries(checked.issues.map((issue) => [issue.path, issue.message]));
}

describe('an item as the backend writes it', () => {
  it('is a patch with null for what goes, the currency in capitals and the time in milliseconds', () => {
    const body = {
      id: 'ring',
      title: 'Ring',
      url: '/rings/1',
      imageUrl: null,
      price: 19.99,
      currency: 'usd',
      stock: 0,
      attributes: { color: 'gold', old: null },
      updatedAt: '2026-08-31T09:00:00+09:00',
      imported: true,
    };
    expect(checkItemWrite(body, NOW)).toEqual({
      kind: 'valid',
      document: {
        id: 'ring',
        patch: {
          title: 'Ring',
          url: '/rings/1',
          imageUrl: null,
          price: 19.99,
          currency: 'USD',
          stock: 0,
          attributes: { color: 'gold', old: null },
        },
        updatedAt: Date.UTC(2026, 7, 31),
        imported: true,
      },
    });
  });

  it.each([
    [{ price: -1 }, 'price', 'at least 0'],
    [{ price: '19.99' }, 'price', 'expected a number, got text'],
    [{ price: 1e12 }, 'price', 'at most 100000000000'],
    [{ stock: 1.5 }, 'stock', 'expected a whole number, got a number'],
    [{ currency: 'WON!' }, 'currency', 'expected a currency code such as `KRW`'],
    [
      { titel: 'Ring' },
      'titel',
      "isn't a field of an item (your own go into `attributes`); did you mean `title`?",
    ],
    [{ colour: 'gold' }, 'colour', "isn't a field of an item (your own go into `attributes`)"],
    [{ attributes: { a: 'x'.repeat(8200) } }, 'attributes', 'at most 8192 bytes as JSON'],
    [{ attributes: { a: '한'.repeat(2800) } }, 'attributes', 'at most 8192 bytes as JSON'],
    [{ updatedAt: 'yesterday' }, 'updatedAt', 'expected an ISO 8601 time such as `2026-09-30T09:00:00Z`'],
    [{ title: 'x'.repeat(501) }, 'title', 'at most 500 characters'],
  ])('%j is refused at its field, saying what would be right', (input, path, message) => {
    expect(issuesOf(input)).toEqual({ [path]: message });
  });

  it('reports every mistake at once', () => {
    expect(Object.keys(issuesOf({ price: -1, stock: -1, colour: 1 })).sort()).toEqual([
      'colour',
      'price',
      'stock',
    ]);
  });

  it('must be an object', () => {
    expect([issuesOf([]), issuesOf(null), issuesOf('ring')].map((issues) => Object.keys(issues))).toEqual([
      [''],
      [''],
      [''],
    ]);
  });

  it("can't come from a clock that is more than a day ahead", () => {
    expect(issuesOf({ updatedAt: new Date(NOW + 23 * 3_600_000).toISOString() })).toEqual({});
    expect(issuesOf({ updatedAt: new Date(NOW + 25 * 3_600_000).toISOString() })).toHaveProperty('updatedAt');
  });

  it('links to the shop or the app, never to code', () => {
    for (const url of ['https://shop.example/1', 'shop://item/1', '/item/1?a=b']) {
      expect(issuesOf({ url })).toEqual({});
    }
    for (const url of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'item 1',
      '//evil',
      '',
    ]) {
      expect(issuesOf({ url })).toHaveProperty('url');
    }
  });

  it('has an id of 1 to 200 characters, any but control characters', () => {
    const accepted = ['1', '실반지/14k #3', 'x'.repeat(200)];
    const refused = ['', 'x'.repeat(201), 'a\nb', 'a\u0000'];
    expect([...accepted, ...refused].filter((id) => itemIdSchema.safeParse(id).success)).toEqual(accepted);
  });
});
