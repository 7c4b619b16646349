import { describe, expect, it } from 'vitest';
import { type LoggedEvent, rowsOf } from './log-entry.ts';
import { LogTail } from './log-tail.ts';

function anEvent(messageId: string, more: Partial<LoggedEvent> = {}): LoggedEvent {
  const at = 1_000 + Number(messageId.slice(1));
  return { messageId, name: 'Seen', timestamp: at, originalAt: at, properties: {}, context: {}, ...more };
}

/** A tail whose rows are committed as a profile does it. `reads`: which rows were read back. */
function aTail() {
  const log = new Map<number, string>();
  const reads: number[] = [];
  const tail = new LogTail((seq) => {
    reads.push(seq);
    return log.get(seq) ?? '';
  });
  const commit = (seq: number, ...events: LoggedEvent[]) => {
    for (const event of events) tail.add(event);
    for (const row of rowsOf({ at: 0, events, delta: [] })) {
      log.set(seq, row.body);
      tail.logged(seq, row);
    }
    tail.endTurn();
  };
  return { tail, commit, reads };
}

const idsOf = (events: LoggedEvent[]) => events.map(({ messageId }) => messageId);

describe('the tail of the log', () => {
  it('gives back what was committed, with its explanation, and what has yet to be', () => {
    const { tail, commit } = aTail();
    const trace = [{ id: 'hello', version: 1, reason: 'no_consent' as const }];
    const explained = anEvent('e1', { trace });
    commit(1, explained, anEvent('e2'));
    commit(2);
    commit(3, anEvent('e3'));
    tail.add(anEvent('e4'));
    expect(tail.events()).toEqual([explained, anEvent('e2'), anEvent('e3'), anEvent('e4')]);
    expect([1, 2, 3].map((limit) => idsOf(tail.events(limit)))).toEqual([
      ['e4'],
      ['e3', 'e4'],
      ['e2', 'e3', 'e4'],
    ]);
  });

  it("finds the user's own events of a name after an instant, and reads no row of another", () => {
    const { tail, commit, reads } = aTail();
    commit(1, anEvent('e1'), anEvent('e2', { name: 'Bought' }));
    commit(2, anEvent('e3', { name: 'Bought' }));
    commit(3, anEvent('e4', { system: true }));
    commit(4, anEvent('e5'));
    tail.add(anEvent('e6'));
    tail.add(anEvent('e7', { system: true }));
    expect(idsOf(tail.named('Seen', 1_001))).toEqual(['e5', 'e6']);
    expect(reads).toEqual([4]);
    expect(idsOf(tail.named('Seen', 0))).toEqual(['e1', 'e5', 'e6']);
    expect(reads).toEqual([4, 1]);
  });

  it('knows when the user did anything without reading the log', () => {
    const { tail, commit, reads } = aTail();
    commit(1, anEvent('e1'), anEvent('e2', { system: true }));
    commit(2, anEvent('e3'));
    tail.add(anEvent('e4'));
    expect(tail.ownInstants(1_001)).toEqual([1_003, 1_004]);
    expect(reads).toEqual([]);
  });

  it('takes out what stands in the log, and keeps what does not', () => {
    const { tail, commit } = aTail();
    commit(1, anEvent('e1'), anEvent('e2', { name: 'Bought', originalAt: 7 }));
    commit(2, anEvent('e3'));
    tail.add(anEvent('e4'));
    const [first, second, ...others] = tail.takeLogged();
    expect(JSON.parse(`[${first?.text}]`)).toEqual([
      anEvent('e1'),
      anEvent('e2', { name: 'Bought', originalAt: 7 }),
    ]);
    expect(first).toMatchObject({
      names: ['Seen', 'Bought'],
      times: [1_001, 1_002],
      originalTimes: [1_001, 7],
    });
    expect(JSON.parse(`[${second?.text}]`)).toEqual([anEvent('e3')]);
    expect(others).toEqual([]);
    expect(['e1', 'e2', 'e3', 'e4'].map((id) => tail.has(id))).toEqual([false, false, false, true]);
    expect(idsOf(tail.events())).toEqual(['e4']);
  });

  it('says so where a row holds less than was written', () => {
    const tail = new LogTail(() => '{"events":[]}');
    tail.add(anEvent('e1'));
    tail.logged(9, { events: 1, eventsChars: 0 });
    expect(() => tail.events()).toThrow('Row 9');
  });
});
