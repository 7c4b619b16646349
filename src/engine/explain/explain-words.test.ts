/** Every operator and every reason in words, as whoever asks why reads them. */
import { describe, expect, test } from 'vitest';
import { REASONS, type Reason } from '../reasons.ts';
import { aTriggerIf } from '../testing/builders.ts';
import type { FieldCondition, Operator, Value } from '../trigger.ts';
import { explainTrace } from './explain.ts';
import { GATES, previewGates } from './preview-gates.ts';

describe('a comparison says what was found and what it needs', () => {
  test.each<[Operator, Value | undefined, string, string]>([
    ['eq', 'VIP', 'is "VIP"', '"VIP" 같음'],
    ['ne', 'VIP', 'is not "VIP"', '"VIP" 같지 않음'],
    ['gt', 5, 'is more than 5', '5 초과'],
    ['gte', 5, 'is at least 5', '5 이상'],
    ['lt', 5, 'is less than 5', '5 미만'],
    ['lte', 5, 'is at most 5', '5 이하'],
    ['between', [1, 5], 'lies between [1,5]', '[1,5] 사이'],
    ['in', ['a', 'b'], 'is one of ["a","b"]', '["a","b"] 중 하나'],
    ['contains', 'a', 'contains "a"', '"a" 포함'],
    ['startsWith', 'a', 'starts with "a"', '"a" 시작'],
    ['endsWith', 'a', 'ends with "a"', '"a" 끝'],
    ['like', 'a*', 'is like "a*"', '"a*" 형식'],
    ['exists', undefined, 'exists', ' 값이 있음'],
    ['missing', undefined, 'is missing', ' 값이 없음'],
    ['before', '2026-12-14', 'is before "2026-12-14"', '"2026-12-14" 이전'],
    ['after', { ref: 'user.firstSeenAt' }, 'is after `user.firstSeenAt`', '`user.firstSeenAt` 이후'],
    ['olderThan', '1d', 'is longer ago than "1d"', '"1d" 보다 오래됨'],
    ['withinLast', '1d', 'is within the last "1d"', '"1d" 최근'],
    ['withinNext', '1d', 'is within the next "1d"', '"1d" 앞으로'],
    ['hasAll', ['a'], 'has all of ["a"]', '["a"] 모두 포함'],
    ['hasAny', ['a'], 'has any of ["a"]', '["a"] 하나라도 포함'],
  ])('%s', (op, value, english, korean) => {
    const field = 'user.traits.x';
    const condition: FieldCondition = { field, op, ...(value !== undefined && { value }) };
    const trigger = aTriggerIf(condition);
    const failed = { id: 'hello', version: 1, reason: 'not_matched', path: 'entry.if' } as const;
    const found = { ...failed, values: { [field]: 'GOLD' } };
    expect(explainTrace(found, trigger, 'en')).toBe(
      `A condition does not hold. \`${field}\` is "GOLD"; needed: ${english}. (\`entry.if\`)`,
    );
    expect(explainTrace(found, trigger, 'ko')).toBe(
      `조건이 맞지 않았습니다. \`${field}\` 값은 "GOLD". 필요: \`${field}\` ${korean.trimStart()}. (\`entry.if\`)`,
    );
    // Where nothing was looked up, nothing is said to have been found.
    expect(explainTrace(failed, trigger, 'en')).toBe(
      `A condition does not hold. needed: ${english}. (\`entry.if\`)`,
    );
  });
});

