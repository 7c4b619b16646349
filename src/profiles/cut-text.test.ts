import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutText } from './cut-text.ts';

it('a text is cut into parts that are no longer than asked, are the text again, and tear no character', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 9 }), (whole, maxChars) => {
      const parts = cutText(whole, maxChars);
      expect(parts.join('')).toBe(whole);
      for (const part of parts) {
        expect(part.length).toBeLessThanOrEqual(maxChars);
        expect(part.isWellFormed()).toBe(true);
      }
    }),
  );
});
