import { describe, expect, it } from 'vitest';
import { REASONS, type Reason, type TriggerTrace } from '../reasons.ts';
import { aTrigger } from '../testing/builders.ts';
import { failedGate, GATES, type Gate, previewGates } from './preview-gates.ts';

const trigger = aTrigger();
const trace = (reason: Reason, more: Partial<TriggerTrace> = {}): TriggerTrace => ({
  id: 'hello',
  version: 1,
  reason,
  ...more,
});

const EXPECTED: Record<Reason, Gate | null> = {
  sent: null,
  shown: null,
  queued: null,
  unknown_outcome: null,
  provider_error: null,
  paused: 'live',
  shadow: 'live',
  duplicate_event: 'dedupe',
  exited: 'exits',
  late_event: 'on',
  not_matched: 'if',
  not_in_audience: 'if',
  not_eligible: 'reeligibility',
  already_running: 'reeligibility',
  entered: 'steps',
  waiting: 'steps',
  recheck_failed: 'recheck',
  no_channel: 'reach',
  suppressed: 'reach',
  expired: 'expiry',
  no_consent: 'consent',
  frequency_capped: 'caps',
  budget: 'budget',
  outranked: 'arbitration',
  surface_busy: 'arbitration',
  quiet_hold: 'hours',
  quiet_drop: 'hours',
  no_night_consent: 'hours',
  legal_hold: 'hours',
  render_error: 'render',
  held_out: 'holdout',
};

describe('the gate that stopped a decision', () => {
  it.each(REASONS)('is told by its reason: %s', (reason) => {
    expect(failedGate(trace(reason))).toBe(EXPECTED[reason]);
  });

  it.each([
    ['another event than `on` names', trace('not_matched', { path: 'entry.on.0.where' }), 'on'],
    ['an entry outside the schedule', trace('not_matched', { path: 'schedule' }), 'on'],
    ['a lookup without a row', trace('not_matched', { path: 'entry.lookup' }), 'if'],
    ['a condition of the entry', trace('not_matched', { path: 'entry.if.all.1' }), 'if'],
    ['a wait that nothing ends', trace('not_matched', { path: 'steps.w.wait.until' }), 'steps'],
    ['the last room under a cap', trace('outranked', { values: { rule: 0, winner: 'other' } }), 'caps'],
    [
      'a lost surface',
      trace('outranked', { values: { surface: 'default', winner: 'other' } }),
      'arbitration',
    ],
    ['a hold that outlives the message', trace('expired', { values: { heldUntil: '…' } }), 'hours'],
  ] as const)('is told by the path and values where the reason is not enough: %s', (_, given, gate) => {
    expect(failedGate(given)).toBe(gate);
  });

  it('is one of the gates, each of which some reason stops at', () => {
    expect(new Set(Object.values(EXPECTED).filter((gate) => gate !== null))).toEqual(new Set(GATES));
  });
});

describe('the gates of a decision', () => {
  it.each(REASONS)('stand in their order, and after the failed one none was asked: %s', (reason) => {
    const gates = previewGates(trace(reason), trigger, 'en');
    expect(gates.map(({ gate }) => gate)).toEqual(GATES);
    const verdicts = gates.map(({ verdict }) => verdict);
    const failed = EXPECTED[reason];
    const at = failed === null ? GATES.length : GATES.indexOf(failed);
    expect(verdicts).toEqual(GATES.map((_, i) => (i < at ? 'passed' : i === at ? 'failed' : 'not_reached')));
    for (const { detail } of gates) expect(detail).not.toBe('');
  });

  it('say which value failed, in the language asked for', () => {
    const judged = aTrigger({
      entry: { on: [{ event: 'Hello' }], if: { field: 'user.traits.tier', op: 'eq', value: 'VIP' } },
    });
    const missed = trace('not_matched', { path: 'entry.if', values: { 'user.traits.tier': 'gold' } });
    const detail = (language: 'en' | 'ko') =>
      previewGates(missed, judged, language).find(({ verdict }) => verdict === 'failed')?.detail;
    expect(detail('en')).toContain('`user.traits.tier` is "gold"');
    expect(detail('ko')).toContain('조건이 맞지 않았습니다.');
  });
});
