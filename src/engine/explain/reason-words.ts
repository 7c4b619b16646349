/** Reason codes in plain words, a sentence each: beside a decision, a count of them, a delivery. */
import type { Reason } from '../reasons.ts';
import type { Language } from './explain-condition.ts';

export const REASON_WORDS: Readonly<Record<Reason, Record<Language, string>>> = {
  sent: { en: 'Sent.', ko: '보냈습니다.' },
  shown: { en: 'Shown.', ko: '화면에 보였습니다.' },
  queued: { en: 'Decided; on its way to the channel.', ko: '보내기로 정했고, 채널로 가는 중입니다.' },
  entered: { en: 'Entered; its steps have begun.', ko: '진입했습니다. 단계가 시작되었습니다.' },
  waiting: { en: 'Waiting at a step.', ko: '단계에서 기다리는 중입니다.' },
  not_matched: { en: 'A condition does not hold.', ko: '조건이 맞지 않았습니다.' },
  not_in_audience: { en: 'Not in the audience.', ko: '대상이 아닙니다.' },
  held_out: {
    en: 'Would have been sent; this person is in the hold-out.',
    ko: '보냈을 메시지이지만, 대조군에 속한 사람입니다.',
  },
  not_eligible: {
    en: 'Not eligible again yet: see `reeligibility`.',
    ko: '아직 다시 받을 수 없습니다(`reeligibility`).',
  },
  already_running: { en: 'A run with this key is under way.', ko: '같은 키의 진행이 이미 있습니다.' },
  outranked: { en: 'Another trigger won the place.', ko: '다른 트리거가 자리를 차지했습니다.' },
  frequency_capped: { en: 'The frequency cap is used up.', ko: '발송 횟수 한도에 이르렀습니다.' },
  surface_busy: { en: 'A message is on this surface already.', ko: '같은 위치에 이미 메시지가 있습니다.' },
  no_consent: { en: 'No marketing consent for the channel.', ko: '이 채널의 광고 수신 동의가 없습니다.' },
  no_night_consent: {
    en: 'No consent for the night; held until the morning.',
    ko: '야간 수신 동의가 없어 아침까지 미뤘습니다.',
  },
  legal_hold: {
    en: 'Held: the law or the provider allows no sending at this hour.',
    ko: '법이나 발송 업체가 지금 시간의 발송을 막아 미뤘습니다.',
  },
  quiet_hold: { en: 'Held until quiet hours end.', ko: '방해 금지 시간이 끝날 때까지 미뤘습니다.' },
  quiet_drop: { en: 'Dropped: quiet hours.', ko: '방해 금지 시간이라 보내지 않았습니다.' },
  no_channel: { en: 'No channel reaches this person.', ko: '이 사람에게 닿는 채널이 없습니다.' },
  suppressed: { en: 'The address is suppressed.', ko: '발송이 차단된 주소입니다.' },
  budget: { en: 'The budget is used up.', ko: '예산이 다 쓰였습니다.' },
  expired: { en: 'It expired before it was sent or seen.', ko: '보내거나 보기 전에 만료되었습니다.' },
  exited: { en: 'An exit ended the run.', ko: '종료 조건으로 진행이 끝났습니다.' },
  recheck_failed: {
    en: '`recheck` no longer held when it was to be sent.',
    ko: '보내려는 순간 `recheck`가 맞지 않았습니다.',
  },
  render_error: {
    en: 'The text has a hole that nothing fills; nobody is sent that.',
    ko: '채울 값이 없는 문구가 있어 보내지 않았습니다.',
  },
  duplicate_event: {
    en: 'This event was taken in before; nothing changed.',
    ko: '이미 받은 이벤트라 아무것도 바뀌지 않았습니다.',
  },
  late_event: {
    en: 'The event is more than an hour old: it starts nothing.',
    ko: '한 시간 넘게 늦은 이벤트라 새로 시작하지 않습니다.',
  },
  paused: {
    en: 'The trigger is paused, or everything is stopped.',
    ko: '트리거가 멈춰 있거나 전체 중지 상태입니다.',
  },
  shadow: { en: 'Decided in shadow: nothing is sent.', ko: '섀도 판정이라 보내지 않습니다.' },
  unknown_outcome: {
    en: 'The provider never said what became of it.',
    ko: '발송 업체가 결과를 알려 주지 않았습니다.',
  },
  provider_error: { en: 'The provider refused it.', ko: '발송 업체가 거절했습니다.' },
};
