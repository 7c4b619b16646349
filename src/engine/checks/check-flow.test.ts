import { describe, expect, test } from 'vitest';
import type { Condition, Step } from '../trigger.ts';
import { checkFlow } from './check-flow.ts';

const known: Condition = { field: 'user.known', op: 'eq', value: true };

function send(id: string): Step {
  return { id, send: { channels: ['push'], template: 't' } };
}

describe('the steps of a trigger', () => {
  test('may fork, join and end', () => {
    const steps: Step[] = [
      { id: 'where', branch: [{ if: known, goto: 'a' }, { goto: 'b' }] },
      send('a'),
      { id: 'done', end: true },
      send('b'),
    ];
    expect(checkFlow(steps)).toEqual([]);
  });

  test('may go round with a wait on the way', () => {
    const steps: Step[] = [
      send('again'),
      { id: 'day', wait: '1d' },
      { id: 'back', branch: [{ if: known, goto: 'again' }] },
    ];
    expect(checkFlow(steps)).toEqual([]);
  });

  test('must not go round without one', () => {
    const steps: Step[] = [
      { id: 'day', wait: '1d' },
      send('again'),
      { id: 'back', branch: [{ if: known, goto: 'again' }] },
    ];
    expect(checkFlow(steps)).toMatchObject([
      { path: 'steps.1', message: expect.stringContaining('without waiting') },
    ]);
  });

  test('must all be reached', () => {
    const steps: Step[] = [send('a'), { id: 'done', end: true }, send('b')];
    expect(checkFlow(steps)).toMatchObject([
      { path: 'steps.2', message: expect.stringContaining('no run ever reaches `b`') },
    ]);
  });

  test('must not lead to what is not there, nor branch after what is always taken', () => {
    const steps: Step[] = [
      { id: 'where', branch: [{ goto: 'frist' }, { if: known, goto: 'first' }] },
      send('first'),
    ];
    expect(checkFlow(steps)).toMatchObject([
      { path: 'steps.0.branch.0.goto', message: 'there is no step `frist`; did you mean `first`?' },
      { path: 'steps.0.branch.1', message: expect.stringContaining('always taken before it') },
    ]);
  });
});
