import { expect, test } from 'vitest';
import { askFor, EMPTY_MINT, forget, keep } from './mint.ts';

const token = { value: 't1', expiresAt: 3_600_000 };

test('of many who ask for a token, one mints it, and the others get it', () => {
  const first = askFor(EMPTY_MINT, 0);
  expect(first.turn).toEqual({ kind: 'yours' });
  expect(askFor(first.mint, 1).turn).toEqual({ kind: 'wait', untilAt: 20_000 });
  expect(askFor(keep(token), 500).turn).toEqual({ kind: 'there', token });
});

test('a token is minted anew a minute before it expires, and by the next one where no word came', () => {
  expect(askFor(keep(token), 3_539_999).turn.kind).toBe('there');
  expect(askFor(keep(token), 3_540_000).turn.kind).toBe('yours');
  const { mint } = askFor(EMPTY_MINT, 0);
  expect(askFor(mint, 20_000).turn.kind).toBe('yours');
});

test('only the token that was refused is forgotten', () => {
  expect(askFor(forget(keep(token), 'an older one'), 0).turn.kind).toBe('there');
  expect(askFor(forget(keep(token), 't1'), 0).turn.kind).toBe('yours');
});
