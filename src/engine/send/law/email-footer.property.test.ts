/** Whatever an author writes, of what the law asks for nothing is missing in an advertising e-mail, and nothing is added twice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LawPolicy } from '../../documents.ts';
import { addEmailFooter } from './email-footer.ts';

const URL = 'https://edge.example.com/u/1.email.ko.k.msg_1.s';

const senders = fc.record(
  {
    name: fc.constantFrom('은빛공방', 'A & B <Rings>', "O'Neil"),
    phone: fc.constantFrom('02-1234-5678', '1588-0000'),
    email: fc.constantFrom('help@shop.kr', 'a+b@c.io'),
    address: fc.constantFrom('서울 종로구 1', '1 Main St, "Suite" 2'),
  },
  { requiredKeys: [] },
);
const laws = fc.record({
  id: fc.constant('law' as const),
  jurisdiction: fc.constantFrom('KR', 'US'),
  inApp: fc.constant(false),
  sender: senders,
});

/** Pieces of pages as people and tools write them, rightly and wrongly. */
const pieces = (law: LawPolicy) =>
  fc.constantFrom(
    '<p>',
    '</p>',
    '<body>',
    '</body>',
    '</html>',
    '<!--',
    '-->',
    '<style>',
    '</style>',
    '<title>',
    '</title>',
    '<a href="',
    '">',
    '</a>',
    "'",
    '<',
    '안녕하세요 ',
    '수신거부',
    '수신 <b>거부</b>',
    'Unsubscribe',
    URL,
    `<a href="${URL}">수신거부</a>`,
    `<a href="${URL}">Unsubscribe</a>`,
    `<a class='x' href=${URL}#preferences><img src="x"></a>`,
    ...Object.values(law.sender ?? {}),
  );
const pages = laws.chain((law) =>
  fc.record({
    law: fc.constant(law),
    html: fc.array(pieces(law), { maxLength: 14 }).map((all) => all.join('')),
    text: fc.array(pieces(law), { maxLength: 8 }).map((all) => all.join(' ')),
  }),
);

test('in plain text all of it stands in the end, and the second time adds nothing', () => {
  fc.assert(
    fc.property(pages, ({ law, text }) => {
      const once = addEmailFooter({ subject: 's', text }, law, URL);
      const read = String(once.text).replace(/[\s-]/g, '');
      const asked = law.jurisdiction === 'KR' ? ['name', 'phone', 'email', 'address'] : ['name', 'address'];
      for (const field of asked) {
        const value = law.sender?.[field as keyof typeof law.sender];
        if (value) expect(read).toContain(value.replace(/[\s-]/g, ''));
      }
      expect(once.text).toContain(URL);
      if (law.jurisdiction === 'KR') expect(read).toMatch(/수신거부.*nsubscri|nsubscri.*수신거부/);
      expect(addEmailFooter(once, law, URL)).toEqual(once);
    }),
    { numRuns: 1_000 },
  );
});

test('in HTML the second time adds nothing either, and what was written stays as it was', () => {
  let added = 0;
  fc.assert(
    fc.property(pages, ({ law, html }) => {
      const once = addEmailFooter({ subject: 's', html }, law, URL);
      const footer = /<div style="margin-top:24px[\s\S]*?<\/div>/.exec(String(once.html))?.[0] ?? '';
      added += footer === '' ? 0 : 1;
      expect(String(once.html).replace(footer, '')).toBe(html);
      expect(addEmailFooter(once, law, URL)).toEqual(once);
    }),
    { numRuns: 1_000 },
  );
  expect(added).toBeGreaterThan(100);
});
