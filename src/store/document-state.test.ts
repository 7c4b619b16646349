import { describe, expect, test } from 'vitest';
import { activate, archive, pause, remove, replace, type Standing, writeDraft } from './document-state.ts';

const NOW = 1_000;

function moved(transition: ReturnType<typeof activate>): Standing {
  if (transition.kind !== 'moved') throw new Error(transition.message);
  return transition.to;
}

describe('a document', () => {
  test('that is a trigger has one draft, whose number stays while it is rewritten', () => {
    const draft = writeDraft(null);
    expect(draft).toMatchObject({ state: 'draft', draftVersion: 1, liveVersion: null });
    expect(writeDraft(draft)).toEqual(draft);
    const live = moved(activate(draft, NOW));
    expect(live).toMatchObject({ state: 'live', liveVersion: 1, draftVersion: null, activatedAt: NOW });
    expect(writeDraft(live)).toMatchObject({ state: 'live', liveVersion: 1, draftVersion: 2 });
  });

  test('that is activated without a draft goes on with the version it had', () => {
    const paused = moved(pause(moved(activate(writeDraft(null), NOW))));
    expect(moved(activate(paused, NOW + 5))).toMatchObject({
      state: 'live',
      liveVersion: 1,
      activatedAt: NOW,
    });
    expect(moved(activate(moved(archive(paused)), NOW + 5))).toMatchObject({
      state: 'live',
      activatedAt: NOW + 5,
    });
  });

  test('that was deleted never reuses a version number', () => {
    const deleted = remove(writeDraft(moved(activate(writeDraft(null), NOW))));
    expect(deleted).toMatchObject({ state: 'deleted', draftVersion: null });
    expect(writeDraft(deleted)).toMatchObject({ state: 'draft', draftVersion: 3, liveVersion: null });
    expect(replace(deleted, NOW)).toMatchObject({ state: 'live', liveVersion: 3 });
  });

  test('that is only a draft cannot be paused', () => {
    expect(pause(writeDraft(null))).toEqual({
      kind: 'impossible',
      message: expect.stringContaining('draft'),
    });
  });
});
