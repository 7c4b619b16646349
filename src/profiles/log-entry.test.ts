import { describe, expect, it } from 'vitest';
import { applyDelta, type Delta } from '../engine/delta.ts';
import { emptyState, serializeState } from '../engine/state.ts';
import type { Event } from '../engine/vocabulary.ts';
import { chunksOf, parseEvents, pieceOf } from './history-chunk.ts';
import { eventsIn, type LogEntry, type LoggedEvent, loggedEvent, rowsOf } from './log-entry.ts';

const event = (n: number, change: Partial<Event> = {}): Event => ({
  messageId: `e${n}`,
  name: n % 2 === 0 ? 'Viewed' : 'Opened',
  timestamp: 1_000 + n,
  receivedAt: 2_000,
  originalAt: 500 - n,
  origin: 'client',
  properties: { n },
  context: { locale: 'ko', page: { path: '/a', title: 'A' } },
  ...change,
});
const logged = (n: number) => loggedEvent(event(n), [], 0);

describe('an event in the log', () => {
  it('is what history keeps of it, with its explanation where a trigger listened', () => {
    expect(logged(1)).toEqual({
      messageId: 'e1',
      name: 'Opened',
      timestamp: 1_001,
      originalAt: 499,
      properties: { n: 1 },
      context: { page: { path: '/a' } },
    });
    const trace = [{ id: 't', version: 1, reason: 'sent' as const }];
    expect(loggedEvent(event(2), trace, 0)).toMatchObject({ trace });
    expect(loggedEvent(event(2, { origin: 'system' }), [], 0)).toMatchObject({ system: true });
  });

  it('says when it was taken in, by whom and how, where that is not at once, from the client, as news', () => {
    expect(loggedEvent(event(1), [], 1_001)).toEqual(logged(1));
    const imported = event(1, { origin: 'server', imported: true });
    expect(loggedEvent(imported, [], 1_500)).toEqual({
      ...logged(1),
      takenAt: 1_500,
      server: true,
      imported: true,
    });
  });
});

describe('a commit', () => {
  const delta: Delta = Array.from({ length: 40 }, (_, i) => [
    'traits',
    `t${i % 7}`,
    i % 5 === 0 ? null : { value: i, at: i },
  ]);
  const entry: LogEntry = { at: 9, events: Array.from({ length: 30 }, (_, n) => logged(n)), delta };

  function folded(entries: LogEntry[]) {
    const state = emptyState({ kind: 'user', id: 'u', key: 'k' }, 0);
    for (const part of entries) applyDelta(state, part.delta);
    return serializeState(state);
  }

  /** What a wake reads. */
  const cut = (maxChars?: number) => rowsOf(entry, maxChars).map(({ body }) => JSON.parse(body) as LogEntry);

  it('that fits is one row', () => {
    expect(cut()).toEqual([entry]);
  });

  it('that is too large is cut into rows that fold to the same state and hold the same events in order', () => {
    const parts = cut(600);
    expect(rowsOf(entry, 600).map(({ events }) => events)).toEqual(parts.map(({ events }) => events.length));
    expect(parts.length).toBeGreaterThan(5);
    for (const part of parts) expect(JSON.stringify(part).length).toBeLessThan(700);
    expect(parts.flatMap(({ events }) => events)).toEqual(entry.events);
    expect(folded(parts)).toBe(folded([entry]));
  });

  it('gives its events back as text, whether or not somebody kept how long it is', () => {
    for (const { body, eventsChars } of rowsOf(entry, 600)) {
      const { events } = JSON.parse(body) as LogEntry;
      expect(`[${eventsIn(body, eventsChars)}]`).toBe(JSON.stringify(events));
      expect(eventsIn(body, null)).toBe(eventsIn(body, eventsChars));
    }
    const older = JSON.stringify({ at: 9, events: [logged(1)], delta: [] });
    expect(`[${eventsIn(older, null)}]`).toBe(JSON.stringify([logged(1)]));
  });

  it('whose one event is larger than a row has room is still kept', () => {
    expect(cut(10).flatMap(({ events }) => events)).toEqual(entry.events);
  });
});

describe('a chunk of history', () => {
  const events: LoggedEvent[] = Array.from({ length: 20 }, (_, n) => logged(n));

  it('says which names and which times of the clients it covers', () => {
    const [chunk, ...others] = chunksOf(64, events.map(pieceOf));
    expect(others).toEqual([]);
    expect(chunk).toMatchObject({ seq: 64, maxAt: 1_019, minOriginalAt: 481, maxOriginalAt: 500 });
    expect(chunk?.names).toBe('\nViewed\nOpened\n');
    expect(parseEvents(chunk?.body ?? '')).toEqual(events);
  });

  it('is one of several where the events are too many, each covering its own', () => {
    const chunks = chunksOf(64, events.map(pieceOf), 400);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.flatMap(({ body }) => parseEvents(body))).toEqual(events);
    for (const { body, minOriginalAt, maxOriginalAt } of chunks) {
      const times = parseEvents(body).map(({ originalAt }) => originalAt);
      expect([Math.min(...times), Math.max(...times)]).toEqual([minOriginalAt, maxOriginalAt]);
    }
  });

  it('is none where nothing happened', () => {
    expect(chunksOf(64, [])).toEqual([]);
  });
});
