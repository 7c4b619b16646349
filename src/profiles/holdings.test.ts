import { describe, expect, it } from 'vitest';
import { emptyState } from '../engine/state.ts';
import { holdingsOf } from './holdings.ts';

const NOW = Date.UTC(2026, 8, 1);
const HOUR_MS = 3_600_000;

describe('what others hold of a profile', () => {
  it('are rows of what it watches, and for a while what it has watched', () => {
    const state = emptyState({ kind: 'user', id: 'u', key: 'k' }, NOW);
    state.meta.lastNow = NOW;
    const relation = (itemId: string, on: boolean, at: number) =>
      state.relations.set(`liked\n${itemId}`, { on, at, since: at, price: null });
    relation('liked', true, NOW - 1000 * HOUR_MS);
    relation('just-unliked', false, NOW - HOUR_MS);
    relation('unliked', false, NOW - 3 * HOUR_MS);
    expect(holdingsOf(state, [])).toEqual(
      ['liked', 'just-unliked'].map((itemId) => ({ kind: 'watcher', itemId, profile: 'k' })),
    );
  });
});
