import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packMessages } from './pack-messages.ts';

it('messages are packed in order into batches that the queue takes', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 250 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const messages = lengths.map((length) => 'x'.repeat(length));
      const batches = packMessages(messages);
      expect(batches.flat()).toEqual(messages);
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(100);
        expect(batch.join('').length).toBeLessThanOrEqual(240_000);
      }
    }),
    { numRuns: 25 },
  );
});
