import { describe, expect, test } from 'vitest';
import { applyDelta, type Delta, Draft } from './delta.ts';
import { emptyState, parseState, serializeState } from './state.ts';

const empty = () => emptyState({ kind: 'user', id: 'u1', key: 'k1' }, 1_000);
const trait = (value: number) => ({ value, at: 1 });

function filled() {
  const state = empty();
  applyDelta(state, [
    ['traits', 'a', trait(1)],
    ['traits', 'b', trait(2)],
    ['traits', 'c', trait(3)],
  ]);
  return state;
}

describe('a draft', () => {
  test('reads through what it has written', () => {
    const draft = new Draft(filled());
    draft.put('traits', 'a', trait(9));
    draft.remove('traits', 'b');
    expect([
      draft.get('traits', 'a')?.value,
      draft.get('traits', 'b'),
      draft.get('traits', 'c')?.value,
    ]).toEqual([9, undefined, 3]);
    expect([...draft.entries('traits')].map(([name]) => name)).toEqual(['c', 'a']);
  });

  test('says what it wrote, and nothing of what it only read', () => {
    const draft = new Draft(filled());
    draft.get('traits', 'a');
    draft.put('traits', 'new', trait(1));
    draft.remove('traits', 'new');
    draft.remove('traits', 'unknown');
    draft.setMeta({ orderCount: 0 });
    expect(draft.delta()).toEqual([]);
    draft.setMeta({ orderCount: 1 });
    draft.remove('traits', 'a');
    expect(draft.delta()).toEqual([
      ['meta', 'orderCount', 1],
      ['traits', 'a', null],
    ]);
  });

  test('orders a section as the state will be ordered: by last change', () => {
    const state = filled();
    const draft = new Draft(state);
    draft.put('traits', 'b', trait(8));
    draft.remove('traits', 'a');
    draft.put('traits', 'a', trait(9));
    const order = [...draft.entries('traits')].map(([name]) => name);
    applyDelta(state, draft.delta());
    expect([...state.traits.keys()]).toEqual(order);
    expect(order).toEqual(['c', 'b', 'a']);
  });

  test('is empty where everything was removed', () => {
    const draft = new Draft(filled());
    expect(draft.isEmpty('traits')).toBe(false);
    for (const name of ['a', 'b', 'c']) draft.remove('traits', name);
    expect([draft.isEmpty('traits'), draft.isEmpty('runs')]).toEqual([true, true]);
  });

  test('shows the meta as it will be, and leaves the state’s alone', () => {
    const state = empty();
    const draft = new Draft(state);
    draft.setMeta({ runSeq: 1 });
    draft.setMeta({ factSeq: 2 });
    expect(draft.meta).toMatchObject({ runSeq: 1, factSeq: 2 });
    expect(state.meta).toMatchObject({ runSeq: 0, factSeq: 0 });
  });
});

describe('writes', () => {
  test('made twice are made once', () => {
    const delta: Delta = [
      ['traits', 'a', null],
      ['traits', '__proto__', trait(4)],
      ['meta', 'seq', 7],
    ];
    const [once, twice] = [filled(), filled()];
    applyDelta(once, delta);
    applyDelta(twice, delta);
    applyDelta(twice, delta);
    expect(serializeState(twice)).toBe(serializeState(once));
    expect([...once.traits.keys()]).toEqual(['b', 'c', '__proto__']);
  });

  test('to a section that a newer build made are kept for it, beside what this one understands', () => {
    const state = filled();
    applyDelta(state, [
      ['tomorrow' as 'traits', 'a', 1],
      ['tomorrow' as 'traits', 'b', 2],
      ['tomorrow' as 'traits', 'a', null],
    ]);
    expect([...(state.unknown.get('tomorrow') ?? [])]).toEqual([['b', 2]]);
    state.unknown.clear();
    expect(serializeState(state)).toBe(serializeState(filled()));
  });
});

describe('a state that was written', () => {
  test('is read back as it was', () => {
    const state = filled();
    expect(parseState(serializeState(state))).toEqual(state);
    expect([...parseState(serializeState(state)).traits.keys()]).toEqual(['a', 'b', 'c']);
  });

  test('by an older build gets what that didn’t know; a newer build’s meta and sections are kept', () => {
    const stored = JSON.parse(serializeState(filled()));
    delete stored.meta.locale;
    stored.meta.tomorrow = 1;
    stored.sections = stored.sections.filter(([name]: [string]) => name !== 'watches');
    stored.sections.push(['tomorrow', [['a', 1]]]);
    const state = parseState(JSON.stringify(stored));
    expect(state.meta).toMatchObject({ locale: null, tomorrow: 1, id: 'u1' });
    expect([state.watches.size, state.traits.size]).toEqual([0, 3]);
    expect(JSON.parse(serializeState(state)).sections.at(-1)).toEqual(['tomorrow', [['a', 1]]]);
  });
});