const SAID: Record<Reason, [english: string, korean: string]> = {
  sent: ['Sent.', '보냈습니다.'],
  shown: ['Shown.', '화면에 보였습니다.'],
  queued: ['Decided; on its way to the channel.', '보내기로 정했고, 채널로 가는 중입니다.'],
  entered: ['Entered; its steps have begun.', '진입했습니다. 단계가 시작되었습니다.'],
  waiting: ['Waiting at a step.', '단계에서 기다리는 중입니다.'],
  not_matched: ['A condition does not hold.', '조건이 맞지 않았습니다.'],
  not_in_audience: ['Not in the audience.', '대상이 아닙니다.'],
  held_out: [
    'Would have been sent; this person is in the hold-out.',
    '보냈을 메시지이지만, 대조군에 속한 사람입니다.',
  ],
  not_eligible: [
    'Not eligible again yet: see `reeligibility`.',
    '아직 다시 받을 수 없습니다(`reeligibility`).',
  ],
  already_running: ['A run with this key is under way.', '같은 키의 진행이 이미 있습니다.'],
  outranked: ['Another trigger won the place.', '다른 트리거가 자리를 차지했습니다.'],
  frequency_capped: ['The frequency cap is used up.', '발송 횟수 한도에 이르렀습니다.'],
  surface_busy: ['A message is on this surface already.', '같은 위치에 이미 메시지가 있습니다.'],
  no_consent: ['No marketing consent for the channel.', '이 채널의 광고 수신 동의가 없습니다.'],
  no_night_consent: [
    'No consent for the night; held until the morning.',
    '야간 수신 동의가 없어 아침까지 미뤘습니다.',
  ],
  legal_hold: [
    'Held: the law or the provider allows no sending at this hour.',
    '법이나 발송 업체가 지금 시간의 발송을 막아 미뤘습니다.',
  ],
  quiet_hold: ['Held until quiet hours end.', '방해 금지 시간이 끝날 때까지 미뤘습니다.'],
  quiet_drop: ['Dropped: quiet hours.', '방해 금지 시간이라 보내지 않았습니다.'],
  no_channel: ['No channel reaches this person.', '이 사람에게 닿는 채널이 없습니다.'],
  suppressed: ['The address is suppressed.', '발송이 차단된 주소입니다.'],
  budget: ['The budget is used up.', '예산이 다 쓰였습니다.'],
  expired: ['It expired before it was sent or seen.', '보내거나 보기 전에 만료되었습니다.'],
  exited: ['An exit ended the run.', '종료 조건으로 진행이 끝났습니다.'],
  recheck_failed: [
    '`recheck` no longer held when it was to be sent.',
    '보내려는 순간 `recheck`가 맞지 않았습니다.',
  ],
  render_error: [
    'The text has a hole that nothing fills; nobody is sent that.',
    '채울 값이 없는 문구가 있어 보내지 않았습니다.',
  ],
  duplicate_event: [
    'This event was taken in before; nothing changed.',
    '이미 받은 이벤트라 아무것도 바뀌지 않았습니다.',
  ],
  late_event: [
    'The event is more than an hour old: it starts nothing.',
    '한 시간 넘게 늦은 이벤트라 새로 시작하지 않습니다.',
  ],
  paused: ['The trigger is paused, or everything is stopped.', '트리거가 멈춰 있거나 전체 중지 상태입니다.'],
  shadow: ['Decided in shadow: nothing is sent.', '섀도 판정이라 보내지 않습니다.'],
  unknown_outcome: ['The provider never said what became of it.', '발송 업체가 결과를 알려 주지 않았습니다.'],
  provider_error: ['The provider refused it.', '발송 업체가 거절했습니다.'],
};

describe('a reason is told in both languages', () => {
  test.each(REASONS)('%s', (reason) => {
    const trace = { id: 'hello', version: 1, reason };
    expect([explainTrace(trace, undefined, 'en'), explainTrace(trace, undefined, 'ko')]).toEqual(
      SAID[reason],
    );
  });
});

describe('a gate is told in both languages: what it asks, and that it wasn’t asked', () => {
  const asked = (language: 'en' | 'ko', reason: Reason) =>
    previewGates({ id: 'hello', version: 1, reason }, aTriggerIf({ did: 'X' }), language).map(
      ({ detail }) => detail,
    );
  const ENGLISH = [
    'The trigger is live.',
    'The event is a new one.',
    'No exit ends the run.',
    'The event is one that `entry.on` listens to.',
    '`entry.if` holds.',
    'The person may enter (again).',
    'A send step is reached.',
    '`delivery.recheck` holds.',
    'A channel reaches the person.',
    'The message has not expired.',
    'There is consent where it is needed.',
    'No frequency cap is used up.',
    'The budget allows it.',
    'The surface is free, and no other trigger won it.',
    'Quiet hours, send window and law allow it now.',
    'Every value of the text is there.',
    'The person is not in the hold-out.',
  ];
  const KOREAN = [
    '트리거가 켜져 있습니다.',
    '처음 받은 이벤트입니다.',
    '종료 조건에 걸리지 않습니다.',
    '`entry.on`이 기다리는 이벤트입니다.',
    '`entry.if`가 맞습니다.',
    '(다시) 진입할 수 있는 사람입니다.',
    '발송 단계에 이릅니다.',
    '`delivery.recheck`가 맞습니다.',
    '닿을 수 있는 채널이 있습니다.',
    '메시지가 만료되지 않았습니다.',
    '필요한 수신 동의가 있습니다.',
    '발송 횟수 한도가 남아 있습니다.',
    '예산이 남아 있습니다.',
    '위치가 비어 있고, 다른 트리거가 차지하지 않았습니다.',
    '방해 금지 시간, 발송 시간대, 법이 지금 발송을 허용합니다.',
    '문구의 값이 모두 있습니다.',
    '대조군에 속하지 않습니다.',
  ];

  test('all of them passed', () => {
    expect(asked('en', 'sent')).toEqual(ENGLISH);
    expect(asked('ko', 'sent')).toEqual(KOREAN);
  });

  test('all but the first not asked', () => {
    expect(asked('en', 'paused')).toEqual([
      SAID.paused[0],
      ...ENGLISH.slice(1).map((one) => `Not asked: ${one}`),
    ]);
    expect(asked('ko', 'paused')).toEqual([
      SAID.paused[1],
      ...KOREAN.slice(1).map((one) => `묻지 않음: ${one}`),
    ]);
    expect(ENGLISH).toHaveLength(GATES.length);
  });
});
