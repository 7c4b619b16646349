/**
 * A decision as the gates that it passed, in the order in which they are asked: what a trigger's author sees of one
 * profile. One gate failed, or none; what comes after the failed one was not asked.
 */

import type { Reason, TriggerTrace } from '../reasons.ts';
import type { Trigger } from '../trigger.ts';
import { explainTrace } from './explain.ts';
import type { Language } from './explain-condition.ts';

export const GATES = [
  'live',
  'dedupe',
  'exits',
  'on',
  'if',
  'reeligibility',
  'steps',
  'recheck',
  'reach',
  'expiry',
  'consent',
  'caps',
  'budget',
  'arbitration',
  'hours',
  'render',
  'holdout',
] as const;
export type Gate = (typeof GATES)[number];

export interface GateVerdict {
  gate: Gate;
  verdict: 'passed' | 'failed' | 'not_reached';
  /** What failed, else what the gate asks, and whether it was asked at all; one sentence. */
  detail: string;
}

const NOT_ASKED: Record<Language, string> = { en: 'Not asked', ko: '묻지 않음' };

const ASKS: Record<Gate, Record<Language, string>> = {
  live: { en: 'The trigger is live.', ko: '트리거가 켜져 있습니다.' },
  dedupe: { en: 'The event is a new one.', ko: '처음 받은 이벤트입니다.' },
  exits: { en: 'No exit ends the run.', ko: '종료 조건에 걸리지 않습니다.' },
  on: { en: 'The event is one that `entry.on` listens to.', ko: '`entry.on`이 기다리는 이벤트입니다.' },
  if: { en: '`entry.if` holds.', ko: '`entry.if`가 맞습니다.' },
  reeligibility: { en: 'The person may enter (again).', ko: '(다시) 진입할 수 있는 사람입니다.' },
  steps: { en: 'A send step is reached.', ko: '발송 단계에 이릅니다.' },
  recheck: { en: '`delivery.recheck` holds.', ko: '`delivery.recheck`가 맞습니다.' },
  reach: { en: 'A channel reaches the person.', ko: '닿을 수 있는 채널이 있습니다.' },
  expiry: { en: 'The message has not expired.', ko: '메시지가 만료되지 않았습니다.' },
  consent: { en: 'There is consent where it is needed.', ko: '필요한 수신 동의가 있습니다.' },
  caps: { en: 'No frequency cap is used up.', ko: '발송 횟수 한도가 남아 있습니다.' },
  budget: { en: 'The budget allows it.', ko: '예산이 남아 있습니다.' },
  arbitration: {
    en: 'The surface is free, and no other trigger won it.',
    ko: '위치가 비어 있고, 다른 트리거가 차지하지 않았습니다.',
  },
  hours: {
    en: 'Quiet hours, send window and law allow it now.',
    ko: '방해 금지 시간, 발송 시간대, 법이 지금 발송을 허용합니다.',
  },
  render: { en: 'Every value of the text is there.', ko: '문구의 값이 모두 있습니다.' },
  holdout: { en: 'The person is not in the hold-out.', ko: '대조군에 속하지 않습니다.' },
};

/** Where a reason stops the decision; null: every gate was passed. Some reasons also depend on the path. */
const STOPS_AT: Record<Reason, Gate | null> = {
  sent: null,
  shown: null,
  queued: null,
  entered: 'steps',
  waiting: 'steps',
  not_matched: 'if',
  not_in_audience: 'if',
  held_out: 'holdout',
  not_eligible: 'reeligibility',
  already_running: 'reeligibility',
  outranked: 'arbitration',
  frequency_capped: 'caps',
  surface_busy: 'arbitration',
  no_consent: 'consent',
  no_night_consent: 'hours',
  legal_hold: 'hours',
  quiet_hold: 'hours',
  quiet_drop: 'hours',
  no_channel: 'reach',
  suppressed: 'reach',
  budget: 'budget',
  expired: 'expiry',
  exited: 'exits',
  recheck_failed: 'recheck',
  render_error: 'render',
  duplicate_event: 'dedupe',
  late_event: 'on',
  paused: 'live',
  shadow: 'live',
  unknown_outcome: null,
  provider_error: null,
};

/** The gate that stopped the decision; null where all were passed. */
export function failedGate({ reason, path = '', values }: TriggerTrace): Gate | null {
  if (reason === 'not_matched') {
    // An entry that its schedule refuses is as good as not listening.
    if (path.startsWith('entry.on') || path === 'schedule') return 'on';
    return path.startsWith('steps.') ? 'steps' : 'if';
  }
  // The last room under a cap went to another trigger.
  if (reason === 'outranked' && values && Object.hasOwn(values, 'rule')) return 'caps';
  // Not expired yet, but it would be when the hours allow it.
  if (reason === 'expired' && values && Object.hasOwn(values, 'heldUntil')) return 'hours';
  return STOPS_AT[reason];
}

export function previewGates(trace: TriggerTrace, trigger: Trigger, language: Language): GateVerdict[] {
  const failed = failedGate(trace);
  const at = failed === null ? GATES.length : GATES.indexOf(failed);
  return GATES.map((gate, i) => {
    if (i === at) return { gate, verdict: 'failed', detail: explainTrace(trace, trigger, language) };
    if (i < at) return { gate, verdict: 'passed', detail: ASKS[gate][language] };
    // Without the word, what is only asked would read as if it held.
    return { gate, verdict: 'not_reached', detail: `${NOT_ASKED[language]}: ${ASKS[gate][language]}` };
  });
}
